// SPDX-License-Identifier: Apache-2.0
// Working hours, escalation and retention.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"

#define CALENDAR_MAX (1024 * 1024)

static int take_calendar(struct reading *r, const json_t *name)
{
	_free_ char *path = path_join(r->dir, json_string_value(name));
	_buf_ struct buf text = BUF(CALENDAR_MAX);
	struct err why;

	if (file_read(path, &text, &why) < 0 || hours_holidays(r->c->hours, buf_text(&text), &why) < 0)
		return yaml_error(r->y, name, r->e, "%s: %s", json_string_value(name), why.text);
	return 0;
}

int catalogue_take_hours(struct reading *r, json_t *hours)
{
	static const char *const members[] = { "days", "from", "to", "zone" };
	struct hours_plan plan;
	struct err why;
	size_t i;
	json_t *name;

	if (!hours)
		return 0;
	plan = (struct hours_plan){ json_str(hours, "days"), json_str(hours, "from"), json_str(hours, "to"),
		                    json_str(hours, "zone") };
	r->c->hours = hours_new(&plan, &why);
	for (i = 0; !r->c->hours && i < LENGTH(members); i++)
		// The complaint begins with the name of the member.
		if (text_starts(why.text + 1, members[i]))
			return yaml_error(r->y, json_object_get(hours, members[i]), r->e, "%s", why.text);
	if (!r->c->hours)
		return yaml_error(r->y, hours, r->e, "%s", why.text);
	json_array_foreach(json_arr(hours, "holidays"), i, name)
		if (take_calendar(r, name) < 0)
			return -1;
	return 0;
}

static int take_span(struct reading *r, const json_t *value, const char *what, int64_t *out)
{
	if (value && span_parse(json_string_value(value), out) < 0)
		return yaml_error(r->y, value, r->e, "'%s' must be a span of time, like 2d, 4h or 30m", what);
	return 0;
}

int catalogue_take_escalation(struct reading *r, json_t *escalation)
{
	struct escalation *out = &r->c->escalation;
	size_t i;
	json_t *value;

	json_array_foreach(json_arr(escalation, "remind"), i, value) {
		if (take_span(r, value, "remind", &out->remind[i]) < 0)
			return -1;
		if (i && span_plain(out->remind[i]) <= span_plain(out->remind[i - 1]))
			return yaml_error(r->y, value, r->e, "each reminder must be later than the one before it");
		out->reminds++;
	}
	if (take_span(r, json_object_get(escalation, "alternate"), "alternate", &out->alternate) < 0 ||
	    take_span(r, json_object_get(escalation, "manager"), "manager", &out->manager) < 0)
		return -1;
	return take_span(r, json_object_get(escalation, "lapse"), "lapse", &out->lapse);
}

// As a span, or in years.
static int take_period(struct reading *r, const json_t *value, const char *what, int64_t *out)
{
	const char *text = json_string_value(value);
	size_t len = text ? strlen(text) : 0;
	int64_t span;

	if (!text)
		return 0;
	if (span_parse(text, &span) == 0) {
		*out = span_plain(span);
		return 0;
	}
	if (len < 2 || len > 3 || text[0] == '0' || text[len - 1] != 'y' || strspn(text, "0123456789") != len - 1)
		return yaml_error(r->y, value, r->e, "'%s' must be a span of time, like 2y or 90d", what);
	*out = strtoll(text, NULL, 10) * 365 * CLOCK_DAY;
	return 0;
}

int catalogue_take_retention(struct reading *r, json_t *retention)
{
	struct retention *out = &r->c->retention;

	if (take_period(r, json_object_get(retention, "archive"), "archive", &out->archive) < 0 ||
	    take_period(r, json_object_get(retention, "erase"), "erase", &out->erase) < 0)
		return -1;
	if (out->archive && out->erase && out->erase < out->archive)
		return yaml_error(r->y, json_object_get(retention, "erase"), r->e,
		                  "'erase' must not come before 'archive'");
	return 0;
}

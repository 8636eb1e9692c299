// SPDX-License-Identifier: Apache-2.0
#include "bot/holidays.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/auto.h"

#define FIRST_YEAR 2000
#define LAST_YEAR 2099

struct filling {
	struct holidays *h;
	bool full;
};

static int compare_days(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

int holidays_has(const struct holidays *h, int32_t day)
{
	return h->count && bsearch(&day, h->days, h->count, sizeof day, compare_days) != NULL;
}

static void add_day(struct filling *f, int32_t day)
{
	struct holidays *h = f->h;

	if (h->count == HOLIDAYS_MAX) {
		f->full = true;
		return;
	}
	if (h->count == h->size) {
		size_t size = h->size ? h->size * 2 : 64;
		int32_t *days = reallocarray(h->days, size, sizeof *days);

		if (!days)
			panic("out of memory");
		h->days = days;
		h->size = size;
	}
	h->days[h->count++] = day;
}

// libical gives a span of dates as if they were in UTC, and adds the last second of the day that DTEND excludes.
static void on_occurrence(icalcomponent *event, struct icaltime_span *span, void *context)
{
	struct filling *f = context;
	int32_t first = (int32_t)(span->start / 86400), end = (int32_t)(span->end / 86400);

	(void)event;
	if (end <= first)
		end = first + 1;
	for (int32_t day = first; day < end && !f->full; day++)
		add_day(f, day);
}

static const char *name_of(icalcomponent *event)
{
	const char *summary = icalcomponent_get_summary(event);

	return summary ? summary : "without a summary";
}

// Finer rules than days would never end.
static bool has_fine_rule(icalcomponent *event)
{
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);

	for (; p; p = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY))
		if (icalproperty_get_rrule(p).freq < ICAL_DAILY_RECURRENCE)
			return true;
	return false;
}

static int add_event(struct filling *f, icalcomponent *event, struct err *e)
{
	struct icaltimetype start = icalcomponent_get_dtstart(event);
	struct icaltimetype from = icaltime_from_day_of_year(1, FIRST_YEAR);
	struct icaltimetype to = icaltime_from_day_of_year(1, LAST_YEAR + 1);

	if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
		return 0;
	if (icaltime_is_null_time(start) || !icaltime_is_valid_time(start))
		return err_set(e, EX_CONFIG, "the event '%.80s' has no start", name_of(event));
	if (!start.is_date)
		return err_set(e, EX_CONFIG, "the event '%.80s' has a time of day; only whole days can be days off",
		               name_of(event));
	if (has_fine_rule(event))
		return err_set(e, EX_CONFIG, "the event '%.80s' recurs more often than once a day", name_of(event));
	icalcomponent_foreach_recurrence(event, from, to, on_occurrence, f);
	if (f->full)
		return err_set(e, EX_CONFIG, "more than %d days off", HOLIDAYS_MAX);
	return 0;
}

// Events lie in one VCALENDAR, or in several below what libical calls XROOT.
static int add_events(struct filling *f, icalcomponent *calendar, size_t *events, struct err *e)
{
	icalcomponent *c = icalcomponent_get_first_component(calendar, ICAL_ANY_COMPONENT);

	for (; c; c = icalcomponent_get_next_component(calendar, ICAL_ANY_COMPONENT)) {
		if (icalcomponent_isa(c) == ICAL_VCALENDAR_COMPONENT && add_events(f, c, events, e) < 0)
			return -1;
		if (icalcomponent_isa(c) != ICAL_VEVENT_COMPONENT)
			continue;
		++*events;
		if (add_event(f, c, e) < 0)
			return -1;
	}
	return 0;
}

int holidays_add(struct holidays *h, const char *ics, struct err *e)
{
	struct filling f = { .h = h };
	icalcomponent *calendar;
	size_t events = 0;
	int result;

	icalerror_set_errors_are_fatal(false);
	calendar = icalparser_parse_string(ics);
	if (!calendar)
		return err_set(e, EX_CONFIG, "not a calendar (iCalendar, RFC 5545)");
	icalcomponent_strip_errors(calendar);
	result = add_events(&f, calendar, &events, e);
	icalcomponent_free(calendar);
	if (result == 0 && events == 0)
		result = err_set(e, EX_CONFIG, "not a calendar with events (iCalendar, RFC 5545)");
	if (h->count)
		qsort(h->days, h->count, sizeof *h->days, compare_days);
	return result;
}

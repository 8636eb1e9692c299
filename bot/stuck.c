// SPDX-License-Identifier: Apache-2.0
#include "bot/stuck.h"

#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/refusing.h"
#include "bot/view.h"
#include "bot/work.h"

void stuck_begin(struct serve *s, const struct err *why)
{
	if (s->stuck.since)
		return;
	s->stuck.since = s->desk.now;
	snprintf(s->stuck.text, sizeof s->stuck.text, "%s", why->text);
	log_error("nothing was stored: %s; trying again until there is room", why->text);
	sd_notifyf(0, "STATUS=nothing is stored: %s", why->text);
}

static int record(struct serve *s, struct work *w, struct err *e)
{
	return raise_alarm(&s->desk, "disk-full", json_str(w->frame.json, "text"),
	                   "Nothing was lost. Give that disk more room before it is full again.", e);
}

static const struct work_kind storing_again = { "that there was no room", record, NULL, NULL, NULL };

void stuck_end(struct serve *s)
{
	struct work w = { .kind = &storing_again, .document = -1, .attachments = -1 };
	_free_ char *since = NULL, *text = NULL;

	if (!s->stuck.since)
		return;
	since = desk_time(&s->desk, NULL, s->stuck.since);
	text = text_format("Nothing could be stored since %s: %s.", since, s->stuck.text);
	log_info("there is room again, things are stored");
	sd_notifyf(0, "STATUS=%s serves cases %s-N", s->desk.config.name, s->desk.config.cases);
	s->stuck.since = 0;
	w.frame.json = json_object();
	json_put_str(w.frame.json, "text", text);
	work_queue(s, &w);
}

json_t *stuck_view(const struct serve *s)
{
	_free_ char *since = desk_time(&s->desk, NULL, s->stuck.since);
	json_t *view = json_object();

	json_put_int(view, "since", s->stuck.since);
	json_put_str(view, "since_text", since);
	json_put_str(view, "text", s->stuck.text);
	return view;
}

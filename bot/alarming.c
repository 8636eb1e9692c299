// SPDX-License-Identifier: Apache-2.0
#include "bot/alarming.h"

#include "base/json.h"
#include "base/log.h"
#include "bot/refusing.h"
#include "bot/work.h"

static int record(struct serve *s, struct work *w, struct err *e)
{
	return raise_alarm(&s->desk, json_str(w->frame.json, "code"), json_str(w->frame.json, "text"),
	                   json_str(w->frame.json, "next"), e);
}

static const struct work_kind alarming = { "an alarm", record, NULL, NULL, NULL };

void alarm_later(struct serve *s, const char *code, const char *text, const char *next)
{
	struct work w = { .kind = &alarming, .document = -1, .attachments = -1 };

	log_error("%s", text);
	w.frame.json = json_object();
	json_put_str(w.frame.json, "code", code);
	json_put_str(w.frame.json, "text", text);
	json_put_str(w.frame.json, "next", next);
	work_queue(s, &w);
}

void freeze_desk(struct serve *s, const char *code, const char *text)
{
	if (s->desk.frozen)
		return;
	s->desk.frozen = true;
	alarm_later(s, code, text,
	            "Stop, keep the state directory as it is, and put the log together again from a backup and the "
	            "journal: countersign-backup(7).");
}

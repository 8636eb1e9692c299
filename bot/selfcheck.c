// SPDX-License-Identifier: Apache-2.0
#include "bot/selfcheck.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "bot/refusing.h"
#include "bot/work.h"
#include "store/log.h"
#include "store/sample.h"

#define ENTRIES 256 // looked at each time: some milliseconds
#define EVERY CLOCK_HOUR

static uint64_t somewhere(uint64_t size)
{
	uint64_t n;

	random_bytes(&n, sizeof n);
	return size ? n % size : 0;
}

int selfcheck_look(struct desk *desk, bool last, struct err *e)
{
	uint64_t size = log_size(desk->db), end = size > ENTRIES ? size - ENTRIES : 0;
	uint64_t from = last ? end : somewhere(size);
	_free_ char *text = NULL;
	struct err found = { 0 };

	if (desk->frozen || log_sample(desk->db, from < end ? from : end, ENTRIES, &found) == 0)
		return 0;
	if (found.code != EX_DATAERR) {
		*e = found;
		return -1;
	}
	desk->frozen = true; // before anything else: whatever the log still takes
	log_error("the log is damaged: %s", found.text);
	text = text_format("The log was altered: %s.", found.text);
	return raise_alarm(desk, "log-damaged", text,
	                   "Stop, keep the state directory as it is, and run 'countersign log verify'.", e);
}

static int look(struct serve *s, struct work *w, struct err *e)
{
	(void)w;
	return selfcheck_look(&s->desk, s->selfcheck.count++ == 0, e);
}

static const struct work_kind selfcheck = { "the look at the log", look, NULL, NULL, NULL };

static int on_time(sd_event_source *source, uint64_t usec, void *data)
{
	struct serve *s = data;

	(void)usec;
	work_queue(s, &(struct work){ .kind = &selfcheck, .document = -1, .attachments = -1 });
	sd_event_source_set_time_relative(source, (uint64_t)(EVERY / s->clock.rate) * 1000);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

int selfcheck_begin(struct serve *s, struct err *e)
{
	if (sd_event_add_time_relative(s->event, &s->selfcheck.timer, CLOCK_MONOTONIC, 0, 0, on_time, s) < 0)
		return err_set(e, EX_OSERR, "cannot set up the hourly look at the log");
	return 0;
}

void selfcheck_end(struct serve *s)
{
	sd_event_source_disable_unref(s->selfcheck.timer);
}

// SPDX-License-Identifier: Apache-2.0
// What is due by the clock: timers of cases and letters that wait for their time.
#include "base/json.h"
#include "bot/perform.h"
#include "bot/serve.h"
#include "store/cases.h"
#include "store/outbox.h"

#define AT_ONCE 100 // timers in one transaction

static int fire(struct serve *s, const json_t *timer, struct err *e)
{
	struct order order = {
		.kind = ORDER_TIMER,
		.actor = "system",
		.name = s->desk.config.name,
		.address = "",
		.via = "system",
		.message = -1,
		.code = "",
		.timer = json_str(timer, "kind"),
		.timer_number = json_int(timer, "number"),
	};
	struct performed done;
	struct refusal refusal = { 0 };

	switch (perform(&s->desk, json_str(timer, "case"), &order, NULL, &done, &refusal, e)) {
	case DECIDED:
		return 0;
	case DECIDED_NOT:
		return err_set(e, EX_SOFTWARE, "timer '%s' of %s: %s", order.timer, json_str(timer, "case"),
		               refusal.reason);
	case DECIDED_ERROR:
		return -1;
	}
	panic("decided to no end");
}

int due_run(struct serve *s, struct err *e)
{
	_json_ json_t *timers = s->desk.frozen ? json_array() : timers_due(s->desk.db, s->desk.now, AT_ONCE, e);
	json_t *timer;
	size_t i;

	if (!timers)
		return -1;
	json_array_foreach(timers, i, timer) {
		if (fire(s, timer, e) < 0)
			return -1;
	}
	return 0;
}

void due_arm(struct serve *s)
{
	struct err e = { 0 };
	int64_t timer, letter, when;

	if (timers_next(s->desk.db, &timer, &e) < 0 || outbox_next_time(s->desk.db, &letter, &e) < 0) {
		serve_fail(s, &e);
		return;
	}
	// Letters that smtp has in hand are due all the while: only those beyond them count, and it asks when it is
	// done.
	if (s->sending.count || !adapter_ready(s->smtp))
		letter = INT64_MAX;
	if (s->desk.frozen)
		timer = INT64_MAX;
	when = timer < letter ? timer : letter;
	if (when == INT64_MAX) {
		sd_event_source_set_enabled(s->due, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(s->due, (uint64_t)clock_until(&s->clock, when) * 1000);
	sd_event_source_set_enabled(s->due, SD_EVENT_ONESHOT);
}

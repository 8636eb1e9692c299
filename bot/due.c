// SPDX-License-Identifier: Apache-2.0
// What is due: timers of cases, the mail of the checkpoint, letters that wait for their time, cases to judge by a new
// catalogue, and what retention asks for.
#include "base/json.h"
#include "bot/checkpoint_mail.h"
#include "bot/perform.h"
#include "bot/policy_apply.h"
#include "bot/retention.h"
#include "bot/serve.h"
#include "store/cases.h"
#include "store/erase.h"
#include "store/outbox.h"

#define AT_ONCE 100              // timers in one transaction
#define NO_HEAD_YET CLOCK_MINUTE // until a checkpoint mail is tried again

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

// When the next checkpoint mail is due; what the outbox says is remembered.
static int look_up_mail(struct serve *s, struct err *e)
{
	return s->checkpoint_mail ? 0 : checkpoint_mail_next(&s->desk, &s->checkpoint_mail, e);
}

static int mail_checkpoint(struct serve *s, struct err *e)
{
	int written;

	if (s->desk.frozen)
		return 0;
	if (look_up_mail(s, e) < 0)
		return -1;
	if (s->checkpoint_mail > s->desk.now)
		return 0;
	written = checkpoint_mail_write(&s->desk, e);
	if (written < 0)
		return -1;
	s->checkpoint_mail = written ? 0 : s->desk.now + NO_HEAD_YET;
	return 0;
}

// One after the other: a timer that fires may end those that were due behind it.
int due_run(struct serve *s, struct err *e)
{
	for (int i = 0; i < AT_ONCE && !s->desk.frozen; i++) {
		_json_ json_t *timers = timers_due(s->desk.db, s->desk.now, 1, e);

		if (!timers)
			return -1;
		if (json_array_size(timers) == 0)
			break;
		if (fire(s, json_array_get(timers, 0), e) < 0)
			return -1;
	}
	if (mail_checkpoint(s, e) < 0)
		return -1;
	if (s->desk.frozen)
		return 0;
	return policy_apply(&s->desk, e) < 0 ? -1 : retention_run(s, e);
}

// Letters that the adapter has in hand are due all the while: only those beyond them count, and it asks when it is
// done.
static int next_letter(struct serve *s, const char *carrier, const struct adapter *adapter, enum carrier hand,
                       int64_t *when, struct err *e)
{
	if (!s->sending[hand].count && adapter_ready(adapter))
		return outbox_next_time(s->desk.db, carrier, signing_covers(s), when, e);
	*when = INT64_MAX;
	return 0;
}

void due_arm(struct serve *s)
{
	struct err e = { 0 };
	int64_t timer, letter, chat, when;
	int applying = policy_applying(&s->desk, &e);

	if (applying < 0 || timers_next(s->desk.db, &timer, &e) < 0 || look_up_mail(s, &e) < 0 ||
	    next_letter(s, "mail", s->smtp, BY_MAIL, &letter, &e) < 0 ||
	    next_letter(s, "slack", s->slack, BY_SLACK, &chat, &e) < 0) {
		serve_fail(s, &e);
		return;
	}
	timer = timer < s->checkpoint_mail ? timer : s->checkpoint_mail;
	if (applying)
		timer = s->desk.now; // the next portion
	if (retention_next(s) < timer)
		timer = retention_next(s);
	if (s->desk.frozen)
		timer = INT64_MAX;
	if (erase_waits(s->desk.db) && s->desk.now + CLOCK_MINUTE < timer)
		timer = s->desk.now + CLOCK_MINUTE; // somebody read on while it was to be finished
	when = timer < letter ? timer : letter;
	when = when < chat ? when : chat;
	if (when == INT64_MAX) {
		sd_event_source_set_enabled(s->due, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(s->due, (uint64_t)clock_until(&s->clock, when) * 1000);
	sd_event_source_set_enabled(s->due, SD_EVENT_ONESHOT);
}

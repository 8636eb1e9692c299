// SPDX-License-Identifier: Apache-2.0
// The life of a case as a table of state and order, and what the deciding files share.
#include "bot/case.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "store/log.h"

enum state { INCOMPLETE, PENDING, APPROVED, REJECTED, WITHDRAWN, LAPSED, EXPIRED, REVOKED, STATES };

static const char *const state_names[STATES] = {
	[INCOMPLETE] = "incomplete", [PENDING] = "pending", [APPROVED] = "approved", [REJECTED] = "rejected",
	[WITHDRAWN] = "withdrawn",   [LAPSED] = "lapsed",   [EXPIRED] = "expired",   [REVOKED] = "revoked",
};

typedef enum decided decider(struct decision *d);

// A hole is a thing that cannot be done in that state.
static decider *const life[STATES][ORDER_TIMER + 1] = {
	[INCOMPLETE] = { [ORDER_AMEND] = case_amend,
	                 [ORDER_COMMENT] = case_comment,
	                 [ORDER_QUESTION] = case_comment,
	                 [ORDER_WITHDRAW] = case_withdraw,
	                 [ORDER_JUDGE] = case_judge,
	                 [ORDER_TIMER] = case_timer },
	[PENDING] = { [ORDER_AMEND] = case_amend,
	              [ORDER_VOTE] = case_vote,
	              [ORDER_COMMENT] = case_comment,
	              [ORDER_QUESTION] = case_comment,
	              [ORDER_WITHDRAW] = case_withdraw,
	              [ORDER_JUDGE] = case_judge,
	              [ORDER_TIMER] = case_timer },
	[APPROVED] = { [ORDER_COMMENT] = case_comment,
	               [ORDER_QUESTION] = case_comment,
	               [ORDER_VOTE] = case_vote, // while it is judged again
	               [ORDER_REVOKE] = case_revoke,
	               [ORDER_RENEW] = case_renew,
	               [ORDER_REOPEN] = case_reopen,
	               [ORDER_TIMER] = case_timer },
	[REJECTED] = { [ORDER_COMMENT] = case_comment, [ORDER_QUESTION] = case_comment },
	[WITHDRAWN] = { [ORDER_COMMENT] = case_comment, [ORDER_QUESTION] = case_comment },
	[LAPSED] = { [ORDER_COMMENT] = case_comment, [ORDER_QUESTION] = case_comment },
	[EXPIRED] = { [ORDER_COMMENT] = case_comment, [ORDER_QUESTION] = case_comment, [ORDER_RENEW] = case_renew },
	[REVOKED] = { [ORDER_COMMENT] = case_comment, [ORDER_QUESTION] = case_comment },
};

__attribute__((format(printf, 4, 0))) static void turn_down(struct refusal *refusal, const char *code, const char *next,
                                                            const char *format, va_list args)
{
	refusal->code = code;
	refusal->next = next;
	vsnprintf(refusal->reason, sizeof refusal->reason, format, args);
}

enum decided refuse(struct decision *d, const char *code, const char *next, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	turn_down(d->refusal, code, next, format, args);
	va_end(args);
	return DECIDED_NOT;
}

enum decided decided_not(struct refusal *refusal, const char *code, const char *next, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	turn_down(refusal, code, next, format, args);
	va_end(args);
	return DECIDED_NOT;
}

void happen(struct decision *d, const char *type, const char *case_id, int64_t version, json_t *body)
{
	if (d->order->message >= 0)
		json_put_int(body, "message", d->order->message);
	if (d->order->reused)
		json_put_bool(body, "message_id_reused", true);
	if (d->order->token && json_array_size(d->events) == 0)
		json_put_str(body, "token", d->order->token);
	json_add(d->events, event_new(type, d->order->actor, d->order->via, case_id, version, body));
}

void happen_by_system(struct decision *d, const char *type, const char *case_id, int64_t version, json_t *body)
{
	json_add(d->events, event_new(type, "system", "system", case_id, version, body));
}

void put_time(json_t *body, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (ms)
		json_put_str(body, key, clock_format(ms, text));
}

int case_content_hash(const json_t *version, struct digest *hash, struct err *e)
{
	size_t len;
	_free_ char *text = json_canonical(version, &len, e);

	if (!text)
		return -1;
	*hash = sha256((struct piece[]){ PIECE("countersign/case/v1\n"), { text, len } }, 2);
	return 0;
}

static const char *order_name(enum order_kind kind)
{
	static const char *const names[] = {
		[ORDER_OPEN] = "opened",          [ORDER_AMEND] = "changed",        [ORDER_VOTE] = "voted on",
		[ORDER_COMMENT] = "commented on", [ORDER_QUESTION] = "asked about", [ORDER_WITHDRAW] = "withdrawn",
		[ORDER_REVOKE] = "revoked",       [ORDER_RENEW] = "renewed",        [ORDER_REOPEN] = "judged again",
		[ORDER_JUDGE] = "judged again",   [ORDER_TIMER] = "reminded of",
	};

	return names[kind];
}

enum decided case_decide(const struct rules *rules, const json_t *state, const struct order *order, int64_t now,
                         json_t *events, struct refusal *refusal, struct err *e)
{
	struct decision d = { rules, state, order, now, events, refusal, e };
	const char *name = json_str(state, "state");
	size_t s = 0;

	if (order->kind == ORDER_OPEN)
		return case_open(&d);
	while (s < STATES && strcmp(state_names[s], name) != 0)
		s++;
	if (s == STATES)
		panic("%s is in state '%s'", json_str(state, "case"), name);
	if (!life[s][order->kind])
		return refuse(&d, "wrong-state", "Write 'show CASE' to see how it stands.",
		              "%s is %s; it cannot be %s.", json_str(state, "case"), name, order_name(order->kind));
	return life[s][order->kind](&d);
}

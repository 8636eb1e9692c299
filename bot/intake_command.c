// SPDX-License-Identifier: Apache-2.0
// A mail whose first own line is a command.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/intake_steps.h"
#include "bot/notify_review.h"
#include "bot/renewal.h"
#include "store/cases.h"

// Whoever is listed is written to at the address on file.
static const char *answered_at(const struct incoming *in)
{
	return in->person && strcmp(in->via, "mail") == 0 ? desk_address(in->desk, in->principal) : in->from;
}

struct order order_of(const struct incoming *in, enum order_kind kind)
{
	return (struct order){
		.kind = kind,
		.actor = in->principal,
		.name = in->name,
		.address = answered_at(in),
		.person = in->person,
		.via = in->via,
		.authenticated = in->authenticated,
		.message = in->row->seq,
		.reused = in->reused,
		.code = "",
	};
}

enum step carry_out(struct incoming *in, const char *case_id, const struct order *order, struct performed *done,
                    struct err *e)
{
	struct performed performed;
	struct refusal refusal = { 0 };
	bool access;

	if (!done)
		done = &performed;
	switch (perform(in->desk, case_id, order, in->message_id, done, &refusal, e)) {
	case DECIDED:
		snprintf(in->case_id, sizeof in->case_id, "%s", done->case_id);
		return inbox_done(in->desk->db, in->row->id, in->message_id, e) < 0 ? STEP_ERROR : STEP_DONE;
	case DECIDED_NOT:
		// What somebody may not do is a matter of access; what cannot be done now is not.
		access = order->kind == ORDER_VOTE && strcmp(refusal.code, "wrong-state") != 0 &&
		         strcmp(refusal.code, "reason-required") != 0 && strcmp(refusal.code, "outdated") != 0;
		return say_no(in,
		              &(struct no){ .type = access ? "access.refused" : "message.refused",
		                            .code = refusal.code,
		                            .case_id = case_id,
		                            .reason = refusal.reason,
		                            .next = refusal.next },
		              e);
	case DECIDED_ERROR:
		return STEP_ERROR;
	}
	panic("decided to no end");
}

static enum step refuse_doubtful(struct incoming *in, const char *case_id, struct err *e)
{
	_free_ char *reason = text_format("Nothing proves that this mail is yours: %s", in->doubt_text);

	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = in->doubt,
	                            .case_id = case_id,
	                            .reason = reason,
	                            .next = "Send it again from your own mail account, through your own mail server." },
	              e);
}

static enum step refuse_vote(struct incoming *in, const char *code, const char *case_id, const char *reason,
                             struct err *e)
{
	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = code,
	                            .case_id = case_id,
	                            .reason = reason,
	                            .next = "Answer the message that asked you to decide." },
	              e);
}

// An expired token is answered with a fresh one, at the address on file.
static enum step refuse_expired(struct incoming *in, struct err *e)
{
	_json_ json_t *state = case_load(in->desk->db, in->token.case_id, e);

	if (!state || notify_reviewer_again(in->desk, state, in->principal, in->message_id, e) < 0)
		return STEP_ERROR;
	return refuse_vote(in, "expired", in->token.case_id,
	                   "What you answered is more than 14 days old; a fresh message was sent to you.", e);
}

// "approve", an empty line, "Bo": a name below the command is no reason.  In place.
static char *without_sign_off(char *text, const char *name)
{
	_free_ char *first = text_copy_n(name, strcspn(name, " "));
	char *last = text ? strrchr(text, '\n') : NULL;

	last = last ? last + 1 : text;
	if (!text || (!text_same(last, name) && !text_same(last, first)))
		return text;
	*last = '\0';
	return text_trim(text);
}

static bool is_own_case(struct incoming *in, struct err *e)
{
	_json_ json_t *state = *in->token.case_id ? case_load(in->desk->db, in->token.case_id, e) : NULL;

	return state && strcmp(json_str(state, "requester"), in->principal) == 0;
}

// One rule for who may decide by mail: a token for deciding, of this case, unused, in time, from a proven sender.
static enum step vote(struct incoming *in, const struct command *command, struct err *e)
{
	const char *case_id = in->token.case_id;
	char content[2 * DIGEST_SIZE + 1], token[2 * TOKEN_ID_SIZE + 1];
	struct order order;
	struct performed done = { 0 };
	enum step step;

	if (!in->bound && in->garbled)
		return refuse_vote(in, "token-invalid", NULL, token_invalid, e);
	if (in->bound && in->token.purpose != TOKEN_DECIDE && is_own_case(in, e))
		return refuse_vote(in, "self-approval", case_id,
		                   "You requested it yourself; somebody else must decide.", e);
	if (!in->bound || in->token.purpose != TOKEN_DECIDE)
		return refuse_vote(in, "token-missing", NULL,
		                   "A decision only counts as an answer to the message that asked you for it.", e);
	if (*command->case_id && strcmp(command->case_id, case_id) != 0)
		return refuse_vote(in, "case-mismatch", case_id,
		                   "Your line names another case than the message that you answered.", e);
	if (!in->authenticated)
		return refuse_doubtful(in, case_id, e);
	// Below a quote it may be the quoted person's line as well.
	if (json_has_str(json_arr(in->document, "flags"), "quote-first"))
		return refuse_vote(in, "no-command", case_id,
		                   "Your words stand below the quoted text; a decision must stand above it.", e);
	if (in->token.used >= 0) {
		_free_ char *reason =
		        text_format("Your decision is already recorded as entry %lld.", (long long)in->token.used);

		return refuse_vote(in, "already-recorded", case_id, reason, e);
	}
	if (in->desk->now / CLOCK_SECOND >= in->token.expires)
		return refuse_expired(in, e);
	order = order_of(in, ORDER_VOTE);
	order.verdict = verb_name(command->verb);
	order.text = without_sign_off(command->text, in->name);
	order.code = command->code;
	order.content = hex_encode(in->token.content.bytes, DIGEST_SIZE, content);
	order.token = hex_encode(in->token.id, TOKEN_ID_SIZE, token);
	step = carry_out(in, case_id, &order, &done, e);
	// Refused votes leave the token unused: carry_out() says DONE for them as well, without an entry of their own.
	if (step == STEP_DONE && *done.case_id && token_use(in->desk->db, in->token.id, (uint64_t)done.first, e) < 0)
		return STEP_ERROR;
	return step;
}

// The case that a command is about, when the sender may see it: STEP_ON and its id.
static enum step case_of(struct incoming *in, const struct command *command, const char **case_id, struct err *e)
{
	_json_ json_t *state = NULL;
	_free_ char *reason = NULL;

	*case_id = *command->case_id ? command->case_id : in->bound ? in->token.case_id : "";
	state = case_load(in->desk->db, *case_id, e);
	if (!state && e->code != EX_NOINPUT)
		return STEP_ERROR;
	if (state && may_see(in->desk, in->principal, state))
		return STEP_ON;
	reason = text_format("There is no case %s that you may see.", *case_id);
	return say_no(in,
	              &(struct no){ .type = "access.refused",
	                            .code = state ? "not-yours" : "unknown-case",
	                            .reason = reason,
	                            .next = "Write 'find' to list the cases that you may see." },
	              e);
}

static enum step on_case(struct incoming *in, const struct command *command, enum order_kind kind, struct err *e)
{
	struct order order = order_of(in, kind);
	const char *case_id;
	enum step step = case_of(in, command, &case_id, e);

	if (step != STEP_ON)
		return step;
	if ((kind == ORDER_WITHDRAW || kind == ORDER_REVOKE) && !in->authenticated)
		return refuse_doubtful(in, case_id, e);
	order.text = command->text;
	return carry_out(in, case_id, &order, NULL, e);
}

static enum step renew(struct incoming *in, const struct command *command, struct err *e)
{
	struct order order = order_of(in, ORDER_RENEW);
	_json_ json_t *reading = renewal_read(in->desk, command->text, json_arr(in->document, "pairs"));
	_json_ json_t *evidence = NULL;
	const char *case_id;
	enum step step = case_of(in, command, &case_id, e);

	if (step != STEP_ON)
		return step;
	if (!in->authenticated)
		return refuse_doubtful(in, case_id, e);
	evidence = keep_attachments(in, e);
	if (!evidence || case_next_number(in->desk->db, &order.number, e) < 0)
		return STEP_ERROR;
	order.reading = reading;
	order.evidence = evidence;
	order.thread = in->message_id;
	return carry_out(in, case_id, &order, NULL, e);
}

static enum step not_yet(struct incoming *in, const struct command *command, struct err *e)
{
	_free_ char *reason =
	        text_format("'%s' is understood, but this version cannot do it yet.", verb_name(command->verb));

	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = "not-available",
	                            .reason = reason,
	                            .next = "Write 'help' to see what it can do." },
	              e);
}

enum step follow_command(struct incoming *in, const struct command *command, struct err *e)
{
	switch (command->verb) {
	case VERB_HELP:
	case VERB_SHOW:
	case VERB_HISTORY:
	case VERB_FIND:
	case VERB_OPEN:
	case VERB_VERIFY:
		return in->authenticated ? answer(in, command, e) : refuse_doubtful(in, NULL, e);
	case VERB_APPROVE:
	case VERB_REJECT:
	case VERB_ABSTAIN:
	case VERB_RECUSE:
		return vote(in, command, e);
	case VERB_ASK:
		return on_case(in, command, ORDER_QUESTION, e);
	case VERB_COMMENT:
		return on_case(in, command, ORDER_COMMENT, e);
	case VERB_WITHDRAW:
		return on_case(in, command, ORDER_WITHDRAW, e);
	case VERB_REVOKE:
		return on_case(in, command, ORDER_REVOKE, e);
	case VERB_RENEW:
		return renew(in, command, e);
	case VERB_DELEGATE:
	case VERB_REPORT:
		return not_yet(in, command, e);
	case VERB_NONE:
		break;
	}
	panic("a command of no verb");
}

// SPDX-License-Identifier: Apache-2.0
// Saying no to a mail: always an entry, at most one letter, only to the registered address, never quoting what came.
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/incoming.h"
#include "bot/letter.h"
#include "bot/notify.h"
#include "bot/refusing.h"
#include "store/cases.h"
#include "store/log.h"

#define LETTERS_AN_HOUR 10 // of refusals, to one address (BAD-INPUTS, global rules)

int raise_alarm(struct desk *desk, const char *code, const char *text, const char *next, struct err *e)
{
	_json_ json_t *event = NULL;
	json_t *body = json_object();

	json_put_str(body, "code", code);
	json_put_str(body, "text", text);
	json_put_str(body, "next", next);
	event = event_new("alarm.raised", "system", "system", NULL, 0, body);
	if (log_append(desk->db, event, desk->now, NULL, e) < 0)
		return -1;
	return notify(&(struct happened){ .desk = desk, .event = event, .actor = "system" }, e);
}

// Whoever changes people.yaml could make themselves an approver of what is already asked; the vote does not count, and
// others hear of it.
int alarm_of_refusal(struct desk *desk, const char *code, const char *name, struct err *e)
{
	_free_ char *text = NULL;

	if (strcmp(code, "role-too-new") != 0)
		return 0;
	text = text_format("%s tried to decide by a role that came after the request.", name);
	return raise_alarm(desk, code, text, "See who changed people.yaml, and why.", e);
}

void put_message(const struct incoming *in, json_t *body)
{
	json_put_int(body, "message", in->row->seq);
	if (in->reused)
		json_put_bool(body, "message_id_reused", true);
}

static json_t *outcome_body(const struct incoming *in, const char *code)
{
	json_t *body = json_object();

	put_message(in, body);
	json_put_str(body, "reason", code);
	json_put_str(body, "from", in->from);
	return body;
}

static enum step mark_done(struct incoming *in, struct err *e)
{
	return inbox_done(in->desk->db, in->row->id, in->message_id, e) < 0 ? STEP_ERROR : STEP_DONE;
}

enum step set_aside(struct incoming *in, const char *type, const char *code, const char *case_id, const char *detail,
                    struct err *e)
{
	json_t *body = outcome_body(in, code);

	json_put_str(body, "detail", detail);
	if (desk_record(in->desk, type, "system", in->via, case_id, body, e) < 0)
		return STEP_ERROR;
	return mark_done(in, e);
}

// Whoever is listed has an address on file; whoever is not must have proven theirs, or a forger could make us write to
// strangers.
static bool may_be_written_to(const struct incoming *in)
{
	return in->answering != ANSWER_BY_LETTER ||
	       (in->principal && (text_starts(in->principal, "person:") || in->authenticated));
}

// How many letters like it may still go there: of what is said at once there is no end.
static int may_still_write(struct incoming *in, const char *kind, struct err *e)
{
	bool mail = strcmp(in->via, "mail") == 0;
	const char *address = mail ? desk_address(in->desk, in->principal) : in->from;
	int64_t sent = 0;

	if (in->answering == ANSWER_AT_ONCE)
		return 1;
	if (!address || outbox_count(in->desk->db, kind, address, in->desk->now - CLOCK_HOUR, &sent, e) < 0)
		return address ? -1 : 0;
	return sent < LETTERS_AN_HOUR;
}

static int write_no(struct incoming *in, const struct no *no, const json_t *state, struct err *e)
{
	const char *kind = no->template ? no->template : "refused";
	json_t *model;
	int may;

	if (in->answering == ANSWER_IN_FORM) { // what to do next is the form itself
		answer_plainly(in, no->reason);
		return 0;
	}
	may = may_still_write(in, kind, e);
	if (may <= 0)
		return may;
	model = json_object();
	json_put_str(model, "headline", "This was not counted");
	json_put_str(model, "reason", no->reason);
	json_put_str(model, "said", no->reason);
	json_put_str(model, "next", no->next);
	json_put_str(model, "code", no->code);
	json_put_str(model, "line", no->line);
	json_put_bool(model, "kept", no->kept);
	return write_back(in,
	                  &(struct letter_to){ .kind = kind,
	                                       .state = state,
	                                       .decide = in->bound && in->token.purpose == TOKEN_DECIDE,
	                                       .model = model },
	                  e);
}

enum step say_no(struct incoming *in, const struct no *no, struct err *e)
{
	json_t *body = outcome_body(in, no->code);
	_json_ json_t *state = no->case_id ? case_load(in->desk->db, no->case_id, e) : NULL;

	json_put_str(body, "text", no->reason);
	if (no->case_id && !state) {
		json_decref(body);
		return STEP_ERROR;
	}
	if (desk_record(in->desk, no->type, in->principal ? in->principal : "system", in->via, no->case_id, body, e) <
	    0)
		return STEP_ERROR;
	if (alarm_of_refusal(in->desk, no->code, in->name, e) < 0)
		return STEP_ERROR;
	if (may_be_written_to(in) && write_no(in, no, state, e) < 0)
		return STEP_ERROR;
	return mark_done(in, e);
}

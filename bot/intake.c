// SPDX-License-Identifier: Apache-2.0
// The way of one mail: set aside what decides nothing, find out who and what, carry it out.  What a command does is in
// intake_command.c, what prose does in intake_prose.c.
#include "bot/intake.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "bot/incoming.h"
#include "bot/intake_steps.h"
#include "bot/messageid.h"
#include "store/log.h"

#define LOOPS_MAX 3 // a day

// A bounce of one of our letters: the letter failed, whoever it was for must be reached otherwise.
static enum step bounced(struct incoming *in, struct err *e)
{
	const json_t *report = json_obj(in->document, "report");
	const char *original = json_str(report, "original_message_id");
	json_t *body = json_object();
	int64_t letter = 0;

	if (*original && outbox_find(in->desk->db, original, &letter, e) < 0) {
		json_decref(body);
		return STEP_ERROR;
	}
	put_message(in, body);
	json_put_str(body, "reason", "bounce");
	json_put_int(body, "letter", letter);
	json_put_str(body, "status", json_str(report, "status"));
	if (desk_record(in->desk, letter ? "message.bounced" : "message.ignored", "system", "mail", NULL, body, e) < 0)
		return STEP_ERROR;
	if (letter && outbox_failed(in->desk->db, letter, "bounced", e) < 0)
		return STEP_ERROR;
	if (letter && raise_alarm(in->desk, "letter-bounced", "A letter of this desk could not be delivered.",
	                          "See 'countersign status' and check the address in people.yaml.", e) < 0)
		return STEP_ERROR;
	return inbox_done(in->desk->db, in->row->id, in->message_id, e) < 0 ? STEP_ERROR : STEP_DONE;
}

// The same Message-ID with other bytes is another mail; that somebody used it twice is worth a mark.
static enum step look_for_reuse(struct incoming *in, struct err *e)
{
	int reused = in->message_id ? inbox_has_message_id(in->desk->db, in->message_id, in->row->id, e) : 0;

	in->reused = reused > 0;
	return reused < 0 ? STEP_ERROR : STEP_ON;
}

static bool is_our_own(const struct incoming *in)
{
	const struct config *c = &in->desk->config;
	uint8_t root10[ANCHOR_ROOT], tid[TOKEN_ID];
	uint64_t size;

	if (json_has_str(json_arr(in->document, "loop"), c->log_origin ? c->log_origin : c->name))
		return true;
	return in->message_id && message_id_read(&in->desk->keys, in->message_id, &size, root10, tid) == ANCHOR_OK;
}

// One letter that comes back is somebody's mistake in forwarding; several are a circle that somebody must break.
static enum step set_loop_aside(struct incoming *in, const char *case_id, struct err *e)
{
	enum step step = set_aside(in, "message.ignored", "loop", case_id, NULL, e);
	int64_t loops;

	if (step != STEP_DONE || inbox_loops(in->desk->db, in->desk->now - CLOCK_DAY, &loops, e) < 0)
		return STEP_ERROR;
	if (loops == LOOPS_MAX + 1 &&
	    raise_alarm(in->desk, "mail-loop", "Letters of this desk come back to its own mailbox.",
	                "Look at the mailbox's forwarding and out-of-office rules.", e) < 0)
		return STEP_ERROR;
	return STEP_DONE;
}

static enum step set_automatic_aside(struct incoming *in, struct err *e)
{
	const char *automatic = json_str(in->document, "auto"), *case_id;
	bool loop = is_our_own(in);

	if (strcmp(automatic, "report") == 0)
		return bounced(in, e);
	if (!*automatic && !loop)
		return STEP_ON;
	if (peek_case(in, &case_id, e) < 0)
		return STEP_ERROR;
	if (loop)
		return set_loop_aside(in, case_id, e);
	return set_aside(in, "message.ignored", automatic, case_id, NULL, e);
}

static enum step refuse_stranger(struct incoming *in, struct err *e)
{
	if (in->principal)
		return STEP_ON;
	return say_no(in,
	              &(struct no){ .type = "access.refused",
	                            .code = "unknown-sender",
	                            .reason = "The sender is not listed and not of a domain that may ask.",
	                            .next = "" },
	              e);
}

// "approve" with neither a case nor a token: what it lacks is the token, and vote() says so.
static bool is_bare_decision(const struct incoming *in, struct command *out)
{
	struct err unclear;

	command_free(out);
	return grammar_parse(json_str(in->document, "own"), in->desk->config.cases, true, out, &unclear) ==
	               GRAMMAR_COMMAND &&
	       verb_decides(out->verb);
}

enum step follow(struct incoming *in, struct err *e)
{
	bool implied = in->bound && *in->token.case_id;
	_command_ struct command command = { 0 }, bare = { 0 };
	struct err said = { 0 };

	switch (grammar_parse(json_str(in->document, "own"), in->desk->config.cases, implied, &command, &said)) {
	case GRAMMAR_COMMAND:
		return follow_command(in, &command, e);
	case GRAMMAR_UNCLEAR:
		if (!implied && is_bare_decision(in, &bare))
			return follow_command(in, &bare, e);
		return follow_unclear(in, command.refusal, said.text, e);
	case GRAMMAR_OTHER:
		return follow_prose(in, e);
	}
	panic("a grammar of no kind");
}

int intake(struct desk *desk, const struct inbox_row *row, const json_t *document, int attachments, struct err *e)
{
	static enum step (*const steps[])(struct incoming * in, struct err * e) = {
		look_for_reuse, set_automatic_aside, identify, find_token, refuse_stranger, follow,
	};
	_incoming_ struct incoming in = {
		.desk = desk,
		.via = "mail",
		.row = row,
		.document = document,
		.attachments = attachments,
		.message_id = json_str_or_null(document, "message_id"),
	};
	enum step step = STEP_ON;

	for (size_t i = 0; i < LENGTH(steps) && step == STEP_ON; i++)
		step = steps[i](&in, e);
	if (step == STEP_ON)
		panic("mail %lld came to nothing", (long long)row->id);
	return step == STEP_DONE ? 0 : err_prefix(e, "mail %lld", (long long)row->id);
}

int intake_park(struct desk *desk, const struct inbox_row *row, const char *code, const char *why, struct err *e)
{
	struct incoming in = { .desk = desk, .via = "mail", .row = row, .attachments = -1 };

	return set_aside(&in, "message.parked", code, NULL, why, e) == STEP_DONE ? 0 : -1;
}

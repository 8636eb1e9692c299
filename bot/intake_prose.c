// SPDX-License-Identifier: Apache-2.0
// A mail that is no command: a new request, more about one, a remark - or something that looked like a decision and was
// none.
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/intake_steps.h"
#include "bot/request.h"
#include "store/blob.h"
#include "store/cases.h"

#define ATTACHMENTS_MAX (128U << 20) // bytes, together
#define REQUESTS_AN_HOUR 50          // by one person (BAD-INPUTS C16)

static json_t *evidence_item(const json_t *attachment, const struct blob *blob)
{
	json_t *item = json_object();
	char hex[2 * DIGEST_SIZE + 1];

	json_put_str(item, "name", json_str(attachment, "name"));
	json_put_str(item, "type", json_str(attachment, "type"));
	json_put_int(item, "size", json_int(attachment, "size"));
	json_put_str(item, "sha256", hex_encode(blob->sha256.bytes, DIGEST_SIZE, hex));
	json_put_str(item, "commitment", hex_encode(blob->commitment.bytes, DIGEST_SIZE, hex));
	return item;
}

json_t *keep_attachments(struct incoming *in, struct err *e)
{
	const json_t *attachments = json_arr(in->document, "attachments");
	_buf_ struct buf bytes = BUF(ATTACHMENTS_MAX);
	_json_ json_t *list = json_array();
	json_t *a;
	size_t i;

	if (json_array_size(attachments) == 0)
		return steal_ptr(list);
	if (fd_read(in->attachments, "attachments", &bytes, e) < 0)
		return NULL;
	json_array_foreach(attachments, i, a) {
		int64_t offset = json_int(a, "offset"), size = json_int(a, "size");
		struct blob blob;

		if (offset < 0 || size < 0 || offset > (int64_t)bytes.len || size > (int64_t)bytes.len - offset) {
			err_set(e, EX_PROTOCOL, "the mime worker names an attachment that it did not write");
			return NULL;
		}
		if (blob_put(in->desk->db, buf_text(&bytes) + offset, (size_t)size, &blob, e) < 0)
			return NULL;
		json_add(list, evidence_item(a, &blob));
	}
	return steal_ptr(list);
}

static enum step refuse_empty(struct incoming *in, const char *case_id, struct err *e)
{
	bool tnef = json_has_str(json_arr(in->document, "flags"), "tnef");

	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = "no-command",
	                            .case_id = case_id,
	                            .reason = tnef ? "Your mail held only a winmail.dat, which this desk cannot read."
	                                           : "There were no words of your own in it.",
	                            .next = tnef ? "Set your mail program to send plain text or HTML, not TNEF."
	                                         : "Write above the quoted text; 'help' says what can be written." },
	              e);
}

static enum step open_request(struct incoming *in, const json_t *reading, const json_t *evidence, struct err *e)
{
	struct order order = order_of(in, ORDER_OPEN);
	int64_t recent;

	if (cases_recent(in->desk->db, in->principal, in->desk->now - CLOCK_HOUR, &recent, e) < 0 ||
	    case_next_number(in->desk->db, &order.number, e) < 0)
		return STEP_ERROR;
	if (recent >= REQUESTS_AN_HOUR)
		return say_no(
		        in,
		        &(struct no){ .type = "message.refused",
		                      .code = "quota",
		                      .reason = "You have opened 50 cases within the last hour.",
		                      .next = "Send it again in an hour; several components fit into one request." },
		        e);
	order.subject = json_str(in->document, "subject");
	order.thread = in->message_id;
	order.reading = reading;
	order.evidence = evidence;
	return carry_out(in, NULL, &order, NULL, e);
}

// Somebody who was asked to decide wrote something else.  It is kept as a comment, and they are told that it is no
// vote.
static enum step keep_as_comment(struct incoming *in, const char *code, const char *said, struct err *e)
{
	const char *own = json_str(in->document, "own");
	struct order order = order_of(in, ORDER_COMMENT);
	struct refusal refusal = { 0 };
	struct performed done;
	enum decided decided = DECIDED_NOT;

	order.text = own;
	if (*own && strlen(own) <= GRAMMAR_TEXT_MAX) {
		decided = perform(in->desk, in->token.case_id, &order, in->message_id, &done, &refusal, e);
		if (decided == DECIDED_ERROR)
			return STEP_ERROR;
	}
	return say_no(
	        in,
	        &(struct no){ .type = "message.refused",
	                      .code = code,
	                      .case_id = in->token.case_id,
	                      .reason = said,
	                      .next = "Reply with one line: approve, reject: and the reason, ask: and a question, "
	                              "abstain or recuse.",
	                      .template = "understood",
	                      .kept = decided == DECIDED },
	        e);
}

static enum step amend(struct incoming *in, const json_t *reading, const json_t *evidence, struct err *e)
{
	struct order order = order_of(in, ORDER_AMEND);
	_json_ json_t *state = case_load(in->desk->db, in->token.case_id, e);
	const char *name = json_str(state, "state");

	if (!state)
		return STEP_ERROR;
	if (strcmp(name, "incomplete") != 0 && strcmp(name, "pending") != 0)
		order.kind = ORDER_COMMENT;
	order.subject = json_str(in->document, "subject");
	order.reading = reading;
	order.evidence = evidence;
	order.text = json_str(in->document, "own");
	return carry_out(in, in->token.case_id, &order, NULL, e);
}

static bool is_requester(const struct incoming *in, const json_t *state)
{
	return strcmp(in->principal, json_str(state, "requester")) == 0 ||
	       strcmp(in->principal, json_str(state, "filed_by")) == 0;
}

static enum step follow_reply(struct incoming *in, const json_t *reading, const json_t *evidence, struct err *e)
{
	_json_ json_t *state = case_load(in->desk->db, in->token.case_id, e);
	struct order order;

	if (!state)
		return STEP_ERROR;
	if (is_requester(in, state))
		return amend(in, reading, evidence, e);
	if (in->token.purpose == TOKEN_DECIDE)
		return keep_as_comment(in, "no-command", "No decision was read in it: its first line is not a command.",
		                       e);
	order = order_of(in, ORDER_COMMENT);
	order.text = json_str(in->document, "own");
	return carry_out(in, in->token.case_id, &order, NULL, e);
}

enum step follow_reading(struct incoming *in, const json_t *reading, const json_t *evidence, struct err *e)
{
	bool reply = in->bound && *in->token.case_id;

	return reply ? follow_reply(in, reading, evidence, e) : open_request(in, reading, evidence, e);
}

enum step follow_prose(struct incoming *in, struct err *e)
{
	const char *own = json_str(in->document, "own");
	bool reply = in->bound && *in->token.case_id;
	_json_ json_t *reading = request_read(in->desk, in->document, reply), *evidence = NULL;

	if (!*own && json_object_size(json_obj(reading, "facts")) == 0 &&
	    (!reply || json_array_size(json_arr(in->document, "attachments")) == 0))
		return refuse_empty(in, reply ? in->token.case_id : NULL, e);
	evidence = keep_attachments(in, e);
	if (!evidence)
		return STEP_ERROR;
	return follow_reading(in, reading, evidence, e);
}

enum step follow_unclear(struct incoming *in, const char *code, const char *said, struct err *e)
{
	const char *own = json_str(in->document, "own");

	// A requester's reply that only sends a file, or a form without a word, is no unclear command.
	if (in->bound && *in->token.case_id && in->token.purpose != TOKEN_DECIDE &&
	    (!*own || json_array_size(json_arr(in->document, "pairs"))))
		return follow_prose(in, e);
	if (in->bound && *in->token.case_id)
		return keep_as_comment(in, code, said, e);
	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = code,
	                            .reason = said,
	                            .next = "Write 'help' to see what can be written.",
	                            .template = "understood" },
	              e);
}

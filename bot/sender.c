// SPDX-License-Identifier: Apache-2.0
// Who sent a mail, whether that is proven, and which reply token it carries.  A token, a From line: none alone decides.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/address.h"
#include "bot/authentic.h"
#include "bot/binding.h"
#include "bot/incoming.h"
#include "bot/messageid.h"
#include "store/log.h"

void incoming_free(struct incoming *in)
{
	free(in->principal);
	json_decref(in->token_holder);
	json_decref(in->reply);
}

const char token_invalid[] = "The address that you replied to is none that this desk gave out.";

enum step identify(struct incoming *in, struct err *e)
{
	const json_t *from = json_obj(in->document, "from");
	const char *problem = json_str(in->document, "from_problem");

	if (!from)
		return set_aside(in, "message.parked", *problem ? problem : "from-missing", NULL, NULL, e);
	in->from = json_str(from, "address");
	in->person = people_by_mail(in->desk->people, in->from);
	if (in->person) {
		in->principal = text_format("person:%s", in->person->id);
		in->name = in->person->name;
	} else if (people_may_ask(in->desk->people, in->from)) {
		_free_ char *address = address_normal(in->from);

		in->principal = text_format("mail:%s", address);
		in->name = *json_str(from, "name") ? json_str(from, "name") : in->from;
	}
	in->authenticated = authentic(in->document, in->desk->now, &in->doubt, in->doubt_text) == 0;
	return STEP_ON;
}

// Collects the different tokens among some addresses; a normal spelling makes equal ones equal.
static void collect_tokens(struct incoming *in, const json_t *addresses, json_t *tokens)
{
	json_t *address;
	size_t i;

	json_array_foreach(addresses, i, address) {
		char text[TOKEN_TEXT];
		int found = token_in_address(json_string_value(address), in->desk->config.mail.address, text);

		in->garbled = in->garbled || found < 0;
		if (found == 1 && !json_has_str(tokens, text))
			json_add_str(tokens, text);
	}
}

static int look_up(struct incoming *in, const uint8_t id[TOKEN_ID_SIZE], struct err *e)
{
	json_decref(in->token_holder);
	in->token_holder = NULL;
	return token_find(in->desk->db, id, &in->token, &in->token_holder, e);
}

// Is what was looked up as we wrote it?  0: no, and an alarm is raised; whoever did it has the database, but no key.
// The keys of rows that have expired may be gone; nothing comes of such a row anyway.
static int is_whole(struct incoming *in, struct err *e)
{
	if (binding_whole(in->desk, &in->token))
		return 1;
	if (in->token.expires < in->desk->now / CLOCK_SECOND)
		return 0;
	return raise_alarm(in->desk, "token-row-altered", "What a reply token is bound to was altered in the database.",
	                   "Run 'countersign log verify' and find out who can write to the database.", e);
}

// It answers a letter that a restore lost: no alarm, the desk knows.
static enum step refuse_lost(struct incoming *in, struct err *e)
{
	char day[CLOCK_TEXT];
	_free_ char *reason =
	        text_format("The mail that you replied to is from before %s, when this desk was restored from "
	                    "a backup that did not have it any more.",
	                    clock_format_date(in->lost.at, day));

	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = "restored",
	                            .reason = reason,
	                            .next = "Reply to another mail of the case, or ask for it again in a new mail." },
	              e);
}

static enum step refuse_token(struct incoming *in, const char *code, const char *reason, struct err *e)
{
	if (in->lost.at)
		return refuse_lost(in, e);
	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = code,
	                            .reason = reason,
	                            .next = "Reply to the newest mail of the case without changing its address." },
	              e);
}

// A token in the recipient's address.
static enum step by_address(struct incoming *in, const char *text, struct err *e)
{
	struct token token;
	int found;

	if (token_decode(text, strlen(text), &token) < 0)
		return refuse_token(in, "token-invalid", token_invalid, e);
	found = look_up(in, token.id, e);
	if (found > 0)
		found = is_whole(in, e);
	if (found < 0)
		return STEP_ERROR;
	if (!found || !binding_matches(in->desk, &in->token, &token))
		return refuse_token(in, "token-invalid", token_invalid, e);
	in->bound = true;
	return STEP_ON;
}

// What a log head that a reply brought back says: it must be one of ours.
static enum step check_anchor(struct incoming *in, uint64_t size, const uint8_t root10[ANCHOR_ROOT], struct err *e)
{
	struct digest root;
	int lost;

	if (size <= log_size(in->desk->db)) {
		if (log_root_at(in->desk->db, size, &root, e) < 0)
			return STEP_ERROR;
		if (memcmp(root.bytes, root10, ANCHOR_ROOT) == 0)
			return STEP_ON;
	}
	lost = restored_lost(in->desk->db, size, &in->lost, e);
	if (lost)
		return lost < 0 ? STEP_ERROR : STEP_ON;
	if (size > log_size(in->desk->db)) {
		in->desk->frozen = true;
		if (raise_alarm(
		            in->desk, "rollback-detected",
		            "A reply brings back a log head that is newer than this log: the database is an old copy.",
		            "Stop, keep the state directory as it is, and put the log together again from a backup and "
		            "the journal: countersign-backup(7).",
		            e) < 0)
			return STEP_ERROR;
		return set_aside(in, "message.parked", "rollback-detected", NULL, NULL, e);
	}
	in->desk->frozen = true;
	if (raise_alarm(in->desk, "fork-detected", "A reply brings back a log head that this log never had.",
	                "Stop, keep the state directory as it is, and run 'countersign log verify'.", e) < 0)
		return STEP_ERROR;
	return set_aside(in, "message.parked", "fork-detected", NULL, NULL, e);
}

// Every Message-ID of ours that a reply refers to brings back a log head.
static enum step check_anchors(struct incoming *in, const json_t *ids, struct err *e)
{
	enum step step = STEP_ON;

	for (size_t i = json_array_size(ids); i-- > 0 && step == STEP_ON;) {
		uint8_t root10[ANCHOR_ROOT], tid[TOKEN_ID];
		uint64_t size;

		if (message_id_read(&in->desk->keys, json_string_value(json_array_get(ids, i)), &size, root10, tid) ==
		    ANCHOR_OK)
			step = check_anchor(in, size, root10, e);
	}
	return step;
}

// A token in a Message-ID of ours that the reply refers to: the newest one that is known counts.
static enum step by_reference(struct incoming *in, const json_t *ids, struct err *e)
{
	for (size_t i = json_array_size(ids); i-- > 0 && !in->bound;) {
		uint8_t root10[ANCHOR_ROOT], tid[TOKEN_ID];
		uint64_t size;
		int found;

		if (message_id_read(&in->desk->keys, json_string_value(json_array_get(ids, i)), &size, root10, tid) !=
		    ANCHOR_OK)
			continue;
		found = look_up(in, tid, e);
		if (found > 0)
			found = is_whole(in, e);
		if (found < 0)
			return STEP_ERROR;
		in->bound = found > 0;
	}
	return STEP_ON;
}

// The token's person must be the sender: a forwarded reply address is worth nothing to whoever got it.
static enum step check_bound(struct incoming *in, struct err *e)
{
	if (address_same(in->token.address, in->from))
		return STEP_ON;
	// The bound person is told, at their own address; the mail itself gets no answer.
	free(in->principal);
	in->principal = text_copy(in->token.principal);
	in->name = desk_name(in->desk, in->principal);
	in->message_id = NULL;
	return say_no(in,
	              &(struct no){ .type = "message.refused",
	                            .code = "sender-mismatch",
	                            .case_id = *in->token.case_id ? in->token.case_id : NULL,
	                            .reason =
	                                    "Somebody else replied to a mail that was meant for you alone. It was not "
	                                    "counted as yours, and your own reply is still open.",
	                            .next = "Nothing, if you forwarded it. Otherwise tell your administrators: "
	                                    "somebody has read your mail." },
	              e);
}

static json_t *tokens_of(struct incoming *in)
{
	json_t *tokens = json_array();

	collect_tokens(in, json_arr(in->document, "to"), tokens);
	collect_tokens(in, json_arr(in->document, "cc"), tokens);
	collect_tokens(in, json_arr(in->document, "delivered_to"), tokens);
	return tokens;
}

int peek_case(struct incoming *in, const char **case_id, struct err *e)
{
	_json_ json_t *tokens = tokens_of(in);
	const char *text = json_string_value(json_array_get(tokens, 0));
	struct token token;
	int found;

	*case_id = NULL;
	if (!text || token_decode(text, strlen(text), &token) < 0)
		return 0;
	found = look_up(in, token.id, e);
	if (found > 0 && binding_whole(in->desk, &in->token) && binding_matches(in->desk, &in->token, &token) &&
	    *in->token.case_id)
		*case_id = in->token.case_id;
	return found < 0 ? -1 : 0;
}

// The heads first: an older copy of the database does not know the token, and must not answer that it is no good.
enum step find_token(struct incoming *in, struct err *e)
{
	const json_t *references = json_arr(in->document, "references"),
	             *answers = json_arr(in->document, "in_reply_to");
	_json_ json_t *tokens = tokens_of(in);
	enum step step = check_anchors(in, references, e);

	if (step == STEP_ON)
		step = check_anchors(in, answers, e);
	if (step != STEP_ON)
		return step;
	if (json_array_size(tokens) > 1)
		return refuse_token(in, "token-ambiguous",
		                    "Your mail went to several reply addresses of this desk at once.", e);
	if (json_array_size(tokens) == 1)
		step = by_address(in, json_string_value(json_array_get(tokens, 0)), e);
	if (step == STEP_ON)
		step = by_reference(in, references, e);
	if (step == STEP_ON)
		step = by_reference(in, answers, e);
	if (step == STEP_ON && !in->bound && in->lost.at)
		return refuse_lost(in, e);
	return step == STEP_ON && in->bound ? check_bound(in, e) : step;
}

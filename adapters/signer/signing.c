// SPDX-License-Identifier: Apache-2.0
#include "adapters/signer/signing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"

// --- the question ----------------------------------------------------------------------------------------------------

static int read_hash(const char *hex, struct digest *out, const char *what, struct err *e)
{
	if (!hex || hex_decode(hex, out->bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_PROTOCOL, "send: \"%s\" holds what is no hash", what);
	return 0;
}

int request_read(const json_t *frame, struct request *out, struct err *e)
{
	static const struct json_key keys[] = { { "type", 'S', 0 },
		                                { "id", 'S', 0 },
		                                { "size", 'I', HEAD_MAX },
		                                { "root", 'S', 0 },
		                                { "time", 'I', HEAD_MAX },
		                                { "old", 'I', HEAD_MAX },
		                                { "proof", 'A', PROOF_MAX },
		                                { "next", 's', MARK_KEY - 1 },
		                                { 0 } };
	const json_t *proof = json_arr(frame, "proof");

	if (json_check(frame, keys, "send", e) < 0) {
		e->code = EX_PROTOCOL;
		return -1;
	}
	out->head.size = (uint64_t)json_int(frame, "size");
	out->head.time = json_int(frame, "time");
	out->old = (uint64_t)json_int(frame, "old");
	out->next = json_str_or_null(frame, "next");
	if (read_hash(json_str(frame, "root"), &out->head.root, "root", e) < 0)
		return -1;
	out->proof.count = json_array_size(proof);
	for (size_t i = 0; i < out->proof.count; i++)
		if (read_hash(json_string_value(json_array_get(proof, i)), &out->proof.hash[i], "proof", e) < 0)
			return -1;
	return 0;
}

// --- the decision ----------------------------------------------------------------------------------------------------

static bool is_same_root(const struct head *a, const struct head *b)
{
	return memcmp(a->root.bytes, b->root.bytes, DIGEST_SIZE) == 0;
}

static enum verdict refuse_time(const struct head *mark, const struct head *head, struct err *why)
{
	char now[CLOCK_TEXT], before[CLOCK_TEXT];

	err_set(why, EX_DATAERR,
	        "the last of %" PRIu64 " entries is of %s, before that of the signed head of %" PRIu64
	        " entries, %s: time went back",
	        head->size, clock_format(head->time, now), mark->size, clock_format(mark->time, before));
	return REFUSE_TIME;
}

static enum verdict decide_same_size(const struct head *mark, const struct head *head, struct err *why)
{
	if (!is_same_root(mark, head) && head->size == 0) {
		err_set(why, EX_DATAERR, "the empty log has another root than this");
		return REFUSE_FORK;
	}
	if (!is_same_root(mark, head)) {
		err_set(why, EX_DATAERR,
		        "another head of %" PRIu64 " entries was signed before: entries were changed (a fork)",
		        head->size);
		return REFUSE_FORK;
	}
	return head->time < mark->time ? refuse_time(mark, head, why) : SIGN_AGAIN;
}

enum verdict signing_decide(const struct head *mark, const struct request *request, struct err *why)
{
	const struct head *head = &request->head;

	if (head->size < mark->size) {
		err_set(why, EX_DATAERR,
		        "the log has %" PRIu64 " entries, but a head of %" PRIu64
		        " was signed: the log was cut, or is an older copy (a rollback)",
		        head->size, mark->size);
		return REFUSE_ROLLBACK;
	}
	if (head->size == mark->size)
		return decide_same_size(mark, head, why);
	if (request->old != mark->size) {
		err_set(why, EX_DATAERR,
		        "the proof is from %" PRIu64 " entries, but it is the head of %" PRIu64 " that was signed last",
		        request->old, mark->size);
		return REFUSE_MARK;
	}
	if (!proof_is_consistent(&request->proof, mark->size, &mark->root, head->size, &head->root)) {
		err_set(why, EX_DATAERR,
		        "there is no proof that the log of %" PRIu64 " entries begins with the %" PRIu64
		        " of the signed head: entries were changed (a fork)",
		        head->size, mark->size);
		return REFUSE_FORK;
	}
	return head->time < mark->time ? refuse_time(mark, head, why) : SIGN_ON;
}

const char *verdict_code(enum verdict verdict)
{
	switch (verdict) {
	case SIGN_ON:
	case SIGN_AGAIN:
		return NULL;
	case REFUSE_FORK:
		return "fork";
	case REFUSE_ROLLBACK:
		return "rollback";
	case REFUSE_TIME:
		return "time";
	case REFUSE_MARK:
		return "mark";
	case REFUSE_KEY:
		return "key";
	}
	panic("a verdict of no kind");
}

// --- the signature ---------------------------------------------------------------------------------------------------

char *signing_note(const struct note_signer *key, const struct note_signer *other, const struct head *head,
                   struct err *e)
{
	struct checkpoint checkpoint = { .size = head->size, .root = head->root };
	_free_ char *text = NULL, *line = NULL, *second = NULL;

	snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", key->key.name);
	text = checkpoint_text(&checkpoint);
	line = note_sign(key, text, strlen(text), 0, e);
	second = line && other ? note_sign(other, text, strlen(text), 0, e) : NULL;
	if (!line || (other && !second))
		return NULL;
	return text_format("%s\n%s%s", text, line, second ? second : "");
}

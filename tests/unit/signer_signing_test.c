// SPDX-License-Identifier: Apache-2.0
// What the signer signs: every kind of head after every kind of mark, with good and bad proofs; and how it signs.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/signer/signing.h"
#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/tree.h"

#define LOG_SIZE 21
#define NOON 1795608000000 // when the first entry is of; each later one a second after

// A log, and others that it is not: the second differs in entry 5, the third in entry 13.
enum log { OUR_LOG, CHANGED_5, CHANGED_13, LOGS };

static struct {
	struct digest stored[2 * LOG_SIZE + 64];
	struct digest root[LOG_SIZE + 1];
} logs[LOGS];

static int make_logs(void **state)
{
	static const int changed[LOGS] = { -1, 5, 13 };

	(void)state;
	for (int l = 0; l < LOGS; l++) {
		struct tree_edge edge = { .count = 0 };

		logs[l].root[0] = tree_root(&edge);
		for (int i = 0; i < LOG_SIZE; i++) {
			char leaf[32];
			int len = snprintf(leaf, sizeof leaf, "entry %d%s", i, i == changed[l] ? ", changed" : "");
			struct digest hash = tree_leaf_hash(leaf, (size_t)len);

			tree_add(&edge, (uint64_t)i, &hash, logs[l].stored + tree_stored_count((uint64_t)i));
			logs[l].root[i + 1] = tree_root(&edge);
		}
	}
	return 0;
}

static int read_stored(void *data, uint64_t index, struct digest *out, struct err *e)
{
	(void)e;
	*out = logs[*(const enum log *)data].stored[index];
	return 0;
}

static struct proof proof_of(enum log log, uint64_t old, uint64_t size)
{
	struct proof proof = { .count = 0 };

	if (old > 0 && old < size)
		assert_int_equal(proof_of_consistency(old, size, read_stored, &log, &proof, NULL), 0);
	return proof;
}

// --- the decision ----------------------------------------------------------------------------------------------------

struct at {
	enum log log;
	uint64_t size;
	int64_t late; // seconds after the time of its last entry
	bool odd;     // with the root of no size of that log
};

struct proven {
	enum log log;
	uint64_t old, size; // no hash when both are 0
	int more;           // hashes too many, or too few
	int bit;            // flipped in the hash of that number, from 1 on
};

#define OURS(n) \
	{ \
		.size = (n) \
	}
#define FORKED(n) \
	{ \
		.log = CHANGED_5, .size = (n) \
	}
#define FROM(old_size, new_size) \
	{ \
		.old = (old_size), .size = (new_size) \
	}
#define FORKED_FROM(old_size, new_size) \
	{ \
		.log = CHANGED_5, .old = (old_size), .size = (new_size) \
	}

static const struct {
	const char *what;
	struct at mark, head;
	uint64_t old;
	struct proven proof;
	enum verdict verdict;
	const char *words; // in the sentence of a refusal
} cases[] = {
	// It goes on.
	{ "first head", OURS(0), OURS(1), 0, { 0 }, SIGN_ON, "" },
	{ "first head of many", OURS(0), OURS(20), 0, { 0 }, SIGN_ON, "" },
	{ "one more", OURS(7), OURS(8), 7, FROM(7, 8), SIGN_ON, "" },
	{ "many more", OURS(7), OURS(20), 7, FROM(7, 20), SIGN_ON, "" },
	{ "from a full tree", OURS(8), OURS(20), 8, FROM(8, 20), SIGN_ON, "" },
	{ "at the same time", { .size = 7, .late = 1 }, OURS(8), 7, FROM(7, 8), SIGN_ON, "" },
	{ "the change comes later", { .log = CHANGED_13, .size = 12 }, OURS(20), 12, FROM(12, 20), SIGN_ON, "" },

	// The same again, whatever proof comes with it.
	{ "nothing yet", OURS(0), OURS(0), 0, { 0 }, SIGN_AGAIN, "" },
	{ "same head", OURS(20), OURS(20), 20, { 0 }, SIGN_AGAIN, "" },
	{ "same head, asked as at first", OURS(20), OURS(20), 7, FROM(7, 20), SIGN_AGAIN, "" },
	{ "same head, later", OURS(20), { .size = 20, .late = 5 }, 20, { 0 }, SIGN_AGAIN, "" },

	// Another log.
	{ "another root", OURS(20), FORKED(20), 20, { 0 }, REFUSE_FORK, "20 entries was signed before" },
	{ "another root, its own proof", OURS(20), FORKED(20), 7, FORKED_FROM(7, 20), REFUSE_FORK, "a fork" },
	{ "a root for nothing", OURS(0), { .size = 0, .odd = true }, 0, { 0 }, REFUSE_FORK, "the empty log" },
	{ "fork, its own good proof", OURS(7), FORKED(20), 7, FORKED_FROM(7, 20), REFUSE_FORK, "begins with the 7" },
	{ "fork, our good proof", OURS(7), FORKED(20), 7, FROM(7, 20), REFUSE_FORK, "a fork" },
	{ "fork behind the mark, our proof",
	  OURS(12),
	  { .log = CHANGED_13, .size = 20 },
	  12,
	  FROM(12, 20),
	  REFUSE_FORK,
	  "no proof" },
	{ "fork from a full tree", OURS(8), FORKED(20), 8, FORKED_FROM(8, 20), REFUSE_FORK, "a fork" },
	{ "fork by one", OURS(7), FORKED(8), 7, FORKED_FROM(7, 8), REFUSE_FORK, "a fork" },
	{ "root of another size", OURS(7), { .size = 20, .odd = true }, 7, FROM(7, 20), REFUSE_FORK, "a fork" },

	// No proof.
	{ "no hash", OURS(7), OURS(20), 7, { 0 }, REFUSE_FORK, "no proof" },
	{ "no hash from a full tree", OURS(8), OURS(9), 8, { 0 }, REFUSE_FORK, "no proof" },
	{ "too short", OURS(7), OURS(20), 7, { .old = 7, .size = 20, .more = -1 }, REFUSE_FORK, "no proof" },
	{ "too long", OURS(7), OURS(20), 7, { .old = 7, .size = 20, .more = 1 }, REFUSE_FORK, "no proof" },
	{ "much too long", OURS(7), OURS(20), 7, { .old = 7, .size = 20, .more = 100 }, REFUSE_FORK, "no proof" },
	{ "a hash where none is due", OURS(0), OURS(20), 0, { .more = 1 }, REFUSE_FORK, "no proof" },
	{ "first hash", OURS(7), OURS(20), 7, { .old = 7, .size = 20, .bit = 1 }, REFUSE_FORK, "no proof" },
	{ "second hash", OURS(7), OURS(20), 7, { .old = 7, .size = 20, .bit = 2 }, REFUSE_FORK, "no proof" },
	{ "to another size", OURS(7), OURS(20), 7, FROM(7, 19), REFUSE_FORK, "no proof" },
	{ "from another size", OURS(7), OURS(20), 7, FROM(6, 20), REFUSE_FORK, "no proof" },

	// Back.
	{ "one less", OURS(20), OURS(19), 20, { 0 }, REFUSE_ROLLBACK, "a head of 20 was signed" },
	{ "nothing left", OURS(20), OURS(0), 20, { 0 }, REFUSE_ROLLBACK, "has 0 entries" },
	{ "one less, from before", OURS(20), OURS(19), 7, FROM(7, 19), REFUSE_ROLLBACK, "a rollback" },
	{ "less and another", OURS(20), FORKED(19), 19, { 0 }, REFUSE_ROLLBACK, "a rollback" },

	// From elsewhere.
	{ "from before the mark", OURS(12), OURS(20), 7, FROM(7, 20), REFUSE_MARK, "head of 12" },
	{ "from behind the mark", OURS(7), OURS(20), 12, FROM(12, 20), REFUSE_MARK, "from 12 entries" },
	{ "from nothing", OURS(7), OURS(20), 0, { 0 }, REFUSE_MARK, "from 0 entries" },
	{ "the mark is gone", OURS(0), OURS(20), 7, FROM(7, 20), REFUSE_MARK, "head of 0" },

	// Time.
	{ "time back", OURS(7), { .size = 20, .late = -14 }, 7, FROM(7, 20), REFUSE_TIME, "time went back" },
	{ "same head, time back", OURS(20), { .size = 20, .late = -1 }, 20, { 0 }, REFUSE_TIME, "time went back" },
	{ "time back in a fork",
	  OURS(7),
	  { .log = CHANGED_5, .size = 20, .late = -14 },
	  7,
	  FROM(7, 20),
	  REFUSE_FORK,
	  "a fork" },
};

static struct head head_at(const struct at *at)
{
	struct head head = { .size = at->size, .root = logs[at->log].root[at->size] };

	if (at->size > 0)
		head.time = NOON + ((int64_t)at->size - 1 + at->late) * 1000;
	if (at->odd)
		head.root.bytes[0] ^= 1;
	return head;
}

static struct request ask(size_t i)
{
	const struct proven *proven = &cases[i].proof;
	struct request request = { .head = head_at(&cases[i].head), .old = cases[i].old };

	request.proof = proof_of(proven->log, proven->old, proven->size);
	request.proof.count = (size_t)((int)request.proof.count + proven->more);
	assert_true(request.proof.count <= PROOF_MAX);
	if (proven->bit)
		request.proof.hash[proven->bit - 1].bytes[31] ^= 1;
	return request;
}

static void decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct head mark = head_at(&cases[i].mark);
		struct request request = ask(i);
		struct err why = { 0 };
		enum verdict verdict;

		verdict = signing_decide(&mark, &request, &why);
		if (verdict != cases[i].verdict || !strstr(why.text, cases[i].words))
			fail_msg("%s: %d (%s)", cases[i].what, (int)verdict, why.text);
		if ((verdict == SIGN_ON || verdict == SIGN_AGAIN) != (verdict_code(verdict) == NULL) ||
		    (verdict_code(verdict) == NULL) != (why.text[0] == '\0'))
			fail_msg("%s: code and sentence go together", cases[i].what);
	}
}

// Every head of a log after every other of it, and none of it after one of the changed log that holds the change.
static void every_pair(void **state)
{
	(void)state;
	for (uint64_t old = 0; old <= LOG_SIZE; old++) {
		for (uint64_t size = old; size <= LOG_SIZE; size++) {
			struct head ours = head_at(&(struct at){ .log = OUR_LOG, .size = old });
			struct head other = head_at(&(struct at){ .log = CHANGED_5, .size = old });
			struct request request = { head_at(&(struct at){ .log = OUR_LOG, .size = size }), old,
				                   proof_of(OUR_LOG, old, size), NULL };

			assert_int_equal(signing_decide(&ours, &request, NULL), old == size ? SIGN_AGAIN : SIGN_ON);
			if (old > 5)
				assert_int_equal(signing_decide(&other, &request, NULL), REFUSE_FORK);
		}
	}
}

// --- the question ----------------------------------------------------------------------------------------------------

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define REQUEST(size, root, time, old, proof) \
	"{\"type\":\"send\",\"id\":\"1\",\"size\":" size ",\"root\":" root ",\"time\":" time ",\"old\":" old \
	",\"proof\":" proof "}"

static const struct {
	const char *frame, *words; // of the error; NULL when it is taken
} frames[] = {
	{ REQUEST("20", "\"" HASH "\"", "1795608000000", "7", "[\"" HASH "\",\"" HASH "\"]"), NULL },
	{ REQUEST("9007199254740992", "\"" HASH "\"", "0", "0", "[]"), NULL },
	{ REQUEST("9007199254740993", "\"" HASH "\"", "0", "0", "[]"), "\"size\" is too large" },
	{ REQUEST("-1", "\"" HASH "\"", "0", "0", "[]"), "negative" },
	{ REQUEST("20.0", "\"" HASH "\"", "0", "0", "[]"), "\"size\" must be a whole number" },
	{ REQUEST("20", "\"" HASH "\"", "-1", "0", "[]"), "negative" },
	{ REQUEST("20", "\"" HASH "\"", "0", "-1", "[]"), "negative" },
	{ REQUEST("20", "\"" HASH "\"", "\"2026\"", "0", "[]"), "\"time\" must be" },
	{ REQUEST("20", "\"" HASH "0\"", "0", "0", "[]"), "\"root\" holds" },
	{ REQUEST("20", "\"\"", "0", "0", "[]"), "\"root\" holds" },
	{ REQUEST("20", "\"zz" HASH "\"", "0", "0", "[]"), "\"root\" holds" },
	{ REQUEST("20", "7", "0", "0", "[]"), "\"root\" must be a string" },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "[7]"), "\"proof\" holds" },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "[\"" HASH "\",\"\"]"), "\"proof\" holds" },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "{}"), "\"proof\" must be a list" },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "[],\"more\":1"), "unknown key" },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "[],\"next\":\"a key\""), NULL },
	{ REQUEST("20", "\"" HASH "\"", "0", "0", "[],\"next\":7"), "\"next\" must be a string" },
	{ "{\"type\":\"send\",\"id\":\"1\"}", "\"size\" is missing" },
};

static void takes_frames_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(frames); i++) {
		_json_ json_t *frame = json_loads(frames[i].frame, 0, NULL);
		struct request request;
		struct err e = { 0 };
		int r = request_read(frame, &request, &e);

		assert_non_null(frame);
		if ((r == 0) != !frames[i].words ||
		    (r < 0 && (!strstr(e.text, frames[i].words) || e.code != EX_PROTOCOL)))
			fail_msg("%s: %d (%s)", frames[i].frame, r, e.text);
		if (i == 0) {
			assert_int_equal(request.head.size, 20);
			assert_int_equal(request.head.time, 1795608000000);
			assert_int_equal(request.head.root.bytes[31], 0xff);
			assert_int_equal(request.old, 7);
			assert_int_equal(request.proof.count, 2);
			assert_int_equal(request.proof.hash[1].bytes[1], 0x11);
		}
	}
}

static void bounds_the_proof(void **state)
{
	_json_ json_t *frame = json_loads(frames[1].frame, 0, NULL);
	struct request request;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < PROOF_MAX; i++)
		json_add_str(json_arr(frame, "proof"), HASH);
	assert_int_equal(request_read(frame, &request, &e), 0);
	json_add_str(json_arr(frame, "proof"), HASH);
	assert_int_equal(request_read(frame, &request, &e), -1);
	assert_non_null(strstr(e.text, "\"proof\" is too large"));
}

// --- the signature ---------------------------------------------------------------------------------------------------

// The checkpoint of the vectors, byte for byte.
static void signs_the_vector(void **state)
{
	static const char key[] =
	        "PRIVATE+KEY+example.com/countersign+6f595d8e+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
	static const char wanted[] =
	        "example.com/countersign\n20\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8=\n\n"
	        "\xe2\x80\x94 example.com/countersign "
	        "b1ldjuRkJ8gXGyOS7U6OJLSyGaMaYkdLuJbZ+vIo0GxoHZHXtK9vnwpRcQ69zkrjCkVCy/tbCLpNKCttlkvpO7/iNwA=\n";
	struct head head = { .size = 20, .time = NOON };
	struct note_signer signer;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(note_signer_read(key, &signer, &e), 0);
	hex_decode("59c0bc7ef0dc3e28e20fd2a37e709c3f1413656c5f3cc5a80b7a2475781a967f", head.root.bytes, DIGEST_SIZE);
	for (int i = 0; i < 2; i++) {
		_free_ char *note = signing_note(&signer, NULL, &head, &e);

		assert_non_null(note);
		assert_string_equal(note, wanted);
		head.time += 1000; // not in the note
	}
	note_signer_wipe(&signer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(every_pair),
		cmocka_unit_test(takes_frames_apart),
		cmocka_unit_test(bounds_the_proof),
		cmocka_unit_test(signs_the_vector),
	};

	return cmocka_run_group_tests(tests, make_logs, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// bot/witness_decide: every answer of add-checkpoint, against vectors made by other programs.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/witness_decide.h"

#define NOW 1767226800

// The witness of the vectors, and the log's own key, to sign what the vectors give as text alone.
struct fixture {
	json_t *vectors;
	struct witness_log log;
	struct witness witness;
	struct note_signer log_signer;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct buf text = BUF(1 << 20);
	uint8_t seed[NOTE_KEY];
	json_t *key;

	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/witness.json", &text, NULL), 0);
	f->vectors = json_read(text.data, text.len, NULL);
	buf_free(&text);
	key = json_obj(f->vectors, "witness_key");
	assert_int_equal(hex_decode(json_str(key, "seed_hex"), seed, NOTE_KEY), 0);
	assert_int_equal(note_signer_make(json_str(key, "name"), NOTE_COSIGNATURE, seed, &f->witness.signer, NULL), 0);
	key = json_obj(f->vectors, "log_key");
	assert_int_equal(note_signer_read(json_str(key, "skey_go_format"), &f->log_signer, NULL), 0);
	assert_int_equal(note_key_read(json_str(key, "vkey"), &f->log.keys[0], NULL), 0);
	f->log.key_count = 1;
	snprintf(f->log.origin, sizeof f->log.origin, "%s", f->log.keys[0].name);
	f->witness.logs = &f->log;
	f->witness.count = 1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->vectors);
	free(f);
	return 0;
}

// The signed checkpoint of that size.
static const char *head(const struct fixture *f, int size)
{
	json_t *list = json_arr(f->vectors, "checkpoints"), *c;
	size_t i;

	json_array_foreach(list, i, c)
		if (json_int(c, "size") == size)
			return json_str(c, "signed");
	fail_msg("no checkpoint of size %d", size);
	return NULL;
}

static struct witness_mark mark(const struct fixture *f, int size)
{
	_note_ struct note note = { 0 };
	struct checkpoint c = { 0 };

	if (size == 0)
		return (struct witness_mark){ 0 };
	assert_int_equal(note_read(head(f, size), strlen(head(f, size)), &note, NULL), 0);
	assert_int_equal(checkpoint_read(note.text, note.len, &c, NULL), 0);
	return (struct witness_mark){ .size = c.size, .root = c.root, .time = NOW - 60 };
}

static void ask(struct fixture *f, int at, const char *request, struct witness_answer *out)
{
	struct err e = { 0 };

	f->log.mark = mark(f, at);
	if (witness_decide(&f->witness, request, strlen(request), NOW, out, &e) < 0)
		fail_msg("%s", e.text);
}

static void is(struct fixture *f, int at, const char *request, int status)
{
	_witness_answer_ struct witness_answer a = { 0 };

	ask(f, at, request, &a);
	if ((int)a.status != status)
		fail_msg("%d instead of %d (%s) for\n%s", (int)a.status, status, a.body, request);
	assert_int_equal(a.body[strlen(a.body) - 1], '\n');
}

static void cosigns_as_the_vectors(void **state)
{
	struct fixture *f = *state;
	json_t *wanted = json_obj(f->vectors, "cosignature");
	_witness_answer_ struct witness_answer a = { 0 };

	ask(f, 8, json_str(f->vectors, "witness_request_old8_new20"), &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, json_str(wanted, "line"));
	assert_string_equal(a.kept, json_str(wanted, "checkpoint_with_cosignature"));
	assert_int_equal(a.next.size, 20);
	assert_int_equal(a.next.time, NOW);
	// Nothing was remembered by the decision itself.
	assert_int_equal(f->log.mark.size, 8);
}

#define PROOF \
	"nVrBlqtW+/TfgU2wfj6pMdsZwOCEQfd/hbGz73os7k4=\n" \
	"9flT8PCSGUp1D26IdlDyWQkV51mcfg0dhAMekOJJ2Sk=\n"

// A request before a checkpoint of the vectors.
static void answers(void **state)
{
	static const struct {
		int at;             // what was cosigned last
		const char *before; // the request up to the checkpoint
		int size;           // of the checkpoint
		int status;
		const char *body; // NULL: any
	} cases[] = {
		{ 0, "old 0\n\n", 8, 200, NULL },
		{ 0, "old 0\n\n", 0, 200, NULL },
		{ 8, "old 8\n\n", 8, 200, NULL },
		{ 8, "old 8\n" PROOF "\n", 20, 200, NULL },
		{ 20, "old 20\n\n", 20, 200, NULL },
		// What is known is told, whether the request is behind, ahead, or wants to go back.
		{ 8, "old 0\n\n", 20, 409, "8\n" },
		{ 8, "old 0\n\n", 8, 409, "8\n" },
		{ 8, "old 7\n" PROOF "\n", 20, 409, "8\n" },
		{ 7, "old 8\n" PROOF "\n", 20, 409, "7\n" },
		{ 0, "old 8\n" PROOF "\n", 20, 409, "0\n" },
		{ 20, "old 8\n\n", 8, 409, "20\n" },
		{ 20, "old 0\n\n", 0, 409, "20\n" },
		{ 20, "old 8\n" PROOF "\n", 20, 409, "20\n" },
		{ 20, "old 20\n\n", 8, 400, NULL },
		{ 8, "old 9223372036854775807\n\n", 20, 400, NULL },
		// Proofs that prove nothing.
		{ 8, "old 8\n\n", 20, 422, NULL },
		{ 8, "old 8\nnVrBlqtW+/TfgU2wfj6pMdsZwOCEQfd/hbGz73os7k4=\n\n", 20, 422, NULL },
		{ 8, "old 8\n" PROOF PROOF "\n", 20, 422, NULL },
		{ 8,
		  "old 8\n9flT8PCSGUp1D26IdlDyWQkV51mcfg0dhAMekOJJ2Sk=\n"
		  "nVrBlqtW+/TfgU2wfj6pMdsZwOCEQfd/hbGz73os7k4=\n\n",
		  20, 422, NULL },
		{ 7, "old 7\n" PROOF "\n", 20, 422, NULL },
		{ 0, "old 0\n" PROOF "\n", 20, 422, NULL },
		{ 8, "old 8\n" PROOF "\n", 8, 422, NULL },
		// What cannot be read.
		{ 8, "", 20, 400, NULL },
		{ 8, "\n", 20, 400, NULL },
		{ 8, "old\n\n", 20, 400, NULL },
		{ 8, "old \n\n", 20, 400, NULL },
		{ 8, "old  8\n\n", 20, 400, NULL },
		{ 8, "old 08\n" PROOF "\n", 20, 400, NULL },
		{ 0, "old 00\n\n", 20, 400, NULL },
		{ 8, "old +8\n" PROOF "\n", 20, 400, NULL },
		{ 8, "old -8\n" PROOF "\n", 20, 400, NULL },
		{ 8, "old 8 \n" PROOF "\n", 20, 400, NULL },
		{ 8, "Old 8\n" PROOF "\n", 20, 400, NULL },
		{ 8, "old 8\r\n" PROOF "\n", 20, 400, NULL },
		{ 8, "old 18446744073709551624\n" PROOF "\n", 20, 400, NULL },
		{ 8, "old 8\n" PROOF, 20, 400, NULL },
		{ 8, "old 8\nnVrBlqtW+/TfgU2wfj6pMdsZwOCEQfd/hbGz73os7k4\n\n", 20, 400, NULL },
		{ 8, "old 8\nc2hvcnQ=\n\n", 20, 400, NULL },
		{ 8, "old 8\nnot base64\n\n", 20, 400, NULL },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *request = text_format("%s%s", cases[i].before, head(*state, cases[i].size));
		_witness_answer_ struct witness_answer a = { 0 };

		is(*state, cases[i].at, request, cases[i].status);
		ask(*state, cases[i].at, request, &a);
		if (cases[i].body)
			assert_string_equal(a.body, cases[i].body);
		assert_false(a.fork);
		assert_int_equal(a.kept != NULL, cases[i].status == 200);
	}
}

static int status_of(const char *why)
{
	static const struct {
		const char *why;
		int status;
	} table[] = {
		{ "signature by right key over other text", 403 },
		{ "known key id, signature truncated to 63 bytes", 403 },
		{ "right name, unknown key id only: unverified, reject", 403 },
		{ "other origin", 404 },
	};

	for (size_t i = 0; i < LENGTH(table); i++)
		if (strcmp(table[i].why, why) == 0)
			return table[i].status;
	return 400;
}

static void rejects_as_the_vectors(void **state)
{
	struct fixture *f = *state;
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(f->vectors, "must_reject"), i, item) {
		const char *text = json_str_or_null(item, "text");
		_free_ char *line = text ? note_sign(&f->log_signer, text, strlen(text), 0, NULL) : NULL;
		_free_ char *note = text ? text_format("%s\n%s", text, line) : text_copy(json_str(item, "signed"));
		_free_ char *request = text_format("old 8\n" PROOF "\n%s", note);

		is(f, 8, request, status_of(json_str(item, "why")));
	}
	assert_int_equal(i, 11);
}

// Cut anywhere, it is malformed or, at worst, not signed.
static void no_part_of_a_request_passes(void **state)
{
	struct fixture *f = *state;
	const char *whole = json_str(f->vectors, "witness_request_old8_new20");

	f->log.mark = mark(f, 8);
	for (size_t len = 0; len < strlen(whole); len++) {
		_witness_answer_ struct witness_answer a = { 0 };

		assert_int_equal(witness_decide(&f->witness, whole, len, NOW, &a, NULL), 0);
		assert_int_equal(a.status, 400);
	}
}

// The same size and another root, by the log's own key: known and told apart from a mere conflict.
static void names_a_fork(void **state)
{
	struct fixture *f = *state;
	json_t *pair = json_arr(f->vectors, "fork_evidence_pair");

	for (int old = 0; old <= 20; old += 20) {
		_free_ char *request = text_format("old %d\n\n%s", old, json_string_value(json_array_get(pair, 1)));
		_witness_answer_ struct witness_answer a = { 0 };

		ask(f, 20, request, &a);
		assert_int_equal(a.status, 409);
		assert_string_equal(a.body, "20\n");
		assert_true(a.fork);
		assert_string_equal(a.kept, json_string_value(json_array_get(pair, 1)));
	}
}

// A clock that was set back: the cosignature's time stays where it was.
static void time_never_goes_back(void **state)
{
	struct fixture *f = *state;
	const char *request = json_str(f->vectors, "witness_request_old8_new20");
	_witness_answer_ struct witness_answer a = { 0 };

	f->log.mark = mark(f, 8);
	f->log.mark.time = NOW;
	assert_int_equal(witness_decide(&f->witness, request, strlen(request), 5, &a, NULL), 0);
	assert_int_equal(a.next.time, NOW);
	assert_string_equal(a.body, json_str(json_obj(f->vectors, "cosignature"), "line"));
}

// Two keys of one log: either will do.
static void a_second_key_counts(void **state)
{
	struct fixture *f = *state;
	struct note_key right = f->log.keys[0];

	f->log.keys[1] = right;
	f->log.keys[0].id[0] ^= 1;
	f->log.keys[0].public[0] ^= 1;
	is(f, 8, json_str(f->vectors, "witness_request_old8_new20"), 403);
	f->log.key_count = 2;
	is(f, 8, json_str(f->vectors, "witness_request_old8_new20"), 200);
	f->log.key_count = 1;
	f->log.keys[0] = right;
}

static void bounds(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf request = BUF(1 << 20), text = BUF(1 << 20);
	_free_ char *line = NULL;

	buf_puts(&request, "old 8\n");
	for (int i = 0; i < CONTINUATION_LINES_MAX + 1; i++)
		buf_puts(&request, "nVrBlqtW+/TfgU2wfj6pMdsZwOCEQfd/hbGz73os7k4=\n");
	buf_printf(&request, "\n%s", head(f, 20));
	is(f, 8, request.data, 400);
	buf_puts(&text, "example.com/countersign\n8\nF4LrMq+0r5BfC8akNDkdY4Ou4nVnCREntslvmcpKcv8=\n");
	while (text.len <= WITNESS_TEXT_MAX)
		buf_puts(&text, "extension\n");
	line = note_sign(&f->log_signer, text.data, text.len, 0, NULL);
	buf_free(&request);
	request = BUF(1 << 20);
	buf_printf(&request, "old 0\n\n%s\n%s", text.data, line);
	is(f, 0, request.data, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cosigns_as_the_vectors), cmocka_unit_test(answers),
		cmocka_unit_test(rejects_as_the_vectors), cmocka_unit_test(no_part_of_a_request_passes),
		cmocka_unit_test(names_a_fork),           cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(a_second_key_counts),    cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

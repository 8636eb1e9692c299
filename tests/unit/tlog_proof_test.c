// SPDX-License-Identifier: Apache-2.0
// Proofs in files: our vector byte for byte, and everything that proves nothing.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"

#define HASH "WcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8=\n"
#define NOTE "o\n1\n" HASH "\n\xe2\x80\x94 name QUJDREVG\n"
#define FIRST "c2sp.org/tlog-proof@v1\n"

struct vectors {
	json_t *notes, *log;
	const char *text, *leaf; // the proof, and the entry that it proves
	struct note_key key, witness;
};

static json_t *read_vectors(const char *path)
{
	struct buf text = BUF(1 << 20);
	json_t *value;

	assert_int_equal(file_read(path, &text, NULL), 0);
	value = json_read(text.data, text.len, NULL);
	assert_non_null(value);
	buf_free(&text);
	return value;
}

static int setup(void **state)
{
	static struct vectors v;

	v.notes = read_vectors(SOURCE_DIR "/tests/unit/vectors/notes.json");
	v.log = read_vectors(SOURCE_DIR "/tests/unit/vectors/log.json");
	v.text = json_str(json_obj(v.notes, "tlog_proof"), "text");
	v.leaf = json_str(json_array_get(json_arr(v.log, "leaves"), 5), "text");
	assert_int_equal(note_key_read(json_str(json_obj(v.notes, "log_key"), "vkey"), &v.key, NULL), 0);
	assert_int_equal(note_key_read(json_str(json_obj(v.notes, "witness_key"), "vkey"), &v.witness, NULL), 0);
	*state = &v;
	return 0;
}

static int teardown(void **state)
{
	struct vectors *v = *state;

	json_decref(v->notes);
	json_decref(v->log);
	return 0;
}

static void reads_and_writes_as_the_vector(void **state)
{
	const struct vectors *v = *state;
	_tlog_proof_ struct tlog_proof p = { 0 };
	struct checkpoint head;
	_note_ struct note note = { 0 };
	uint64_t time = 0;

	assert_int_equal(tlog_proof_read(v->text, strlen(v->text), &p, NULL), 0);
	assert_int_equal(p.index, 5);
	assert_int_equal(p.proof.count, 5);
	assert_null(p.extra);
	_free_ char *again = tlog_proof_text(&p);
	assert_string_equal(again, v->text);
	assert_int_equal(tlog_proof_check(&p, v->leaf, strlen(v->leaf), &v->key, &head, NULL), 0);
	assert_int_equal(head.size, 20);
	assert_string_equal(head.origin, "example.com/countersign");
	assert_int_equal(note_read(p.note, strlen(p.note), &note, NULL), 0); // the witness is in it
	assert_true(note_is_signed(&note, &v->witness, &time));
	assert_int_equal(time, 1767226800);
}

static void extra_data_comes_back(void **state)
{
	static const char extra[] = "\0any bytes\xff\n";
	const struct vectors *v = *state;
	_tlog_proof_ struct tlog_proof p = { 0 }, again = { 0 };

	assert_int_equal(tlog_proof_read(v->text, strlen(v->text), &p, NULL), 0);
	p.extra_len = sizeof extra - 1;
	p.extra = malloc(p.extra_len);
	memcpy(p.extra, extra, p.extra_len);
	_free_ char *text = tlog_proof_text(&p);
	assert_non_null(strstr(text, FIRST "extra AGFueSBieXRlc/8K\nindex 5\n"));
	assert_int_equal(tlog_proof_read(text, strlen(text), &again, NULL), 0);
	assert_int_equal(again.extra_len, sizeof extra - 1);
	assert_memory_equal(again.extra, extra, sizeof extra); // with a NUL behind
	assert_int_equal(tlog_proof_check(&again, v->leaf, strlen(v->leaf), &v->key, NULL, NULL), 0);
}

static void check_fails(const struct tlog_proof *p, const char *leaf, const struct note_key *key, const char *says)
{
	struct err e;

	assert_int_equal(tlog_proof_check(p, leaf, strlen(leaf), key, NULL, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_non_null(strstr(e.text, says));
}

static void proves_nothing_else(void **state)
{
	const struct vectors *v = *state;
	json_t *reject = json_arr(v->notes, "must_reject"), *row;
	_tlog_proof_ struct tlog_proof p = { 0 };
	struct note_key other = v->key;
	size_t i, k;

	assert_int_equal(tlog_proof_read(v->text, strlen(v->text), &p, NULL), 0);
	json_array_foreach(json_arr(v->log, "leaves"), i, row)
		if (i != 5)
			check_fails(&p, json_str(row, "text"), &v->key, "does not lead");
	check_fails(&p, "", &v->key, "does not lead");
	check_fails(&p, v->leaf, &v->witness, "is of the log"); // it is signed by it, but the log is another's
	other.public[0] ^= 1;
	check_fails(&p, v->leaf, &other, "not signed");
	for (p.index = 0; p.index < 20; p.index++)
		if (p.index != 5)
			check_fails(&p, v->leaf, &v->key, "does not lead");
	check_fails(&p, v->leaf, &v->key, "covers only 20");
	p.index = 5;
	for (i = 0; i < p.proof.count; i++) {
		p.proof.hash[i].bytes[i] ^= 1;
		check_fails(&p, v->leaf, &v->key, "does not lead");
		p.proof.hash[i].bytes[i] ^= 1;
	}
	p.proof.count--;
	check_fails(&p, v->leaf, &v->key, "does not lead");
	p.proof.count++;
	json_array_foreach(reject, k, row) { // under each note that must be refused
		if (!json_str_or_null(row, "signed"))
			continue;
		free(p.note);
		p.note = text_copy(json_str(row, "signed"));
		check_fails(&p, v->leaf, &v->key, "");
	}
}

// No bit of a proof can change without the proof being refused; but for a witness's line, which is his business.
static void every_bit_counts(void **state)
{
	const struct vectors *v = *state;
	_free_ char *text = text_copy(v->text);
	size_t len = (size_t)(strstr(text, "\xe2\x80\x94 witness") - text);

	text[len] = '\0';
	for (size_t i = 0; i < 8 * len; i++) {
		_tlog_proof_ struct tlog_proof p = { 0 };

		text[i / 8] ^= (char)(1 << i % 8);
		assert_false(tlog_proof_read(text, len, &p, NULL) == 0 &&
		             tlog_proof_check(&p, v->leaf, strlen(v->leaf), &v->key, NULL, NULL) == 0);
		text[i / 8] ^= (char)(1 << i % 8);
	}
	for (size_t cut = 0; cut <= len; cut++) {
		_tlog_proof_ struct tlog_proof p = { 0 };

		assert_int_equal(tlog_proof_read(text, cut, &p, NULL), cut == len ? 0 : -1);
	}
}

static void refuses_malformed_files(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "", "begins with" },
		{ "c2sp.org/tlog-proof@v1", "begins with" },
		{ "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE, "begins with" },
		{ "c2sp.org/tlog-proof@v1 \nindex 0\n\n" NOTE, "begins with" },
		{ "\n" FIRST "index 0\n\n" NOTE, "begins with" },
		{ FIRST, "index N" },
		{ FIRST "index\n\n" NOTE, "index N" },
		{ FIRST "index \n\n" NOTE, "index N" },
		{ FIRST "index 01\n\n" NOTE, "index N" },
		{ FIRST "index -1\n\n" NOTE, "index N" },
		{ FIRST "index 0 \n\n" NOTE, "index N" },
		{ FIRST "index  0\n\n" NOTE, "index N" },
		{ FIRST "Index 0\n\n" NOTE, "index N" },
		{ FIRST "index 9223372036854775808\n\n" NOTE, "index N" },
		{ FIRST HASH "\n" NOTE, "index N" },
		{ FIRST "extra QQ==\n\n" NOTE, "index N" },
		{ FIRST "extra QQ==\nextra QQ==\nindex 0\n\n" NOTE, "index N" },
		{ FIRST "extra\nindex 0\n\n" NOTE, "index N" },
		{ FIRST "extra \nindex 0\n\n" NOTE, "no base64" },
		{ FIRST "extra Q\nindex 0\n\n" NOTE, "no base64" },
		{ FIRST "extra QR==\nindex 0\n\n" NOTE, "no base64" },
		{ FIRST "index 0\nextra QQ==\n\n" NOTE, "hash 1 " },
		{ FIRST "index 0\n" HASH "short=\n\n" NOTE, "hash 2 " },
		{ FIRST "index 0\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8\n\n" NOTE, "hash 1 " },
		{ FIRST "index 0\n" NOTE, "hash 1 " },
		{ FIRST "index 0\n" HASH, "no empty line before its checkpoint" },
		{ FIRST "index 0\n\n", "no empty line before its signatures" },
		{ FIRST "index 0\n\n\n", "no empty line before its signatures" },
		{ FIRST "index 0\n\no\n1\n" HASH, "no empty line before its signatures" },
		{ FIRST "index 0\n\n" NOTE "more", "signature 2" },
		{ FIRST "index 0\r\n\n" NOTE, "index N" },
	};
	_tlog_proof_ struct tlog_proof good = { 0 };

	assert_int_equal(tlog_proof_read(FIRST "index 0\n\n" NOTE, strlen(FIRST "index 0\n\n" NOTE), &good, NULL), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct tlog_proof p;
		struct err e;

		assert_int_equal(tlog_proof_read(cases[i].text, strlen(cases[i].text), &p, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, cases[i].says));
		assert_null(p.extra);
		assert_null(p.note);
	}
	(void)state;
}

static void bounds(void **state)
{
	struct buf text = BUF(1 << 20);
	struct tlog_proof p;
	struct err e;

	buf_puts(&text, FIRST "index 0\n");
	for (size_t i = 0; i < PROOF_MAX; i++)
		buf_puts(&text, HASH);
	buf_puts(&text, "\n" NOTE);
	assert_int_equal(tlog_proof_read(text.data, text.len, &p, &e), 0);
	assert_int_equal(p.proof.count, PROOF_MAX);
	tlog_proof_free(&p);
	text.len = 0;
	buf_puts(&text, FIRST "index 0\n");
	for (size_t i = 0; i <= PROOF_MAX; i++)
		buf_puts(&text, HASH);
	buf_puts(&text, "\n" NOTE);
	assert_int_equal(tlog_proof_read(text.data, text.len, &p, &e), -1);
	assert_string_equal(e.text, "the proof has more than 128 hashes");
	text.len = 0;
	while (text.len <= TLOG_PROOF_MAX)
		buf_puts(&text, HASH);
	assert_int_equal(tlog_proof_read(text.data, text.len, &p, &e), -1);
	assert_string_equal(e.text, "the proof has more than 262144 bytes");
	buf_free(&text);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_as_the_vector),
		cmocka_unit_test(extra_data_comes_back),
		cmocka_unit_test(proves_nothing_else),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(refuses_malformed_files),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

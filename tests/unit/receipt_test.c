// SPDX-License-Identifier: Apache-2.0
// Receipts: what is made from the log holds alone, and nothing that was altered does.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/tlog_proof.h"
#include "bot/receipt.h"
#include "store/sql.h"
#include "tests/unit/sealed_log.h"

#define ENTRIES 11

static int setup(void **state)
{
	struct sealed_log *l = sealed_make();

	for (int i = 0; i < ENTRIES; i++)
		sealed_vote(l, i == 4 ? "the vendor offers\x1b[2J \xe2\x80\xae a licence" : "it is fine");
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	sealed_free(*state);
	return 0;
}

static char *make(struct sealed_log *l, uint64_t seq)
{
	struct err e = { 0 };
	char *text = receipt_make(l->db, seq, &l->signer.key, &e);

	if (!text)
		fail_msg("%s", e.text);
	return text;
}

static void refused(const char *text, const struct note_key *pinned, int code, const char *says)
{
	_receipt_ struct receipt r;
	struct err e = { 0 };

	assert_int_equal(receipt_check(text, strlen(text), pinned, &r, &e), -1);
	assert_int_equal(e.code, code);
	if (!strstr(e.text, says))
		fail_msg("'%s' does not say '%s'", e.text, says);
}

static void holds_alone(void **state)
{
	struct sealed_log *l = *state;

	sealed_keep(l, true);
	for (uint64_t seq = 0; seq < ENTRIES; seq++) {
		_free_ char *text = make(l, seq);

		for (int pinned = 0; pinned < 2; pinned++) {
			_receipt_ struct receipt r;
			struct err e = { 0 };

			if (receipt_check(text, strlen(text), pinned ? &l->signer.key : NULL, &r, &e) < 0)
				fail_msg("%s", e.text);
			assert_int_equal(r.entry.seq, seq);
			assert_string_equal(r.entry.case_id, "CS-1");
			assert_string_equal(json_str(r.body, "verdict"), "reject");
			assert_int_equal(r.pinned, pinned);
			assert_int_equal(r.head.size, ENTRIES);
			assert_string_equal(r.proof_key, l->key);
		}
	}
}

static void waits_for_a_checkpoint(void **state)
{
	struct sealed_log *l = *state;
	struct err e = { 0 };

	assert_null(receipt_make(l->db, 3, &l->signer.key, &e));
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_string_equal(e.text, "no signed checkpoint covers entry 3 yet: there is none at all");
	sealed_keep(l, true);
	sealed_vote(l, "later");
	assert_null(receipt_make(l->db, ENTRIES, &l->signer.key, &e));
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_null(receipt_make(l->db, ENTRIES + 1, &l->signer.key, &e));
	assert_int_equal(e.code, EX_NOINPUT);
}

static void makes_none_under_another_key(void **state)
{
	struct sealed_log *l = *state;
	struct err e = { 0 };

	sealed_keep(l, false);
	assert_null(receipt_make(l->db, 3, &l->signer.key, &e));
	assert_int_equal(e.code, EX_DATAERR);
}

static void leaves_out_an_erased_body(void **state)
{
	struct sealed_log *l = *state;
	_free_ char *text = NULL, *words = NULL;
	_receipt_ struct receipt r;
	struct err e = { 0 };

	sealed_keep(l, true);
	assert_int_equal(sqlite3_exec(l->db->handle, "UPDATE entry SET body = NULL, salt = NULL", 0, 0, 0), SQLITE_OK);
	text = make(l, 3);
	assert_int_equal(receipt_check(text, strlen(text), NULL, &r, &e), 0);
	assert_null(r.body);
	words = receipt_words(&r);
	assert_non_null(strstr(words, "The rest of the entry is not in this receipt: it was erased, or is too large"));
}

// The proof of the entry stands without it.
static void leaves_out_a_body_that_has_no_room(void **state)
{
	static const struct {
		size_t len;
		bool whole;
	} cases[] = { { 100000, true }, { 140000, false }, { 1 << 20, false } };
	struct sealed_log *l = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *why = malloc(cases[i].len + 1), *text = NULL, *words = NULL;
		_receipt_ struct receipt r;

		assert_non_null(why);
		memset(why, 'x', cases[i].len);
		why[cases[i].len] = '\0';
		sealed_vote(l, why);
		sealed_keep(l, true);
		text = make(l, ENTRIES + i);
		assert_true(strlen(text) <= TLOG_PROOF_MAX);
		assert_int_equal(receipt_check(text, strlen(text), &l->signer.key, &r, NULL), 0);
		assert_int_equal(r.body != NULL, cases[i].whole);
		words = receipt_words(&r);
		assert_int_equal(strstr(words, json_str(r.leaf, "body")) != NULL, !cases[i].whole);
	}
}

// One member of the extra data is given another value; the rest stays as it was.
static char *with_member(const char *text, const char *name, const char *value)
{
	_tlog_proof_ struct tlog_proof p;
	_json_ json_t *extra = NULL;

	assert_int_equal(tlog_proof_read(text, strlen(text), &p, NULL), 0);
	extra = json_read(p.extra, p.extra_len, NULL);
	if (value)
		json_put_str(extra, name, value);
	else
		json_object_del(extra, name);
	free(p.extra);
	p.extra = json_canonical(extra, &p.extra_len, NULL);
	return tlog_proof_text(&p);
}

static void finds_what_was_altered(void **state)
{
	static const struct {
		const char *name, *value, *says;
		int code;
	} cases[] = {
		{ "body", "{\"verdict\":\"approve\"}", "the body in the receipt is not the one", EX_DATAERR },
		{ "body", NULL, "has no body with a salt", EX_DATAERR },
		{ "salt", NULL, "has no body with a salt", EX_DATAERR },
		{ "salt", "00", "has no body with a salt", EX_DATAERR },
		{ "leaf", "{}", "does not lead from this entry", EX_DATAERR },
		{ "leaf", NULL, "leaf", EX_DATAERR },
		{ "key", "rubbish", "the receipt's key", EX_DATAERR },
		{ "key", NULL, "give the log's with --key", EX_USAGE },
		{ "more", "x", "more", EX_DATAERR },
	};
	struct sealed_log *l = *state;
	_free_ char *text = NULL;

	sealed_keep(l, true);
	text = make(l, 4);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *altered = with_member(text, cases[i].name, cases[i].value);

		refused(altered, NULL, cases[i].code, cases[i].says);
	}
	refused(text, &l->stranger.key, EX_DATAERR, "not signed by the key");
	refused("c2sp.org/tlog-proof@v1\n", NULL, EX_DATAERR, "index");
	refused("", NULL, EX_DATAERR, "tlog-proof");
}

// Even of the key that it names, when no other is given.
static void every_byte_counts(void **state)
{
	struct sealed_log *l = *state;
	_free_ char *text = NULL;
	size_t len;

	sealed_keep(l, true);
	text = make(l, 4);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		_receipt_ struct receipt r;
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(receipt_check(text, len, NULL, &r, NULL), -1);
		text[i] = was;
	}
}

static void a_stranger_can_only_use_a_key_of_theirs(void **state)
{
	struct sealed_log *l = *state;
	_free_ char *text = NULL, *forged = NULL;
	_receipt_ struct receipt r;
	_free_ char *words = NULL;

	sealed_keep(l, false);
	text = receipt_make(l->db, 4, &l->stranger.key, NULL);
	assert_non_null(text);
	assert_int_equal(receipt_check(text, strlen(text), NULL, &r, NULL), 0);
	words = receipt_words(&r);
	assert_non_null(strstr(words, "compare it with the key that the"));
	forged = with_member(text, "key", l->key);
	refused(forged, NULL, EX_DATAERR, "not signed by the key");
	refused(text, &l->signer.key, EX_DATAERR, "not signed by the key");
}

static void says_what_was_decided(void **state)
{
	static const char *const lines[] = {
		"An entry of type audit.queried\n",
		"  Who        person:ann\n",
		"  Name       Ann Okafor\n",
		"  Case       CS-1\n",
		"  Version    2\n",
		"  When       2026-01-01T00:00:00.000Z\n",
		"  Via        mail\n",
		"  Content    de7180f8fb93863923e7cc01517955407e80623b46ae9d5a\n",
		"This is entry 4 of the log example.com/countersign, as it stood with 11 entries and the root\n",
		"That head is signed by the key that you gave,\n",
		"  Grounds    the vendor offers\xef\xbf\xbd[2J \xef\xbf\xbd a licence\n", // nothing reaches the
		                                                                          // terminal
	};
	struct sealed_log *l = *state;
	_free_ char *text = NULL, *words = NULL;
	_receipt_ struct receipt r;
	_json_ json_t *view = NULL;

	sealed_keep(l, true);
	text = make(l, 4);
	assert_int_equal(receipt_check(text, strlen(text), &l->signer.key, &r, NULL), 0);
	words = receipt_words(&r);
	for (size_t i = 0; i < LENGTH(lines); i++)
		if (!strstr(words, lines[i]))
			fail_msg("'%s' is not in:\n%s", lines[i], words);
	view = receipt_view(&r);
	assert_true(json_bool(view, "ok"));
	assert_int_equal(json_int(view, "entry"), 4);
	assert_string_equal(json_str(view, "key"), l->key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(waits_for_a_checkpoint, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_none_under_another_key, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_out_an_erased_body, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_out_a_body_that_has_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_what_was_altered, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stranger_can_only_use_a_key_of_theirs, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_was_decided, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// A log whose key was changed: its heads, a kept one, and receipts from before and after, for whoever knows either key.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/config.h"
#include "bot/heads.h"
#include "bot/receipt.h"
#include "store/rotations.h"
#include "store/sql.h"
#include "tests/unit/sealed_log.h"

struct fixture {
	struct sealed_log *log; // signer: the first key; stranger: the second
	struct config config;
	char *early, *late; // receipts of entry 1, from before the change and after it
	uint64_t turn;      // entry that changed it
};

static void commit(struct fixture *f)
{
	assert_int_equal(db_commit(f->log->db, NULL), 0);
	assert_int_equal(db_begin(f->log->db, "test", NULL), 0);
}

static void rotate(struct fixture *f, const struct note_key *old, const struct note_key *next)
{
	_free_ char *before = note_key_text(old), *after = note_key_text(next);
	_json_ json_t *event = event_new("key.rotated", "person:ira", "cli", NULL, 0,
	                                 json_pack("{ss ss}", "old", before, "new", after));

	assert_int_equal(log_append(f->log->db, event, STORY_START, &f->turn, NULL), 0);
}

static void keep_both(struct fixture *f)
{
	_free_ char *first = sealed_head(f->log, true), *second = sealed_head(f->log, false);
	_free_ char *both = text_format("%s%s", first, strstr(second, "\n\n") + 2);
	struct digest root = log_root(f->log->db);

	assert_int_equal(checkpoint_add(f->log->db, log_size(f->log->db), &root, both, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	static char origin[] = SEALED_ORIGIN;

	f->log = sealed_make();
	f->config = (struct config){
		.state = f->log->path, .dir = f->log->path, .log_origin = origin, .log_public = f->log->key
	};
	for (int i = 0; i < 5; i++)
		sealed_vote(f->log, "before");
	sealed_keep(f->log, true);
	f->early = receipt_make(f->log->db, 1, &f->log->signer.key, NULL);
	assert_non_null(f->early);
	rotate(f, &f->log->signer.key, &f->log->stranger.key);
	keep_both(f);
	for (int i = 0; i < 5; i++)
		sealed_vote(f->log, "after");
	sealed_keep(f->log, false);
	f->late = receipt_make(f->log->db, 1, &f->log->signer.key, NULL);
	assert_non_null(f->late);
	commit(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sealed_free(f->log);
	free(f->early);
	free(f->late);
	free(f);
	return 0;
}

// --- heads -----------------------------------------------------------------------------------------------------------

static void check(struct fixture *f, const char *says, uint64_t unintroduced)
{
	struct heads_result heads;
	struct err e = { 0 };
	int r = heads_check(&f->config, &heads, &e);

	if ((r == 0) != !says || (says && !strstr(e.text, says)))
		fail_msg("%d: %s", r, e.text);
	if (!says)
		assert_int_equal(heads.unintroduced, unintroduced);
}

static void counts_heads_under_the_key_of_their_size(void **state)
{
	struct fixture *f = *state;
	_free_ char *second = note_key_text(&f->log->stranger.key);

	check(f, NULL, 0);
	f->config.log_public = second; // either key of the log will do
	check(f, NULL, 0);
	sealed_vote(f->log, "sealed by whoever got hold of the old key");
	sealed_keep(f->log, true);
	commit(f);
	check(f, "row size=12: it is not signed by the key", 0);
}

static void tells_that_an_introduction_is_gone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sql_exec(f->log->db, "DELETE FROM checkpoint WHERE size = 6", NULL), 0);
	commit(f);
	check(f, NULL, 1);
}

static void refuses_a_head_of_the_turn_by_one_key(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	        sql_exec(f->log->db,
	                 "UPDATE checkpoint SET note = substr(note, 1, instr(note, x'0a0a') + 1) ||"
	                 " substr(note, instr(note, x'0a0a') + 2 + (length(note) - instr(note, x'0a0a') - 1) / 2)"
	                 " WHERE size = 6",
	                 NULL),
	        0);
	commit(f);
	check(f, "row size=6: it is not signed by the log's key", 0);
}

static void a_key_out_of_nowhere_is_told(void **state)
{
	struct fixture *f = *state;
	const uint8_t seed[NOTE_KEY] = { 9 };
	struct note_signer third;
	_free_ char *key = NULL;

	note_signer_make(SEALED_ORIGIN, NOTE_ED25519, seed, &third, NULL);
	key = note_key_text(&third.key);
	f->config.log_public = key;
	check(f, "log.public: the log names its keys in its key.rotated entries", 0);
}

static void follows_what_the_leaf_commits_to(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	        sql_exec(
	                f->log->db,
	                "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'old', 'new') AS BLOB) WHERE seq = 5",
	                NULL),
	        0);
	commit(f);
	check(f, "entry 5, key.rotated", 0);
}

// --- receipts --------------------------------------------------------------------------------------------------------

static void holds(const char *text, const struct note_key *key, const struct epochs *known, const char *says)
{
	_receipt_ struct receipt r = { 0 };
	struct err e = { 0 };
	int found = receipt_check_among(text, strlen(text), key, known, &r, &e);

	if ((found == 0) != !says || (says && !strstr(e.text, says)))
		fail_msg("%d: %s", found, e.text);
	if (!says) {
		_free_ char *words = receipt_words(&r);
		_json_ json_t *view = receipt_view(&r);

		assert_non_null(strstr(words, r.pinned ? "you gave" : "came with the receipt"));
		assert_string_not_equal(json_str(view, "signer"), "");
	}
}

static void receipts_hold_for_whoever_knows_either_key(void **state)
{
	const struct fixture *f = *state;
	const struct note_key *first = &f->log->signer.key, *second = &f->log->stranger.key;
	_receipt_ struct receipt later = { 0 };

	holds(f->early, NULL, NULL, NULL);
	holds(f->early, first, NULL, NULL);
	holds(f->early, second, NULL, "is not signed by the key");
	holds(f->late, NULL, NULL, NULL);
	holds(f->late, first, NULL, NULL);
	holds(f->late, second, NULL, NULL);
	assert_int_equal(receipt_check(f->late, strlen(f->late), second, &later, NULL), 0);
	assert_int_equal(later.keys.count, 2);
	holds(f->early, second, &later.keys, NULL);
}

// The text with one string put for another, in what `extra` says.
static char *altered(const char *text, const char *name, json_t *(*alter)(json_t *list))
{
	_tlog_proof_ struct tlog_proof p = { .index = 0 };
	_json_ json_t *extra = NULL;

	assert_int_equal(tlog_proof_read(text, strlen(text), &p, NULL), 0);
	extra = json_read(p.extra, p.extra_len, NULL);
	json_put(extra, name, alter(json_object_get(extra, name)));
	free(p.extra);
	p.extra = json_canonical(extra, &p.extra_len, NULL);
	return tlog_proof_text(&p);
}

static json_t *none(json_t *list)
{
	(void)list;
	return json_array();
}

static json_t *twice(json_t *list)
{
	return json_pack("[O, O]", json_array_get(list, 0), json_array_get(list, 0));
}

static json_t *rubbish(json_t *list)
{
	(void)list;
	return json_pack("[s]", "c2sp.org/tlog-proof@v1\n");
}

static json_t *unsigned_by_one(json_t *list)
{
	_free_ char *text = text_copy(json_string_value(json_array_get(list, 0)));

	*strrchr(text, '=') = 'A';
	return json_pack("[s]", text);
}

static void follows_proven_changes_alone(void **state)
{
	static const struct {
		json_t *(*alter)(json_t *list);
		const char *says;
	} cases[] = {
		{ none, "not signed by the key" },
		{ twice, "number 2: entry 5 replaces another key" },
		{ rubbish, "number 1: " },
		{ unsigned_by_one, "number 1: " },
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *text = altered(f->late, "keys", cases[i].alter);

		holds(text, &f->log->signer.key, NULL, cases[i].says);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(counts_heads_under_the_key_of_their_size),
		TEST(tells_that_an_introduction_is_gone),
		TEST(refuses_a_head_of_the_turn_by_one_key),
		TEST(a_key_out_of_nowhere_is_told),
		TEST(follows_what_the_leaf_commits_to),
		TEST(receipts_hold_for_whoever_knows_either_key),
		TEST(follows_proven_changes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

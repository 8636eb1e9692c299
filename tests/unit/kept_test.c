// SPDX-License-Identifier: Apache-2.0
// A checkpoint that somebody kept against the log as it is: each way in which the two can part has its name.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/continuation.h"
#include "bot/config.h"
#include "bot/heads.h"
#include "bot/kept.h"
#include "bot/receipt.h"
#include "store/sql.h"
#include "tests/unit/sealed_log.h"

#define ENTRIES 11

static char origin[] = SEALED_ORIGIN, secret_name[] = "file:log.key";

struct fixture {
	struct sealed_log *log;
	struct config config; // nothing of it is owned
	char *file;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->log = sealed_make();
	for (int i = 0; i < ENTRIES; i++)
		sealed_vote(f->log, "it is fine");
	f->config = (struct config){
		.state = f->log->path, .dir = f->log->path, .log_origin = origin, .log_public = f->log->key
	};
	f->file = text_format("%s/kept", f->log->path);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sealed_free(f->log);
	free(f->file);
	free(f);
	return 0;
}

static void keep(struct fixture *f, const char *text)
{
	struct err e = { 0 };

	if (file_replace(f->file, text, strlen(text), 0600, &e) < 0)
		fail_msg("%s", e.text);
}

static void run_sql(struct fixture *f, const char *sql)
{
	if (sqlite3_exec(f->log->db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(f->log->db->handle));
}

static void judged(struct fixture *f, enum kept_verdict expected, const char *says)
{
	_kept_ struct kept k;
	enum kept_verdict verdict = KEPT_HOLDS;
	bool unchecked;
	struct err e = { 0 };

	if (kept_read(f->file, &k, &e) < 0 || kept_judge_signature(&k, &f->config, &verdict, &unchecked, &e) < 0 ||
	    (verdict == KEPT_HOLDS && kept_judge(&k, f->log->db, &verdict, &e) < 0))
		fail_msg("%s", e.text);
	assert_string_equal(kept_word(verdict), kept_word(expected));
	if (expected != KEPT_HOLDS && !strstr(e.text, says))
		fail_msg("'%s' does not say '%s'", e.text, says);
}

static void holds_while_the_log_grows(void **state)
{
	struct fixture *f = *state;
	_free_ char *note = sealed_head(f->log, true);

	keep(f, note);
	judged(f, KEPT_HOLDS, NULL);
	sealed_vote(f->log, "later");
	judged(f, KEPT_HOLDS, NULL);
}

// As a mail's attachment: a receipt has the checkpoint in it, and a mail program may have changed the line ends.
static void is_read_from_what_people_have(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf mailed = BUF(NOTE_MAX * 4);
	_free_ char *receipt = NULL;

	sealed_keep(f->log, true);
	receipt = receipt_make(f->log->db, 3, &f->log->signer.key, NULL);
	keep(f, receipt);
	judged(f, KEPT_HOLDS, NULL);
	for (const char *at = receipt; *at; at++)
		buf_printf(&mailed, *at == '\n' ? "\r%c" : "%c", *at);
	keep(f, buf_text(&mailed));
	judged(f, KEPT_HOLDS, NULL);
}

// What `log prove --since` writes, and the checkpoint mail has attached.
static void is_read_from_a_proof_of_consistency(void **state)
{
	struct fixture *f = *state;
	_free_ char *note = sealed_head(f->log, true), *text = NULL;
	struct proof proof = { 0 };

	assert_int_equal(log_prove_consistency(f->log->db, 5, ENTRIES, &proof, NULL), 0);
	text = continuation_text(5, &proof, note);
	keep(f, text);
	judged(f, KEPT_HOLDS, NULL);
	sealed_vote(f->log, "later");
	judged(f, KEPT_HOLDS, NULL);
	run_sql(f, "UPDATE entry SET leaf = CAST(replace(leaf, 'person:ann', 'person:bob') AS BLOB) WHERE seq = 5");
	judged(f, KEPT_FORK, "FORK: the log's first 11 entries have the root ");
}

// Of entries whose tree was made to fit, and of a leaf alone.
static void finds_a_fork(void **state)
{
	struct fixture *f = *state;
	_free_ char *note = sealed_head(f->log, true);

	keep(f, note);
	run_sql(f, "UPDATE entry SET leaf = CAST(replace(leaf, 'person:ann', 'person:bob') AS BLOB) WHERE seq = 5");
	judged(f, KEPT_FORK, "FORK: the log's first 11 entries have the root ");
}

static void finds_a_rollback(void **state)
{
	struct fixture *f = *state;
	struct digest root = { { 0 } };
	_free_ char *note = sealed_note(&f->log->signer, SEALED_ORIGIN, ENTRIES + 3, &root);

	keep(f, note);
	judged(f, KEPT_ROLLBACK, "ROLLBACK: the log has 11 entries; in ");
	judged(f, KEPT_ROLLBACK, "it had 14. Entries 11 to 13 are gone");
}

static void finds_a_hole(void **state)
{
	struct fixture *f = *state;
	_free_ char *note = sealed_head(f->log, true);

	keep(f, note);
	run_sql(f, "DELETE FROM history");
	run_sql(f, "UPDATE entry SET seq = 99 WHERE seq = 4");
	judged(f, KEPT_DAMAGED, "entry 4 is missing");
}

static void finds_another_log_and_another_key(void **state)
{
	struct fixture *f = *state;
	struct digest root = log_root(f->log->db);
	_free_ char *stranger = sealed_head(f->log, false), *other = NULL;

	keep(f, stranger);
	judged(f, KEPT_UNSIGNED, "is not signed by the log's key " SEALED_ORIGIN "+");
	other = sealed_note(&f->log->signer, "example.com/other", ENTRIES, &root);
	keep(f, other);
	judged(f, KEPT_OTHER_LOG, "is a checkpoint of the log example.com/other, not of " SEALED_ORIGIN);
}

static void says_when_nobody_knows_the_key(void **state)
{
	struct fixture *f = *state;
	_free_ char *stranger = sealed_head(f->log, false);
	_kept_ struct kept k;
	enum kept_verdict verdict;
	bool unchecked;
	struct err e = { 0 };

	f->config.log_public = NULL;
	keep(f, stranger);
	assert_int_equal(kept_read(f->file, &k, &e), 0);
	assert_int_equal(kept_judge_signature(&k, &f->config, &verdict, &unchecked, &e), 0);
	assert_true(unchecked);
	assert_int_equal(verdict, KEPT_HOLDS);
	assert_non_null(strstr(e.text, "names no key of the log"));
}

// Who may read the secret key needs no public one.
static void takes_the_public_key_from_the_secret_one(void **state)
{
	struct fixture *f = *state;
	_free_ char *path = text_format("%s/log.key", f->log->path), *secret = note_signer_text(&f->log->signer);
	_free_ char *stranger = sealed_head(f->log, false);

	f->config.log_public = NULL;
	f->config.log_key = secret_name;
	assert_int_equal(file_replace(path, secret, strlen(secret), 0600, NULL), 0);
	keep(f, stranger);
	judged(f, KEPT_UNSIGNED, "is not signed by the log's key");
}

static void reads_no_rubbish(void **state)
{
	static const char *const texts[] = { "", "rubbish\n", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\n",
		                             SEALED_ORIGIN "\n11\n" };
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		_kept_ struct kept k;
		struct err e = { 0 };

		keep(f, texts[i]);
		assert_int_equal(kept_read(f->file, &k, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, "holds no checkpoint"));
	}
}

// --- checkpoints that the log itself keeps ---------------------------------------------------------------------------

static void checks(struct fixture *f, uint64_t count, const char *says)
{
	struct heads_result heads;
	struct err e = { 0 };
	int r = heads_check(&f->config, &heads, &e);

	if (!says && r < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r, says ? -1 : 0);
	assert_int_equal(heads.count, count);
	if (!says)
		return;
	assert_int_equal(e.code, EX_DATAERR);
	assert_string_equal(e.text, says);
}

static void commit(struct fixture *f)
{
	assert_int_equal(db_commit(f->log->db, NULL), 0);
	assert_int_equal(db_begin(f->log->db, "test", NULL), 0);
}

static void verifies_every_head_of_the_log(void **state)
{
	struct fixture *f = *state;

	commit(f);
	checks(f, 0, NULL);
	sealed_keep(f->log, true);
	sealed_vote(f->log, "more");
	sealed_keep(f->log, true);
	commit(f);
	checks(f, 2, NULL);
	sealed_vote(f->log, "more");
	sealed_keep(f->log, false);
	commit(f);
	checks(f, 2, "checkpoint: row size=13: it is not signed by the log's key " SEALED_ORIGIN "+e002ddb3");
	run_sql(f, "UPDATE checkpoint SET size = 10 WHERE size = 11");
	commit(f);
	checks(f, 0, "checkpoint: row size=10: its note is of another size or root than its row");
	run_sql(f, "UPDATE checkpoint SET note = 'rubbish' WHERE size = 10");
	commit(f);
	checks(f, 0, "checkpoint: row size=10: the note has no empty line before its signatures");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_while_the_log_grows, setup, teardown),
		cmocka_unit_test_setup_teardown(is_read_from_what_people_have, setup, teardown),
		cmocka_unit_test_setup_teardown(is_read_from_a_proof_of_consistency, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_a_fork, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_a_rollback, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_a_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_another_log_and_another_key, setup, teardown),
		cmocka_unit_test_setup_teardown(says_when_nobody_knows_the_key, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_the_public_key_from_the_secret_one, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_no_rubbish, setup, teardown),
		cmocka_unit_test_setup_teardown(verifies_every_head_of_the_log, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

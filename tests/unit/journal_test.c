// SPDX-License-Identifier: Apache-2.0
// The leaf journal: each commit stands in it before it is one, a replay gives the same log and the same work in hand,
// and what is torn, altered, missing or of another log is told apart.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"
#include "store/journal_frame.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

struct place {
	char *state, *other, *journal;
	struct story story;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	*p = (struct place){ .state = state_make(), .other = state_make(), .story = story_begin(7) };
	p->journal = path_join(p->other, "journal");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	state_remove(&p->state);
	state_remove(&p->other);
	free(p->journal);
	free(p);
	return 0;
}

static struct db *open_with(const char *state, const char *journal)
{
	struct err e = { 0 };
	struct db *db = db_open(state, DB_WRITE, &e);

	if (!db || (journal && journal_open(db, journal, &e) < 0))
		fail_msg("%s", e.text);
	return db;
}

static void tell(struct db *db, struct story *s, int commits, int steps)
{
	struct err e = { 0 };

	for (int i = 0; i < commits; i++) {
		if (db_begin(db, "test", &e) < 0)
			fail_msg("%s", e.text);
		for (int k = 0; k < steps; k++)
			if (story_step(s, db, &e) < 0)
				fail_msg("%s", e.text);
		if (db_commit(db, &e) < 0)
			fail_msg("%s", e.text);
	}
}

// A state of its own with what the journal gives.
static int replay_anew(struct place *p, struct digest *root, struct journal_replayed *n, struct err *e)
{
	char *fresh = state_make();
	struct db *db = open_with(fresh, NULL);
	struct verify_result v;
	int failed = journal_replay(db, p->journal, 0, UINT64_MAX, n, e);
	struct err why = { 0 };

	*root = log_root(db);
	db_close(&db);
	if (log_verify(fresh, &v, &why) < 0)
		fail_msg("what was replayed does not verify: %s", why.text);
	state_remove(&fresh);
	return failed;
}

static char *only_segment(struct place *p)
{
	uint64_t *firsts;
	struct err e = { 0 };
	size_t count;
	char *path;

	assert_int_equal(journal_segments(p->journal, &firsts, &count, &e), 0);
	assert_int_equal(count, 1);
	path = journal_segment_path(p->journal, firsts[0]);
	free(firsts);
	return path;
}

static void a_replay_gives_the_same_log_and_the_same_work(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	struct digest root, again;
	struct journal_replayed n;
	struct err e = { 0 };

	tell(db, &p->story, 60, 5);
	root = log_root(db);
	db_close(&db);
	if (replay_anew(p, &again, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_memory_equal(again.bytes, root.bytes, DIGEST_SIZE);
	assert_int_equal(n.torn, 0);
	assert_true(n.commits >= 60);
}

// Whatever of the last frame is missing, the commits before it are there, and the database that never had it goes on.
static void a_torn_tail_is_cut(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	_buf_ struct buf whole = BUF(1 << 24);
	struct digest before, after;
	struct err e = { 0 };
	_free_ char *path = NULL;
	size_t first;

	tell(db, &p->story, 1, 3);
	before = log_root(db);
	path = only_segment(p);
	assert_int_equal(file_read(path, &whole, &e), 0);
	first = whole.len;
	tell(db, &p->story, 1, 1);
	db_close(&db);
	buf_free(&whole);
	whole = BUF(1 << 24);
	assert_int_equal(file_read(path, &whole, &e), 0);
	for (size_t len = first; len < whole.len; len += len < first + 140 || len + 40 > whole.len ? 7 : 211) {
		struct journal_replayed n;

		assert_int_equal(file_replace(path, whole.data, len, 0600, &e), 0);
		if (replay_anew(p, &after, &n, &e) < 0)
			fail_msg("cut at %zu: %s", len, e.text);
		assert_memory_equal(after.bytes, before.bytes, DIGEST_SIZE);
		assert_int_equal(n.torn, len - first);
	}
}

static void a_flipped_byte_before_the_last_frame_is_named(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	_buf_ struct buf whole = BUF(1 << 24);
	struct err e = { 0 };
	_free_ char *path = NULL;
	size_t first;

	tell(db, &p->story, 1, 2);
	path = only_segment(p);
	assert_int_equal(file_read(path, &whole, &e), 0);
	first = whole.len;
	tell(db, &p->story, 1, 2);
	db_close(&db);
	buf_free(&whole);
	whole = BUF(1 << 24);
	assert_int_equal(file_read(path, &whole, &e), 0);
	for (size_t at = 0; at < first; at += at < 130 ? 5 : 173) {
		struct journal_replayed n;
		struct digest root;

		whole.data[at] = (char)(whole.data[at] ^ 0x20);
		assert_int_equal(file_replace(path, whole.data, whole.len, 0600, &e), 0);
		whole.data[at] = (char)(whole.data[at] ^ 0x20);
		assert_int_equal(replay_anew(p, &root, &n, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		if (!strstr(e.text, path))
			fail_msg("byte %zu: %s", at, e.text);
	}
}

// Died between the journal and the commit: the transaction is carried out at the next start.
static void what_the_journal_alone_has_is_carried_out(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	struct digest root, now;
	struct err e = { 0 };

	tell(db, &p->story, 3, 4);
	assert_int_equal(db_begin(db, "test", &e), 0);
	assert_int_equal(story_step(&p->story, db, &e), 0);
	root = log_root(db);
	assert_int_equal(journal_commit(db, &e), 0);
	db_rollback(db);
	db_close(&db);
	db = open_with(p->state, p->journal);
	now = log_root(db);
	assert_memory_equal(now.bytes, root.bytes, DIGEST_SIZE);
	tell(db, &p->story, 2, 4);
	root = log_root(db);
	db_close(&db);
	{
		struct journal_replayed n;

		if (replay_anew(p, &now, &n, &e) < 0)
			fail_msg("%s", e.text);
	}
	assert_memory_equal(now.bytes, root.bytes, DIGEST_SIZE);
}

static size_t length_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void flip(const char *path, size_t at)
{
	_buf_ struct buf whole = BUF(1 << 24);
	struct err e = { 0 };

	assert_int_equal(file_read(path, &whole, &e), 0);
	whole.data[at] = (char)(whole.data[at] ^ 0x20);
	assert_int_equal(file_replace(path, whole.data, whole.len, 0600, &e), 0);
}

// The database has the commit, so it was whole in the journal once: that is damage, whatever byte of it is another.
static void damage_of_the_last_frame_is_told(void **state)
{
	static const size_t places[] = { 0, 9, 40, 70, 100, JOURNAL_HEAD + 50 };
	struct place *p = *state;

	for (size_t i = 0; i < LENGTH(places); i++) {
		struct db *db = open_with(p->state, p->journal);
		uint64_t size = log_size(db);
		_free_ char *path = NULL, *kept = NULL;
		size_t first;

		tell(db, &p->story, 1, 2); // a segment of its own: the one before ended in damage
		tell(db, &p->story, 1, 2);
		path = journal_segment_path(p->journal, size);
		first = length_of(path);
		tell(db, &p->story, 1, 2);
		size = log_size(db);
		db_close(&db);
		flip(path, first + places[i]);
		db = open_with(p->state, p->journal);
		assert_true(journal_found(db)->damaged && journal_found(db)->gap);
		assert_true(journal_found(db)->size < size);
		kept = text_format("%s.damaged", path);
		assert_int_equal(length_of(kept), journal_found(db)->torn);
		assert_int_equal(length_of(path), first);
		db_close(&db);
	}
}

// The database does not have it: it was never confirmed.
static void the_end_of_a_commit_that_nobody_was_told_of_is_no_damage(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	_free_ char *path = NULL;
	struct err e = { 0 };
	size_t first;

	tell(db, &p->story, 2, 3);
	path = only_segment(p);
	first = length_of(path);
	assert_int_equal(db_begin(db, "test", &e), 0);
	assert_int_equal(story_step(&p->story, db, &e), 0);
	assert_int_equal(journal_commit(db, &e), 0);
	db_rollback(db);
	db_close(&db);
	flip(path, first + JOURNAL_HEAD + 50);
	db = open_with(p->state, p->journal);
	assert_true(journal_found(db)->torn > 0 && journal_found(db)->spoiled);
	assert_false(journal_found(db)->damaged || journal_found(db)->gap);
	assert_int_equal(length_of(path), first);
	db_close(&db);
}

static void a_gap_and_another_log_are_refused(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	struct journal_replayed n;
	struct digest root;
	struct err e = { 0 };

	tell(db, &p->story, 3, 4);
	db_close(&db);
	db = open_with(p->state, NULL); // without it
	tell(db, &p->story, 1, 3);
	db_close(&db);
	db = open_with(p->state, p->journal);
	assert_true(journal_found(db)->gap);
	assert_int_equal(journal_found(db)->torn, 0);
	tell(db, &p->story, 2, 3);
	db_close(&db);
	assert_int_equal(replay_anew(p, &root, &n, &e), -1);
	assert_non_null(strstr(e.text, "gap"));
	{
		char *fresh = state_make();

		db = open_with(fresh, NULL);
		assert_int_equal(journal_open(db, p->journal, &e), -1); // an older copy: none at all
		assert_int_equal(e.code, EX_DATAERR);
		db_close(&db);
		state_remove(&fresh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_replay_gives_the_same_log_and_the_same_work, setup, teardown),
		cmocka_unit_test_setup_teardown(a_torn_tail_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flipped_byte_before_the_last_frame_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_journal_alone_has_is_carried_out, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_of_the_last_frame_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_of_a_commit_that_nobody_was_told_of_is_no_damage, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_gap_and_another_log_are_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// A look at a part of the log finds what was altered in it behind the back of the connection that looks.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "store/sample.h"
#include "store/sql.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
};

static int setup(void **state)
{
	static struct fixture f;
	struct story s = story_begin(6);
	struct err e = { 0 };

	f.path = state_make();
	f.db = db_open(f.path, DB_WRITE, &e);
	assert_non_null(f.db);
	assert_int_equal(db_begin(f.db, "test", &e), 0);
	for (int i = 0; i < 300; i++)
		assert_int_equal(story_step(&s, f.db, &e), 0);
	assert_int_equal(db_commit(f.db, &e), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(&f->db);
	state_remove(&f->path);
	return 0;
}

// By another connection, as somebody with the file would.
static void alter(const struct fixture *f, const char *sql)
{
	_free_ char *path = path_join(f->path, "countersign.db");
	char *why = NULL;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(handle);
}

static void looks_good(struct db *db)
{
	uint64_t size = log_size(db);
	struct err e = { 0 };

	for (uint64_t from = 0; from < size; from += 17)
		for (uint64_t count = 1; count <= 256; count = 3 * count + 1)
			if (log_sample(db, from, count, &e) < 0)
				fail_msg("%llu entries from %llu on: %s", (unsigned long long)count,
				         (unsigned long long)from, e.text);
}

static void whole_log_is_good(void **state)
{
	const struct fixture *f = *state;

	looks_good(f->db);
	assert_int_equal(log_sample(f->db, log_size(f->db), 256, &(struct err){ 0 }), 0);
}

static void empty_log_is_good(void **state)
{
	_db_ struct db *db = db_open_scratch(&(struct err){ 0 });

	(void)state;
	assert_non_null(db);
	assert_int_equal(log_sample(db, 0, 256, &(struct err){ 0 }), 0);
}

static void what_was_altered_is_named(void **state)
{
	static const struct {
		const char *sql;
		uint64_t from; // 200 entries from here on are looked at
		const char *says;
	} cases[] = {
		{ "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"type\"', '\"tybe\"') AS BLOB) WHERE seq "
		  "= 100",
		  0, "entry 100: " },
		{ "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'person:', 'person:x') AS BLOB) WHERE seq "
		  ">= 100",
		  90, "entry " },
		{ "UPDATE entry SET body = x'7b7d', salt = zeroblob(32) WHERE seq = 100", 0,
		  "entry 100: the body is not the one that the leaf commits to" },
		{ "UPDATE entry SET salt = x'00' WHERE seq = 100", 0, "entry 100: its salt was altered" },
		{ "UPDATE node SET hash = zeroblob(32) WHERE id = 3", 0, "node: row id=3 " },
		{ "DELETE FROM node WHERE id = 2", 0, "node: row id=2 is missing" },
		// Far from where is looked, but above it.
		{ "UPDATE node SET hash = zeroblob(32) WHERE id = 254", 0, "node: row id=254 " },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE seq = 100", 0, "entry 100: it is missing" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE seq > 250", 0, "entry: the log has 251 entries" },
		{ "INSERT INTO entry SELECT max(seq) + 1, leaf, salt, body FROM entry", 0, "entry: the log has " },
		{ "DELETE FROM history WHERE seq BETWEEN 40 AND 60", 0, "history: row case_id='CS-" },
		{ "UPDATE vote SET verdict = 'recuse'", 0, "vote: row seq=" },
		{ "UPDATE vote SET seat = 'x', person = person || 'x'", 0, "vote: row seq=" },
		{ "DELETE FROM vote", 100, "vote: row seq=" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct fixture *f;
		struct err e = { 0 };

		setup((void **)&f);
		alter(f, cases[i].sql);
		if (log_sample(f->db, cases[i].from, 200, &e) == 0)
			fail_msg("nobody noticed: %s", cases[i].sql);
		if (e.code != EX_DATAERR || !strstr(e.text, cases[i].says))
			fail_msg("%s: code %d, %s", cases[i].sql, e.code, e.text);
		teardown((void **)&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_log_is_good, setup, teardown),
		cmocka_unit_test(empty_log_is_good),
		cmocka_unit_test(what_was_altered_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

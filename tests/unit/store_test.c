// SPDX-License-Identifier: Apache-2.0
// The database itself: what is opened and what is refused, transactions, and stories - long seeded sequences of entries
// of every type - whose tables must follow from their log.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/cases.h"
#include "store/projection.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

static int setup(void **state)
{
	*state = state_make();
	return 0;
}

static int teardown(void **state)
{
	char *path = *state;

	state_remove(&path);
	return 0;
}

static struct db *must_open(const char *path, enum db_mode mode)
{
	struct err e = { 0 };
	struct db *db = db_open(path, mode, &e);

	if (!db)
		fail_msg("%s", e.text);
	return db;
}

static void must_verify(const char *path, struct verify_result *out)
{
	struct err e = { 0 };

	if (log_verify(path, out, &e) < 0)
		fail_msg("%s", e.text);
}

static void tell(struct db *db, struct story *s, int steps, int per_transaction)
{
	struct err e = { 0 };

	for (int i = 0; i < steps; i++) {
		if (i % per_transaction == 0)
			assert_int_equal(db_begin(db, "test", &e), 0);
		if (story_step(s, db, &e) < 0)
			fail_msg("step %d: %s", i, e.text);
		if (i % per_transaction == per_transaction - 1 || i == steps - 1)
			assert_int_equal(db_commit(db, &e), 0);
	}
}

static void makes_a_private_database(void **state)
{
	struct db *db = must_open(*state, DB_WRITE);
	_free_ char *path = path_join(*state, "countersign.db");
	struct verify_result n;
	struct stat st;

	assert_int_equal(log_size(db), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(&db);
	must_verify(*state, &n);
	assert_int_equal(n.entries, 0);
}

// FAULTS 42, BAD-INPUTS L06.
static void second_writer_is_told_by_whom_it_is_locked(void **state)
{
	struct db *db = must_open(*state, DB_WRITE), *reader;
	char pid[64];
	struct err e = { 0 };

	snprintf(pid, sizeof pid, "locked by pid %d", (int)getpid());
	assert_null(db_open(*state, DB_WRITE, &e));
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_non_null(strstr(e.text, pid));
	reader = must_open(*state, DB_READ); // reading needs no lock
	db_close(&reader);
	db_close(&db);
	db = must_open(*state, DB_WRITE);
	db_close(&db);
}

static void reader_creates_nothing(void **state)
{
	_free_ char *path = path_join(*state, "countersign.db");
	struct err e = { 0 };

	assert_null(db_open(*state, DB_READ, &e));
	assert_int_equal(e.code, EX_NOINPUT);
	assert_int_equal(access(path, F_OK), -1);
}

static void raw(const char *state, const char *sql)
{
	_free_ char *path = path_join(state, "countersign.db");
	char *why = NULL;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(handle);
}

// BAD-INPUTS L10: what stands where the database should be, and is none of ours.
static void refuses_what_is_not_ours(void **state)
{
	static const struct {
		const char *name, *bytes, *sql;
		mode_t make; // S_IFDIR, S_IFIFO
		const char *says;
	} cases[] = {
		{ .name = "empty", .bytes = "", .says = "is empty" },
		{ .name = "ELF", .bytes = "\177ELF\2\1\1", .says = "not a database" },
		{ .name = "text",
		  .bytes = "Dear licensing desk,\nplease approve everything.\n",
		  .says = "not a database" },
		{ .name = "directory", .make = S_IFDIR, .says = "not a regular file" },
		{ .name = "FIFO", .make = S_IFIFO, .says = "not a regular file" },
		{ .name = "of others", .sql = "CREATE TABLE theirs (x)", .says = "not one of countersign's" },
		{ .name = "of others, numbered",
		  .sql = "CREATE TABLE t (x); PRAGMA user_version = 1",
		  .says = "not one of countersign's" },
	};
	_free_ char *path = path_join(*state, "countersign.db");

	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("%s\n", cases[i].name);
		if (cases[i].bytes)
			assert_int_equal(file_replace(path, cases[i].bytes, strlen(cases[i].bytes), 0600, NULL), 0);
		else if (cases[i].sql)
			raw(*state, cases[i].sql);
		else
			assert_int_equal(cases[i].make == S_IFDIR ? mkdir(path, 0700) : mkfifo(path, 0600), 0);
		for (int mode = DB_WRITE; mode <= DB_READ; mode++) {
			struct err e = { 0 };

			assert_null(db_open(*state, (enum db_mode)mode, &e));
			assert_int_equal(e.code, EX_DATAERR);
			if (!strstr(e.text, cases[i].says))
				fail_msg("%s", e.text);
		}
		assert_int_equal(remove(path), 0);
	}
}

static void refuses_a_newer_schema(void **state)
{
	struct db *db = must_open(*state, DB_WRITE);

	db_close(&db);
	raw(*state, "PRAGMA user_version = 99");
	for (int mode = DB_WRITE; mode <= DB_READ; mode++) {
		struct err e = { 0 };

		assert_null(db_open(*state, (enum db_mode)mode, &e));
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, "schema 99"));
	}
}

// What a killed predecessor left of a database in the making is not in the way.
static void begins_anew_over_a_half_made_database(void **state)
{
	_free_ char *made = path_join(*state, "countersign.db.new");
	_free_ char *journal = path_join(*state, "countersign.db.new-journal");
	struct db *db;

	assert_int_equal(file_replace(made, "half", 4, 0600, NULL), 0);
	assert_int_equal(file_replace(journal, "half", 4, 0600, NULL), 0);
	db = must_open(*state, DB_WRITE);
	assert_int_equal(access(made, F_OK), -1);
	assert_int_equal(access(journal, F_OK), -1);
	db_close(&db);
}

static void a_rollback_leaves_no_trace(void **state)
{
	struct db *db = must_open(*state, DB_WRITE);
	struct story s = story_begin(7);
	struct verify_result n;
	struct digest root;
	struct err e = { 0 };
	uint64_t size;

	tell(db, &s, 50, 5);
	size = log_size(db);
	root = log_root(db);
	assert_int_equal(db_begin(db, "test", &e), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(story_step(&s, db, &e), 0);
	assert_true(log_size(db) > size);
	db_rollback(db);
	assert_int_equal(log_size(db), size);
	assert_memory_equal(log_root(db).bytes, root.bytes, DIGEST_SIZE);
	db_close(&db);
	must_verify(*state, &n);
	assert_int_equal(n.entries, size);
	assert_memory_equal(n.root.bytes, root.bytes, DIGEST_SIZE);
	db = must_open(*state, DB_WRITE); // and the log goes on from there
	s = story_begin(8);
	s.cases = 1000;
	s.letters = 1000;
	s.now += INT64_C(400) * CLOCK_DAY;
	tell(db, &s, 20, 1);
	db_close(&db);
	must_verify(*state, &n);
}

// Killed inside a transaction: the old state, whole.
static void death_inside_a_transaction_leaves_the_old_state(void **state)
{
	struct db *db = must_open(*state, DB_WRITE);
	struct story s = story_begin(9);
	struct verify_result before, after;
	int status;
	pid_t child;

	tell(db, &s, 40, 4);
	db_close(&db);
	must_verify(*state, &before);
	child = fork();
	if (child == 0) {
		db = db_open(*state, DB_WRITE, NULL);
		if (!db || db_begin(db, "child", NULL) < 0)
			_exit(1);
		for (int i = 0; i < 30; i++)
			if (story_step(&s, db, NULL) < 0)
				_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	db = must_open(*state, DB_WRITE);
	db_close(&db);
	must_verify(*state, &after);
	assert_memory_equal(&before, &after, sizeof before);
}

static int64_t count_rows(struct db *db, const char *sql)
{
	sqlite3_stmt *rows;
	int64_t n = 0;

	assert_int_equal(sqlite3_prepare_v2(db->handle, sql, -1, &rows, NULL), SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		n++;
	sqlite3_finalize(rows);
	return n;
}

// A story must touch everything, or the tests that use it prove little.
static void a_story_touches_every_projection(void **state)
{
	struct db *db = must_open(*state, DB_WRITE);
	struct story s = story_begin(4);
	struct err e = { 0 };

	s.erases = s.archives = true;
	tell(db, &s, 3000, 10);
	assert_int_equal(projection_prepare(db, &e), 0);
	for (const struct projection *p = projections; p->name; p++)
		if (count_rows(db, p->rows) == 0)
			fail_msg("%s is empty", p->name);
	assert_true(count_rows(db, "SELECT DISTINCT state FROM cases") == 8);
	assert_true(count_rows(db, "SELECT DISTINCT state FROM message") == 6);
	assert_true(count_rows(db, "SELECT DISTINCT state FROM stage") == 4);
	assert_true(count_rows(db, "SELECT DISTINCT kind FROM timer") == 6);
	assert_true(count_rows(db, "SELECT DISTINCT state FROM grants") == 4);
	assert_true(count_rows(db, "SELECT DISTINCT kind FROM link") == 2);
	assert_true(count_rows(db, "SELECT 1 FROM vote WHERE voided IS NOT NULL") > 0);
	assert_true(count_rows(db, "SELECT DISTINCT CAST(leaf AS TEXT) ->> '$.type' FROM entry") >= 25);
	db_close(&db);
}

// The property that everything rests on: whatever happened, the tables are what the log gives.
static void tables_follow_from_the_log_whatever_happened(void **state)
{
	for (uint64_t seed = 1; seed <= 12; seed++) {
		char *path = state_make();
		struct db *db = must_open(path, DB_WRITE);
		struct story s = story_begin(seed);
		s.erases = s.archives = true;
		struct verify_result n, beside;
		struct digest root;
		uint64_t size;

		print_message("seed %d\n", (int)seed);
		tell(db, &s, 150, (int)(seed % 3) * 7 + 1);
		db_close(&db);
		db = must_open(path, DB_WRITE); // reopened in the middle
		tell(db, &s, 100, 3);
		size = log_size(db);
		root = log_root(db);
		must_verify(path, &beside); // while the writer has it open
		db_close(&db);
		must_verify(path, &n);
		assert_int_equal(n.entries, size);
		assert_memory_equal(n.root.bytes, root.bytes, DIGEST_SIZE);
		assert_memory_equal(&n, &beside, sizeof n);
		assert_true(n.rows > size && n.evidence > 0 && n.work > 0);
		state_remove(&path);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_a_private_database, setup, teardown),
		cmocka_unit_test_setup_teardown(second_writer_is_told_by_whom_it_is_locked, setup, teardown),
		cmocka_unit_test_setup_teardown(reader_creates_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_newer_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(begins_anew_over_a_half_made_database, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rollback_leaves_no_trace, setup, teardown),
		cmocka_unit_test_setup_teardown(death_inside_a_transaction_leaves_the_old_state, setup, teardown),
		cmocka_unit_test_setup_teardown(a_story_touches_every_projection, setup, teardown),
		cmocka_unit_test(tables_follow_from_the_log_whatever_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

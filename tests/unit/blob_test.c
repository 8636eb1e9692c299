// SPDX-License-Identifier: Apache-2.0
// Evidence by content: kept once, small or large, and noticed when altered.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <sys/stat.h>

#include "store/sql.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, NULL);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(&f->db);
	state_remove(&f->path);
	free(f);
	return 0;
}

static char *file_of(const struct fixture *f, const struct digest *sha256)
{
	char hex[2 * DIGEST_SIZE + 1];

	hex_encode(sha256->bytes, DIGEST_SIZE, hex);
	return text_format("%s/evidence/%.2s/%s", f->path, hex, hex);
}

static int64_t number(struct fixture *f, const char *sql)
{
	sqlite3_stmt *rows;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(f->db->handle, sql, -1, &rows, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	n = sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	return n;
}

// On both sides of the size from which bytes are files.
static void comes_back_as_it_was(void **state)
{
	static const struct {
		size_t len;
		bool file;
	} cases[] = {
		{ 0, false }, { 1, false }, { BLOB_INLINE_MAX, false }, { BLOB_INLINE_MAX + 1, true }, { 5 << 20, true }
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *bytes = calloc(1, cases[i].len + 1), *path = NULL;
		_buf_ struct buf out = BUF(8 << 20);
		struct blob blob;
		struct digest sha256;
		struct err e = { 0 };

		assert_non_null(bytes);
		memset(bytes, 'a' + (int)i, cases[i].len);
		sha256 = sha256_of(bytes, cases[i].len);
		assert_int_equal(blob_put(f->db, bytes, cases[i].len, &blob, &e), 0);
		assert_memory_equal(blob.sha256.bytes, sha256.bytes, DIGEST_SIZE);
		assert_int_equal(blob_get(f->db, &sha256, &out, &e), 0);
		assert_int_equal(out.len, cases[i].len);
		assert_memory_equal(buf_text(&out), bytes, out.len);
		path = file_of(f, &sha256);
		assert_int_equal(access(path, F_OK) == 0, cases[i].file);
	}
}

static void same_bytes_are_kept_once(void **state)
{
	struct fixture *f = *state;
	struct blob first, second;

	assert_int_equal(blob_put(f->db, "mail", 4, &first, NULL), 0);
	assert_int_equal(blob_put(f->db, "mail", 4, &second, NULL), 0);
	assert_memory_equal(&first, &second, sizeof first); // one salt, so one commitment
	assert_int_equal(number(f, "SELECT count(*) FROM blob"), 1);
}

static void commits_with_a_salt(void **state)
{
	struct fixture *f = *state;
	struct digest expected;
	struct blob blob;
	sqlite3_stmt *rows;

	assert_int_equal(blob_put(f->db, "yes", 3, &blob, NULL), 0);
	assert_int_equal(sqlite3_prepare_v2(f->db->handle, "SELECT salt FROM blob", -1, &rows, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	assert_int_equal(sqlite3_column_bytes(rows, 0), SALT_SIZE);
	expected = evidence_commitment(sqlite3_column_blob(rows, 0), "yes", 3);
	sqlite3_finalize(rows);
	assert_memory_equal(blob.commitment.bytes, expected.bytes, DIGEST_SIZE);
}

static void altered_bytes_are_refused(void **state)
{
	static char large[BLOB_INLINE_MAX + 1];
	struct fixture *f = *state;
	_buf_ struct buf out = BUF(1 << 20);
	_free_ char *path = NULL;
	struct blob blob;
	struct digest unknown = { { 1 } };
	struct err e = { 0 };

	assert_int_equal(blob_put(f->db, "mail", 4, &blob, NULL), 0);
	assert_int_equal(sqlite3_exec(f->db->handle, "UPDATE blob SET data = x'00'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(blob_get(f->db, &blob.sha256, &out, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);

	assert_int_equal(blob_put(f->db, large, sizeof large, &blob, NULL), 0);
	path = file_of(f, &blob.sha256);
	assert_int_equal(file_replace(path, "short", 5, 0400, NULL), 0);
	assert_int_equal(blob_get(f->db, &blob.sha256, &out, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_int_equal(blob_get(f->db, &unknown, &out, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
}

static void more_than_may_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf out = BUF(3);
	struct blob blob;

	assert_int_equal(blob_put(f->db, "mail", 4, &blob, NULL), 0);
	assert_int_equal(blob_get(f->db, &blob.sha256, &out, NULL), -1);
}

// A file that a rolled back transaction left is found, replaced, and right.
static void a_rollback_leaves_at_most_a_file(void **state)
{
	static char large[BLOB_INLINE_MAX + 1];
	struct fixture *f = *state;
	_buf_ struct buf out = BUF(1 << 20);
	struct blob blob;

	assert_int_equal(blob_put(f->db, large, sizeof large, &blob, NULL), 0);
	db_rollback(f->db);
	assert_int_equal(number(f, "SELECT count(*) FROM blob"), 0);
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	assert_int_equal(blob_put(f->db, large, sizeof large, &blob, NULL), 0);
	assert_int_equal(blob_get(f->db, &blob.sha256, &out, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(same_bytes_are_kept_once, setup, teardown),
		cmocka_unit_test_setup_teardown(commits_with_a_salt, setup, teardown),
		cmocka_unit_test_setup_teardown(altered_bytes_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_may_be_read_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rollback_leaves_at_most_a_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

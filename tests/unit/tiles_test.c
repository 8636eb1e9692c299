// SPDX-License-Identifier: Apache-2.0
// The log as tiles: every file against the tree's definition, at sizes where tiles are full, begun and none.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <sys/stat.h>

#include "base/tree.h"
#include "store/checkpoints.h"
#include "store/sql.h"
#include "store/tiles.h"
#include "tests/unit/story.h"

#define WIDTH 256
#define NOTE "the head\n\n\xe2\x80\x94 x y\n"

struct fixture {
	char *path, *out;
	struct db *db;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err e = { 0 };

	assert_non_null(f);
	f->path = state_make();
	f->out = text_format("%s/tiles", f->path);
	f->db = db_open(f->path, DB_WRITE, &e);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(&f->db);
	state_remove(&f->path);
	free(f->out);
	free(f);
	return 0;
}

static void run_sql(struct fixture *f, const char *sql)
{
	if (sqlite3_exec(f->db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(f->db->handle));
}

// Leaves are "leaf N"; the export looks at nothing else.
static void fill(struct fixture *f, uint64_t size)
{
	_free_ char *sql = text_format("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT %llu)"
	                               " INSERT INTO entry (seq, leaf) SELECT i, CAST('leaf ' || i AS BLOB) FROM n",
	                               (unsigned long long)size);
	struct digest root;
	struct err e = { 0 };

	run_sql(f, "DELETE FROM entry");
	run_sql(f, "DELETE FROM checkpoint");
	run_sql(f, sql);
	assert_int_equal(log_root_of_leaves(f->db, size, &root, &e), 0);
	assert_int_equal(checkpoint_add(f->db, size, &root, NOTE, &e), 0);
}

// MTH(D[from:from+count]) by RFC 6962's recursion; `count` is a power of two.
static struct digest subtree(uint64_t from, uint64_t count)
{
	struct digest left, right;

	if (count == 1) {
		_free_ char *leaf = text_format("leaf %llu", (unsigned long long)from);

		return tree_leaf_hash(leaf, strlen(leaf));
	}
	left = subtree(from, count / 2);
	right = subtree(from + count / 2, count / 2);
	return tree_node_hash(&left, &right);
}

static void read_out(struct fixture *f, const char *name, struct buf *out)
{
	_free_ char *path = text_format("%s/%s", f->out, name);
	struct err e = { 0 };

	if (file_read(path, out, &e) < 0)
		fail_msg("%s", e.text);
}

static void is_tile(struct fixture *f, const char *name, unsigned level, uint64_t number, unsigned width)
{
	uint64_t span = UINT64_C(1) << 8 * level;
	_buf_ struct buf bytes = BUF(WIDTH * DIGEST_SIZE);

	read_out(f, name, &bytes);
	assert_int_equal(bytes.len, width * DIGEST_SIZE);
	for (unsigned i = 0; i < width; i++) {
		struct digest hash = subtree((number * WIDTH + i) * span, span);

		assert_memory_equal(bytes.data + i * DIGEST_SIZE, hash.bytes, DIGEST_SIZE);
	}
}

static void is_bundle(struct fixture *f, const char *name, uint64_t number, unsigned width)
{
	_buf_ struct buf bytes = BUF(1 << 20), expected = BUF(1 << 20);

	for (unsigned i = 0; i < width; i++) {
		_free_ char *leaf = text_format("leaf %llu", (unsigned long long)(number * WIDTH + i));

		buf_putc(&expected, '\0');
		buf_putc(&expected, (char)strlen(leaf));
		buf_puts(&expected, leaf);
	}
	read_out(f, name, &bytes);
	assert_int_equal(bytes.len, expected.len);
	assert_memory_equal(bytes.data, expected.data, expected.len);
}

static void export(struct fixture *f, uint64_t size, uint64_t files)
{
	_buf_ struct buf note = BUF(1024);
	struct tiles_result r;
	struct err e = { 0 };

	fill(f, size);
	if (tiles_export(f->db, f->out, &r, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.size, size);
	assert_int_equal(r.files, files);
	read_out(f, "checkpoint", &note);
	assert_string_equal(note.data, NOTE);
}

static bool exists(struct fixture *f, const char *name)
{
	_free_ char *path = text_format("%s/%s", f->out, name);

	return access(path, F_OK) == 0;
}

static void writes_no_tile_of_nothing(void **state)
{
	struct fixture *f = *state;

	export(f, 0, 1);
	assert_false(exists(f, "tile"));
}

static void writes_a_tile_that_is_begun(void **state)
{
	struct fixture *f = *state;

	export(f, 70, 3);
	is_tile(f, "tile/0/000.p/70", 0, 0, 70);
	is_bundle(f, "tile/entries/000.p/70", 0, 70);
	assert_false(exists(f, "tile/1"));
}

static void writes_a_full_tile_and_the_one_above(void **state)
{
	struct fixture *f = *state;

	export(f, 256, 4);
	is_tile(f, "tile/0/000", 0, 0, 256);
	is_bundle(f, "tile/entries/000", 0, 256);
	is_tile(f, "tile/1/000.p/1", 1, 0, 1);
	assert_false(exists(f, "tile/0/001.p") || exists(f, "tile/0/000.p"));
}

// The specification's example: 273 full tiles and one of 112 on level 0, a full one and one of 17 on level 1, one of 1
// on level 2.
static void writes_what_the_specification_counts(void **state)
{
	struct fixture *f = *state;

	export(f, 70000, 2 * 274 + 3 + 1);
	is_tile(f, "tile/0/000", 0, 0, 256);
	is_tile(f, "tile/0/272", 0, 272, 256);
	is_tile(f, "tile/0/273.p/112", 0, 273, 112);
	is_bundle(f, "tile/entries/272", 272, 256);
	is_bundle(f, "tile/entries/273.p/112", 273, 112);
	is_tile(f, "tile/1/000", 1, 0, 256);
	is_tile(f, "tile/1/001.p/17", 1, 1, 17);
	is_tile(f, "tile/2/000.p/1", 2, 0, 1);
}

static void names_tiles_beyond_a_thousand(void **state)
{
	struct fixture *f = *state;

	export(f, 256 * 1002 + 5, 2 * 1003 + 4 + 1 + 1);
	is_tile(f, "tile/0/999", 0, 999, 256);
	is_tile(f, "tile/0/x001/000", 0, 1000, 256);
	is_tile(f, "tile/0/x001/002.p/5", 0, 1002, 5);
	is_bundle(f, "tile/entries/x001/001", 1001, 256);
	is_tile(f, "tile/1/003.p/234", 1, 3, 234);
	is_tile(f, "tile/2/000.p/3", 2, 0, 3);
}

// Nothing is left of it, under either name.
static void leaves_nothing(struct fixture *f, int code, const char *says)
{
	struct tiles_result r;
	struct dirent *item;
	DIR *dir;
	struct err e = { 0 };

	assert_int_equal(tiles_export(f->db, f->out, &r, &e), -1);
	assert_int_equal(e.code, code);
	assert_string_equal(e.text, says);
	dir = opendir(f->path);
	assert_non_null(dir);
	while ((item = readdir(dir)))
		assert_false(text_starts(item->d_name, "tiles"));
	closedir(dir);
}

static void exports_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct tiles_result r;
	struct err e = { 0 };

	leaves_nothing(f, EX_TEMPFAIL, "no head of the log was signed yet");
	fill(f, 300);
	run_sql(f, "UPDATE entry SET leaf = CAST('leaf x' AS BLOB) WHERE seq = 7");
	leaves_nothing(f, EX_DATAERR, "the entries do not come to the root of the checkpoint of size 300");
	run_sql(f, "DELETE FROM entry WHERE seq = 290");
	leaves_nothing(f, EX_DATAERR, "entry 290 is missing");
	fill(f, 300);
	run_sql(f, "UPDATE entry SET leaf = zeroblob(65536) WHERE seq = 8");
	leaves_nothing(f, EX_DATAERR, "entry 8: the leaf has 65536 bytes: the format of tiles takes at most 65535");
	fill(f, 3);
	assert_int_equal(mkdir(f->out, 0700), 0);
	assert_int_equal(tiles_export(f->db, f->out, &r, &e), -1);
	assert_int_equal(e.code, EX_CANTCREAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_no_tile_of_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_a_tile_that_is_begun, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_a_full_tile_and_the_one_above, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_what_the_specification_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(names_tiles_beyond_a_thousand, setup, teardown),
		cmocka_unit_test_setup_teardown(exports_whole_or_not_at_all, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

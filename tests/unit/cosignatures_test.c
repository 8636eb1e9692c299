// SPDX-License-Identifier: Apache-2.0
// store/cosignatures: only what verifies is kept, and a row that was edited is named.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/buf.h"
#include "base/checkpoint.h"
#include "base/file.h"
#include "base/json.h"
#include "store/checkpoints.h"
#include "store/cosignatures.h"
#include "store/sql.h"
#include "tests/unit/story.h"

#define NOW INT64_C(1795510800000)

struct fixture {
	char *path;
	struct db *db;
	json_t *vectors;
	struct note_key key;
	const char *line;
};

// The vectors' checkpoints are in the database.
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct buf text = BUF(1 << 20);
	json_t *item;
	size_t i;

	assert_non_null(f);
	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/witness.json", &text, NULL), 0);
	f->vectors = json_read(text.data, text.len, NULL);
	buf_free(&text);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, NULL);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	json_array_foreach(json_arr(f->vectors, "checkpoints"), i, item) {
		const char *text_of = json_str(item, "text");
		struct checkpoint c;

		assert_int_equal(checkpoint_read(text_of, strlen(text_of), &c, NULL), 0);
		assert_int_equal(checkpoint_add(f->db, c.size, &c.root, json_str(item, "signed"), NULL), 0);
	}
	assert_int_equal(note_key_read(json_str(json_obj(f->vectors, "witness_key"), "vkey"), &f->key, NULL), 0);
	f->line = json_str(json_obj(f->vectors, "cosignature"), "line");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_rollback(f->db);
	db_close(&f->db);
	state_remove(&f->path);
	json_decref(f->vectors);
	free(f);
	return 0;
}

static void keeps_what_verifies(void **state)
{
	struct fixture *f = *state;
	_free_ char *among = text_format("\xe2\x80\x94 other.example/w2 AAAA\n%s", f->line);
	_free_ char *cut = text_copy_n(f->line, strlen(f->line) - 1);
	_json_ json_t *list = NULL;
	uint64_t size = 0, rows = 0;
	int64_t at = 0;

	assert_int_equal(cosignature_last(f->db, &f->key, &size, &at, NULL), 0);
	assert_int_equal(cosignature_add(f->db, 20, &f->key, "", NOW, NULL), 0);
	assert_int_equal(cosignature_add(f->db, 20, &f->key, "\n\n", NOW, NULL), 0);
	assert_int_equal(cosignature_add(f->db, 20, &f->key, cut, NOW, NULL), 0);
	assert_int_equal(cosignature_add(f->db, 8, &f->key, f->line, NOW, NULL), 0);  // of another size
	assert_int_equal(cosignature_add(f->db, 19, &f->key, f->line, NOW, NULL), 0); // of which there is none
	assert_int_equal(cosignature_add(f->db, 20, &f->key, among, NOW, NULL), 1);
	assert_int_equal(cosignature_add(f->db, 20, &f->key, f->line, NOW + 1, NULL), 1);
	assert_int_equal(cosignature_last(f->db, &f->key, &size, &at, NULL), 1);
	assert_int_equal(size, 20);
	assert_int_equal(at, NOW + 1);
	list = cosignatures_of(f->db, 20, NULL);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_str(json_array_get(list, 0), "line"), f->line);
	assert_int_equal(cosignatures_check(f->db, &rows, NULL), 0);
	assert_int_equal(rows, 1);
}

static void names_an_edit(void **state)
{
	static const char *const edits[] = {
		"UPDATE cosignature SET size = 8",
		"UPDATE cosignature SET line = replace(line, 'A', 'B')",
		"UPDATE cosignature SET line = line || line",
		"UPDATE cosignature SET line = ''",
		("UPDATE cosignature SET witness = 'example.com/countersign+6f595d8e+"
		 "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'"),
		"UPDATE cosignature SET witness = ''",
	};
	struct fixture *f = *state;
	uint64_t rows = 0;

	assert_int_equal(cosignature_add(f->db, 20, &f->key, f->line, NOW, NULL), 1);
	for (size_t i = 0; i < LENGTH(edits); i++) {
		struct err e = { 0 };

		assert_int_equal(db_mark(f->db, NULL), 0);
		assert_int_equal(sql_exec(f->db, edits[i], NULL), 0);
		assert_int_equal(cosignatures_check(f->db, &rows, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, "cosignature: row size="));
		assert_int_equal(db_undo(f->db, NULL), 0);
	}
	assert_int_equal(cosignatures_check(f->db, &rows, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_verifies, setup, teardown),
		cmocka_unit_test_setup_teardown(names_an_edit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

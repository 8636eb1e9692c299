// SPDX-License-Identifier: Apache-2.0
// Signed heads that are kept, and proofs from the hashes that are stored.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/tree.h"
#include "store/checkpoints.h"
#include "store/sql.h"
#include "tests/unit/story.h"

#define ENTRIES 70 // past a power of two, so that every shape of subtree is met

struct fixture {
	char *path;
	struct db *db;
	struct digest root[ENTRIES + 1]; // at each size
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err e = { 0 };

	assert_non_null(f);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, &e);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", &e), 0);
	for (size_t size = 0; size <= ENTRIES; size++) {
		_json_ json_t *event = event_new("audit.queried", "person:gus", "cli", NULL, 0, NULL);

		f->root[size] = log_root(f->db);
		if (size < ENTRIES)
			assert_int_equal(log_append(f->db, event, STORY_START, NULL, &e), 0);
	}
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

static void keeps_heads_by_size(void **state)
{
	static const struct {
		uint64_t size, last, covering; // 0: there is none
	} cases[] = {
		{ 0, 0, 8 },    { 7, 0, 8 },   { 8, 8, 8 },           { 9, 8, 40 },
		{ 40, 40, 40 }, { 41, 40, 0 }, { UINT64_MAX, 40, 0 },
	};
	struct fixture *f = *state;
	struct err e = { 0 };

	assert_int_equal(checkpoint_last(f->db, UINT64_MAX, NULL, NULL, NULL, &e), 0);
	assert_int_equal(checkpoint_add(f->db, 8, &f->root[8], "eight\n", &e), 0);
	assert_int_equal(checkpoint_add(f->db, 40, &f->root[40], "forty\n", &e), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *note = NULL, *covering = NULL;
		uint64_t found = 0;
		struct digest root;

		assert_int_equal(checkpoint_last(f->db, cases[i].size, &found, &root, &note, &e), cases[i].last > 0);
		assert_int_equal(found, cases[i].last);
		if (found) {
			assert_memory_equal(&root, &f->root[found], sizeof root);
			assert_string_equal(note, found == 8 ? "eight\n" : "forty\n");
		}
		found = 0;
		assert_int_equal(checkpoint_covering(f->db, cases[i].size, &found, &root, &covering, &e),
		                 cases[i].covering > 0);
		assert_int_equal(found, cases[i].covering);
		if (found)
			assert_string_equal(covering, found == 8 ? "eight\n" : "forty\n");
	}
}

// More signatures may come to a head; another root at the same size is a fork, and the one that was first stays.
static void never_keeps_a_second_root(void **state)
{
	struct fixture *f = *state;
	_free_ char *note = NULL;
	struct err e = { 0 };

	assert_int_equal(checkpoint_add(f->db, 8, &f->root[8], "first\n", &e), 0);
	assert_int_equal(checkpoint_add(f->db, 8, &f->root[8], "cosigned\n", &e), 0);
	assert_int_equal(checkpoint_add(f->db, 8, &f->root[9], "forked\n", &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_string_equal(e.text, "another checkpoint of size 8 is there already, with another root");
	assert_int_equal(checkpoint_last(f->db, 8, NULL, NULL, &note, &e), 1);
	assert_string_equal(note, "cosigned\n");
}

static void proves_every_entry_in_every_size(void **state)
{
	struct fixture *f = *state;
	struct proof proof;
	struct err e = { 0 };

	for (uint64_t size = 1; size <= ENTRIES; size++) {
		for (uint64_t seq = 0; seq < size; seq++) {
			_free_ char *leaf = NULL;
			struct digest hash;
			size_t len;

			assert_int_equal(log_prove_inclusion(f->db, seq, size, &proof, &e), 0);
			assert_int_equal(log_leaf(f->db, seq, &leaf, &len, &e), 0);
			hash = tree_leaf_hash(leaf, len);
			assert_true(proof_includes(&proof, seq, size, &hash, &f->root[size]));
		}
	}
	assert_int_equal(log_prove_inclusion(f->db, 3, 3, &proof, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	assert_int_equal(log_prove_inclusion(f->db, 3, ENTRIES + 1, &proof, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
}

static void proves_every_size_to_every_size(void **state)
{
	struct fixture *f = *state;
	struct proof proof;
	struct err e = { 0 };

	for (uint64_t size = 0; size <= ENTRIES; size++) {
		for (uint64_t old = 0; old <= size; old++) {
			assert_int_equal(log_prove_consistency(f->db, old, size, &proof, &e), 0);
			assert_true(proof_is_consistent(&proof, old, &f->root[old], size, &f->root[size]));
		}
	}
	assert_int_equal(log_prove_consistency(f->db, 4, 3, &proof, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	assert_int_equal(log_prove_consistency(f->db, 4, ENTRIES + 1, &proof, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
}

static void says_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct proof proof;
	struct err e = { 0 };
	char *leaf = NULL;
	size_t len;

	assert_int_equal(log_leaf(f->db, ENTRIES, &leaf, &len, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	assert_string_equal(e.text, "there is no entry 70");
	assert_int_equal(sqlite3_exec(f->db->handle, "DELETE FROM node WHERE id = 1", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(log_prove_inclusion(f->db, 0, 2, &proof, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_string_equal(e.text, "the log is damaged: node 1 is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_heads_by_size, setup, teardown),
		cmocka_unit_test_setup_teardown(never_keeps_a_second_root, setup, teardown),
		cmocka_unit_test_setup_teardown(proves_every_entry_in_every_size, setup, teardown),
		cmocka_unit_test_setup_teardown(proves_every_size_to_every_size, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_is_missing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

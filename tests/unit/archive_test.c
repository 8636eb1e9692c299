// SPDX-License-Identifier: Apache-2.0
// Evidence in the archive: gone from the store, the log verifies by the bundle, the same bytes may come again, and
// which cases are due.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "store/archive.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/erasable.h"

#define BUNDLE "the bundle of a case"

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct db *db;

	*p = (struct place){ .state = state_make(), .now = STORY_START };
	db = open_with(p->state, NULL);
	tell_case(p, db, "CS-1", 1, 'a');
	tell_case(p, db, "CS-2", 2, 'b');
	db_close(&db);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	state_remove(&p->state);
	free(p);
	return 0;
}

// All that only CS-1 rests on.
static void archive(struct place *p, struct db *db)
{
	struct erase_subject subject = { .case_id = "CS-1" };
	_free_ char *path = archive_path(db, "CS-1");
	struct digest sha256 = sha256_of(BUNDLE, strlen(BUNDLE));
	char hex[2 * DIGEST_SIZE + 1];
	_json_ json_t *found = NULL;
	struct err e = { 0 };

	assert_int_equal(archive_make_dir(db, &e), 0);
	assert_int_equal(file_replace(path, BUNDLE, strlen(BUNDLE), 0600, &e), 0);
	begin(db);
	found = erase_find(db, &subject, &e);
	append(p, db, "evidence.archived", "system", "CS-1",
	       json_pack("{ss sO}", "bundle", hex_encode(sha256.bytes, DIGEST_SIZE, hex), "evidence",
	                 json_arr(json_obj(found, "body"), "evidence")));
	commit(db);
	assert_int_equal(erase_finish(db, &e), 0);
}

static int verified(const struct place *p, struct verify_result *n, struct err *e)
{
	*e = (struct err){ 0 };
	return log_verify(p->state, n, e);
}

static int files_of_evidence(const struct place *p)
{
	_free_ char *folder = path_join(p->state, "evidence");

	return places(folder);
}

static void what_is_archived_is_verified_by_its_bundle(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	_free_ char *path = archive_path(db, "CS-1");
	int before = files_of_evidence(p);
	struct verify_result n, whole;
	struct err e;

	assert_int_equal(verified(p, &whole, &e), 0);
	archive(p, db);
	assert_true(files_of_evidence(p) < before);
	if (verified(p, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n.bundles, 1);
	assert_int_equal(n.evidence, whole.evidence - 4);
	assert_int_equal(file_replace(path, "other", 5, 0600, &e), 0);
	assert_int_equal(verified(p, &n, &e), -1);
	assert_non_null(strstr(e.text, "is not the bundle that entry"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verified(p, &n, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_non_null(strstr(e.text, "archive/CS-1.tar"));
	db_close(&db);
}

static void the_same_bytes_may_come_again(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	struct verify_result n;
	struct err e;

	archive(p, db);
	begin(db);
	append(p, db, "evidence.attached", "person:bo", "CS-2", blob_body(db, "again.txt", 'a', 100));
	append(p, db, "evidence.attached", "person:bo", "CS-2", blob_body(db, "again.zip", 'a', BLOB_INLINE_MAX + 1));
	commit(db);
	assert_int_equal(erase_finish(db, &e), 0);
	if (verified(p, &n, &e) < 0)
		fail_msg("%s", e.text);
	// What CS-2 rests on stays when CS-1 is erased.
	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	assert_int_equal(erase_finish(db, &e), 0);
	if (verified(p, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n.bundles, 0);
	db_close(&db);
}

static void what_is_due_is_found_in_portions(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	_json_ json_t *first = NULL, *second = NULL, *none = NULL, *held = NULL;
	struct err e = { 0 };
	int64_t after = 0;

	first = retention_due(db, true, p->now + 1, 1, &after, &e);
	second = retention_due(db, true, p->now + 1, 9, &after, &e);
	none = retention_due(db, true, p->now + 1, 9, &after, &e);
	assert_string_equal(json_string_value(json_array_get(first, 0)), "CS-1");
	assert_int_equal(json_array_size(second), 1);
	assert_int_equal(json_array_size(none), 0);
	archive(p, db);
	begin(db);
	append(p, db, "hold.set", "person:gus", NULL,
	       json_pack("{ss ss}", "person", "mail:" ADDRESS, "why", "a law suit"));
	commit(db);
	after = 0;
	held = retention_due(db, false, p->now + 1, 9, &after, &e);
	assert_int_equal(json_array_size(held), 0);
	begin(db);
	append(p, db, "hold.ended", "person:gus", NULL, json_pack("{ss}", "person", "mail:" ADDRESS));
	commit(db);
	json_decref(held);
	held = retention_due(db, false, p->now + 1, 9, &after, &e);
	assert_int_equal(json_array_size(held), 2);
	after = 0;
	json_decref(none);
	none = retention_due(db, true, p->now + 1, 9, &after, &e);
	assert_int_equal(json_array_size(none), 1); // CS-1 is archived
	json_decref(none);
	after = 0;
	none = retention_due(db, true, STORY_START, 9, &after, &e);
	assert_int_equal(json_array_size(none), 0); // nothing was over by then
	db_close(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_archived_is_verified_by_its_bundle, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_bytes_may_come_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_due_is_found_in_portions, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What was erased after a backup was made does not come back with the backup, when the journal says that it was erased.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "base/folder.h"
#include "store/backup.h"
#include "store/erase.h"
#include "store/restore.h"
#include "store/verify.h"
#include "tests/unit/erasable.h"

static void what_was_erased_does_not_come_back(void **state)
{
	char *top = state_make();
	_free_ char *home = path_join(top, "state"), *journal = path_join(top, "journal");
	_free_ char *backups = path_join(top, "backups"), *archive = path_join(home, "archive");
	_free_ char *bundle = path_join(archive, "CS-1.tar"), *backup = NULL;
	const struct backup_order saving = { home, backups, NULL, journal, "test", STORY_START };
	struct place p = { .state = home, .journal = journal, .now = STORY_START };
	struct restore_order order = { .state = home, .replay = journal, .journal = journal, .now = STORY_START };
	_restore_ struct restore r = { .lock = -1 };
	struct verify_result n;
	struct manifest made;
	struct err e = { 0 };
	struct db *db;
	int lock;

	(void)state;
	mkdir(home, 0700);
	mkdir(archive, 0700);
	assert_int_equal(file_replace(bundle, NAME, strlen(NAME), 0400, &e), 0);
	db = open_with(home, journal);
	tell_case(&p, db, "CS-1", 1, 'b');
	lock = backups_lock(backups, &e);
	if (lock < 0 || backup_make(&saving, &made, &e) < 0)
		fail_msg("%s", e.text);
	close(lock);
	assert_int_equal(json_array_size(made.files), 4);
	order.backup = backup = path_join(backups, made.name);
	manifest_free(&made);
	erase(&p, db, &(struct erase_subject){ .case_id = "CS-1" });
	assert_int_equal(erase_finish(db, &e), 0);
	db_close(&db);
	assert_int_equal(places(home) + places(journal), 0);

	assert_int_equal(folder_empty(home, &e), 0);
	if (restore_build(&order, &r, &e) < 0 || restore_finish(&r, NULL, false, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.verdict, RESTORE_WHOLE);
	restore_end(&r);
	if (log_verify(home, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(n.erased > 0);
	assert_int_equal(places(home), 0);
	assert_true(places(backup) > 0); // as the answer to who asked for it says
	state_remove(&top);
}

// Its evidence is nowhere else once a case is in the archive, which is newer than the backup.
static void what_was_archived_comes_back(void **state)
{
	char *top = state_make();
	_free_ char *home = path_join(top, "state"), *journal = path_join(top, "journal");
	_free_ char *backups = path_join(top, "backups"), *archive = path_join(home, "archive");
	_free_ char *bundle = path_join(archive, "CS-1.tar"), *backup = NULL;
	_free_ char *copy = path_join(journal, "archive/CS-1.tar");
	const struct backup_order saving = { home, backups, NULL, journal, "test", STORY_START };
	struct place p = { .state = home, .journal = journal, .now = STORY_START };
	struct restore_order order = { .state = home, .replay = journal, .journal = journal, .now = STORY_START };
	struct digest sha256 = sha256_of("bundle", 6);
	_restore_ struct restore r = { .lock = -1 };
	char hex[2 * DIGEST_SIZE + 1];
	struct verify_result n;
	struct manifest made;
	struct err e = { 0 };
	struct db *db;
	int lock;

	(void)state;
	mkdir(home, 0700);
	db = open_with(home, journal);
	tell_case(&p, db, "CS-1", 1, 'b');
	lock = backups_lock(backups, &e);
	if (lock < 0 || backup_make(&saving, &made, &e) < 0)
		fail_msg("%s", e.text);
	close(lock);
	order.backup = backup = path_join(backups, made.name);
	manifest_free(&made);
	mkdir(archive, 0700);
	assert_int_equal(file_replace(bundle, "bundle", 6, 0400, &e), 0);
	begin(db);
	append(&p, db, "evidence.archived", "system", "CS-1",
	       json_pack("{ss si s[]}", "bundle", hex_encode(sha256.bytes, DIGEST_SIZE, hex), "size", 6, "evidence"));
	commit(db);
	db_close(&db);

	assert_int_equal(folder_empty(home, &e), 0);
	if (restore_build(&order, &r, &e) < 0 || restore_finish(&r, NULL, false, &e) < 0)
		fail_msg("%s", e.text);
	restore_end(&r);
	if (log_verify(home, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n.bundles, 1);

	assert_int_equal(folder_empty(home, &e), 0);
	assert_int_equal(unlink(copy), 0);
	assert_int_equal(restore_build(&order, &r, &e), -1);
	assert_non_null(strstr(e.text, "the archived bundle of CS-1"));
	restore_end(&r);
	state_remove(&top);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_erased_does_not_come_back),
		                            cmocka_unit_test(what_was_archived_comes_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

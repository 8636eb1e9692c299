// SPDX-License-Identifier: Apache-2.0
// Backup and restore: what is made verifies, a manifest that was touched is told, what the journal has comes back, and
// what is lost is lost by number.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <unistd.h>

#include "base/checkpoint.h"
#include "base/folder.h"
#include "store/alarms.h"
#include "store/backup.h"
#include "store/restore.h"
#include "store/restore_parts.h"
#include "store/restored.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

#define NOW STORY_START

struct place {
	char *top, *state, *backups, *journal, *mark;
	struct story story;
	int64_t now; // each backup and restore has a moment of its own
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	*p = (struct place){ .top = state_make(), .story = story_begin(11), .now = NOW };
	p->state = path_join(p->top, "state");
	p->backups = path_join(p->top, "backups");
	p->journal = path_join(p->top, "journal");
	p->mark = path_join(p->state, "signer/mark");
	mkdir(p->state, 0700);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	state_remove(&p->top);
	free(p->state);
	free(p->backups);
	free(p->journal);
	free(p->mark);
	free(p);
	return 0;
}

// --- given -----------------------------------------------------------------------------------------------------------

// So many commits, one with a mail that becomes a file; with the journal or without.
static struct digest live(struct place *p, bool journal, int commits, const char *mail, uint64_t *size)
{
	struct err e = { 0 };
	_db_ struct db *db = db_open(p->state, DB_WRITE, &e);
	_free_ char *bytes = calloc(1, BLOB_INLINE_MAX + 1);
	enum arrived arrived;
	struct inbox_row row;

	if (!db || (journal && journal_open(db, p->journal, &e) < 0))
		fail_msg("%s", e.text);
	snprintf(bytes, 64, "Subject: %s", mail);
	for (int i = 0; i < commits; i++) {
		if (db_begin(db, "test", &e) < 0 || story_step(&p->story, db, &e) < 0 ||
		    (i == 0 &&
		     inbox_take(db, &(struct arrival){ mail, "mail", bytes, BLOB_INLINE_MAX + 1, p->story.now, NULL },
		                p->story.now, &arrived, &row, &e) < 0) ||
		    db_commit(db, &e) < 0)
			fail_msg("%s", e.text);
	}
	if (size)
		*size = log_size(db);
	return log_root(db);
}

static char *backup(struct place *p, struct manifest *out)
{
	const struct backup_order order = {
		p->state, p->backups, "example.com/log", p->journal, "0.1", p->now += 1000
	};
	struct manifest m;
	struct err e = { 0 };
	int lock = backups_lock(p->backups, &e);
	char *path;

	if (lock < 0 || backup_make(&order, &m, &e) < 0)
		fail_msg("%s", e.text);
	close(lock);
	path = path_join(p->backups, m.name);
	if (out)
		*out = m;
	else
		manifest_free(&m);
	return path;
}

static void lose(struct place *p, bool mark)
{
	_free_ char *kept = path_join(p->top, "kept-mark");
	struct err e = { 0 };

	if (mark)
		rename(p->mark, kept);
	assert_int_equal(folder_empty(p->state, &e), 0);
	if (!mark)
		return;
	_free_ char *folder = path_join(p->state, "signer");

	mkdir(folder, 0700);
	assert_int_equal(rename(kept, p->mark), 0);
}

static void set_mark(struct place *p, uint64_t size, const struct digest *root)
{
	struct err e = { 0 };

	assert_int_equal(restore_mark_write(p->mark, size, root, NOW, &e), 0);
}

// --- when ------------------------------------------------------------------------------------------------------------

static int build(struct place *p, const char *from, bool journal, struct restore *r, struct err *e)
{
	const struct restore_order order = {
		.state = p->state,
		.backup = from,
		.replay = journal ? p->journal : NULL,
		.journal = journal ? p->journal : NULL,
		.now = p->now += 1000,
	};

	return restore_build(&order, r, e);
}

static void finish(struct restore *r, const char *origin, bool anew)
{
	struct err e = { 0 };

	if (restore_finish(r, origin, anew, &e) < 0)
		fail_msg("%s", e.text);
}

// --- then ------------------------------------------------------------------------------------------------------------

static void assert_whole(struct place *p, uint64_t size, const struct digest *root)
{
	struct verify_result n;
	struct err e = { 0 };
	_db_ struct db *db = NULL;
	struct digest then;

	if (log_verify(p->state, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n.entries, size + 1); // restore.done
	db = db_open(p->state, DB_READ, &e);
	assert_non_null(db);
	assert_int_equal(log_root_at(db, size, &then, &e), 0);
	assert_memory_equal(then.bytes, root->bytes, DIGEST_SIZE);
}

static bool there(const char *dir, const char *name)
{
	_free_ char *path = path_join(dir, name);

	return access(path, F_OK) == 0;
}

// --- cases -----------------------------------------------------------------------------------------------------------

static void a_backup_says_what_it_holds(void **state)
{
	struct place *p = *state;
	struct manifest made, read;
	struct digest root = live(p, true, 12, "one", NULL);
	_free_ char *path = backup(p, &made);
	struct verify_result n;
	struct err e = { 0 };

	assert_int_equal(manifest_read(path, &read, &e), 0);
	assert_memory_equal(read.root.bytes, root.bytes, DIGEST_SIZE);
	assert_memory_equal(read.digest.bytes, made.digest.bytes, DIGEST_SIZE);
	assert_string_equal(read.origin, "example.com/log");
	assert_int_equal(read.size, made.size);
	assert_int_equal(json_array_size(read.files), 2); // the database, and a large mail
	assert_non_null(read.segment);
	assert_int_equal(log_verify(path, &n, &e), 0);
	manifest_free(&made);
	manifest_free(&read);
}

static void old_backups_go_and_half_made_ones_too(void **state)
{
	struct place *p = *state;
	_free_ char *first = NULL, *second = NULL, *third = NULL, *newest = NULL, *half = NULL;
	struct err e = { 0 };
	int lock;

	live(p, false, 3, "one", NULL);
	first = backup(p, NULL);
	second = backup(p, NULL);
	third = backup(p, NULL);
	half = text_format("%s.new-abcdef/evidence", third);
	assert_int_equal(folder_make(half, &e), 0);
	lock = backups_lock(p->backups, &e);
	assert_true(lock >= 0);
	assert_int_equal(backups_lock(p->backups, &e), -1);
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_int_equal(access(half, F_OK), -1);
	assert_int_equal(backups_prune(p->backups, 2, &e), 1);
	close(lock);
	assert_int_equal(access(first, F_OK), -1);
	assert_int_equal(access(second, F_OK), 0);
	newest = backups_newest(p->backups, &e);
	assert_string_equal(newest, third);
}

static void what_does_not_verify_is_no_backup(void **state)
{
	struct place *p = *state;
	const struct backup_order order = { p->state, p->backups, NULL, NULL, "0.1", NOW };
	struct manifest m;
	struct err e = { 0 };
	struct db *db;
	int lock;

	live(p, false, 5, "one", NULL);
	db = db_open(p->state, DB_WRITE, &e);
	assert_int_equal(sql_exec(db, "UPDATE entry SET leaf = CAST(replace(leaf, 'system', 'sister') AS BLOB)", &e),
	                 0);
	db_close(&db);
	lock = backups_lock(p->backups, &e);
	assert_int_equal(backup_make(&order, &m, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_non_null(strstr(e.text, "no backup was made"));
	manifest_free(&m);
	assert_null(backups_newest(p->backups, &e));
	close(lock);
}

// The disk is lost, backup and journal are not.
static void the_journal_brings_back_what_came_after(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL;
	struct digest root;
	struct err e = { 0 };
	_restore_ struct restore r = { .lock = -1 };
	uint64_t size;

	live(p, true, 10, "one", NULL);
	path = backup(p, NULL);
	root = live(p, true, 10, "two", &size);
	set_mark(p, size, &root);
	lose(p, true);
	if (build(p, path, true, &r, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.verdict, RESTORE_WHOLE);
	assert_string_equal(r.why.text, "");
	assert_int_equal(r.size, size);
	finish(&r, "example.com/log", false);
	assert_whole(p, size, &root);
	assert_null(r.aside);
	restore_end(&r);
	assert_false(there(p->state, DB_RESTORING));

	// The journal goes on: the same backup can be rolled forward over the restore.
	root = live(p, true, 4, "three", &size);
	lose(p, false);
	if (build(p, path, true, &r, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.verdict, RESTORE_WHOLE);
	finish(&r, "example.com/log", false);
	assert_whole(p, size, &root);
}

static void what_is_lost_is_named(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL;
	struct digest root, later;
	struct err e = { 0 };
	_restore_ struct restore r = { .lock = -1 };
	struct restored lost;
	uint64_t size, then;
	struct db *db;

	root = live(p, false, 10, "one", &size);
	path = backup(p, NULL);
	later = live(p, false, 10, "two", &then);
	set_mark(p, then, &later);
	lose(p, true);
	if (build(p, path, false, &r, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.verdict, RESTORE_LOST);
	assert_int_equal(r.lost, then - size);
	restore_end(&r); // refused
	assert_false(there(p->state, BACKUP_DATABASE));
	assert_null(db_open(p->state, DB_WRITE, &e)); // and nothing else is begun there
	assert_non_null(strstr(e.text, "did not come to its end"));

	assert_int_equal(build(p, path, false, &r, &e), 0);
	finish(&r, "example.com/log2", true);
	assert_whole(p, size, &root);
	db = db_open(p->state, DB_READ, &e);
	assert_int_equal(restored_anew(db, &lost, &e), 1);
	assert_string_equal(lost.origin, "example.com/log2");
	assert_int_equal(restored_lost(db, size, &lost, &e), 0);
	assert_int_equal(restored_lost(db, size + 1, &lost, &e), 1);
	assert_int_equal(restored_lost(db, then, &lost, &e), 1);
	assert_int_equal(restored_lost(db, then + 1, &lost, &e), 0);
	db_close(&db);
	assert_true(there(p->state, "signer/mark")); // as it was
	{
		_free_ char *name = text_format("signer/mark.%llu", (unsigned long long)size);

		assert_true(there(p->state, name));
	}
}

static void neither_mark_nor_journal_says_nothing(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL;
	struct err e = { 0 };
	_restore_ struct restore r = { .lock = -1 };
	struct digest root = { .bytes = { 1 } };

	live(p, false, 6, "one", NULL);
	path = backup(p, NULL);
	lose(p, false);
	assert_int_equal(build(p, path, false, &r, &e), 0);
	assert_int_equal(r.verdict, RESTORE_UNKNOWN);
	restore_end(&r);
	set_mark(p, 3, &root);
	assert_int_equal(build(p, path, false, &r, &e), 0);
	assert_int_equal(r.verdict, RESTORE_FORKED);
}

// What is there is kept aside, its write-ahead log included, and broken pieces as they are.
static void the_former_state_is_kept(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL, *database = path_join(p->state, BACKUP_DATABASE);
	struct err e = { 0 };
	_restore_ struct restore r = { .lock = -1 }, second = { .lock = -1 };
	struct digest root, before;
	uint64_t size;

	live(p, true, 6, "one", NULL);
	path = backup(p, NULL);
	root = live(p, true, 6, "two", &size);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	assert_int_equal(build(p, path, true, &second, &e), -1);
	assert_int_equal(e.code, EX_TEMPFAIL); // one at a time
	finish(&r, NULL, false);
	assert_whole(p, size, &root);
	assert_true(there(r.aside, BACKUP_DATABASE));
	before = r.head_root;
	restore_end(&r);

	assert_int_equal(file_replace(database, "SQLite format 3, but not a", 26, 0600, &e), 0);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	finish(&r, NULL, false);
	assert_whole(p, size + 1, &before);
}

static char *note_of(struct place *p, uint64_t size, const struct digest *root)
{
	struct checkpoint head = { .origin = "example.com/log", .size = size, .root = *root };
	_free_ char *text = checkpoint_text(&head), *note = NULL, *line = NULL;
	uint8_t seed[NOTE_KEY] = { 7 };
	char *path = path_join(p->top, "note");
	struct note_signer signer;
	struct err e = { 0 };

	assert_int_equal(note_signer_make("example.com/log", NOTE_ED25519, seed, &signer, &e), 0);
	line = note_sign(&signer, text, strlen(text), 0, &e);
	note = text_format("%s\n%s", text, line);
	assert_int_equal(file_replace(path, note, strlen(note), 0600, &e), 0);
	return path;
}

static void assert_verdict(struct place *p, const char *backup, const char *mark, enum restore_verdict verdict,
                           uint64_t lost)
{
	const struct restore_order order = { .state = p->state, .backup = backup, .mark = mark, .now = NOW };
	_restore_ struct restore r = { .lock = -1 };
	struct err e = { 0 };

	if (restore_build(&order, &r, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.verdict, verdict);
	assert_int_equal(r.lost, lost);
}

// A checkpoint that somebody kept says how long the log was at least; only the signer's mark says how long it was.
static void a_checkpoint_is_a_lower_bound(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL, *early = NULL, *late = NULL, *other = NULL;
	struct digest first, second, third;
	uint64_t one, two, three;

	first = live(p, false, 3, "one", &one);
	second = live(p, false, 3, "two", &two);
	path = backup(p, NULL);
	third = live(p, false, 3, "three", &three);
	lose(p, false);
	early = note_of(p, one, &first);
	assert_verdict(p, path, early, RESTORE_UNKNOWN, 0);
	set_mark(p, three, &third); // the signer knows more than whoever kept the checkpoint
	assert_verdict(p, path, early, RESTORE_LOST, three - two);
	set_mark(p, two, &second);
	assert_verdict(p, path, early, RESTORE_WHOLE, 0);
	late = note_of(p, three, &third);
	assert_verdict(p, path, late, RESTORE_LOST, three - two);
	other = note_of(p, one, &third);
	assert_verdict(p, path, other, RESTORE_FORKED, 0);
}

static void spoil(const char *path, long at)
{
	FILE *file = fopen(path, "r+b");
	int c;

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	c = fgetc(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	fputc(c ^ 1, file);
	fclose(file);
}

static void a_backup_that_was_altered_is_named(void **state)
{
	struct place *p = *state;
	struct manifest m;
	struct err e = { 0 };

	live(p, false, 6, "one", NULL);
	for (size_t i = 0; i < 3; i++) {
		struct restore r = { .lock = -1 };
		_free_ char *path = backup(p, &m);
		struct file_sum sum;
		const char *name = i < 2 ? manifest_file(&m, i, &sum) : BACKUP_MANIFEST;
		_free_ char *file = path_join(path, name);

		chmod(file, 0600);
		spoil(file, i == 2 ? 60 : 5000);
		assert_int_equal(build(p, path, false, &r, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, file));
		restore_end(&r);
		manifest_free(&m);
	}
}

// Of a mail that came after the backup, the journal has the only copy; and that must be the right one.
static void evidence_that_is_nowhere_is_named(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL, *folder = path_join(p->journal, "evidence"), *kept = path_join(p->top, "kept");
	struct err e = { 0 };
	struct restore r = { .lock = -1 };

	live(p, true, 3, "one", NULL);
	path = backup(p, NULL);
	live(p, true, 3, "two", NULL);
	lose(p, false);
	assert_int_equal(rename(folder, kept), 0);
	assert_int_equal(build(p, path, true, &r, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_non_null(strstr(e.text, "is neither in the backup nor in the journal"));
	restore_end(&r);
	assert_int_equal(rename(kept, folder), 0);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	restore_end(&r);
}

// A journal that is broken gives what comes before; the mark says whether that is all.
static void a_broken_journal(void **state)
{
	struct place *p = *state;
	_free_ char *path = NULL, *segment = path_join(p->journal, "00000000000000000000.journal");
	struct err e = { 0 };
	struct restore r = { .lock = -1 };
	struct digest root, later;
	uint64_t size, then;
	struct stat st;

	live(p, true, 3, "one", NULL);
	path = backup(p, NULL);
	root = live(p, true, 3, "two", &size);
	assert_int_equal(stat(segment, &st), 0);
	later = live(p, true, 3, "three", &then);
	spoil(segment, st.st_size + 200);
	lose(p, false);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	assert_int_equal(r.verdict, RESTORE_UNKNOWN);
	assert_int_equal(r.size, size);
	assert_true(r.broken);
	restore_end(&r);

	set_mark(p, then, &later);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	assert_int_equal(r.verdict, RESTORE_LOST);
	assert_int_equal(r.lost, then - size);
	restore_end(&r);

	set_mark(p, size, &root);
	assert_int_equal(build(p, path, true, &r, &e), 0);
	assert_int_equal(r.verdict, RESTORE_WHOLE);
	assert_true(*r.why.text);
	finish(&r, NULL, false);
	assert_whole(p, size, &root);
	assert_int_equal(access(segment, F_OK), -1); // set aside, for the core would stumble over it
	restore_end(&r);
	live(p, true, 2, "four", NULL);
}

static void names_in_a_manifest(void **state)
{
	static const char hash[] = "abcd5678abcd5678abcd5678abcd5678abcd5678abcd5678abcd5678abcd5678";
	_free_ char *good = text_format("evidence/ab/%s", hash), *other = text_format("evidence/cd/%s", hash);

	(void)state;
	assert_true(manifest_name_ok("countersign.db"));
	assert_true(manifest_name_ok(good));
	assert_true(manifest_name_ok("archive/CS-1.tar"));
	assert_false(manifest_name_ok(other));
	assert_false(manifest_name_ok("evidence/ab/../../x"));
	assert_false(manifest_name_ok("archive/../signer/mark"));
	assert_false(manifest_name_ok("archive/.."));
	assert_false(manifest_name_ok("archive/"));
	assert_false(manifest_name_ok("/etc/passwd"));
	assert_false(manifest_name_ok("countersign.db-wal"));
	assert_false(manifest_name_ok(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_backup_says_what_it_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(old_backups_go_and_half_made_ones_too, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_verify_is_no_backup, setup, teardown),
		cmocka_unit_test_setup_teardown(the_journal_brings_back_what_came_after, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_lost_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(neither_mark_nor_journal_says_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_former_state_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(a_checkpoint_is_a_lower_bound, setup, teardown),
		cmocka_unit_test_setup_teardown(a_backup_that_was_altered_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(evidence_that_is_nowhere_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_journal, setup, teardown),
		cmocka_unit_test(names_in_a_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

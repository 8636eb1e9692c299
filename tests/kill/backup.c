// SPDX-License-Identifier: Apache-2.0
// A store, its journal and its backups, and nothing else.  tests/system/kill_backup.sh runs it.
//
// backup make DIR         - DIR/state with a journal in DIR/journal, a backup in DIR/backups, more entries after it,
//                           and the signer's mark at their end, which is written to DIR/head
// backup save DIR         - one more backup
// backup restore DIR      - the newest one, and the journal
// backup check-save DIR   - after a death: is each backup that has its name whole, and the state as it was?
// backup again-save DIR, again-restore DIR - the deed and the check
// backup check-restore DIR - after a death: "old", "new" or "none", the last when no core would start; anything else
//                           fails
#include "store/backup.h"
#include "base/clock.h"
#include "base/folder.h"
#include "store/journal.h"
#include "store/restore.h"
#include "store/restore_parts.h"
#include "store/verify.h"
#include "tests/unit/story.h"

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "backup: %s\n", e->text);
	exit(1);
}

static char *below(const char *dir, const char *name)
{
	return path_join(dir, name);
}

// Entries, letters, and a mail that becomes a file of its own.
static void live(const char *dir, struct story *s, const char *mail)
{
	static char bytes[BLOB_INLINE_MAX + 1];
	_free_ char *state = below(dir, "state"), *journal = below(dir, "journal"), *mark = below(state, "signer/mark");
	_free_ char *head = below(dir, "head");
	struct err e = { 0 };
	_db_ struct db *db = db_open(state, DB_WRITE, &e);
	enum arrived arrived;
	struct inbox_row row;
	struct digest root;
	char line[32];

	snprintf(bytes, sizeof bytes, "%s", mail);
	if (!db || journal_open(db, journal, &e) < 0)
		fail(&e);
	for (int i = 0; i < 5; i++)
		if (db_begin(db, "live", &e) < 0 || story_step(s, db, &e) < 0 ||
		    (i == 2 && inbox_take(db, &(struct arrival){ mail, "mail", bytes, sizeof bytes, s->now, NULL },
		                          s->now, &arrived, &row, &e) < 0) ||
		    db_commit(db, &e) < 0)
			fail(&e);
	root = log_root(db);
	snprintf(line, sizeof line, "%llu\n", (unsigned long long)log_size(db));
	if (restore_mark_write(mark, log_size(db), &root, s->now, &e) < 0 ||
	    file_replace(head, line, strlen(line), 0600, &e) < 0)
		fail(&e);
}

static void save(const char *dir)
{
	_free_ char *state = below(dir, "state"), *journal = below(dir, "journal"), *backups = below(dir, "backups");
	const struct backup_order order = { state, backups, "example.com/log", journal, "test", clock_real() };
	struct manifest made;
	struct err e = { 0 };
	_close_ int lock = backups_lock(backups, &e);

	if (lock < 0 || backup_make(&order, &made, &e) < 0 || backups_prune(backups, 1, &e) < 0)
		fail(&e);
	manifest_free(&made);
}

static void make(const char *dir)
{
	_free_ char *state = below(dir, "state");
	struct story s = story_begin(5);
	struct err e = { 0 };

	if (folder_make(state, &e) < 0)
		fail(&e);
	live(dir, &s, "first");
	save(dir);
	live(dir, &s, "second");
}

static void restore(const char *dir)
{
	_free_ char *state = below(dir, "state"), *journal = below(dir, "journal"), *backups = below(dir, "backups");
	struct err e = { 0 };
	_free_ char *backup = backups_newest(backups, &e);
	const struct restore_order order = {
		.state = state, .backup = backup, .replay = journal, .journal = journal, .now = clock_real()
	};
	_restore_ struct restore r = { .lock = -1 };

	if (!backup || restore_build(&order, &r, &e) < 0)
		fail(&e);
	if (r.verdict != RESTORE_WHOLE) {
		err_set(&e, EX_DATAERR, "verdict %d, %s", (int)r.verdict, r.why.text);
		fail(&e);
	}
	if (restore_finish(&r, "example.com/log", false, &e) < 0)
		fail(&e);
}

// --- after a death ---------------------------------------------------------------------------------------------------

static uint64_t head_of(const char *dir)
{
	_free_ char *path = below(dir, "head");
	_buf_ struct buf text = BUF(32);
	struct err e = { 0 };

	if (file_read(path, &text, &e) < 0)
		fail(&e);
	return strtoull(buf_text(&text), NULL, 10);
}

// How many entries a whole state has.
static uint64_t verify(const char *state)
{
	struct verify_result n;
	struct err e = { 0 };

	if (log_verify(state, &n, &e) < 0)
		fail(&e);
	return n.entries;
}

static void check_save(const char *dir)
{
	_free_ char *state = below(dir, "state"), *backups = below(dir, "backups"), *backup = NULL;
	struct manifest m;
	struct err e = { 0 };

	backup = backups_newest(backups, &e);
	if (!backup || manifest_read(backup, &m, &e) < 0)
		fail(&e);
	if (verify(backup) != m.size || verify(state) != head_of(dir)) {
		err_set(&e, EX_DATAERR, "the backup or the state is not what it was");
		fail(&e);
	}
	manifest_free(&m);
}

static void check_restore(const char *dir)
{
	_free_ char *state = below(dir, "state"), *database = below(state, BACKUP_DATABASE);
	_free_ char *restoring = below(state, DB_RESTORING);
	struct err e = { 0 };
	uint64_t size;

	if (access(database, F_OK) < 0) {
		if (access(restoring, F_OK) == 0 && db_open(state, DB_WRITE, &e)) {
			err_set(&e, EX_SOFTWARE, "a new log was begun");
			fail(&e);
		}
		puts("none");
		return;
	}
	size = verify(state);
	if (size < head_of(dir)) {
		err_set(&e, EX_DATAERR, "%llu entries are neither the old state nor the new one",
		        (unsigned long long)size);
		fail(&e);
	}
	puts(size == head_of(dir) ? "old" : "new");
}

static void again_save(const char *dir)
{
	save(dir);
	check_save(dir);
}

static void again_restore(const char *dir)
{
	restore(dir);
	check_restore(dir);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *verb;
		void (*run)(const char *dir);
	} verbs[] = { { "make", make },
		      { "save", save },
		      { "restore", restore },
		      { "again-save", again_save },
		      { "again-restore", again_restore },
		      { "check-save", check_save },
		      { "check-restore", check_restore } };

	for (size_t i = 0; argc == 3 && i < LENGTH(verbs); i++)
		if (strcmp(argv[1], verbs[i].verb) == 0) {
			verbs[i].run(argv[2]);
			return 0;
		}
	return EX_USAGE;
}

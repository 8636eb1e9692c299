// SPDX-License-Identifier: Apache-2.0
// backup FOLDER save|restore whole|lost|broken HOW STEP FIRST - a store with a journal, a backup and entries after it
// is backed up again, or restored, stopped at each step: a child does it to a copy; before its n-th call that changes a
// file it is killed, or that call fails, as HOW says (killed, EIO, ENOSPC); n from FIRST on in steps of STEP, until
// there are no more calls.  Another child looks: is each backup that has its name whole, is the state the old one or
// the new one, or none with which a core would start?  Then it is done again and must come to its end.  `lost`: the
// database is gone before, `broken`: it is no database any more.
//
// Preloaded with killshim.so; tests/system/kill_backup.sh runs it.
#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/folder.h"
#include "store/backup.h"
#include "store/journal.h"
#include "store/restore.h"
#include "store/restore_parts.h"
#include "store/verify.h"
#include "tests/kill/killshim.h"
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

// What there is; also a child's exit code.
enum found { OLD = 10, NEW, NONE };

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

static enum found look_save(const char *dir)
{
	_free_ char *state = below(dir, "state"), *backups = below(dir, "backups"), *backup = NULL;
	struct manifest m;
	struct err e = { 0 };
	enum found found;

	backup = backups_newest(backups, &e);
	if (!backup || manifest_read(backup, &m, &e) < 0)
		fail(&e);
	if (verify(backup) != m.size || verify(state) != head_of(dir)) {
		err_set(&e, EX_DATAERR, "the backup or the state is not what it was");
		fail(&e);
	}
	found = m.size == head_of(dir) ? NEW : OLD;
	manifest_free(&m);
	return found;
}

static enum found look_restore(const char *dir)
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
		return NONE;
	}
	size = verify(state);
	if (size < head_of(dir)) {
		err_set(&e, EX_DATAERR, "%llu entries are neither the old state nor the new one",
		        (unsigned long long)size);
		fail(&e);
	}
	return size == head_of(dir) ? OLD : NEW;
}

// --- one after the other ---------------------------------------------------------------------------------------------

struct plan {
	const char *verb, *condition, *how;
	int error; // 0: it is killed
	char *made, *dir, *database;
	void (*deed)(const char *dir);
	enum found (*look)(const char *dir);
	void (*arm)(long at, int error, const char *folder);
	long (*count)(void);
	long *counted; // shared with the children: calls of the one that came to its end
};

static int wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		exit(EX_OSERR);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int disturbed(const struct plan *p, long at)
{
	pid_t child = fork();

	if (child == 0) {
		p->arm(at, p->error, NULL);
		p->deed(p->dir);
		*p->counted = p->count();
		_exit(0);
	}
	return wait_for(child);
}

static int look(const struct plan *p, bool again)
{
	pid_t child = fork();

	if (child == 0) {
		if (again)
			p->deed(p->dir);
		_exit((int)p->look(p->dir));
	}
	return wait_for(child);
}

static void begin(const struct plan *p)
{
	char *old = text_copy(p->dir);
	pid_t child;

	state_remove(&old);
	child = fork();
	if (child == 0) {
		execlp("cp", "cp", "-a", p->made, p->dir, (char *)NULL);
		_exit(EX_OSERR);
	}
	if (wait_for(child) != 0)
		exit(EX_OSERR);
	if (strcmp(p->condition, "lost") == 0)
		unlink(p->database);
	else if (strcmp(p->condition, "broken") == 0 &&
	         file_replace(p->database, "this is no database", 19, 0600, NULL) < 0)
		exit(EX_OSERR);
}

// Of a deed that ended with `code`.
static bool may_be(const struct plan *p, int code, int found)
{
	bool restores = p->deed == restore;

	if (code == 0)
		return found == NEW;
	if (code != (p->error ? 1 : 137))
		return false;
	if (!restores || strcmp(p->condition, "whole") == 0)
		return found == OLD || found == NEW;
	// What was no database may still be in its place.
	return found == NONE || found == NEW || (strcmp(p->condition, "broken") == 0 && found == 1);
}

static void stop_at_each(const struct plan *p, long at, long step)
{
	int stopped = 0, went_on = 0, code, found, again;

	for (;; at += step) {
		begin(p);
		*p->counted = 0;
		code = disturbed(p, at);
		found = look(p, false);
		again = look(p, true);
		if (!may_be(p, code, found) || again != NEW) {
			fprintf(stderr, "%s of a %s state, %s at call %ld: it ended with %d, found %d, again %d\n",
			        p->verb, p->condition, p->how, at, code, found, again);
			exit(1);
		}
		if (code == 0 && at > *p->counted)
			break;
		stopped += code != 0;
		went_on += code == 0;
	}
	printf("%s of a %s state, %s: stopped %d times, went on %d times, at every %ldth of %ld calls\n", p->verb,
	       p->condition, p->how, stopped, went_on, step, *p->counted);
	if (*p->counted < 80) {
		fprintf(stderr, "backup: the shim does not see the calls\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct plan p = { .deed = save, .look = look_save };

	*(void **)&p.arm = dlsym(RTLD_DEFAULT, "killshim_arm");
	*(void **)&p.count = dlsym(RTLD_DEFAULT, "killshim_count");
	if (argc != 7 || !p.arm || !p.count) {
		fprintf(stderr, "usage: LD_PRELOAD=killshim.so backup FOLDER save|restore whole|lost|broken "
		                "killed|EIO|ENOSPC STEP FIRST\n");
		return EX_USAGE;
	}
	p.verb = argv[2];
	p.condition = argv[3];
	p.how = argv[4];
	if (strcmp(p.verb, "restore") == 0) {
		p.deed = restore;
		p.look = look_restore;
	}
	p.error = strcmp(p.how, "EIO") == 0 ? EIO : strcmp(p.how, "ENOSPC") == 0 ? ENOSPC : 0;
	p.made = path_join(argv[1], "made");
	p.dir = path_join(argv[1], "desk");
	p.database = path_join(p.dir, "state/" BACKUP_DATABASE);
	p.counted = mmap(NULL, sizeof *p.counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.counted == MAP_FAILED)
		return EX_OSERR;
	if (access(p.made, F_OK) < 0)
		make(p.made);
	stop_at_each(&p, strtol(argv[6], NULL, 10), strtol(argv[5], NULL, 10));
	free(p.made);
	free(p.dir);
	free(p.database);
	return 0;
}

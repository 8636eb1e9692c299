// SPDX-License-Identifier: Apache-2.0
// append FOLDER HOW STEP [FIRST] [journal] - a store and nothing else, stopped at each step: a child makes a state in
// FOLDER, appends entries in transactions of several sizes, and acknowledges each commit by a line "SIZE ROOT" in a
// file. Before its n-th call that changes a file it is killed, or that call fails (with a journal: of calls on it), as
// HOW says (killed, EIO, ENOSPC); n from FIRST on in steps of STEP, until there are no more calls.  A transaction for
// which there is no room is rolled back and done again.  After each death another child looks: is what was acknowledged
// last still there, does everything verify, does the log go on; and does the journal, which was never behind, give all
// of it?
//
// Preloaded with killshim.so; tests/system/kill_log.sh runs it.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "store/blob.h"
#include "store/inbox.h"
#include "store/journal.h"
#include "store/journal_frame.h"
#include "store/verify.h"
#include "tests/kill/killshim.h"
#include "tests/kill/same.h"
#include "tests/unit/story.h"

#define TRANSACTIONS 6

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "append: %s\n", e->text);
	exit(1);
}

// Not by stdio, which the shim would not see.
static void acknowledge(struct db *db, int acks)
{
	struct digest root = log_root(db);
	char line[128], hex[2 * DIGEST_SIZE + 1];
	int len = snprintf(line, sizeof line, "%llu %s\n", (unsigned long long)log_size(db),
	                   hex_encode(root.bytes, DIGEST_SIZE, hex));

	if (write(acks, line, (size_t)len) != len)
		exit(1);
}

// A mail that becomes a file of its own.
static int take_large(struct db *db, const char *id, int64_t now, struct err *e)
{
	static char bytes[BLOB_INLINE_MAX + 1];
	const struct arrival mail = { id, "mail", bytes, sizeof bytes, now, NULL };
	enum arrived arrived;
	struct inbox_row row;

	return inbox_take(db, &mail, now, &arrived, &row, e);
}

// 1 when there was no room for it.
static int transaction(struct db *db, struct story *s, int i, struct err *e)
{
	if (db_begin(db, "append", e) < 0)
		return -1;
	for (int k = 0; k <= i % 4 * 3; k++)
		if (story_step(s, db, e) < 0)
			return -1;
	if (i == TRANSACTIONS / 2 && take_large(db, "first", s->now, e) < 0)
		return -1;
	if (db_commit(db, e) == 0)
		return 0;
	if (!db_is_undone(db))
		return -1;
	db_rollback(db);
	return 1;
}

static void append(const char *dir, const char *journal, int acks)
{
	struct err e = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &e);
	struct story s = story_begin(4);

	if (!db || (journal && journal_open(db, journal, &e) < 0))
		fail(&e);
	for (int i = 0; i < TRANSACTIONS; i++) {
		struct story before = s;
		int full = transaction(db, &s, i, &e);

		if (full > 0) {
			s = before;
			full = transaction(db, &s, i, &e);
		}
		if (full)
			fail(&e);
		acknowledge(db, acks);
		if (i == TRANSACTIONS / 2 && db_checkpoint(db, &e) < 0)
			fail(&e);
	}
	db_close(&db);
}

static void verify(const char *dir)
{
	struct verify_result n;
	struct err e = { 0 };

	if (log_verify(dir, &n, &e) < 0)
		fail(&e);
}

// A state that only the journal has must have the same rows in every table.
static void replay(const char *dir, const char *journal)
{
	char *fresh = state_make();
	struct err e = { 0 };
	struct db *db = db_open(fresh, DB_WRITE, &e);
	struct journal_replayed n;

	if (!db || journal_replay(db, journal, 0, UINT64_MAX, &n, &e) < 0 || same_rows(db, dir, &e) < 0)
		fail(&e);
	db_close(&db);
	state_remove(&fresh);
}

// Where the journal ends.
static uint64_t end_of(const char *journal)
{
	_cleanup_(journal_read_end) struct journal_reader r;
	struct journal_frame frame = { 0 };
	struct err e = { 0 };

	if (journal_read(&r, journal, UINT64_MAX, &e) < 0)
		fail(&e);
	while (journal_next(&r, &frame, &e) > 0)
		;
	return frame.after;
}

// The journal must not be behind, and by one commit at most ahead: then it is carried out.
static void take_up_journal(struct db *db, const char *journal)
{
	uint64_t size = log_size(db), has = end_of(journal);
	struct err e = { 0 };

	if (has < size) {
		err_set(&e, EX_DATAERR, "the journal has %llu entries, the database %llu", (unsigned long long)has,
		        (unsigned long long)size);
		fail(&e);
	}
	if (journal_open(db, journal, &e) < 0)
		fail(&e);
	if (log_size(db) != has || journal_found(db)->gap || journal_found(db)->damaged) {
		err_set(&e, EX_DATAERR, "what the journal alone has was not carried out");
		fail(&e);
	}
}

static void check(const char *dir, uint64_t size, const char *root, const char *journal)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct err e = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &e);
	struct digest now;

	if (!db)
		fail(&e);
	if (journal)
		take_up_journal(db, journal);
	if (log_root_at(db, size, &now, &e) < 0)
		fail(&e);
	if (size > 0 && strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), root) != 0) {
		err_set(&e, EX_DATAERR, "what was acknowledged at size %llu is another log", (unsigned long long)size);
		fail(&e);
	}
	if (db_begin(db, "check", &e) < 0 || take_large(db, "second", 0, &e) < 0 || db_commit(db, &e) < 0)
		fail(&e);
	if (journal)
		replay(dir, journal);
	db_close(&db);
	verify(dir);
}

// --- one after the other ---------------------------------------------------------------------------------------------

struct plan {
	const char *how;
	int error; // 0: it is killed
	char *state, *journal, *acks;
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

// The child's exit code, 128 + the signal that ended it.
static int run(const struct plan *p, long at)
{
	pid_t child = fork();

	if (child == 0) {
		int acks = open(p->acks, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		p->arm(at, p->error, p->error ? p->journal : NULL);
		append(p->state, p->journal, acks);
		*p->counted = p->count();
		_exit(0);
	}
	return wait_for(child);
}

static int look(const struct plan *p)
{
	pid_t child = fork();

	if (child == 0) {
		_buf_ struct buf acks = BUF(1 << 20);
		const char *line, *root = "none";
		uint64_t size = 0;
		struct err e;

		if (file_read(p->acks, &acks, &e) == 0 && acks.len > 1) {
			acks.data[acks.len - 1] = '\0'; // a line is written whole or not at all
			line = strrchr(acks.data, '\n') ? strrchr(acks.data, '\n') + 1 : acks.data;
			root = strchr(line, ' ');
			if (!root || text_decimal(line, (size_t)(root++ - line), &size) < 0)
				_exit(EX_SOFTWARE);
		}
		check(p->state, size, root, p->journal);
		_exit(0);
	}
	return wait_for(child);
}

static void clear(char *path)
{
	char *again = text_copy(path);

	state_remove(&again);
}

static void stop_at_each(const struct plan *p, long at, long step)
{
	int stopped = 0, went_on = 0, code;

	for (;; at += step) {
		clear(p->state);
		if (p->journal)
			clear(p->journal);
		unlink(p->acks);
		mkdir(p->state, 0700);
		*p->counted = 0;
		code = run(p, at);
		if (look(p) != 0 || (code != 0 && code != (p->error ? 1 : 137))) {
			fprintf(stderr, "append: %s at call %ld%s: it ended with %d\n", p->how, at,
			        p->journal ? ", with a journal" : "", code);
			exit(1);
		}
		if (code == 0 && at > *p->counted)
			break;
		stopped += code != 0;
		went_on += code == 0;
	}
	printf("%s%s: stopped %d times, went on %d times, at every %ldth of %ld calls: nothing acknowledged was lost, "
	       "all verified\n",
	       p->how, p->journal ? ", with a journal" : "", stopped, went_on, step, *p->counted);
	if (*p->counted < (p->error && p->journal ? 12 : 100)) {
		fprintf(stderr, "append: the shim does not see the calls\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct plan p = { .how = argc > 2 ? argv[2] : "" };
	bool journal = argc > 4 && strcmp(argv[argc - 1], "journal") == 0;

	*(void **)&p.arm = dlsym(RTLD_DEFAULT, "killshim_arm");
	*(void **)&p.count = dlsym(RTLD_DEFAULT, "killshim_count");
	if (argc < 4 || !p.arm || !p.count) {
		fprintf(stderr,
		        "usage: LD_PRELOAD=killshim.so append FOLDER killed|EIO|ENOSPC STEP [FIRST] [journal]\n");
		return EX_USAGE;
	}
	p.error = strcmp(p.how, "EIO") == 0 ? EIO : strcmp(p.how, "ENOSPC") == 0 ? ENOSPC : 0;
	p.state = path_join(argv[1], "state");
	p.journal = journal ? path_join(argv[1], "journal") : NULL;
	p.acks = path_join(argv[1], "acks");
	p.counted = mmap(NULL, sizeof *p.counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.counted == MAP_FAILED)
		return EX_OSERR;
	stop_at_each(&p, argc > 4 + journal ? strtol(argv[4], NULL, 10) : 1, strtol(argv[3], NULL, 10));
	free(p.state);
	free(p.journal);
	free(p.acks);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "store/journal.h"
#include "store/log.h"
#include "store/schema.h"
#include "store/sql.h"

// "CSgn": what `file` and we recognise the database by.
#define APPLICATION_ID 0x4353676e

// Schema n is reached by running migrations[n - 1] on schema n - 1.  Append only; never edit one that was released.
static const char *const migrations[] = { schema_sql };

// Pages in the write-ahead log.  Beyond the second mark a commit moves them itself, although its caller waits for it.
enum { PAGES_MANY = 2000, PAGES_TOO_MANY = 8000 };

static int on_commit(void *data, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = data;

	db->unmoved = pages;
	if (pages >= PAGES_TOO_MANY)
		sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK; // what was not moved now is moved later; the commit stands
}

static int configure(struct db *db, enum db_mode mode, struct err *e)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	if (mode == DB_READ) // only the core's connection checkpoints
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, mode == DB_WRITE ? 10000 : 2000);
	if (sql_exec(db,
	             "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;"
	             "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0",
	             e) < 0)
		return -1;
	if (mode == DB_READ)
		return sql_exec(db, "PRAGMA query_only = ON", e);
	sqlite3_wal_hook(db->handle, on_commit, db);
	// What is erased must not be readable in pages that are free.
	return sql_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON", e);
}

static int migrate(struct db *db, bool fresh, struct err *e)
{
	const int64_t newest = (int64_t)LENGTH(migrations);
	int64_t version, id;

	if (sql_number(db, e, &version, 0, "PRAGMA user_version") < 0 ||
	    sql_number(db, e, &id, 0, "PRAGMA application_id") < 0)
		return -1;
	if (id != APPLICATION_ID && !fresh)
		return err_set(e, EX_DATAERR, "the database is not one of countersign's");
	if (version > newest)
		return err_set(e, EX_DATAERR, "the database has schema %lld, newer than this program's %lld",
		               (long long)version, (long long)newest);
	if (version == newest)
		return 0;
	if (sql_exec(db, "BEGIN IMMEDIATE", e) < 0)
		return -1;
	for (int64_t v = version; v < newest; v++) {
		char pragma[96];

		snprintf(pragma, sizeof pragma, "PRAGMA user_version = %lld; PRAGMA application_id = %d",
		         (long long)v + 1, APPLICATION_ID);
		if (sql_exec(db, migrations[v], e) < 0 || sql_exec(db, pragma, e) < 0) {
			sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
			return err_prefix(e, "cannot bring the schema from %lld to %lld", (long long)v,
			                  (long long)v + 1);
		}
	}
	return sql_exec(db, "COMMIT", e);
}

// A reader must not create anything, but must see that this is ours and of a schema it knows.
static int recognise(struct db *db, struct err *e)
{
	int64_t version, id;

	if (sql_number(db, e, &id, 0, "PRAGMA application_id") < 0 ||
	    sql_number(db, e, &version, 0, "PRAGMA user_version") < 0)
		return -1;
	if (id != APPLICATION_ID)
		return err_set(e, EX_DATAERR, "the database is not one of countersign's");
	if (version != (int64_t)LENGTH(migrations))
		return err_set(e, EX_DATAERR, "the database has schema %lld, this program reads %zu",
		               (long long)version, LENGTH(migrations));
	return 0;
}

int db_lock(const char *state, struct err *e)
{
	_free_ char *path = path_join(state, "lock");
	_close_ int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char pid[32] = "";

	if (lock < 0)
		return err_sys(e, EX_CANTCREAT, "cannot open %s", path);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		ssize_t n = pread(lock, pid, sizeof pid - 1, 0);

		return err_set(e, EX_TEMPFAIL, "%s is locked by pid %s: another countersign serves this state", state,
		               n > 0 ? text_trim(pid) : "?");
	}
	snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	if (ftruncate(lock, 0) < 0 || pwrite(lock, pid, strlen(pid), 0) < 0)
		return err_sys(e, EX_IOERR, "cannot write %s", path);
	return steal_fd(&lock);
}

static struct db *db_new(const char *state)
{
	struct db *db = calloc(1, sizeof *db);

	if (!db)
		panic("out of memory");
	sql_library();
	db->lock = -1;
	db->state = text_copy(state);
	return db;
}

static int check_file(const char *path, enum db_mode mode, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT && mode == DB_WRITE)
			return 0;
		return err_sys(e, EX_NOINPUT, "cannot open %s", path);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_DATAERR, "%s is not a regular file", path);
	if (st.st_size == 0)
		return err_set(e, EX_DATAERR, "%s is empty: it was not made by countersign", path);
	return 0;
}

static void remove_made(const char *path)
{
	_free_ char *journal = text_format("%s-journal", path);

	unlink(path);
	unlink(journal);
}

// A new database is made under another name and renamed when it is whole.  So a database file that is empty or has
// other tables is never one that we began: SQLite would fill it without asking.
static int create(const char *state, const char *path, struct err *e)
{
	_db_ struct db *db = db_new(state);
	_free_ char *made = text_format("%s.new", path);
	_free_ char *restoring = path_join(state, DB_RESTORING);
	_close_ int fd = -1;

	if (access(restoring, F_OK) == 0)
		return err_set(e, EX_DATAERR, "a restore into %s did not come to its end: do it again", state);

	remove_made(made); // what a killed predecessor left
	fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", made);
	if (sqlite3_open_v2(made, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return err_set(e, EX_CANTCREAT, "cannot create %s: %s", made, sqlite3_errmsg(db->handle));
	if (sql_exec(db, "PRAGMA synchronous = FULL", e) < 0 || migrate(db, true, e) < 0)
		return err_prefix(e, "%s", made);
	db_close(&db);
	if (rename(made, path) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	return dir_sync(state, e);
}

struct db *db_open(const char *state, enum db_mode mode, struct err *e)
{
	_db_ struct db *db = db_new(state);
	_free_ char *path = path_join(state, "countersign.db");
	_free_ char *erasing = path_join(state, DB_ERASING);
	int flags = mode == DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

	if (check_file(path, mode, e) < 0)
		return NULL;
	if (mode == DB_WRITE &&
	    ((db->lock = db_lock(state, e)) < 0 || (access(path, F_OK) < 0 && create(state, path, e) < 0)))
		return NULL;
	if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		err_set(e, EX_NOINPUT, "cannot open %s: %s", path, sqlite3_errmsg(db->handle));
		return NULL;
	}
	if (configure(db, mode, e) < 0 || (mode == DB_WRITE ? migrate(db, false, e) : recognise(db, e)) < 0 ||
	    log_load(db, e) < 0) {
		err_prefix(e, "%s", path);
		return NULL;
	}
	db->erasing = mode == DB_WRITE && access(erasing, F_OK) == 0;
	return steal_ptr(db);
}

struct db *db_open_scratch(struct err *e)
{
	_db_ struct db *db = db_new(".");

	db->scratch = true;
	// No name: SQLite keeps it in its cache and puts what does not fit into a file that has no name either.
	if (sqlite3_open_v2("", &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		err_set(e, EX_OSERR, "cannot open a scratch database");
		return NULL;
	}
	if (sql_exec(db,
	             "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -24576;"
	             "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF",
	             e) < 0 ||
	    migrate(db, true, e) < 0)
		return NULL;
	return steal_ptr(db);
}

void db_close(struct db **dbp)
{
	struct db *db = *dbp;

	if (!db)
		return;
	journal_close(db);
	for (size_t i = 0; i < STATEMENTS_MAX; i++)
		sqlite3_finalize(db->statements[i].statement);
	sqlite3_close(db->handle);
	if (db->lock >= 0)
		close(db->lock);
	free(db->state);
	free(db);
	*dbp = NULL;
}

int db_begin(struct db *db, const char *who, struct err *e)
{
	if (db->opener)
		panic("%s begins a transaction inside that of %s", who, db->opener);
	db->opener = who;
	if (sql_run(db, e, "BEGIN IMMEDIATE") < 0) {
		db->opener = NULL;
		return -1;
	}
	db->log_before = db->log;
	return 0;
}

int db_commit(struct db *db, struct err *e)
{
	if (!db->opener)
		panic("a commit of nothing");
	if (db->torn)
		panic("%s commits an entry that was half written", db->opener);
	db->undone = false;
	if (journal_commit(db, e) < 0 || sql_run(db, e, "COMMIT") < 0)
		return db->undone ? -1 : err_prefix(e, "%s", db->opener);
	db->opener = NULL;
	return 0;
}

bool db_is_undone(const struct db *db)
{
	return db->undone;
}

void db_rollback(struct db *db)
{
	if (!db->opener)
		return;
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->opener = NULL;
	db->torn = false;
	db->log = db->log_before;
}

int db_mark(struct db *db, struct err *e)
{
	db->log_marked = db->log;
	return sql_run(db, e, "SAVEPOINT item");
}

int db_release(struct db *db, struct err *e)
{
	return sql_run(db, e, "RELEASE item");
}

int db_undo(struct db *db, struct err *e)
{
	db->log = db->log_marked;
	db->torn = false;
	return sql_exec(db, "ROLLBACK TO item; RELEASE item", e);
}

bool db_in_transaction(const struct db *db)
{
	return db->opener != NULL;
}

const char *db_state_dir(const struct db *db)
{
	return db->state;
}

bool db_wants_checkpoint(const struct db *db)
{
	return db->unmoved >= PAGES_MANY;
}

int db_checkpoint(struct db *db, struct err *e)
{
	char begin_anew[64];

	db->unmoved = 0;
	// The first commit after it begins the log anew, with one more sync that takes long: let it be this one, which
	// changes nothing.
	snprintf(begin_anew, sizeof begin_anew, "PRAGMA application_id = %d", APPLICATION_ID);
	if (sql_exec(db, "PRAGMA wal_checkpoint(PASSIVE)", e) < 0)
		return -1;
	return sql_exec(db, begin_anew, e);
}

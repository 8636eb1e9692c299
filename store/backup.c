// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"
#include "store/checkpoints.h"
#include "store/journal.h"
#include "store/log.h"
#include "store/sql.h"
#include "store/verify.h"

#define SQL_FILES "SELECT sha256 FROM blob WHERE data IS NULL ORDER BY sha256"
#define NAME_LEN (sizeof "20261124T193850.120Z" - 1)
#define UNFINISHED ".new-" // behind the name

// --- the folder of backups -------------------------------------------------------------------------------------------

// "2026-11-24T19:38:50.120Z" without what is awkward in file names.
char *backup_name(int64_t now)
{
	char when[CLOCK_TEXT];
	char *name = text_copy(clock_format(now, when));
	size_t len = 0;

	for (const char *c = name; *c; c++)
		if (*c != '-' && *c != ':')
			name[len++] = *c;
	name[len] = '\0';
	return name;
}

static bool is_name(const char *name)
{
	return strspn(name, "0123456789T.Z") >= NAME_LEN && name[8] == 'T' && name[NAME_LEN - 1] == 'Z';
}

static int is_whole(const struct dirent *d)
{
	return is_name(d->d_name) && d->d_name[NAME_LEN] == '\0';
}

static int is_unfinished(const struct dirent *d)
{
	return is_name(d->d_name) && text_starts(d->d_name + NAME_LEN, UNFINISHED);
}

struct listing {
	struct dirent **names;
	int count;
};

static void listing_free(struct listing *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
}
#define _listing_ _cleanup_(listing_free)

// By name, which is by age.
static int list(const char *dir, int (*wanted)(const struct dirent *), struct listing *out, struct err *e)
{
	out->count = scandir(dir, &out->names, wanted, alphasort);
	return out->count < 0 ? err_sys(e, EX_NOINPUT, "cannot read %s", dir) : 0;
}

static int sweep_up(const char *dir, struct err *e)
{
	_listing_ struct listing l = { 0 };

	if (list(dir, is_unfinished, &l, e) < 0)
		return -1;
	for (int i = 0; i < l.count; i++) {
		_free_ char *path = path_join(dir, l.names[i]->d_name);

		if (folder_remove(path, e) < 0)
			return -1;
	}
	return 0;
}

int backups_lock(const char *dir, struct err *e)
{
	_close_ int fd = -1;

	if (folder_make(dir, e) < 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? err_set(e, EX_TEMPFAIL, "another backup into %s is under way", dir)
		                            : err_sys(e, EX_OSERR, "cannot lock %s", dir);
	return sweep_up(dir, e) < 0 ? -1 : steal_fd(&fd);
}

// One that is half removed must not look whole.
static int remove_backup(const char *dir, const char *name, struct err *e)
{
	_free_ char *path = path_join(dir, name);
	_free_ char *gone = text_format("%s" UNFINISHED "gone", path);

	if (rename(path, gone) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot remove %s", path);
	return folder_remove(gone, e);
}

int backups_prune(const char *dir, unsigned keep, struct err *e)
{
	_listing_ struct listing l = { 0 };
	int removed = 0;

	if (list(dir, is_whole, &l, e) < 0)
		return -1;
	for (; l.count - removed > (int)keep; removed++)
		if (remove_backup(dir, l.names[removed]->d_name, e) < 0)
			return -1;
	return removed;
}

char *backups_newest(const char *dir, struct err *e)
{
	_free_ char *manifest = path_join(dir, BACKUP_MANIFEST);
	_listing_ struct listing l = { 0 };

	if (access(manifest, F_OK) == 0)
		return text_copy(dir);
	if (list(dir, is_whole, &l, e) < 0)
		return NULL;
	if (l.count > 0)
		return path_join(dir, l.names[l.count - 1]->d_name);
	err_set(e, EX_NOINPUT, "%s is no backup, and there is none in it", dir);
	return NULL;
}

// --- filling one -----------------------------------------------------------------------------------------------------

static int copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int step = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
	int end = backup ? sqlite3_backup_finish(backup) : sqlite3_errcode(to);

	return end == SQLITE_OK && step != SQLITE_DONE ? step : end;
}

// One moment of the database, in one file.
static int copy_database(const char *state, const char *to, struct err *e)
{
	_db_ struct db *db = db_open(state, DB_READ, e);
	_free_ char *wal = text_format("%s-wal", to);
	sqlite3 *copy = NULL;
	int failed;

	if (!db)
		return -1;
	// It is synced as a whole, with the folder.
	failed = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) ||
	         sqlite3_exec(copy, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL) ||
	         copy_pages(db->handle, copy) || sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (failed)
		err_set(e, (sqlite3_errcode(copy) & 0xff) == SQLITE_FULL ? EX_TEMPFAIL : EX_IOERR,
		        "cannot copy the database to %s: %s", to, sqlite3_errmsg(copy));
	if (sqlite3_close(copy) != SQLITE_OK && !failed)
		return err_set(e, EX_IOERR, "cannot close %s", to);
	if (!failed && access(wal, F_OK) == 0)
		return err_set(e, EX_IOERR, "%s is not in one file", to);
	return failed ? -1 : 0;
}

// What the copy says, not the database that goes on meanwhile.
static int describe(struct db *copy, struct manifest *m, struct err *e)
{
	m->size = log_size(copy);
	m->root = log_root(copy);
	if (checkpoint_last(copy, UINT64_MAX, NULL, NULL, &m->checkpoint, e) < 0)
		return -1;
	return sql_number(copy, e, &m->schema, 0, "PRAGMA user_version");
}

static int copy_file(const char *state, const struct staging *s, struct manifest *m, const char *name,
                     struct file_sum *sum, struct err *e)
{
	_free_ char *from = path_join(state, name);
	_free_ char *to = path_join(s->work, name);

	if (file_copy(from, to, 0400, sum, e) < 0)
		return -1;
	manifest_add(m, name, sum);
	return 0;
}

static int copy_evidence(const char *state, const struct staging *s, struct db *copy, struct manifest *m, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(copy, e, SQL_FILES);
	char hex[2 * DIGEST_SIZE + 1];
	int row;

	while ((row = rows ? sql_row(copy, rows, e) : -1) > 0) {
		_free_ char *name = NULL, *folder = NULL;
		struct file_sum sum;

		if (sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "a blob's hash is damaged");
		hex_encode(sqlite3_column_blob(rows, 0), DIGEST_SIZE, hex);
		name = text_format("evidence/%.2s/%s", hex, hex);
		folder = text_format("%s/evidence/%.2s", s->work, hex);
		if (folder_make(folder, e) < 0 || copy_file(state, s, m, name, &sum, e) < 0)
			return -1;
		if (memcmp(sum.sha256.bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE) != 0)
			return err_set(e, EX_DATAERR, "evidence was altered: %s/%s no longer has its hash", state,
			               name);
	}
	return row;
}

static int is_bundle(const struct dirent *d)
{
	_free_ char *name = text_format("archive/%s", d->d_name);

	return manifest_name_ok(name) && !strstr(name, ".new");
}

static int copy_archive(const char *state, const struct staging *s, struct manifest *m, struct err *e)
{
	_free_ char *from = path_join(state, "archive"), *to = path_join(s->work, "archive");
	_listing_ struct listing l = { 0 };

	if (access(from, F_OK) < 0)
		return 0;
	if (list(from, is_bundle, &l, e) < 0 || folder_make(to, e) < 0)
		return -1;
	for (int i = 0; i < l.count; i++) {
		_free_ char *name = text_format("archive/%s", l.names[i]->d_name);
		struct file_sum sum;

		if (copy_file(state, s, m, name, &sum, e) < 0)
			return -1;
	}
	return 0;
}

static int fill(const struct backup_order *o, const struct staging *s, struct manifest *m, struct err *e)
{
	_free_ char *database = path_join(s->work, BACKUP_DATABASE);
	_db_ struct db *copy = NULL;
	struct verify_result n;
	struct file_sum sum;

	if (copy_database(o->state, database, e) < 0 || file_sum(database, &sum, e) < 0)
		return -1;
	manifest_add(m, BACKUP_DATABASE, &sum);
	copy = db_open(s->work, DB_READ, e);
	if (!copy || describe(copy, m, e) < 0 || copy_evidence(o->state, s, copy, m, e) < 0 ||
	    copy_archive(o->state, s, m, e) < 0)
		return -1;
	if (log_verify(s->work, &n, e) < 0)
		return err_prefix(e, "no backup was made, for it would not verify");
	return 0;
}

int backup_make(const struct backup_order *o, struct manifest *out, struct err *e)
{
	_staging_ struct staging s = { 0 };
	_free_ char *path = NULL;

	*out = (struct manifest){ .name = backup_name(o->now), .time = o->now };
	path = path_join(o->dir, out->name);
	out->origin = o->origin ? text_copy(o->origin) : NULL;
	out->program = text_copy(o->program);
	if (staging_begin(path, &s, e) < 0 || fill(o, &s, out, e) < 0)
		return -1;
	if (o->journal) {
		out->segment = journal_position(o->journal, out->size, &out->offset, e);
		if (!*out->segment)
			free(steal_ptr(out->segment));
	}
	return manifest_write(out, &s, e) < 0 ? -1 : staging_commit(&s, e);
}

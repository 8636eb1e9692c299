// SPDX-License-Identifier: Apache-2.0
// What was built takes the place of what is there.  Evidence first: more of it than a database names does no harm.  The
// database is one rename, once the old one's write-ahead log is in it: that of another database must never lie beside
// a new one, SQLite would carry it out.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/backup.h"
#include "store/restore.h"
#include "store/restore_parts.h"
#include "store/sql.h"

#define ASIDE "before-restore-"

static const char *const database_files[] = { BACKUP_DATABASE, BACKUP_DATABASE "-wal", BACKUP_DATABASE "-shm" };

// --- evidence and archive --------------------------------------------------------------------------------------------

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int move_all(const char *from, const char *to, struct err *e);

static int move_one(const char *from, const char *to, const char *name, struct err *e)
{
	_free_ char *source = path_join(from, name), *target = path_join(to, name);
	struct stat st;

	if (lstat(source, &st) < 0)
		return err_sys(e, EX_IOERR, "cannot read %s", source);
	if (S_ISDIR(st.st_mode))
		return move_all(source, target, e);
	return rename(source, target) < 0 ? err_sys(e, EX_CANTCREAT, "cannot create %s", target) : 0;
}

// A file that is there has the same name because it has, or should have, the same content: ours was verified.
static int move_all(const char *from, const char *to, struct err *e)
{
	struct dirent **names = NULL;
	int count = scandir(from, &names, no_dots, alphasort), failed = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_NOINPUT, "cannot read %s", from);
	if (folder_make(to, e) < 0)
		failed = -1;
	for (int i = 0; i < count; i++) {
		if (!failed)
			failed = move_one(from, to, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	return failed ? -1 : dir_sync(to, e);
}

static int move_folder(struct restore *r, const char *name, struct err *e)
{
	_free_ char *from = path_join(r->build, name), *to = path_join(r->order.state, name);

	return move_all(from, to, e);
}

// --- the database ----------------------------------------------------------------------------------------------------

// Moves what the old database's write-ahead log holds into it: 1; 0 when it is not there, or too broken for that.
static int settle(const char *path, struct err *e)
{
	sqlite3 *db = NULL;
	int code;

	if (access(path, F_OK) < 0)
		return 0;
	sql_library();
	code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (code != SQLITE_OK && (code & 0xff) != SQLITE_CORRUPT && (code & 0xff) != SQLITE_NOTADB)
		err_set(e, EX_TEMPFAIL, "the former database %s cannot be kept as it is: %s", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	if (code == SQLITE_OK)
		return 1;
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ? 0 : -1;
}

static int make_aside(struct restore *r, struct err *e)
{
	if (r->aside)
		return 0;
	{
		_free_ char *name = backup_name(r->order.now);

		r->aside = text_format("%s/" ASIDE "%s", r->order.state, name);
	}
	return folder_make(r->aside, e);
}

// It keeps its place, and gets a second name.
static int keep_whole(struct restore *r, const char *path, struct err *e)
{
	_free_ char *kept = NULL;

	if (make_aside(r, e) < 0)
		return -1;
	kept = path_join(r->aside, BACKUP_DATABASE);
	if (link(path, kept) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", kept);
	return dir_sync(r->aside, e);
}

// It leaves its place, the database first: as long as there is none, and something to be restored, no core starts.
static int keep_pieces(struct restore *r, struct err *e)
{
	for (size_t i = 0; i < LENGTH(database_files); i++) {
		_free_ char *path = path_join(r->order.state, database_files[i]), *kept = NULL;

		if (access(path, F_OK) < 0)
			continue;
		if (make_aside(r, e) < 0)
			return -1;
		kept = path_join(r->aside, database_files[i]);
		if (rename(path, kept) < 0)
			return err_sys(e, EX_CANTCREAT, "cannot create %s", kept);
		if (dir_sync(r->order.state, e) < 0)
			return -1;
	}
	return r->aside ? dir_sync(r->aside, e) : 0;
}

static int replace_database(struct restore *r, struct err *e)
{
	_free_ char *path = path_join(r->order.state, BACKUP_DATABASE), *made = path_join(r->build, BACKUP_DATABASE);
	_free_ char *wal = path_join(r->build, BACKUP_DATABASE "-wal");
	struct stat st;
	int settled;

	if (stat(wal, &st) == 0 && st.st_size > 0)
		return err_set(e, EX_IOERR, "%s is not in one file", made);
	settled = settle(path, e);
	if (settled < 0 || (settled ? keep_whole(r, path, e) : keep_pieces(r, e)) < 0)
		return -1;
	if (rename(made, path) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	r->finished = true;
	return dir_sync(r->order.state, e);
}

int restore_swap(struct restore *r, struct err *e)
{
	if (folder_sync(r->build, e) < 0 || move_folder(r, "evidence", e) < 0 || move_folder(r, "archive", e) < 0)
		return -1;
	return replace_database(r, e);
}

static int is_aside(const struct dirent *d)
{
	return text_starts(d->d_name, ASIDE);
}

json_t *restores_aside(const char *dir, struct err *e)
{
	json_t *list = json_array();
	struct dirent **names = NULL;
	int count = scandir(dir, &names, is_aside, alphasort);

	for (int i = 0; i < count; i++) {
		_free_ char *path = path_join(dir, names[i]->d_name);

		json_add_str(list, path);
		free(names[i]);
	}
	free(names);
	if (count >= 0 || errno == ENOENT)
		return list;
	json_decref(list);
	err_sys(e, EX_NOINPUT, "cannot read %s", dir);
	return NULL;
}

static int forget(const char *state, const struct stat *database, const char *name, struct err *e)
{
	_free_ char *folder = path_join(state, name), *kept = path_join(folder, BACKUP_DATABASE);
	struct stat st;

	if (stat(kept, &st) < 0 || st.st_ino != database->st_ino || st.st_dev != database->st_dev)
		return 0;
	return folder_remove(folder, e);
}

int restore_swap_forget(const char *state, struct err *e)
{
	_free_ char *path = path_join(state, BACKUP_DATABASE);
	struct dirent **names = NULL;
	struct stat database;
	int count, failed = 0;

	if (stat(path, &database) < 0)
		return 0;
	count = scandir(state, &names, is_aside, alphasort);
	for (int i = 0; i < count; i++) {
		if (!failed)
			failed = forget(state, &database, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	return count < 0 ? err_sys(e, EX_NOINPUT, "cannot read %s", state) : failed;
}

// --- the journal -----------------------------------------------------------------------------------------------------

static int is_segment(const struct dirent *d)
{
	size_t len = strlen(d->d_name), end = sizeof ".journal" - 1;

	return len > end && strcmp(d->d_name + len - end, ".journal") == 0;
}

int restore_journal_aside(struct restore *r, struct err *e)
{
	const char *dir = r->order.journal;
	_free_ char *name = backup_name(r->order.now), *aside = text_format("%s/" ASIDE "%s", dir, name);
	struct dirent **names = NULL;
	int count = scandir(dir, &names, is_segment, alphasort), failed = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_NOINPUT, "cannot read %s", dir);
	if (count > 0)
		failed = folder_make(aside, e);
	for (int i = 0; i < count; i++) {
		if (!failed)
			failed = move_one(dir, aside, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	if (failed || count == 0)
		return failed;
	return dir_sync(aside, e) < 0 ? -1 : dir_sync(dir, e);
}

// SPDX-License-Identifier: Apache-2.0
// What of an erasure can only be done once it is committed: files cannot be rolled back.  Each step may be done again,
// so that whatever a kill left is finished by doing all of it.
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/erase.h"
#include "store/journal_bundle.h"
#include "store/journal_erase.h"
#include "store/sql.h"

#define SQL_ERASURES "SELECT DISTINCT erasing FROM erased WHERE erasing >= ? ORDER BY erasing"
#define SQL_BLOB "SELECT count(*) FROM blob WHERE sha256 = ?"
#define SQL_HOLLOW "SELECT count(*) FROM cases WHERE id = ? AND requester = ''"

static char *mark_path(const struct db *db)
{
	return path_join(db_state_dir(db), DB_ERASING);
}

bool erase_waits(const struct db *db)
{
	return db->erasing;
}

static int remove_file(const char *path, struct err *e)
{
	_free_ char *dir = path_dir(path);

	if (unlink(path) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(e, EX_IOERR, "cannot remove %s", path);
	return dir_sync(dir, e);
}

// The same bytes may have come again since, as evidence of another case.
static int remove_evidence(struct db *db, const char *hex, struct err *e)
{
	_free_ char *path = text_format("%s/evidence/%.2s/%s", db_state_dir(db), hex, hex);
	struct digest sha256;
	int64_t there;

	if (hex_decode(hex, sha256.bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_DATAERR, "an erasure names what is no hash");
	if (sql_number(db, e, &there, 0, SQL_BLOB, DIGEST(sha256)) < 0)
		return -1;
	if (there)
		return 0;
	return remove_file(path, e) < 0 ? -1 : journal_erase_evidence(db, hex, e);
}

static int remove_archive(struct db *db, const char *case_id, struct err *e)
{
	_free_ char *path = archive_path(db, case_id);
	int64_t hollow;

	if (sql_number(db, e, &hollow, 0, SQL_HOLLOW, TEXT(case_id)) < 0)
		return -1;
	if (!hollow)
		return 0;
	return remove_file(path, e) < 0 ? -1 : journal_erase_bundle(db, case_id, e);
}

static int remove_files(struct db *db, const json_t *body, struct err *e)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(body, "evidence"), i, item)
		if (remove_evidence(db, json_string_value(item), e) < 0)
			return -1;
	json_array_foreach(json_arr(body, "cases"), i, item)
		if (remove_archive(db, json_str(item, "case"), e) < 0)
			return -1;
	return 0;
}

// The number of the first entry that is not finished; 0 when the mark does not say.
static uint64_t first_unfinished(const char *mark)
{
	_buf_ struct buf text = BUF(64);
	uint64_t seq = 0;

	if (file_read(mark, &text, NULL) < 0 ||
	    text_decimal(buf_text(&text), strspn(buf_text(&text), "0123456789"), &seq) < 0)
		return 0;
	return seq;
}

// The bodies of the body.erased from there on, oldest first.
static json_t *erasures_since(struct db *db, uint64_t first, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ERASURES, INT(first));
	_json_ json_t *all = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		_json_ json_t *entry = log_entry(db, (uint64_t)sql_int(rows, 0), e);

		if (!entry)
			return NULL;
		json_add(all, json_incref(json_object_get(entry, "body")));
	}
	return row < 0 ? NULL : steal_ptr(all);
}

// Until the last reader of an older state is gone, the write-ahead log cannot be emptied: the mark stays, and the next
// look tries again.
static int empty_wal(struct db *db, struct err *e)
{
	int busy;

	sqlite3_busy_timeout(db->handle, 200); // the core waits meanwhile
	busy = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(db->handle, 10000);
	if (busy == SQLITE_OK)
		return 0;
	busy = sqlite3_errcode(db->handle) & 0xff;
	if (busy == SQLITE_BUSY || busy == SQLITE_LOCKED)
		return err_set(e, EX_TEMPFAIL,
		               "somebody still reads the database as it was before something was erased");
	return sql_error(db, e, "the write-ahead log cannot be emptied");
}

int erase_finish(struct db *db, struct err *e)
{
	_free_ char *mark = mark_path(db);
	_json_ json_t *all = erasures_since(db, first_unfinished(mark), e);
	json_t *body;
	size_t i;

	if (!all)
		return -1;
	json_array_foreach(all, i, body)
		if (remove_files(db, body, e) < 0)
			return -1;
	if (archive_sweep(db, e) < 0 || journal_erase(db, all, e) < 0 || empty_wal(db, e) < 0 ||
	    remove_file(mark, e) < 0)
		return -1;
	db->erasing = false;
	return 0;
}

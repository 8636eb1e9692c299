// SPDX-License-Identifier: Apache-2.0
#include "store/blob.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/sql.h"

#define SQL_SALT "SELECT salt FROM blob WHERE sha256 = ?"
#define SQL_PUT "INSERT INTO blob (sha256, size, salt, data) VALUES (?, ?, ?, ?)"
#define SQL_BACK "UPDATE blob SET data = ? WHERE sha256 = ?"
#define SQL_GET "SELECT data FROM blob WHERE sha256 = ?"

static char *evidence_path(struct db *db, const struct digest *sha256)
{
	char hex[2 * DIGEST_SIZE + 1];

	hex_encode(sha256->bytes, DIGEST_SIZE, hex);
	return text_format("%s/evidence/%.2s/%s", db_state_dir(db), hex, hex);
}

// A new folder's name must be as durable as the file in it.
static int make_dir(const char *parent, const char *path, struct err *e)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	return dir_sync(parent, e);
}

static int write_file(struct db *db, const struct digest *sha256, const void *data, size_t len, struct err *e)
{
	_free_ char *path = evidence_path(db, sha256);
	_free_ char *dir = path_dir(path);
	_free_ char *top = path_dir(dir);

	if (make_dir(db_state_dir(db), top, e) < 0 || make_dir(top, dir, e) < 0)
		return -1;
	return file_replace(path, data, len, 0400, e);
}

// 1 and the salt when there is a row: the bytes may be in the archive.
static int find_salt(struct db *db, const struct digest *sha256, uint8_t salt[SALT_SIZE], struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_SALT, DIGEST(*sha256));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row > 0 && sqlite3_column_bytes(rows, 0) != SALT_SIZE)
		return err_set(e, EX_DATAERR, "a blob's salt is damaged");
	if (row > 0)
		memcpy(salt, sqlite3_column_blob(rows, 0), SALT_SIZE);
	return row;
}

int blob_salt(struct db *db, const struct digest *sha256, uint8_t salt[SALT_SIZE], struct err *e)
{
	int away = archive_holds(db, sha256, 0, e);

	return away ? (away < 0 ? -1 : 0) : find_salt(db, sha256, salt, e);
}

// Bytes that are in the archive came again.
static int bring_back(struct db *db, const struct digest *sha256, const void *data, size_t len, struct err *e)
{
	if (len > BLOB_INLINE_MAX && write_file(db, sha256, data, len, e) < 0)
		return -1;
	return sql_run(db, e, SQL_BACK, len > BLOB_INLINE_MAX ? NOTHING : BLOB(data, len), DIGEST(*sha256));
}

int blob_put(struct db *db, const void *data, size_t len, struct blob *out, struct err *e)
{
	uint8_t salt[SALT_SIZE];
	int found, away;

	out->sha256 = sha256_of(data, len);
	found = find_salt(db, &out->sha256, salt, e);
	away = found > 0 ? archive_holds(db, &out->sha256, 0, e) : 0;
	if (found < 0 || away < 0)
		return -1;
	if (away && bring_back(db, &out->sha256, data, len, e) < 0)
		return -1;
	if (!found) {
		random_bytes(salt, sizeof salt);
		if (len > BLOB_INLINE_MAX && write_file(db, &out->sha256, data, len, e) < 0)
			return -1;
		if (sql_run(db, e, SQL_PUT, DIGEST(out->sha256), INT(len), BLOB(salt, sizeof salt),
		            len > BLOB_INLINE_MAX ? NOTHING : BLOB(data, len)) < 0)
			return -1;
	}
	out->commitment = evidence_commitment(salt, data, len);
	return 0;
}

int blob_get(struct db *db, const struct digest *sha256, struct buf *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_GET, DIGEST(*sha256));
	int row = rows ? sql_row(db, rows, e) : -1;
	struct digest now;

	if (row < 0)
		return -1;
	if (row == 0)
		return err_set(e, EX_NOINPUT, "there is no such evidence");
	if (sqlite3_column_type(rows, 0) == SQLITE_NULL) {
		_free_ char *path = evidence_path(db, sha256);

		if (file_read(path, out, e) < 0)
			return -1;
	} else if (buf_add(out, sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)) < 0) {
		return err_set(e, EX_OSERR, "evidence is too large to read");
	}
	if (out->len == 0 && archive_holds(db, sha256, 0, NULL) > 0)
		return err_set(e, EX_NOINPUT, "this evidence is in the archive, in the bundle of its case");
	now = sha256_of(buf_text(out), out->len);
	if (memcmp(now.bytes, sha256->bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "evidence was altered: its bytes no longer have their hash");
	return 0;
}

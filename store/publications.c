// SPDX-License-Identifier: Apache-2.0
#include "store/publications.h"

#include "base/encode.h"
#include "base/json.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_LAST "SELECT seq FROM publication WHERE kind = ? ORDER BY seq DESC LIMIT 1 OFFSET ?"
#define SQL_AT "SELECT max(seq) FROM publication WHERE kind = ? AND seq <= ?"
#define SQL_PROPOSED \
	"SELECT seq FROM publication WHERE kind = 'proposed' AND sha256 = ? AND seq >" \
	" coalesce((SELECT max(seq) FROM publication WHERE kind = 'catalogue'), -1) ORDER BY seq"
#define SQL_APPLYING "SELECT version, through, last FROM applying"

json_t *publication_entry(struct db *db, const char *kind, int64_t back, struct err *e)
{
	int64_t seq;

	if (sql_number(db, e, &seq, -1, SQL_LAST, TEXT(kind), INT(back)) < 0)
		return NULL;
	if (seq < 0) {
		err_set(e, EX_NOINPUT, "no %s was published yet", kind);
		return NULL;
	}
	return log_entry(db, (uint64_t)seq, e);
}

int publication_at(struct db *db, const char *kind, uint64_t seq, uint64_t *found, struct err *e)
{
	int64_t at;

	if (sql_number(db, e, &at, -1, SQL_AT, TEXT(kind), INT(seq)) < 0)
		return -1;
	*found = at < 0 ? 0 : (uint64_t)at;
	return at >= 0;
}

json_t *proposals_of(struct db *db, const char *sha256_hex, struct err *e)
{
	uint8_t sha256[DIGEST_SIZE] = { 0 };
	_json_ json_t *list = json_array();
	_rows_ sqlite3_stmt *rows = NULL;
	int row;

	hex_decode(sha256_hex, sha256, sizeof sha256);
	rows = sql_query(db, e, SQL_PROPOSED, BLOB(sha256, sizeof sha256));
	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *entry = log_entry(db, (uint64_t)sql_int(rows, 0), e);

		if (!entry)
			return NULL;
		json_add(list, entry);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int applying_now(struct db *db, struct applying *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_APPLYING);
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row > 0)
		*out = (struct applying){ sql_int(rows, 0), sql_int(rows, 1), sql_int(rows, 2) };
	return row;
}

// SPDX-License-Identifier: Apache-2.0
#include "store/seals.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "store/sql.h"

#define SQL_NEXT "SELECT id FROM token WHERE id > ? ORDER BY id LIMIT 1"

// Erased letters hold nothing any more, and no token.
#define SQL_LETTER \
	"SELECT o.id, s.seal, o.carrier, o.kind, o.case_id, o.principal, o.address, o.place, o.token, o.message_id," \
	" o.in_reply_to, o.refs, o.model, o.created, o.head FROM outbox o LEFT JOIN sealed s ON s.letter = o.id" \
	" WHERE o.id > ? AND o.token IS NOT NULL ORDER BY o.id LIMIT 1"
#define SQL_PUT_SEAL "INSERT INTO sealed (letter, seal) VALUES (?, ?)"
#define SQL_LAST "SELECT max(id) FROM outbox"
enum { COLUMN_SEAL = 1, COLUMN_FIRST, COLUMNS = 15 };

// Each column as its type, its length and its bytes, so that no two letters have the same.
static struct digest letter_digest(sqlite3_stmt *rows)
{
	_buf_ struct buf all = BUF(1 << 28);

	buf_printf(&all, "%lld", (long long)sql_int(rows, 0));
	for (int i = COLUMN_FIRST; i < COLUMNS; i++) {
		const void *bytes = sqlite3_column_blob(rows, i); // before the length: SQLite's order of calls

		buf_printf(&all, "\n%d %d ", sqlite3_column_type(rows, i), sqlite3_column_bytes(rows, i));
		buf_add(&all, bytes ? bytes : "", (size_t)sqlite3_column_bytes(rows, i));
	}
	return sha256_of(buf_text(&all), all.len);
}

int letter_as_written(struct db *db, int64_t after, struct sealed_letter *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LETTER, INT(after));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	*out = (struct sealed_letter){ .id = sql_int(rows, 0) };
	out->has_seal = sqlite3_column_bytes(rows, COLUMN_SEAL) == TOKEN_SEAL_SIZE;
	if (out->has_seal)
		memcpy(out->seal, sqlite3_column_blob(rows, COLUMN_SEAL), TOKEN_SEAL_SIZE);
	out->what = letter_digest(rows);
	return 1;
}

int letter_put_seal(struct db *db, int64_t letter, const uint8_t seal[TOKEN_SEAL_SIZE], struct err *e)
{
	return sql_run(db, e, SQL_PUT_SEAL, INT(letter), BLOB(seal, TOKEN_SEAL_SIZE));
}

int letter_last(struct db *db, int64_t *id, struct err *e)
{
	return sql_number(db, e, id, 0, SQL_LAST);
}

int token_next(struct db *db, const uint8_t *after, struct token_row *out, json_t **holder, struct err *e)
{
	_rows_ sqlite3_stmt *rows =
	        sql_query(db, e, SQL_NEXT, BLOB(after ? (const void *)after : "", after ? TOKEN_ID_SIZE : 0));
	int row = rows ? sql_row(db, rows, e) : -1;
	char hex[2 * TOKEN_ID_SIZE + 1] = "";

	if (row <= 0)
		return row;
	if (sqlite3_column_bytes(rows, 0) != TOKEN_ID_SIZE)
		return err_set(e, EX_DATAERR, "token: a row's id is not of %d bytes", TOKEN_ID_SIZE);
	hex_encode(sqlite3_column_blob(rows, 0), TOKEN_ID_SIZE, hex);
	row = token_find(db, sqlite3_column_blob(rows, 0), out, holder, e);
	if (row == 0)
		return err_set(e, EX_DATAERR, "token: row id=%s has a content hash or a seal of another length", hex);
	return row;
}

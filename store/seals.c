// SPDX-License-Identifier: Apache-2.0
#include "store/seals.h"

#include <string.h>

#include "base/encode.h"
#include "store/sql.h"

#define SQL_NEXT "SELECT id FROM token WHERE id > ? ORDER BY id LIMIT 1"

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

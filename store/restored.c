// SPDX-License-Identifier: Apache-2.0
#include "store/restored.h"

#include <stdio.h>

#include "base/auto.h"
#include "base/text.h"
#include "store/sql.h"

#define COLUMNS "SELECT seq, at, lost, origin FROM restored"
#define SQL_ANEW COLUMNS " WHERE origin IS NOT NULL ORDER BY seq DESC LIMIT 1"
#define SQL_LOST COLUMNS " WHERE seq < ?1 AND (lost IS NULL OR ?1 <= seq + lost) ORDER BY seq DESC LIMIT 1"

static int take(struct db *db, sqlite3_stmt *rows, struct restored *out, struct err *e)
{
	int row = rows ? sql_row(db, rows, e) : -1;

	*out = (struct restored){ 0 };
	if (row <= 0)
		return row;
	out->seq = (uint64_t)sql_int(rows, 0);
	out->at = sql_int(rows, 1);
	out->lost_known = sqlite3_column_type(rows, 2) != SQLITE_NULL;
	out->lost = (uint64_t)sql_int(rows, 2);
	snprintf(out->origin, sizeof out->origin, "%s", sql_text(rows, 3));
	return 1;
}

int restored_anew(struct db *db, struct restored *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ANEW);

	return take(db, rows, out, e);
}

int restored_lost(struct db *db, uint64_t size, struct restored *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LOST, INT(size));

	return take(db, rows, out, e);
}

char *restored_mark(struct db *db, struct err *e)
{
	struct restored anew;
	int found = restored_anew(db, &anew, e);

	if (found < 0)
		return NULL;
	return found ? text_format("signer/mark.%llu", (unsigned long long)anew.seq) : text_copy("signer/mark");
}

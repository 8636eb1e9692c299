// SPDX-License-Identifier: Apache-2.0
// For tests of the journal: do two states have the same rows in every table?
#ifndef TESTS_KILL_SAME_H
#define TESTS_KILL_SAME_H

#include "base/auto.h"
#include "base/text.h"
#include "store/sql.h"

// All but SQLite's own and those in which the full text index keeps itself: how it merges its parts is up to it, and
// `log verify` compares what is in them.
#define SAME_TABLES \
	"SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'" \
	" AND name NOT LIKE 'search%' ORDER BY name"

static inline int same_table(struct db *db, const char *table, struct err *e)
{
	_free_ char *sql =
	        text_format("SELECT (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM other.%s)),"
	                    "(SELECT count(*) FROM (SELECT * FROM other.%s EXCEPT SELECT * FROM main.%s))",
	                    table, table, table, table);
	sqlite3_stmt *rows = NULL;
	int more = 0, fewer = 0;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &rows, NULL) == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
		more = sqlite3_column_int(rows, 0);
		fewer = sqlite3_column_int(rows, 1);
	} else {
		more = -1;
	}
	sqlite3_finalize(rows);
	if (more || fewer)
		return err_set(e, EX_DATAERR, "%s: %d rows are in one of the two alone, %d in the other", table, more,
		               fewer);
	return 0;
}

// -1 naming the first table that differs.
static inline int same_rows(struct db *db, const char *other, struct err *e)
{
	_free_ char *attach = text_format("ATTACH 'file:%s/countersign.db?mode=ro' AS other", other);
	int failed = 0, tables = 0, row;

	if (sql_exec(db, attach, e) < 0)
		return -1;
	{
		_rows_ sqlite3_stmt *rows = sql_query(db, e, SAME_TABLES);

		while (!failed && (row = rows ? sql_row(db, rows, e) : -1) > 0) {
			failed = same_table(db, sql_text(rows, 0), e);
			tables++;
		}
	}
	if (!failed && tables == 0)
		failed = err_set(e, EX_SOFTWARE, "no tables were compared");
	return sql_exec(db, "DETACH other", failed ? NULL : e) < 0 ? -1 : failed;
}

#endif

// SPDX-License-Identifier: Apache-2.0
#include "store/sweep.h"

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "store/sql.h"

// What is empty ("", [], null) was not given.  A table of facts is in the order of their names within a version.  The
// names come as "|license|risk|": a list of rows would be made anew for each case.
#define SQL_SWEEP \
	"SELECT c.id, c.state, c.title, c.requester_name, c.number," \
	" (SELECT json_group_object(name, json(iif(instr(?2, '|' || name || '|'), value, '\"+\"')))" \
	"  FROM fact WHERE case_id = c.id AND version = c.version AND value NOT IN ('\"\"', '[]', 'null')" \
	"  AND (instr(?2, '|' || name || '|') OR instr(?3, '|' || name || '|')))" \
	" FROM cases c WHERE c.number > ?4 AND c.state IN (SELECT value FROM json_each(?1))" \
	" ORDER BY c.number LIMIT ?5"

static char *between_bars(const json_t *names)
{
	struct buf b = BUF(65536);
	json_t *name;
	size_t i;

	buf_puts(&b, "|");
	json_array_foreach(names, i, name)
		buf_printf(&b, "%s|", json_string_value(name));
	return buf_steal(&b);
}

int sweep(struct db *db, const json_t *states, const json_t *values, const json_t *given, int64_t after, int64_t limit,
          sweep_take *take, void *context, struct err *e)
{
	_free_ char *in = json_text(states), *whole = between_bars(values), *part = between_bars(given);
	_rows_ sqlite3_stmt *rows =
	        sql_query(db, e, SQL_SWEEP, TEXT(in), TEXT(whole), TEXT(part), INT(after), INT(limit));
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		struct swept swept = { sql_text(rows, 0), sql_text(rows, 1), sql_text(rows, 2),
			               sql_text(rows, 3), sql_int(rows, 4),  sql_text(rows, 5) };

		if (take(context, &swept, e) < 0)
			return -1;
	}
	return row;
}

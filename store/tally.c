// SPDX-License-Identifier: Apache-2.0
#include "store/tally.h"

#include "base/auto.h"
#include "base/json.h"
#include "store/sql.h"

#define FIELD(column, name) \
	"CASE WHEN json_valid(CAST(" column " AS TEXT)) THEN CAST(" column " AS TEXT) ->> '$." name "' END"
#define SQL_TALLY \
	"SELECT coalesce(type, ''), count(*) FROM (SELECT " FIELD( \
	        "leaf", "type") " AS type, body FROM entry" \
	                        " WHERE seq >= ? AND seq < ?)" \
	                        " WHERE (type = 'message.sent' AND " FIELD("body", \
	                                                                   "kind") " = ?) IS NOT TRUE GROUP BY 1"

json_t *log_tally(struct db *db, uint64_t from, uint64_t to, const char *quiet, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_TALLY, INT(from), INT(to), TEXT(quiet));
	_json_ json_t *tally = json_object();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_put_int(tally, sql_text(rows, 0), sql_int(rows, 1));
	return row < 0 ? NULL : steal_ptr(tally);
}

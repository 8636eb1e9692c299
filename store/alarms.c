// SPDX-License-Identifier: Apache-2.0
#include "store/alarms.h"

#include "base/json.h"
#include "store/sql.h"

#define SQL_RECENT "SELECT code, text, at FROM alarm WHERE at >= ? ORDER BY seq DESC LIMIT ?"
#define SQL_RAISED "SELECT count(*) FROM alarm WHERE code = ? AND text = ? AND at >= ?"
// A restore is the answer to those before it: it verified all and compared with the signer's mark.
#define SQL_OTHER \
	"SELECT count(*) FROM alarm WHERE code IN ('rollback-detected', 'fork-detected', 'log-damaged')" \
	" AND seq > (SELECT coalesce(max(seq), -1) FROM restored)"

json_t *alarms_recent(struct db *db, int64_t since, int64_t limit, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_RECENT, INT(since), INT(limit));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *alarm = json_object();

		json_put_str(alarm, "code", sql_text(rows, 0));
		json_put_str(alarm, "sentence", sql_text(rows, 1));
		json_put_int(alarm, "at", sql_int(rows, 2));
		json_add(list, alarm);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int alarm_was_raised(struct db *db, const char *code, const char *text, int64_t since, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_RAISED, TEXT(code), TEXT(text), INT(since)) < 0 ? -1 : count > 0;
}

int alarms_of_another_log(struct db *db, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_OTHER) < 0 ? -1 : count > 0;
}

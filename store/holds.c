// SPDX-License-Identifier: Apache-2.0
#include "store/holds.h"

#include "base/json.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_HOLDS \
	"SELECT subject, seq FROM hold WHERE subject IN (?1, ?2) OR (?1 IS NULL AND ?2 IS NULL) ORDER BY seq LIMIT " \
	"1000"

json_t *holds(struct db *db, const char *one, const char *other, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_HOLDS, TEXT(one), TEXT(other));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		_json_ json_t *entry = log_entry(db, (uint64_t)sql_int(rows, 1), e);
		json_t *held;

		if (!entry)
			return NULL;
		held = json_object();
		json_put_str(held, "subject", sql_text(rows, 0));
		json_put_str(held, "at", json_str(entry, "time"));
		json_put_str(held, "actor", json_str(entry, "actor"));
		json_put_str(held, "why", json_str(json_obj(entry, "body"), "why"));
		json_add(list, held);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

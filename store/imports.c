// SPDX-License-Identifier: Apache-2.0
#include "store/imports.h"

#include "base/json.h"
#include "store/sql.h"

#define SQL_ADD "INSERT INTO imported (register, original, case_id, source, row) VALUES (?, ?, ?, ?, ?)"
#define SQL_FIND "SELECT case_id FROM imported WHERE register = ? AND original = ?"
#define SQL_OF "SELECT register, source, row, original FROM imported WHERE case_id = ?"

int import_add(struct db *db, const char *case_id, const json_t *imported, struct err *e)
{
	return sql_run(db, e, SQL_ADD, TEXT(json_str(imported, "register")), TEXT(json_str(imported, "id")),
	               TEXT(case_id), TEXT(json_str(imported, "source")), INT(json_int(imported, "row")));
}

json_t *import_find(struct db *db, const char *registry, const char *id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_FIND, TEXT(registry), TEXT(id));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *found;

	if (row < 0)
		return NULL;
	found = json_object();
	if (row)
		json_put_str(found, "case", sql_text(rows, 0));
	return found;
}

int import_put(struct db *db, const char *case_id, json_t *state, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_OF, TEXT(case_id));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *imported;

	if (row <= 0)
		return row;
	imported = json_object();
	json_put_str(imported, "register", sql_text(rows, 0));
	json_put_str(imported, "source", sql_text(rows, 1));
	json_put_int(imported, "row", sql_int(rows, 2));
	json_put_str(imported, "id", sql_text(rows, 3));
	json_put(state, "imported", imported);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "store/sql.h"

#include <string.h>

#include "base/json.h"

void sql_library(void)
{
	// Refused, harmlessly, once the library is in use.
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

struct value sql_text_value(const char *text)
{
	return text ? (struct value){ .type = VALUE_TEXT, .data = text, .len = strlen(text) } : NOTHING;
}

int sql_error(struct db *db, struct err *e, const char *what)
{
	int code;

	switch (sqlite3_errcode(db->handle) & 0xff) { // the low byte is the kind, whatever the extended code
	case SQLITE_FULL:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = EX_TEMPFAIL;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = EX_DATAERR;
		break;
	case SQLITE_CONSTRAINT:
		code = EX_SOFTWARE;
		break;
	default:
		code = EX_IOERR;
	}
	return err_set(e, code, "database: %s: %s", what, sqlite3_errmsg(db->handle));
}

int sql_exec(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sql_error(db, e, sql);
	return 0;
}

// The address of the literal is the key: no hashing of text, no names to invent.
static sqlite3_stmt *prepared(struct db *db, const char *sql, struct err *e)
{
	size_t i = ((uintptr_t)sql >> 3) % STATEMENTS_MAX;

	for (size_t tries = 0; db->statements[i].sql; tries++) {
		if (db->statements[i].sql == sql)
			return db->statements[i].statement;
		if (tries == STATEMENTS_MAX - 1)
			panic("more than %d statements", STATEMENTS_MAX);
		i = (i + 1) % STATEMENTS_MAX;
	}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &db->statements[i].statement, NULL) !=
	    SQLITE_OK) {
		sql_error(db, e, sql);
		return NULL;
	}
	db->statements[i].sql = sql;
	return db->statements[i].statement;
}

int sql_bind(sqlite3_stmt *s, int at, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		return sqlite3_bind_null(s, at);
	case VALUE_INT:
		return sqlite3_bind_int64(s, at, v->number);
	case VALUE_TEXT:
		return sqlite3_bind_text64(s, at, v->data, v->len, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BLOB:
		return sqlite3_bind_blob64(s, at, v->data, v->len, SQLITE_STATIC);
	}
	panic("a value of no type");
}

sqlite3_stmt *sql_query_values(struct db *db, struct err *e, const char *sql, const struct value *values, size_t count)
{
	sqlite3_stmt *s = prepared(db, sql, e);

	if (!s)
		return NULL;
	if (sqlite3_stmt_busy(s))
		panic("a query inside itself: %s", sql);
	if (sqlite3_bind_parameter_count(s) != (int)count)
		panic("%zu values for: %s", count, sql);
	for (size_t i = 0; i < count; i++) {
		if (sql_bind(s, (int)i + 1, &values[i]) != SQLITE_OK) {
			sql_error(db, e, sql);
			return NULL;
		}
	}
	return s;
}

int sql_row(struct db *db, sqlite3_stmt *rows, struct err *e)
{
	switch (sqlite3_step(rows)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_error(db, e, sqlite3_sql(rows));
	}
}

void sql_done(sqlite3_stmt **rows)
{
	if (!*rows)
		return;
	sqlite3_reset(*rows);
	sqlite3_clear_bindings(*rows);
	*rows = NULL;
}

int sql_run_values(struct db *db, struct err *e, const char *sql, const struct value *values, size_t count)
{
	_rows_ sqlite3_stmt *s = sql_query_values(db, e, sql, values, count);

	if (!s)
		return -1;
	if (!sqlite3_stmt_readonly(s) && !db->opener)
		panic("a write outside a transaction: %s", sql);
	return sql_row(db, s, e) < 0 ? -1 : 0;
}

int sql_number_values(struct db *db, struct err *e, int64_t *out, int64_t otherwise, const char *sql,
                      const struct value *values, size_t count)
{
	_rows_ sqlite3_stmt *s = sql_query_values(db, e, sql, values, count);
	int row = s ? sql_row(db, s, e) : -1;

	if (row < 0)
		return -1;
	*out = row && sqlite3_column_type(s, 0) != SQLITE_NULL ? sqlite3_column_int64(s, 0) : otherwise;
	return 0;
}

const char *sql_text_or_null(sqlite3_stmt *rows, int column)
{
	return (const char *)sqlite3_column_text(rows, column);
}

const char *sql_text(sqlite3_stmt *rows, int column)
{
	const char *text = sql_text_or_null(rows, column);

	return text ? text : "";
}

int64_t sql_int(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_int64(rows, column);
}

json_t *sql_json(sqlite3_stmt *rows, int column)
{
	const char *text = sql_text_or_null(rows, column);
	json_t *value = text ? json_read(text, strlen(text), NULL) : NULL;

	return value ? value : json_null();
}

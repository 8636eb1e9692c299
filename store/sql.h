// SPDX-License-Identifier: Apache-2.0
// For the store's own files: statements prepared once, every value bound, rows read without fuss.
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/tree.h"
#include "store/db.h"

// Where the log stands: kept in memory, saved at the begin of a transaction, put back by a rollback.
struct log_state {
	uint64_t size;
	int64_t time; // of the last entry
	struct tree_edge edge;
};

#define STATEMENTS_MAX 384

struct db {
	sqlite3 *handle;
	char *state;
	int lock;
	bool scratch;            // db_open_scratch(): a log is being replayed into it
	const char *opener;      // who began the open transaction, or NULL
	bool hollow;             // a case was replayed whose words are erased
	bool erasing;            // something was erased since the last time that erase_finish() came to its end
	bool torn;               // an append failed half way: the transaction can only be rolled back
	struct journal *journal; // where each commit is written first, or NULL
	bool undone;             // a commit failed before anything came of it
	int unmoved;             // pages in the write-ahead log after the last commit
	struct log_state log, log_before, log_marked;
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} statements[STATEMENTS_MAX];
};

// Before the first connection of the process: a cache gets its pages one by one.  SQLite would give twenty to each,
// and it makes one for every IN (...) of a condition, each time.
void sql_library(void);

struct value {
	enum { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB } type;
	int64_t number;
	const void *data;
	size_t len;
};

#define INT(n) ((struct value){ .type = VALUE_INT, .number = (int64_t)(n) })
#define TEXT(s) sql_text_value(s)
#define BLOB(p, n) ((struct value){ .type = VALUE_BLOB, .data = (p), .len = (n) })
#define DIGEST(d) BLOB((d).bytes, DIGEST_SIZE)
#define NOTHING ((struct value){ .type = VALUE_NULL })
struct value sql_text_value(const char *text); // NULL stays NULL

// Runs a statement that gives no rows.  `sql` must be a literal: statements are kept by its address.
#define sql_run(db, e, sql, ...) \
	sql_run_values(db, e, sql, (struct value[]){ __VA_ARGS__ }, \
	               sizeof((struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
int sql_run_values(struct db *db, struct err *e, const char *sql, const struct value *values, size_t count);

// Starts a query; NULL on error.  The rows end with sql_row() false; the statement goes back with _rows_.
#define sql_query(db, e, sql, ...) \
	sql_query_values(db, e, sql, (struct value[]){ NOTHING, ##__VA_ARGS__ } + 1, \
	                 sizeof((struct value[]){ NOTHING, ##__VA_ARGS__ }) / sizeof(struct value) - 1)
sqlite3_stmt *sql_query_values(struct db *db, struct err *e, const char *sql, const struct value *values, size_t count);

// 1: a row; 0: no more; -1: an error.
int sql_row(struct db *db, sqlite3_stmt *rows, struct err *e);
void sql_done(sqlite3_stmt **rows);
#define _rows_ __attribute__((cleanup(sql_done)))

// One number from a query of one row; `otherwise` when there is no row or it is NULL.  -1 on error.
#define sql_number(db, e, out, otherwise, sql, ...) \
	sql_number_values(db, e, out, otherwise, sql, (struct value[]){ NOTHING, ##__VA_ARGS__ } + 1, \
	                  sizeof((struct value[]){ NOTHING, ##__VA_ARGS__ }) / sizeof(struct value) - 1)
int sql_number_values(struct db *db, struct err *e, int64_t *out, int64_t otherwise, const char *sql,
                      const struct value *values, size_t count);

// Columns.
const char *sql_text(sqlite3_stmt *rows, int column);         // or "" when NULL; until the next step
const char *sql_text_or_null(sqlite3_stmt *rows, int column); // or NULL
int64_t sql_int(sqlite3_stmt *rows, int column);
json_t *sql_json(sqlite3_stmt *rows, int column); // new reference; JSON null when absent or damaged

// Binds one value; SQLite's result code.  For statements that are not kept: texts and blobs stay the caller's.
int sql_bind(sqlite3_stmt *statement, int at, const struct value *value);

// Fills the error from the connection; always -1.
int sql_error(struct db *db, struct err *e, const char *what);

// A statement that must be there for a transaction, not a value to bind: PRAGMA, BEGIN, ...
int sql_exec(struct db *db, const char *sql, struct err *e);

#endif

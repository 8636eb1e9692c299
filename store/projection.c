// SPDX-License-Identifier: Apache-2.0
#include "store/projection.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/escape.h"
#include "base/text.h"
#include "store/sql.h"

// "SELECT *": a column that somebody added must show too.
const struct projection projections[] = {
	{ "schema", 2,
	  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'"
	  " ORDER BY type, name" },
	{ "history", 2, "SELECT * FROM history ORDER BY case_id, seq" },
	{ "cases", 1, "SELECT * FROM cases ORDER BY id" },
	{ "version", 2, "SELECT * FROM version ORDER BY case_id, version" },
	{ "fact", 3, "SELECT * FROM fact ORDER BY case_id, version, name" },
	{ "tag", 3, "SELECT * FROM tag ORDER BY number, name, value" },
	{ "finding", 2, "SELECT * FROM finding ORDER BY case_id, number" },
	{ "precedent", 2, "SELECT * FROM precedent ORDER BY case_id, number" },
	{ "evidence", 2, "SELECT * FROM evidence ORDER BY case_id, seq" },
	{ "stage", 2, "SELECT * FROM stage ORDER BY case_id, number" },
	{ "review", 3, "SELECT * FROM review ORDER BY case_id, stage, person" },
	{ "vote", 1, "SELECT * FROM vote ORDER BY seq" },
	{ "comment", 1, "SELECT * FROM comment ORDER BY seq" },
	{ "grants", 2, "SELECT * FROM grants ORDER BY case_id, number" },
	{ "link", 3, "SELECT * FROM link ORDER BY case_id, kind, other" },
	{ "imported", 2, "SELECT * FROM imported ORDER BY register, original" },
	{ "timer", 3, "SELECT * FROM timer ORDER BY case_id, kind, number" },
	{ "message", 1, "SELECT * FROM message ORDER BY seq" },
	{ "membership", 2, "SELECT * FROM membership ORDER BY person, grp" },
	{ "publication", 1, "SELECT * FROM publication ORDER BY seq" },
	{ "applying", 1, "SELECT * FROM applying" },
	{ "alarm", 1, "SELECT * FROM alarm ORDER BY seq" },
	{ "restored", 1, "SELECT * FROM restored ORDER BY seq" },
	{ "erasure", 1, "SELECT * FROM erasure ORDER BY seq" },
	{ "erased", 1, "SELECT * FROM erased ORDER BY seq" },
	{ "hold", 1, "SELECT * FROM hold ORDER BY subject" },
	{ "archived", 1, "SELECT * FROM archived ORDER BY sha256" },
	{ "words", 1, "SELECT * FROM words ORDER BY id" },
	// No ORDER BY: the index yields its terms, and the places of each, in order; sorting millions would take
	// memory.
	{ "search", 4, "SELECT term, doc, col, offset FROM temp.search_instance" },
	{ 0 },
};

// An index that is no constraint changes nothing that a replay gives, but costs more than its table.  Comments are
// looked up by theirs for each change of a case's words.
#define SQL_PLAIN_INDEXES \
	"SELECT coalesce(group_concat('DROP INDEX \"' || name || '\"', '; '), '') FROM sqlite_schema" \
	" WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' AND name <> 'comment_by_case'"

int projection_lighten(struct db *scratch, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(scratch, e, SQL_PLAIN_INDEXES);
	_free_ char *drop = NULL;

	if (!rows || sql_row(scratch, rows, e) < 0)
		return -1;
	drop = text_copy(sql_text(rows, 0));
	sql_done(&rows);
	return sql_exec(scratch, drop, e);
}

int projection_prepare(struct db *db, struct err *e)
{
	return sql_exec(db,
	                "PRAGMA query_only = OFF;"
	                "CREATE VIRTUAL TABLE temp.search_instance USING fts5vocab (main, search, instance)",
	                e);
}

static int compare_numbers(double a, double b)
{
	return a < b ? -1 : a > b;
}

static int compare_bytes(sqlite3_value *a, sqlite3_value *b)
{
	int a_len = sqlite3_value_bytes(a), b_len = sqlite3_value_bytes(b);
	int shorter = a_len < b_len ? a_len : b_len;
	int order = shorter ? memcmp(sqlite3_value_blob(a), sqlite3_value_blob(b), (size_t)shorter) : 0;

	return order ? order : compare_numbers(a_len, b_len);
}

// In SQLite's own order of types: NULL, numbers, text, blobs.
static int type_rank(sqlite3_value *v)
{
	switch (sqlite3_value_type(v)) {
	case SQLITE_NULL:
		return 0;
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		return 1;
	case SQLITE_TEXT:
		return 2;
	default:
		return 3;
	}
}

static int compare_values(sqlite3_value *a, sqlite3_value *b)
{
	if (type_rank(a) != type_rank(b))
		return type_rank(a) - type_rank(b);
	if (type_rank(a) == 0)
		return 0;
	if (sqlite3_value_type(a) == SQLITE_INTEGER && sqlite3_value_type(b) == SQLITE_INTEGER) {
		int64_t x = sqlite3_value_int64(a), y = sqlite3_value_int64(b);

		return x < y ? -1 : x > y;
	}
	if (type_rank(a) == 1)
		return compare_numbers(sqlite3_value_double(a), sqlite3_value_double(b));
	return compare_bytes(a, b);
}

static int compare_columns(sqlite3_stmt *a, sqlite3_stmt *b, int from, int to, int *first)
{
	for (int i = from; i < to; i++) {
		int order = compare_values(sqlite3_column_value(a, i), sqlite3_column_value(b, i));

		if (order) {
			*first = i;
			return order;
		}
	}
	return 0;
}

static void show_value(struct buf *out, sqlite3_stmt *rows, int column)
{
	char hex[2 * 8 + 1];
	int len = sqlite3_column_bytes(rows, column);

	switch (sqlite3_column_type(rows, column)) {
	case SQLITE_NULL:
		buf_puts(out, "nothing");
		break;
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		buf_puts(out, sql_text(rows, column));
		break;
	case SQLITE_TEXT:
		buf_putc(out, '\'');
		escape_text(out, ESCAPE_HEADER, sql_text(rows, column), utf8_prefix(sql_text(rows, column), 80));
		buf_puts(out, len > 80 ? "...'" : "'");
		break;
	default:
		buf_puts(out, hex_encode(sqlite3_column_blob(rows, column), len < 8 ? (size_t)len : 8, hex));
		buf_puts(out, len > 8 ? "..." : "");
	}
}

// "vote: row seq=17"
static void show_row(struct buf *out, const struct projection *p, sqlite3_stmt *rows)
{
	buf_printf(out, "%s: row", p->name);
	for (int i = 0; i < p->keys; i++) {
		buf_printf(out, " %s=", sqlite3_column_name(rows, i));
		show_value(out, rows, i);
	}
}

static int say_alone(const struct projection *p, sqlite3_stmt *rows, const char *what, struct err *e)
{
	_buf_ struct buf text = BUF(4096);

	show_row(&text, p, rows);
	return err_set(e, EX_DATAERR, "%s %s", buf_text(&text), what);
}

static int say_differs(const struct projection *p, sqlite3_stmt *held, sqlite3_stmt *replayed, int column,
                       struct err *e)
{
	_buf_ struct buf text = BUF(4096);

	show_row(&text, p, held);
	buf_printf(&text, " is not what the log says: %s is ", sqlite3_column_name(held, column));
	show_value(&text, held, column);
	buf_puts(&text, ", the log gives ");
	show_value(&text, replayed, column);
	return err_set(e, EX_DATAERR, "%s", buf_text(&text));
}

// Both sides stand on a row, or one has ended.  0: they are the same row.
static int compare_row(const struct projection *p, sqlite3_stmt *held, sqlite3_stmt *replayed, bool both,
                       bool only_held, struct err *e)
{
	int columns = sqlite3_column_count(held), column = 0;
	int order = both ? compare_columns(held, replayed, 0, p->keys, &column) : only_held ? -1 : 1;

	if (order < 0)
		return say_alone(p, held, "does not follow from the log", e);
	if (order > 0)
		return say_alone(p, replayed, "is missing: the log gives one", e);
	if (compare_columns(held, replayed, p->keys, columns, &column) != 0)
		return say_differs(p, held, replayed, column, e);
	return 0;
}

int projection_compare(const struct projection *p, struct db *held, struct db *replayed, uint64_t *rows, struct err *e)
{
	_rows_ sqlite3_stmt *a = sql_query(held, e, p->rows);
	_rows_ sqlite3_stmt *b = a ? sql_query(replayed, e, p->rows) : NULL;

	if (!b)
		return err_prefix(e, "%s", p->name);
	if (sqlite3_column_count(a) != sqlite3_column_count(b))
		return err_set(e, EX_DATAERR, "%s: the table has %d columns instead of %d", p->name,
		               sqlite3_column_count(a), sqlite3_column_count(b));
	for (;;) {
		int left = sql_row(held, a, e), right = left < 0 ? -1 : sql_row(replayed, b, e);

		if (left < 0 || right < 0)
			return err_prefix(e, "%s", p->name);
		if (!left && !right)
			return 0;
		if (compare_row(p, a, b, left && right, left, e) < 0)
			return -1;
		(*rows)++;
	}
}

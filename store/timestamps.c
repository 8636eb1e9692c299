// SPDX-License-Identifier: Apache-2.0
#include "store/timestamps.h"

#include <string.h>

#include "base/auto.h"
#include "base/note.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "store/sql.h"

#define SQL_ADD "INSERT INTO timestamp (size, note, answer, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
#define SQL_LAST "SELECT size, at, note, answer FROM timestamp ORDER BY size DESC LIMIT 1"
#define SQL_ALL \
	"SELECT t.size, t.at, t.note, t.answer, p.note FROM timestamp t LEFT JOIN checkpoint p ON p.size = t.size" \
	" ORDER BY t.size"

int timestamp_add(struct db *db, uint64_t size, const char *note, const void *answer, size_t answer_len, int64_t at,
                  struct err *e)
{
	return sql_run(db, e, SQL_ADD, INT(size), TEXT(note), BLOB(answer, answer_len), INT(at));
}

static struct piece answer_of(sqlite3_stmt *rows)
{
	const void *data = sqlite3_column_blob(rows, 3); // before the length: SQLite's order of calls

	return (struct piece){ data ? data : "", (size_t)sqlite3_column_bytes(rows, 3) };
}

int timestamp_last(struct db *db, uint64_t *size, int64_t *at, char **note, struct buf *answer, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LAST);
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	if (answer && buf_add(answer, answer_of(rows).data, answer_of(rows).len) < 0)
		return err_set(e, EX_DATAERR, "timestamp: row size=%lld is too large", (long long)sql_int(rows, 0));
	if (size)
		*size = (uint64_t)sql_int(rows, 0);
	if (at)
		*at = sql_int(rows, 1);
	if (note)
		*note = text_copy(sql_text(rows, 2));
	return 1;
}

// A checkpoint that is signed once more has other bytes, and the same text.
static bool is_same_head(const char *stamped, const char *kept)
{
	_note_ struct note a = { 0 }, b = { 0 };

	return note_read(stamped, strlen(stamped), &a, NULL) == 0 && note_read(kept, strlen(kept), &b, NULL) == 0 &&
	       strcmp(a.text, b.text) == 0;
}

static int check_row(sqlite3_stmt *row, const char *ca, struct err *e)
{
	const char *note = sql_text(row, 2), *kept = sql_text_or_null(row, 4);
	struct timestamp_check want = { .data = note, .len = strlen(note), .ca = ca };
	int64_t time;

	if (!kept)
		return err_set(e, EX_DATAERR, "it stamps a checkpoint that is not kept");
	if (!is_same_head(note, kept))
		return err_set(e, EX_DATAERR, "it stamps another checkpoint than the one of that size");
	if (timestamp_check(answer_of(row).data, answer_of(row).len, &want, &time, e) < 0)
		return -1;
	if (time != sql_int(row, 1))
		return err_set(e, EX_DATAERR, "its time is not the one in the time-stamp");
	return 0;
}

int timestamps_check(struct db *db, const char *ca, uint64_t *rows, struct err *e)
{
	_rows_ sqlite3_stmt *all = sql_query(db, e, SQL_ALL);
	int row;

	while ((row = all ? sql_row(db, all, e) : -1) > 0) {
		++*rows;
		if (check_row(all, ca, e) < 0)
			return err_prefix(e, "timestamp: row size=%lld", (long long)sql_int(all, 0));
	}
	return row;
}

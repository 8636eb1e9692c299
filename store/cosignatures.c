// SPDX-License-Identifier: Apache-2.0
#include "store/cosignatures.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/sql.h"

#define SQL_ADD "INSERT OR REPLACE INTO cosignature (size, witness, line, at) VALUES (?, ?, ?, ?)"
#define SQL_NOTE "SELECT note FROM checkpoint WHERE size = ?"
#define SQL_LAST "SELECT size, at FROM cosignature WHERE witness = ? ORDER BY size DESC LIMIT 1"
#define SQL_OF "SELECT witness, line, at FROM cosignature WHERE size = ? ORDER BY witness"
#define SQL_ALL \
	"SELECT c.size, c.witness, c.line, p.note FROM cosignature c LEFT JOIN checkpoint p ON p.size = c.size" \
	" ORDER BY c.size, c.witness"

// Is this one line of that key's over the checkpoint?
static bool holds(const char *signed_note, const char *line, const struct note_key *key)
{
	const char *end = strstr(signed_note, "\n\n");
	_note_ struct note note = { 0 };
	_free_ char *text = NULL;

	if (!end || !*line || strchr(line, '\n') != line + strlen(line) - 1)
		return false;
	text = text_format("%.*s%s", (int)(end + 2 - signed_note), signed_note, line);
	return note_read(text, strlen(text), &note, NULL) == 0 && note_is_signed(&note, key, NULL);
}

// The first line of an answer that holds; the caller frees.
static char *find_line(const char *signed_note, const char *answer, const struct note_key *key)
{
	for (const char *at = answer, *end; (end = strchr(at, '\n')); at = end + 1) {
		char *line = text_copy_n(at, (size_t)(end + 1 - at));

		if (holds(signed_note, line, key))
			return line;
		free(line);
	}
	return NULL;
}

static int note_of(struct db *db, uint64_t size, char **note, struct err *e)
{
	_rows_ sqlite3_stmt *rows = size > INT64_MAX ? NULL : sql_query(db, e, SQL_NOTE, INT(size));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row > 0)
		*note = text_copy(sql_text(rows, 0));
	return row;
}

int cosignature_add(struct db *db, uint64_t size, const struct note_key *key, const char *answer, int64_t now,
                    struct err *e)
{
	_free_ char *note = NULL, *line = NULL, *witness = note_key_text(key);
	int found = note_of(db, size, &note, e);

	if (found <= 0)
		return found;
	line = find_line(note, answer, key);
	if (!line)
		return 0;
	return sql_run(db, e, SQL_ADD, INT(size), TEXT(witness), TEXT(line), INT(now)) < 0 ? -1 : 1;
}

int cosignature_last(struct db *db, const struct note_key *key, uint64_t *size, int64_t *at, struct err *e)
{
	_free_ char *witness = note_key_text(key);
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LAST, TEXT(witness));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	*size = (uint64_t)sql_int(rows, 0);
	*at = sql_int(rows, 1);
	return 1;
}

json_t *cosignatures_of(struct db *db, uint64_t size, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_OF, INT(size));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *item = json_object();

		json_put_str(item, "witness", sql_text(rows, 0));
		json_put_str(item, "line", sql_text(rows, 1));
		json_put_int(item, "at", sql_int(rows, 2));
		json_add(list, item);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int cosignatures_check(struct db *db, uint64_t *rows, struct err *e)
{
	_rows_ sqlite3_stmt *all = sql_query(db, e, SQL_ALL);
	int row;

	while ((row = all ? sql_row(db, all, e) : -1) > 0) {
		const char *note = sql_text_or_null(all, 3);
		struct note_key key;

		++*rows;
		if (!note)
			return err_set(e, EX_DATAERR,
			               "cosignature: row size=%lld, witness='%s' names a checkpoint that is not kept",
			               (long long)sql_int(all, 0), sql_text(all, 1));
		if (note_key_read(sql_text(all, 1), &key, NULL) < 0 || !holds(note, sql_text(all, 2), &key))
			return err_set(e, EX_DATAERR,
			               "cosignature: row size=%lld, witness='%s' does not verify under that key",
			               (long long)sql_int(all, 0), sql_text(all, 1));
	}
	return row;
}

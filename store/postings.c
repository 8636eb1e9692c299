// SPDX-License-Identifier: Apache-2.0
#include "store/postings.h"

#include "base/auto.h"
#include "base/json.h"
#include "store/sql.h"

#define SQL_ADD \
	"INSERT INTO posting (letter, channel, ts, settled) VALUES (?, ?, ?, 0)" \
	" ON CONFLICT (letter) DO UPDATE SET channel = excluded.channel, ts = excluded.ts"
#define SQL_OF "SELECT channel, ts FROM posting WHERE letter = ?"
#define SQL_AT \
	"SELECT o.id, lower(hex(o.token)), o.case_id, o.kind FROM posting p JOIN outbox o ON o.id = p.letter" \
	" WHERE p.channel = ? AND p.ts = ?"
#define SQL_ASKING \
	"SELECT o.id, o.principal, o.kind, lower(hex(o.token)), t.version, o.state = 'sent' FROM outbox o" \
	" JOIN token t ON t.id = o.token LEFT JOIN posting p ON p.letter = o.id" \
	" WHERE o.case_id = ? AND o.carrier = 'slack' AND o.kind = 'review' AND t.purpose = 1 AND o.place IS NULL" \
	" AND coalesce(p.settled, o.state <> 'queued') = 0 ORDER BY o.id"
#define SQL_SETTLE "UPDATE posting SET settled = 1 WHERE letter = ?"
#define SQL_DROP \
	"UPDATE outbox SET state = 'failed', problem = 'overtaken before it was sent' WHERE id = ? AND state = " \
	"'queued'"
#define SQL_FIRST \
	"SELECT id FROM outbox WHERE case_id = ? AND kind = ? AND address = ? AND carrier = 'slack' ORDER BY id " \
	"LIMIT 1"

#define SQL_BELOW \
	"SELECT id FROM outbox WHERE case_id = (SELECT case_id FROM outbox WHERE id = ?1)" \
	" AND place ->> '$.below' = ?1 ORDER BY id LIMIT 1"

int posting_add(struct db *db, int64_t letter, const char *channel, const char *ts, struct err *e)
{
	return sql_run(db, e, SQL_ADD, INT(letter), TEXT(channel), TEXT(ts));
}

json_t *posting_of(struct db *db, int64_t letter, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_OF, INT(letter));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *out = row < 0 ? NULL : json_object();

	if (row > 0) {
		json_put_str(out, "channel", sql_text(rows, 0));
		json_put_str(out, "ts", sql_text(rows, 1));
	}
	return out;
}

json_t *posting_at(struct db *db, const char *channel, const char *ts, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_AT, TEXT(channel), TEXT(ts));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *out = row < 0 ? NULL : json_object();

	if (row > 0) {
		json_put_int(out, "letter", sql_int(rows, 0));
		json_put_str(out, "token", sql_text(rows, 1));
		json_put_str(out, "case", sql_text(rows, 2));
		json_put_str(out, "kind", sql_text(rows, 3));
	}
	return out;
}

json_t *postings_asking(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ASKING, TEXT(case_id));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *item = json_object();

		json_put_int(item, "letter", sql_int(rows, 0));
		json_put_str(item, "principal", sql_text(rows, 1));
		json_put_str(item, "kind", sql_text(rows, 2));
		json_put_str(item, "token", sql_text(rows, 3));
		json_put_int(item, "version", sql_int(rows, 4));
		json_put_bool(item, "sent", sql_int(rows, 5) != 0);
		json_add(list, item);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int posting_settle(struct db *db, int64_t letter, struct err *e)
{
	return sql_run(db, e, SQL_SETTLE, INT(letter)) < 0 || sql_run(db, e, SQL_DROP, INT(letter)) < 0 ? -1 : 0;
}

int posting_below(struct db *db, int64_t letter, int64_t *below, struct err *e)
{
	return sql_number(db, e, below, 0, SQL_BELOW, INT(letter));
}

int posting_first(struct db *db, const char *case_id, const char *kind, const char *address, int64_t *letter,
                  struct err *e)
{
	return sql_number(db, e, letter, 0, SQL_FIRST, TEXT(case_id), TEXT(kind), TEXT(address));
}

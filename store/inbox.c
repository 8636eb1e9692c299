// SPDX-License-Identifier: Apache-2.0
#include "store/inbox.h"

#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_SEEN "SELECT id FROM inbox WHERE channel = ?"
#define SQL_BYTES "SELECT seq FROM inbox WHERE sha256 = ? ORDER BY id LIMIT 1"
#define SQL_ADD "INSERT INTO inbox (via, channel, seq, sha256, at, state, tries) VALUES (?, ?, ?, ?, ?, ?, 0)"
#define SQL_NEXT \
	"SELECT id, seq, sha256, at, tries FROM inbox WHERE state = 'new' AND via = ? AND id > ? ORDER BY id LIMIT 1"
#define SQL_RECENT "SELECT sha256 FROM inbox WHERE id > (SELECT max(id) FROM inbox) - 1000 AND message_id = ? LIMIT 1"
#define SQL_IS_NEW "SELECT count(*) FROM inbox WHERE id = ? AND state = 'new'"
#define SQL_DONE "UPDATE inbox SET state = 'done', message_id = ? WHERE id = ?"
#define SQL_ANSWER "UPDATE inbox SET reply = ? WHERE id = ?"
#define SQL_ANSWERED "SELECT reply FROM inbox WHERE channel = ?"
#define SQL_TRIED "UPDATE inbox SET tries = tries + 1 WHERE id = ?"
#define SQL_PARKED "SELECT count(*) FROM message WHERE state = 'parked'"
#define SQL_REUSED "SELECT count(*) FROM inbox WHERE message_id = ? AND id <> ?"
#define SQL_LOOPS \
	"SELECT count(*) FROM inbox i JOIN message m ON m.seq = i.seq" \
	" WHERE i.id > (SELECT max(id) FROM inbox) - 1000 AND i.at >= ? AND m.reason = 'loop'"
#define SQL_WAITING "SELECT count(*) FROM inbox WHERE state = 'new'"

static json_t *received_body(const struct arrival *a, const struct blob *blob)
{
	json_t *body = a->detail ? json_copy((json_t *)a->detail) : json_object();
	char hex[2 * DIGEST_SIZE + 1], when[CLOCK_TEXT];

	json_put_str(body, "id", a->channel_id);
	json_put_int(body, "size", (int64_t)a->len);
	json_put_str(body, "sha256", hex_encode(blob->sha256.bytes, DIGEST_SIZE, hex));
	json_put_str(body, "commitment", hex_encode(blob->commitment.bytes, DIGEST_SIZE, hex));
	json_put_str(body, "at", clock_format(a->at, when));
	return body;
}

static int append_ignored(struct db *db, const char *via, uint64_t seq, int64_t first, int64_t now, struct err *e)
{
	json_t *body = json_object();
	_json_ json_t *event = event_new("message.ignored", "system", via, NULL, 0, body);

	json_put_int(body, "message", (int64_t)seq);
	json_put_int(body, "duplicate_of", first);
	json_put_str(body, "reason", "duplicate");
	return log_append(db, event, now, NULL, e);
}

int inbox_take(struct db *db, const struct arrival *a, int64_t now, enum arrived *outcome, struct inbox_row *row,
               struct err *e)
{
	_json_ json_t *event = NULL;
	int64_t known, first;
	struct blob blob;
	uint64_t seq;

	if (sql_number(db, e, &known, 0, SQL_SEEN, TEXT(a->channel_id)) < 0)
		return -1;
	if (known) {
		*outcome = ARRIVED_AGAIN;
		return 0;
	}
	if (blob_put(db, a->data, a->len, &blob, e) < 0 ||
	    sql_number(db, e, &first, -1, SQL_BYTES, DIGEST(blob.sha256)) < 0)
		return -1;
	event = event_new("message.received", "system", a->via, NULL, 0, received_body(a, &blob));
	if (log_append(db, event, now, &seq, e) < 0 ||
	    sql_run(db, e, SQL_ADD, TEXT(a->via), TEXT(a->channel_id), INT(seq), DIGEST(blob.sha256), INT(a->at),
	            TEXT(first < 0 ? "new" : "done")) < 0)
		return -1;
	*row = (struct inbox_row){
		.id = sqlite3_last_insert_rowid(db->handle), .seq = (int64_t)seq, .sha256 = blob.sha256, .at = a->at
	};
	*outcome = first < 0 ? ARRIVED_NEW : ARRIVED_DUPLICATE;
	return first < 0 ? 0 : append_ignored(db, a->via, seq, first, now, e);
}

int inbox_next(struct db *db, const char *via, int64_t after, struct inbox_row *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_NEXT, TEXT(via), INT(after));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	*out = (struct inbox_row){
		.id = sql_int(rows, 0), .seq = sql_int(rows, 1), .at = sql_int(rows, 3), .tries = sql_int(rows, 4)
	};
	if (sqlite3_column_bytes(rows, 2) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "inbox row %lld is damaged", (long long)out->id);
	memcpy(out->sha256.bytes, sqlite3_column_blob(rows, 2), DIGEST_SIZE);
	return 1;
}

int inbox_recent(struct db *db, const char *message_id, struct digest *sha256, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_RECENT, TEXT(message_id));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	if (sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "the inbox row of %s is damaged", message_id);
	memcpy(sha256->bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE);
	return 1;
}

int inbox_has_message_id(struct db *db, const char *message_id, int64_t but, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_REUSED, TEXT(message_id), INT(but)) < 0 ? -1 : count > 0;
}

int inbox_loops(struct db *db, int64_t since, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_LOOPS, INT(since));
}

int inbox_is_new(struct db *db, int64_t id, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_IS_NEW, INT(id)) < 0 ? -1 : count > 0;
}

int inbox_done(struct db *db, int64_t id, const char *message_id, struct err *e)
{
	return sql_run(db, e, SQL_DONE, TEXT(message_id), INT(id));
}

int inbox_answer(struct db *db, int64_t id, const json_t *reply, struct err *e)
{
	_free_ char *text = json_text(reply);

	return sql_run(db, e, SQL_ANSWER, TEXT(text), INT(id));
}

json_t *inbox_answered(struct db *db, const char *channel_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ANSWERED, TEXT(channel_id));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row < 0)
		return NULL;
	return row > 0 && sql_text_or_null(rows, 0) ? sql_json(rows, 0) : json_null();
}

int inbox_tried(struct db *db, int64_t id, struct err *e)
{
	return sql_run(db, e, SQL_TRIED, INT(id));
}

int inbox_parked(struct db *db, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_PARKED);
}

int inbox_waiting(struct db *db, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_WAITING);
}

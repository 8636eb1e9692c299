// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "store/log.h"
#include "store/sql.h"

#define HEAD \
	"id, kind, case_id, principal, address, lower(hex(token)), message_id, in_reply_to, tries, created, carrier, " \
	"place, state"
#define SQL_TOKEN \
	"INSERT INTO token (id, purpose, case_id, version, content, principal, address, expires, seal)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define SQL_ADD \
	"INSERT INTO outbox (kind, case_id, principal, address, token, message_id, in_reply_to, refs, model, created," \
	" next, tries, state, carrier, place, head)" \
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 0, 'queued', ?11, ?12, ?13)"
#define SQL_AGAIN \
	"INSERT INTO outbox (kind, case_id, principal, address, token, message_id, in_reply_to, refs, model, created," \
	" next, tries, state, carrier, place, head) SELECT kind, case_id, principal, address, token, message_id, " \
	"in_reply_to," \
	" refs, ?2, ?4, ?4, 0, 'queued', carrier, ?3, ?5 FROM outbox WHERE id = ?1"
// An alarm may be that nothing is signed: it does not wait.
#define COVERED " AND (head <= ? OR kind = 'alarm')"
#define SQL_DUE \
	"SELECT id FROM outbox WHERE state = 'queued' AND carrier = ?" COVERED \
	" AND next <= ? ORDER BY next, id LIMIT ?"
#define SQL_GET "SELECT " HEAD ", refs, model FROM outbox WHERE id = ?"
#define SQL_HEAD "SELECT " HEAD " FROM outbox WHERE id = ?"
#define SQL_FIRST \
	"SELECT kind, model ->> '$.case.title' FROM outbox WHERE case_id = ? AND address = ? ORDER BY id LIMIT 1"
#define SQL_LAST "SELECT id, created, model FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1"
#define SQL_NEXT "SELECT min(next) FROM outbox WHERE state = 'queued' AND carrier = ?" COVERED
#define SQL_SENT "UPDATE outbox SET state = 'sent', tries = tries + 1, problem = NULL WHERE id = ?"
#define SQL_RETRY "UPDATE outbox SET tries = tries + 1, next = ?, problem = ? WHERE id = ?"
#define SQL_WAIT "UPDATE outbox SET next = ?, problem = ? WHERE id = ?"
#define SQL_FAILED "UPDATE outbox SET state = 'failed', tries = tries + 1, problem = ? WHERE id = ?"
#define SQL_FIND "SELECT id FROM outbox WHERE message_id = ?"
#define SQL_THREAD \
	"SELECT message_id FROM outbox WHERE id IN ((SELECT min(id) FROM outbox WHERE case_id = ?1 AND address = ?2)," \
	" (SELECT max(id) FROM outbox WHERE case_id = ?1 AND address = ?2)) ORDER BY id"
#define SQL_SHOWN \
	"SELECT max(t.version) FROM outbox o JOIN token t ON t.id = o.token" \
	" WHERE o.case_id = ? AND o.principal = ? AND o.kind IN ('review', 'show')"
#define SQL_COUNT "SELECT count(*) FROM outbox WHERE address = ? AND created >= ? AND kind = ?"
#define SQL_WAITING "SELECT count(*) FROM outbox WHERE state = 'queued'"
#define SQL_TOKEN_FIND \
	"SELECT purpose, case_id, version, content, principal, address, expires, seal, used FROM token WHERE id = ?"
#define SQL_TOKEN_USE "UPDATE token SET used = ? WHERE id = ? AND used IS NULL"

int outbox_add(struct db *db, const struct letter *l, int64_t now, int64_t *id, struct err *e)
{
	_free_ char *references = json_text(l->references), *model = json_text(l->model);
	_free_ char *place = l->place ? json_text(l->place) : NULL;
	const struct token_row *t = &l->token;

	if (sql_run(db, e, SQL_TOKEN, BLOB(t->id, sizeof t->id), INT(t->purpose), TEXT(t->case_id), INT(t->version),
	            DIGEST(t->content), TEXT(t->principal), TEXT(t->address), INT(t->expires),
	            BLOB(t->seal, sizeof t->seal)) < 0)
		return -1;
	if (sql_run(db, e, SQL_ADD, TEXT(l->kind), TEXT(t->case_id), TEXT(t->principal), TEXT(t->address),
	            BLOB(t->id, sizeof t->id), TEXT(l->message_id), TEXT(l->in_reply_to), TEXT(references), TEXT(model),
	            INT(now), TEXT(l->carrier), TEXT(place), INT(log_size(db))) < 0)
		return -1;
	if (id)
		*id = sqlite3_last_insert_rowid(db->handle);
	return 0;
}

int outbox_again(struct db *db, int64_t letter, const json_t *place, const json_t *model, int64_t now, struct err *e)
{
	_free_ char *where = json_text(place), *text = json_text(model);

	return sql_run(db, e, SQL_AGAIN, INT(letter), TEXT(text), TEXT(where), INT(now), INT(log_size(db)));
}

static json_t *head_view(sqlite3_stmt *rows)
{
	json_t *view = json_object();

	json_put_int(view, "id", sql_int(rows, 0));
	json_put_str(view, "kind", sql_text(rows, 1));
	json_put_str(view, "case", sql_text(rows, 2));
	json_put_str(view, "principal", sql_text(rows, 3));
	json_put_str(view, "address", sql_text(rows, 4));
	json_put_str(view, "token", sql_text(rows, 5));
	json_put_str(view, "message_id", sql_text(rows, 6));
	json_put_str(view, "in_reply_to", sql_text_or_null(rows, 7));
	json_put_int(view, "tries", sql_int(rows, 8));
	json_put_int(view, "created", sql_int(rows, 9));
	json_put_str(view, "carrier", sql_text(rows, 10));
	if (sql_text_or_null(rows, 11))
		json_put(view, "place", sql_json(rows, 11));
	json_put_str(view, "state", sql_text(rows, 12));
	return view;
}

int outbox_due(struct db *db, const char *carrier, int64_t covered, int64_t now, int64_t *ids, size_t max,
               struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_DUE, TEXT(carrier), INT(covered), INT(now), INT(max));
	int count = 0, row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		ids[count++] = sql_int(rows, 0);
	return row < 0 ? -1 : count;
}

static json_t *one_letter(struct db *db, sqlite3_stmt *query, int64_t id, bool whole, struct err *e)
{
	_rows_ sqlite3_stmt *rows = query;
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *view;

	if (row == 0)
		err_set(e, EX_NOINPUT, "there is no letter %lld", (long long)id);
	if (row <= 0)
		return NULL;
	view = head_view(rows);
	if (whole) {
		json_put(view, "references", sql_json(rows, 13));
		json_put(view, "model", sql_json(rows, 14));
	}
	return view;
}

json_t *outbox_get(struct db *db, int64_t id, struct err *e)
{
	return one_letter(db, sql_query(db, e, SQL_GET, INT(id)), id, true, e);
}

json_t *outbox_head(struct db *db, int64_t id, struct err *e)
{
	return one_letter(db, sql_query(db, e, SQL_HEAD, INT(id)), id, false, e);
}

json_t *outbox_first(struct db *db, const char *case_id, const char *address, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_FIRST, TEXT(case_id), TEXT(address));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *view = row < 0 ? NULL : json_object();

	if (row > 0) {
		json_put_str(view, "kind", sql_text(rows, 0));
		json_put_str(view, "title", sql_text(rows, 1));
	}
	return view;
}

json_t *outbox_last(struct db *db, const char *kind, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LAST, TEXT(kind));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *view = row < 0 ? NULL : json_object();

	if (row > 0) {
		json_put_int(view, "id", sql_int(rows, 0));
		json_put_int(view, "created", sql_int(rows, 1));
		json_put(view, "model", sql_json(rows, 2));
	}
	return view;
}

int outbox_next_time(struct db *db, const char *carrier, int64_t covered, int64_t *when, struct err *e)
{
	return sql_number(db, e, when, INT64_MAX, SQL_NEXT, TEXT(carrier), INT(covered));
}

int outbox_sent(struct db *db, int64_t id, struct err *e)
{
	return sql_run(db, e, SQL_SENT, INT(id));
}

int outbox_retry(struct db *db, int64_t id, int64_t next, const char *problem, struct err *e)
{
	return sql_run(db, e, SQL_RETRY, INT(next), TEXT(problem), INT(id));
}

int outbox_wait(struct db *db, int64_t id, int64_t next, const char *why, struct err *e)
{
	return sql_run(db, e, SQL_WAIT, INT(next), TEXT(why), INT(id));
}

int outbox_failed(struct db *db, int64_t id, const char *problem, struct err *e)
{
	return sql_run(db, e, SQL_FAILED, TEXT(problem), INT(id));
}

int outbox_find(struct db *db, const char *message_id, int64_t *id, struct err *e)
{
	return sql_number(db, e, id, 0, SQL_FIND, TEXT(message_id));
}

json_t *outbox_thread(struct db *db, const char *case_id, const char *address, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_THREAD, TEXT(case_id), TEXT(address));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_add_str(list, sql_text(rows, 0));
	return row < 0 ? NULL : steal_ptr(list);
}

int outbox_shown(struct db *db, const char *case_id, const char *principal, int64_t *version, struct err *e)
{
	return sql_number(db, e, version, 0, SQL_SHOWN, TEXT(case_id), TEXT(principal));
}

int outbox_count(struct db *db, const char *kind, const char *address, int64_t since, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_COUNT, TEXT(address), INT(since), TEXT(kind));
}

int outbox_waiting(struct db *db, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_WAITING);
}

int token_find(struct db *db, const uint8_t id[TOKEN_ID_SIZE], struct token_row *out, json_t **holder, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_TOKEN_FIND, BLOB(id, TOKEN_ID_SIZE));
	int row = rows ? sql_row(db, rows, e) : -1;
	json_t *texts;

	if (row <= 0)
		return row;
	if (sqlite3_column_bytes(rows, 3) != DIGEST_SIZE || sqlite3_column_bytes(rows, 7) != TOKEN_SEAL_SIZE)
		return 0; // edited by hand: no token of ours
	texts = json_object();
	json_put_str(texts, "case", sql_text(rows, 1));
	json_put_str(texts, "principal", sql_text(rows, 4));
	json_put_str(texts, "address", sql_text(rows, 5));
	*out = (struct token_row){
		.purpose = sql_int(rows, 0),
		.case_id = json_str(texts, "case"),
		.version = sql_int(rows, 2),
		.principal = json_str(texts, "principal"),
		.address = json_str(texts, "address"),
		.expires = sql_int(rows, 6),
		.used = sqlite3_column_type(rows, 8) == SQLITE_NULL ? -1 : sql_int(rows, 8),
	};
	memcpy(out->id, id, TOKEN_ID_SIZE);
	memcpy(out->content.bytes, sqlite3_column_blob(rows, 3), DIGEST_SIZE);
	memcpy(out->seal, sqlite3_column_blob(rows, 7), TOKEN_SEAL_SIZE);
	*holder = texts;
	return 1;
}

int token_use(struct db *db, const uint8_t id[TOKEN_ID_SIZE], uint64_t seq, struct err *e)
{
	return sql_run(db, e, SQL_TOKEN_USE, INT(seq), BLOB(id, TOKEN_ID_SIZE));
}

// SPDX-License-Identifier: Apache-2.0
#include "store/log.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "store/apply.h"
#include "store/erase.h"
#include "store/sql.h"

#define SQL_LAST "SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1"
#define SQL_ADD "INSERT INTO entry (seq, leaf, salt, body) VALUES (?, ?, ?, ?)"
#define SQL_ADD_NODE "INSERT INTO node (id, hash) VALUES (?, ?)"
#define SQL_NODE "SELECT hash FROM node WHERE id = ?"
#define SQL_ENTRY "SELECT leaf, body FROM entry WHERE seq = ?"
#define SQL_COUNT "SELECT count(*) FROM history WHERE case_id = ?"
#define SQL_HISTORY \
	"SELECT e.leaf, e.body FROM history h JOIN entry e ON e.seq = h.seq WHERE h.case_id = ? ORDER BY h.seq"

uint64_t log_size(const struct db *db)
{
	return db->log.size;
}

int64_t log_time(const struct db *db)
{
	return db->log.time;
}

struct digest log_root(const struct db *db)
{
	return tree_root(&db->log.edge);
}

static int load_edge(struct db *db, uint64_t size, struct tree_edge *edge, struct err *e)
{
	struct tree_place places[64];

	edge->count = tree_edge_places(size, places);
	for (size_t i = 0; i < edge->count; i++) {
		uint64_t id = tree_stored_index(places[i].level, places[i].n);
		_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_NODE, INT(id));
		int row = rows ? sql_row(db, rows, e) : -1;

		if (row < 0)
			return -1;
		if (row == 0 || sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "the log is damaged: node %llu is missing",
			               (unsigned long long)id);
		memcpy(edge->hash[i].bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE);
	}
	return 0;
}

int log_root_at(struct db *db, uint64_t size, struct digest *root, struct err *e)
{
	struct tree_edge edge;

	if (size > db->log.size)
		return err_set(e, EX_NOINPUT, "the log has only %llu entries", (unsigned long long)db->log.size);
	if (load_edge(db, size, &edge, e) < 0)
		return -1;
	*root = tree_root(&edge);
	return 0;
}

int log_load(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LAST);
	int row = rows ? sql_row(db, rows, e) : -1;
	_json_ json_t *leaf = NULL;
	struct entry last;

	if (row < 0)
		return -1;
	db->log = (struct log_state){ 0 };
	if (row == 0)
		return 0;
	leaf = json_read(sqlite3_column_blob(rows, 1), (size_t)sqlite3_column_bytes(rows, 1), e);
	if (!leaf || entry_read(leaf, &last, e) < 0)
		return err_prefix(e, "entry %lld", (long long)sql_int(rows, 0));
	db->log.size = (uint64_t)sql_int(rows, 0) + 1;
	db->log.time = last.time;
	return load_edge(db, db->log.size, &db->log.edge, e);
}

json_t *event_new(const char *type, const char *actor, const char *via, const char *case_id, int64_t version,
                  json_t *body)
{
	json_t *event = json_object();

	json_put_str(event, "type", type);
	json_put_str(event, "actor", actor);
	json_put_str(event, "via", via);
	json_put_str(event, "case", case_id);
	if (version)
		json_put_int(event, "version", version);
	json_put(event, "body", body ? body : json_object());
	return event;
}

int entry_read(const json_t *leaf, struct entry *out, struct err *e)
{
	static const struct json_key keys[] = {
		{ "actor", 'S', 512 }, { "body", 'S', 64 },
		{ "case", 's', 64 },   { "seq", 'I', 0 },
		{ "time", 'S', 32 },   { "type", 'S', 64 },
		{ "v", 'I', 1 },       { "version", 'i', 0 },
		{ "via", 'S', 32 },    { 0 },
	};

	if (json_check(leaf, keys, "a leaf", e) < 0)
		return -1;
	*out = (struct entry){
		.seq = (uint64_t)json_int(leaf, "seq"),
		.type = json_str(leaf, "type"),
		.actor = json_str(leaf, "actor"),
		.via = json_str(leaf, "via"),
		.case_id = json_str_or_null(leaf, "case"),
		.version = json_int(leaf, "version"),
	};
	if (clock_parse(json_str(leaf, "time"), &out->time) < 0)
		return err_set(e, EX_DATAERR, "a leaf: \"time\" is not a time");
	return 0;
}

static char *make_leaf(const json_t *event, uint64_t seq, int64_t time, const struct digest *body, size_t *len,
                       struct err *e)
{
	_json_ json_t *leaf = json_copy((json_t *)event); // shallow; json_copy only reads
	char hex[2 * DIGEST_SIZE + 1], when[CLOCK_TEXT];
	char *text;

	if (text_starts(json_str(event, "actor"), "mail:"))
		json_put_str(leaf, "actor", ACTOR_BY_MAIL);
	json_put_str(leaf, "body", hex_encode(body->bytes, DIGEST_SIZE, hex));
	json_put_int(leaf, "seq", (int64_t)seq);
	json_put_str(leaf, "time", clock_format(time, when));
	json_put_int(leaf, "v", 1);
	text = json_canonical(leaf, len, e);
	if (text && *len > LEAF_MAX) {
		err_set(e, EX_SOFTWARE, "a leaf of %zu bytes is too large", *len);
		free(steal_ptr(text));
	}
	return text;
}

static int add_nodes(struct db *db, const char *leaf, size_t len, struct err *e)
{
	struct digest hash = tree_leaf_hash(leaf, len), stored[65];
	uint64_t id = tree_stored_count(db->log.size);
	size_t n = tree_add(&db->log.edge, db->log.size, &hash, stored);

	for (size_t i = 0; i < n; i++)
		if (sql_run(db, e, SQL_ADD_NODE, INT(id + i), DIGEST(stored[i])) < 0)
			return -1;
	return 0;
}

// The one place where an entry gets into the tables, whoever made it.  `body` is NULL when it was erased since.
static int add(struct db *db, const struct entry *entry, struct piece leaf, const uint8_t salt[SALT_SIZE],
               struct piece body_text, const json_t *body, struct err *e)
{
	db->torn = true;
	if (sql_run(db, e, SQL_ADD, INT(entry->seq), BLOB(leaf.data, leaf.len), body ? BLOB(salt, SALT_SIZE) : NOTHING,
	            body ? BLOB(body_text.data, body_text.len) : NOTHING) < 0 ||
	    add_nodes(db, leaf.data, leaf.len, e) < 0 || apply_entry(db, entry, body, e) < 0)
		return -1;
	db->torn = false;
	db->log.size++;
	db->log.time = entry->time;
	return 0;
}

int log_append(struct db *db, const json_t *event, int64_t now, uint64_t *seq, struct err *e)
{
	json_t *body = json_object_get(event, "body");
	size_t body_len, leaf_len;
	_free_ char *body_text = NULL;
	_free_ char *leaf = NULL;
	uint8_t salt[SALT_SIZE];
	struct entry entry = {
		.seq = db->log.size,
		.time = now > db->log.time ? now : db->log.time,
		.type = json_str(event, "type"),
		.actor = json_str(event, "actor"),
		.via = json_str(event, "via"),
		.case_id = json_str_or_null(event, "case"),
		.version = json_int(event, "version"),
	};
	struct digest commitment;

	if (text_starts(entry.actor, "mail:"))
		json_put_str(body, "actor", entry.actor);
	body_text = json_canonical(body, &body_len, e);
	if (!body_text)
		return -1;
	random_bytes(salt, sizeof salt);
	commitment = body_commitment(salt, body_text, body_len);
	leaf = make_leaf(event, entry.seq, entry.time, &commitment, &leaf_len, e);
	if (!leaf ||
	    add(db, &entry, (struct piece){ leaf, leaf_len }, salt, (struct piece){ body_text, body_len }, body, e) < 0)
		return -1;
	if (seq)
		*seq = entry.seq;
	return 0;
}

// Is it the body that the leaf commits to?
static int check_commitment(const json_t *leaf, const uint8_t salt[SALT_SIZE], struct piece body, struct err *e)
{
	struct digest commitment = body_commitment(salt, body.data, body.len);
	char hex[2 * DIGEST_SIZE + 1];

	if (strcmp(hex_encode(commitment.bytes, DIGEST_SIZE, hex), json_str(leaf, "body")) != 0)
		return err_set(e, EX_DATAERR, "the body of entry %lld is not the one that its leaf commits to",
		               (long long)json_int(leaf, "seq"));
	return 0;
}

int log_append_exact(struct db *db, struct piece leaf, const uint8_t salt[SALT_SIZE], struct piece body, struct err *e)
{
	_json_ json_t *leaf_json = json_read(leaf.data, leaf.len, e);
	_json_ json_t *body_json = leaf_json && body.len ? json_read(body.data, body.len, e) : NULL;
	struct entry entry;

	if (!leaf_json || (body.len && !body_json) || entry_read(leaf_json, &entry, e) < 0)
		return -1;
	if (entry.seq != db->log.size || entry.time < db->log.time)
		return err_set(e, EX_DATAERR, "entry %llu cannot stand behind the log's %llu entries",
		               (unsigned long long)entry.seq, (unsigned long long)db->log.size);
	if (body_json && check_commitment(leaf_json, salt, body, e) < 0)
		return -1;
	return add(db, &entry, leaf, salt, body, body_json, e);
}

static json_t *entry_view(sqlite3_stmt *rows, struct err *e)
{
	json_t *view = json_read(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0), e);
	json_t *body = sqlite3_column_bytes(rows, 1)
	                       ? json_read(sqlite3_column_blob(rows, 1), (size_t)sqlite3_column_bytes(rows, 1), NULL)
	                       : NULL;

	if (view && strcmp(json_str(view, "actor"), ACTOR_BY_MAIL) == 0 && json_str_or_null(body, "actor"))
		json_put_str(view, "actor", json_str(body, "actor"));
	if (view)
		json_put(view, "body", body ? body : json_null());
	else
		json_decref(body);
	return view;
}

json_t *log_history(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_HISTORY, TEXT(case_id));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *view = entry_view(rows, e);

		if (!view)
			return NULL;
		json_add(list, view);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int log_count(struct db *db, const char *case_id, uint64_t *count, struct err *e)
{
	int64_t found;

	if (sql_number(db, e, &found, 0, SQL_COUNT, TEXT(case_id)) < 0)
		return -1;
	*count = (uint64_t)found;
	return 0;
}

json_t *log_entry(struct db *db, uint64_t seq, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ENTRY, INT(seq));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row == 0)
		err_set(e, EX_NOINPUT, "there is no entry %llu", (unsigned long long)seq);
	return row > 0 ? entry_view(rows, e) : NULL;
}

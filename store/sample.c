// SPDX-License-Identifier: Apache-2.0
#include "store/sample.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_ENTRIES "SELECT seq, leaf, salt, body FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?"
#define SQL_SIZE "SELECT coalesce(max(seq), -1) + 1 FROM entry"
#define SQL_NODE "SELECT hash FROM node WHERE id = ?"
#define SQL_ERASED "SELECT count(*) FROM erased WHERE seq = ? AND erasing > seq"
#define SQL_HISTORY "SELECT count(*) FROM history WHERE case_id = ? AND seq = ?"
#define SQL_VOTE \
	"SELECT count(*) FROM vote WHERE seq = ? AND case_id IS ? AND person IS ? AND version IS ? AND at IS ?" \
	" AND verdict IS ?"

static int damaged(struct err *e, uint64_t seq, const char *what)
{
	return err_set(e, EX_DATAERR, "entry %llu: %s", (unsigned long long)seq, what);
}

static int read_node(struct db *db, unsigned level, uint64_t n, struct digest *out, struct err *e)
{
	uint64_t id = tree_stored_index(level, n);
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_NODE, INT(id));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row < 0)
		return -1;
	if (row == 0 || sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "node: row id=%llu is missing", (unsigned long long)id);
	memcpy(out->bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE);
	return 0;
}

static int compare_node(struct db *db, unsigned level, uint64_t n, const struct digest *want, struct err *e)
{
	struct digest held;

	if (read_node(db, level, n, &held, e) < 0)
		return -1;
	if (memcmp(held.bytes, want->bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "node: row id=%llu is not the hash of what is below it%s",
		               (unsigned long long)tree_stored_index(level, n),
		               level == 0 ? " (or the leaf was altered)" : "");
	return 0;
}

// Every complete node above the leaves from `from` to before `to`, against the two below it.
static int check_nodes(struct db *db, uint64_t from, uint64_t to, struct err *e)
{
	uint64_t size = log_size(db);

	for (unsigned level = 1; level < 64 && size >> level; level++) {
		for (uint64_t n = from >> level; n <= (to - 1) >> level && n < size >> level; n++) {
			struct digest left, right, both;

			if (read_node(db, level - 1, 2 * n, &left, e) < 0 ||
			    read_node(db, level - 1, 2 * n + 1, &right, e) < 0)
				return -1;
			both = tree_node_hash(&left, &right);
			if (compare_node(db, level, n, &both, e) < 0)
				return -1;
		}
	}
	return 0;
}

// The tops of the tree, as they were when this connection last wrote or read them.
static int check_edge(struct db *db, struct err *e)
{
	struct tree_place places[64];
	size_t count = tree_edge_places(log_size(db), places);
	int64_t size;

	if (sql_number(db, e, &size, 0, SQL_SIZE) < 0)
		return -1;
	if ((uint64_t)size != log_size(db))
		return err_set(e, EX_DATAERR, "entry: the log has %lld entries and had %llu", (long long)size,
		               (unsigned long long)log_size(db));
	for (size_t i = 0; i < count; i++)
		if (compare_node(db, places[i].level, places[i].n, &db->log.edge.hash[i], e) < 0)
			return -1;
	return 0;
}

// Whether the row that says so follows from the log is for `log verify` to say.
static int check_erased(struct db *db, sqlite3_stmt *rows, const struct entry *entry, struct err *e)
{
	int64_t said;

	if (sql_number(db, e, &said, 0, SQL_ERASED, INT(entry->seq)) < 0)
		return -1;
	if (!said)
		return damaged(e, entry->seq, "the body is gone, and no entry says that it was erased");
	if (sqlite3_column_type(rows, 2) != SQLITE_NULL)
		return damaged(e, entry->seq, "it was erased, and its salt is still there");
	return 0;
}

static int check_body(struct db *db, sqlite3_stmt *rows, const struct entry *entry, const json_t *leaf, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct digest now;

	if (sqlite3_column_type(rows, 3) == SQLITE_NULL)
		return check_erased(db, rows, entry, e);
	if (sqlite3_column_bytes(rows, 2) != SALT_SIZE)
		return damaged(e, entry->seq, "its salt was altered");
	now = body_commitment(sqlite3_column_blob(rows, 2), sqlite3_column_blob(rows, 3),
	                      (size_t)sqlite3_column_bytes(rows, 3));
	if (strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), json_str(leaf, "body")) != 0)
		return damaged(e, entry->seq, "the body is not the one that the leaf commits to");
	return 0;
}

// What an entry must have left in the tables, as far as nothing later changes it.
static int check_rows(struct db *db, sqlite3_stmt *rows, const struct entry *entry, struct err *e)
{
	_json_ json_t *body = sql_json(rows, 3);
	int64_t count;

	if (!entry->case_id)
		return 0;
	if (sql_number(db, e, &count, 0, SQL_HISTORY, TEXT(entry->case_id), INT(entry->seq)) < 0)
		return -1;
	if (!count)
		return err_set(e, EX_DATAERR, "history: row case_id='%s' seq=%llu is missing", entry->case_id,
		               (unsigned long long)entry->seq);
	if (strcmp(entry->type, "vote.cast") != 0 || !json_is_object(body))
		return 0;
	if (sql_number(db, e, &count, 0, SQL_VOTE, INT(entry->seq), TEXT(entry->case_id), TEXT(entry->actor),
	               INT(entry->version), INT(entry->time), TEXT(json_str(body, "verdict"))) < 0)
		return -1;
	if (!count)
		return err_set(e, EX_DATAERR, "vote: row seq=%llu is not what the log says",
		               (unsigned long long)entry->seq);
	return 0;
}

static int check_entry(struct db *db, sqlite3_stmt *rows, uint64_t seq, int64_t *time, struct err *e)
{
	size_t size = (size_t)sqlite3_column_bytes(rows, 1), len;
	const void *bytes = sqlite3_column_blob(rows, 1);
	_json_ json_t *leaf = json_read(bytes, size, e);
	_free_ char *canonical = leaf ? json_canonical(leaf, &len, e) : NULL;
	struct digest hash = tree_leaf_hash(bytes ? bytes : "", size);
	struct entry entry;

	if (!canonical || entry_read(leaf, &entry, e) < 0)
		return err_prefix(e, "entry %llu", (unsigned long long)seq);
	if (len != size || memcmp(canonical, bytes, len) != 0)
		return damaged(e, seq, "the leaf is not canonical JSON");
	if (entry.seq != seq)
		return damaged(e, seq, "the leaf says that it is another entry");
	if (entry.time < *time)
		return damaged(e, seq, "time goes back");
	*time = entry.time;
	if (compare_node(db, 0, seq, &hash, e) < 0)
		return err_prefix(e, "entry %llu", (unsigned long long)seq);
	if (check_body(db, rows, &entry, leaf, e) < 0)
		return -1;
	return check_rows(db, rows, &entry, e);
}

int log_sample(struct db *db, uint64_t from, uint64_t count, struct err *e)
{
	_rows_ sqlite3_stmt *rows = NULL;
	uint64_t seq = from;
	int64_t time = 0;
	int row;

	if (check_edge(db, e) < 0)
		return -1;
	rows = sql_query(db, e, SQL_ENTRIES, INT(from), INT(count));
	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		if ((uint64_t)sql_int(rows, 0) != seq)
			return damaged(e, seq, "it is missing");
		if (check_entry(db, rows, seq, &time, e) < 0)
			return -1;
		seq++;
	}
	if (row < 0)
		return -1;
	if (seq < from + count && seq < log_size(db))
		return damaged(e, seq, "it is missing");
	return seq > from ? check_nodes(db, from, seq, e) : 0;
}

// SPDX-License-Identifier: Apache-2.0
// The log is read once, from the first entry to the last: each leaf and body is checked, its hashes are compared with
// the stored ones, and the entry is applied to a scratch database.  Then scratch and held tables are compared.
#include "store/verify.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "store/apply.h"
#include "store/archive.h"
#include "store/blob.h"
#include "store/log.h"
#include "store/projection.h"
#include "store/sql.h"
#include "store/verify_leaf.h"
#include "store/verify_work.h"
#include "store/words.h"

#define SQL_ENTRIES "SELECT seq, leaf, salt, body FROM entry ORDER BY seq"
#define SQL_NODES "SELECT id, hash FROM node ORDER BY id"
#define SQL_CHECKPOINTS "SELECT size, root FROM checkpoint ORDER BY size"
#define SQL_BLOB "SELECT size, salt FROM blob WHERE sha256 = ?"
#define SQL_ERASED "SELECT count(*) FROM erased WHERE seq = ? AND erasing > seq"
#define SQL_STILL_THERE \
	"SELECT r.seq FROM erased r JOIN entry e ON e.seq = r.seq WHERE e.body IS NOT NULL OR e.salt IS NOT NULL " \
	"LIMIT 1"
#define EVIDENCE_MAX (1 << 28)

struct verify {
	struct db *db;           // what is held
	struct db *replayed;     // what the log gives, or NULL when only the log itself is looked at
	sqlite3_stmt *nodes;     // the stored hashes, as far as they were compared
	sqlite3_stmt *heads;     // checkpoints, standing on the next one
	bool head;               // is there a next one
	struct tree_edge edge;   // of the leaves so far
	int64_t time;            // of the last entry
	struct verify_result *n; // what was counted
};

static struct piece column(sqlite3_stmt *rows, int i)
{
	const void *data = sqlite3_column_blob(rows, i); // before the length: SQLite's order of calls

	return (struct piece){ data ? data : "", (size_t)sqlite3_column_bytes(rows, i) };
}

// The number and a time that may stand here.
static int check_place(const struct verify *v, const struct entry *entry, struct err *e)
{
	if (entry->seq != v->n->entries)
		return err_set(e, EX_DATAERR, "the leaf says that it is entry %llu", (unsigned long long)entry->seq);
	if (entry->time < v->time)
		return err_set(e, EX_DATAERR, "time goes back");
	return 0;
}

// That an entry says so is taken from the table here, and that the table follows from the log is compared at the end.
static int check_erased(struct verify *v, struct piece salt, struct piece body, struct err *e)
{
	int64_t said;

	if (sql_number(v->db, e, &said, 0, SQL_ERASED, INT(v->n->entries)) < 0)
		return -1;
	if (!said)
		return err_set(e, EX_DATAERR, "the body is gone, and no entry says that it was erased");
	if (body.len || salt.len)
		return err_set(e, EX_DATAERR, "it was erased, and a part of it is still there");
	v->n->erased++;
	return 0;
}

static int check_body(struct verify *v, struct piece salt, struct piece body, const char *commitment, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct digest now;

	if (body.len == 0 || salt.len != SALT_SIZE)
		return check_erased(v, salt, body, e);
	now = body_commitment(salt.data, body.data, body.len);
	if (strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), commitment) != 0)
		return err_set(e, EX_DATAERR, "the body is not the one that the leaf commits to");
	return 0;
}

static int check_nodes(struct verify *v, struct piece leaf, struct err *e)
{
	struct digest hash = tree_leaf_hash(leaf.data, leaf.len), stored[65];
	size_t n = tree_add(&v->edge, v->n->entries, &hash, stored);

	for (size_t i = 0; i < n; i++) {
		unsigned long long id = v->n->nodes;
		int row = sql_row(v->db, v->nodes, e);

		if (row < 0)
			return -1;
		if (!row || (uint64_t)sql_int(v->nodes, 0) != id)
			return err_set(e, EX_DATAERR, "node: row id=%llu is missing", id);
		if (column(v->nodes, 1).len != DIGEST_SIZE ||
		    memcmp(column(v->nodes, 1).data, stored[i].bytes, DIGEST_SIZE) != 0)
			return err_set(e, EX_DATAERR, "node: row id=%llu is not the hash of what is below it%s", id,
			               i == 0 ? " (or the leaf was altered)" : "");
		v->n->nodes++;
	}
	return 0;
}

// The blob that an entry names must be there, with its hash and what the entry committed to.
static int check_evidence(struct verify *v, const json_t *body, struct err *e)
{
	const char *name = json_str(body, "sha256"), *commitment = json_str_or_null(body, "commitment");
	_rows_ sqlite3_stmt *rows = NULL;
	_buf_ struct buf bytes = BUF(EVIDENCE_MAX);
	struct digest sha256, now;
	char hex[2 * DIGEST_SIZE + 1];
	int row;

	if (!commitment)
		return 0; // it names no evidence
	if (hex_decode(name, sha256.bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_DATAERR, "evidence without a hash");
	rows = sql_query(v->db, e, SQL_BLOB, DIGEST(sha256));
	row = rows ? sql_row(v->db, rows, e) : -1;
	if (row < 0)
		return -1;
	if (row == 0)
		return err_set(e, EX_DATAERR, "blob: row sha256=%s is missing", name);
	row = archive_holds(v->db, &sha256, v->n->entries, e);
	if (row) // its bundle is looked at by archive_check()
		return row < 0 ? -1 : 0;
	if (blob_get(v->db, &sha256, &bytes, e) < 0) {
		if (e->code == EX_NOINPUT) // its file is not there: to us that is a finding
			e->code = EX_DATAERR;
		return err_prefix(e, "blob: row sha256=%s", name);
	}
	if (sql_int(rows, 0) != (int64_t)bytes.len || column(rows, 1).len != SALT_SIZE)
		return err_set(e, EX_DATAERR, "blob: row sha256=%s: its size or salt was altered", name);
	now = evidence_commitment(column(rows, 1).data, buf_text(&bytes), bytes.len);
	if (strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), commitment) != 0)
		return err_set(e, EX_DATAERR, "blob: row sha256=%s: the entry commits to another salt", name);
	v->n->evidence++;
	return 0;
}

static int replay(struct verify *v, const struct entry *entry, struct piece bytes, struct err *e)
{
	_json_ json_t *body = bytes.len ? json_read(bytes.data, bytes.len, e) : NULL;

	if (!bytes.len)
		return apply_entry(v->replayed, entry, NULL, e);
	if (!body || check_evidence(v, body, e) < 0)
		return -1;
	return apply_entry(v->replayed, entry, body, e);
}

static int check_entry(struct verify *v, sqlite3_stmt *rows, struct err *e)
{
	struct piece bytes = column(rows, 1), salt = column(rows, 2), body = column(rows, 3);
	struct leaf leaf;

	if (leaf_read(bytes, &leaf, e) < 0 || check_place(v, &leaf.entry, e) < 0 || check_nodes(v, bytes, e) < 0 ||
	    check_body(v, salt, body, leaf.body, e) < 0)
		return -1;
	v->time = leaf.entry.time;
	return v->replayed ? replay(v, &leaf.entry, body, e) : 0;
}

static int next_head(struct verify *v, struct err *e)
{
	int row = sql_row(v->db, v->heads, e);

	v->head = row > 0;
	return row < 0 ? -1 : 0;
}

// Does the checkpoint of this size, when there is one, have this root?
static int check_head(struct verify *v, struct err *e)
{
	struct digest root;

	if (!v->head || (uint64_t)sql_int(v->heads, 0) != v->n->entries)
		return 0;
	root = tree_root(&v->edge);
	if (column(v->heads, 1).len != DIGEST_SIZE || memcmp(column(v->heads, 1).data, root.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "checkpoint: row size=%llu has another root than the log at that size",
		               (unsigned long long)v->n->entries);
	v->n->checkpoints++;
	return next_head(v, e);
}

static int check_log(struct verify *v, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(v->db, e, SQL_ENTRIES);
	int row;

	if (!rows || next_head(v, e) < 0 || check_head(v, e) < 0)
		return -1;
	while ((row = sql_row(v->db, rows, e)) > 0) {
		unsigned long long seq = v->n->entries;

		if ((uint64_t)sql_int(rows, 0) != seq)
			return err_set(e, EX_DATAERR, "entry %llu is missing", seq);
		if (check_entry(v, rows, e) < 0)
			return err_prefix(e, "entry %llu", seq);
		v->n->entries++;
		if (check_head(v, e) < 0)
			return -1;
	}
	if (row < 0)
		return -1;
	if (v->head)
		return err_set(e, EX_DATAERR, "checkpoint: row size=%lld is of a longer log: entries are missing",
		               (long long)sql_int(v->heads, 0));
	row = sql_row(v->db, v->nodes, e);
	if (row > 0)
		return err_set(e, EX_DATAERR, "node: row id=%lld belongs to no entry", (long long)sql_int(v->nodes, 0));
	v->n->root = tree_root(&v->edge);
	return row;
}

// Before anything else: in a schema that is not ours nothing that is read means what it says.
static int check_schema(struct verify *v, struct err *e)
{
	if (projection_compare(&projections[0], v->db, v->replayed, &v->n->rows, e) < 0)
		return -1;
	return projection_lighten(v->replayed, e);
}

static int check_projections(struct verify *v, struct err *e)
{
	if (words_rebuild(v->replayed, e) < 0 || projection_prepare(v->db, e) < 0 ||
	    projection_prepare(v->replayed, e) < 0)
		return -1;
	for (const struct projection *p = projections + 1; p->name; p++)
		if (projection_compare(p, v->db, v->replayed, &v->n->rows, e) < 0)
			return -1;
	return 0;
}

static int check_tree(struct verify *v, struct err *e)
{
	_rows_ sqlite3_stmt *nodes = NULL, *heads = NULL;

	v->nodes = nodes = sql_query(v->db, e, SQL_NODES);
	v->heads = heads = nodes ? sql_query(v->db, e, SQL_CHECKPOINTS) : NULL;
	return heads ? check_log(v, e) : -1;
}

// What the log says was erased must be.
static int check_gone(struct verify *v, struct err *e)
{
	int64_t seq;

	if (sql_number(v->db, e, &seq, -1, SQL_STILL_THERE) < 0)
		return -1;
	if (seq >= 0)
		return err_set(e, EX_DATAERR, "entry %lld: it was erased, and its body is still there", (long long)seq);
	return 0;
}

static int check_all(struct verify *v, struct err *e)
{
	if (check_schema(v, e) < 0 || check_tree(v, e) < 0 || check_projections(v, e) < 0 || check_gone(v, e) < 0 ||
	    archive_check(v->db, &v->n->bundles, e) < 0)
		return -1;
	return verify_work(v->db, &v->n->work, e);
}

int log_verify(const char *state_dir, struct verify_result *out, struct err *e)
{
	_db_ struct db *db = NULL, *replayed = NULL;
	struct verify v = { .n = out };

	*out = (struct verify_result){ 0 };
	v.db = db = db_open(state_dir, DB_READ, e);
	v.replayed = replayed = db ? db_open_scratch(e) : NULL;
	// What is put aside to be looked up, such as a row for each letter, may not come to more memory than the rest.
	if (!replayed || sql_exec(db, "PRAGMA temp_store = FILE", e) < 0 || db_begin(replayed, "verify", e) < 0 ||
	    sql_exec(db, "BEGIN", e) < 0)
		return -1;
	return check_all(&v, e);
}

int log_verify_tree(const char *state_dir, struct verify_result *out, struct err *e)
{
	_db_ struct db *db = db_open(state_dir, DB_READ, e);
	struct verify v = { .db = db, .n = out };

	*out = (struct verify_result){ 0 };
	if (!db || sql_exec(db, "BEGIN", e) < 0)
		return -1;
	return check_tree(&v, e);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/checkpoints.h"

#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/tree.h"
#include "store/log.h"
#include "store/sql.h"

// The same head may come again, with more signatures under it; another root never takes its place.
#define SQL_ADD \
	"INSERT INTO checkpoint (size, root, note) VALUES (?, ?, ?)" \
	" ON CONFLICT (size) DO UPDATE SET note = excluded.note WHERE root = excluded.root"
#define SQL_IS_KEPT "SELECT count(*) FROM checkpoint WHERE size = ? AND root = ?"
#define SQL_LAST "SELECT size, root, note FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1"
#define SQL_COVERING "SELECT size, root, note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1"
#define SQL_NODE "SELECT hash FROM node WHERE id = ?"
#define SQL_LEAF "SELECT leaf FROM entry WHERE seq = ?"
#define SQL_BODY "SELECT body, salt FROM entry WHERE seq = ?"
#define SQL_LEAVES "SELECT seq, leaf FROM entry WHERE seq < ? ORDER BY seq"

// SQLite's integers are signed.
static int64_t sqlite_size(uint64_t size)
{
	return size > INT64_MAX ? INT64_MAX : (int64_t)size;
}

int checkpoint_add(struct db *db, uint64_t size, const struct digest *root, const char *note, struct err *e)
{
	int64_t kept;

	if (sql_run(db, e, SQL_ADD, INT(sqlite_size(size)), DIGEST(*root), TEXT(note)) < 0 ||
	    sql_number(db, e, &kept, 0, SQL_IS_KEPT, INT(sqlite_size(size)), DIGEST(*root)) < 0)
		return -1;
	if (!kept)
		return err_set(e, EX_DATAERR, "another checkpoint of size %llu is there already, with another root",
		               (unsigned long long)size);
	return 0;
}

static int take_checkpoint(struct db *db, sqlite3_stmt *rows, uint64_t *found, struct digest *root, char **note,
                           struct err *e)
{
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row <= 0)
		return row;
	if (sqlite3_column_bytes(rows, 1) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "the checkpoint of size %lld is damaged", (long long)sql_int(rows, 0));
	if (found)
		*found = (uint64_t)sql_int(rows, 0);
	if (root)
		memcpy(root->bytes, sqlite3_column_blob(rows, 1), DIGEST_SIZE);
	if (note)
		*note = text_copy(sql_text(rows, 2));
	return 1;
}

int checkpoint_last(struct db *db, uint64_t size, uint64_t *found, struct digest *root, char **note, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LAST, INT(sqlite_size(size)));

	return take_checkpoint(db, rows, found, root, note, e);
}

int checkpoint_covering(struct db *db, uint64_t size, uint64_t *found, struct digest *root, char **note, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_COVERING, INT(sqlite_size(size)));

	return take_checkpoint(db, rows, found, root, note, e);
}

static int read_node(void *data, uint64_t index, struct digest *out, struct err *e)
{
	struct db *db = data;
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_NODE, INT(sqlite_size(index)));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row < 0)
		return -1;
	if (row == 0 || sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "the log is damaged: node %llu is missing", (unsigned long long)index);
	memcpy(out->bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE);
	return 0;
}

int log_prove_inclusion(struct db *db, uint64_t seq, uint64_t size, struct proof *out, struct err *e)
{
	if (size > log_size(db))
		return err_set(e, EX_NOINPUT, "the log has only %llu entries", (unsigned long long)log_size(db));
	if (seq >= size)
		return err_set(e, EX_NOINPUT, "entry %llu is not among the first %llu", (unsigned long long)seq,
		               (unsigned long long)size);
	return proof_of_inclusion(seq, size, read_node, db, out, e);
}

int log_prove_consistency(struct db *db, uint64_t old, uint64_t size, struct proof *out, struct err *e)
{
	if (size > log_size(db))
		return err_set(e, EX_NOINPUT, "the log has only %llu entries", (unsigned long long)log_size(db));
	if (old > size)
		return err_set(e, EX_NOINPUT, "a log of %llu entries cannot continue one of %llu",
		               (unsigned long long)size, (unsigned long long)old);
	*out = (struct proof){ 0 };
	// Every log continues the empty one, and itself.
	return old == 0 || old == size ? 0 : proof_of_consistency(old, size, read_node, db, out, e);
}

int log_leaf(struct db *db, uint64_t seq, char **leaf, size_t *len, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LEAF, INT(sqlite_size(seq)));
	int row = rows ? sql_row(db, rows, e) : -1;
	const char *bytes;

	if (row < 0)
		return -1;
	if (row == 0)
		return err_set(e, EX_NOINPUT, "there is no entry %llu", (unsigned long long)seq);
	bytes = sqlite3_column_blob(rows, 0);
	*len = (size_t)sqlite3_column_bytes(rows, 0);
	*leaf = text_copy_n(bytes ? bytes : "", *len);
	return 0;
}

int log_body(struct db *db, uint64_t seq, char **body, size_t *len, uint8_t salt[SALT_SIZE], struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_BODY, INT(sqlite_size(seq)));
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row < 0)
		return -1;
	if (row == 0)
		return err_set(e, EX_NOINPUT, "there is no entry %llu", (unsigned long long)seq);
	if (sqlite3_column_type(rows, 0) == SQLITE_NULL || sqlite3_column_bytes(rows, 1) != SALT_SIZE)
		return 0;
	memcpy(salt, sqlite3_column_blob(rows, 1), SALT_SIZE);
	*body = text_copy_n(sql_text(rows, 0), (size_t)sqlite3_column_bytes(rows, 0));
	*len = (size_t)sqlite3_column_bytes(rows, 0);
	return 1;
}

int log_root_of_leaves(struct db *db, uint64_t size, struct digest *root, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LEAVES, INT(sqlite_size(size)));
	struct tree_edge edge = { .count = 0 };
	struct digest hash, stored[65];
	uint64_t count = 0;
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0 && (uint64_t)sql_int(rows, 0) == count) {
		const void *leaf = sqlite3_column_blob(rows, 1);

		hash = tree_leaf_hash(leaf ? leaf : "", (size_t)sqlite3_column_bytes(rows, 1));
		tree_add(&edge, count++, &hash, stored);
	}
	if (row < 0)
		return -1;
	if (count < size)
		return err_set(e, EX_DATAERR, "entry %llu is missing", (unsigned long long)count);
	*root = tree_root(&edge);
	return 0;
}

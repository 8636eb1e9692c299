// SPDX-License-Identifier: Apache-2.0
#include "store/rotations.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_FROM "SELECT seq FROM publication WHERE kind = 'key' AND seq >= ? ORDER BY seq"
#define SQL_LAST "SELECT seq FROM publication WHERE kind = 'key' AND seq <= ? ORDER BY seq DESC"

// What the leaf commits to, not what stands beside it: heads are judged by this, perhaps before the log is verified.
static int take_body(struct db *db, const json_t *leaf, struct rotation *out, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	uint8_t salt[SALT_SIZE];
	_free_ char *text = NULL;
	_json_ json_t *body = NULL;
	struct digest commitment;
	size_t len;
	int found = log_body(db, out->seq, &text, &len, salt, e);

	if (found <= 0)
		return found < 0 ? -1 : err_set(e, EX_DATAERR, "its body is missing");
	commitment = body_commitment(salt, text, len);
	if (strcmp(hex_encode(commitment.bytes, DIGEST_SIZE, hex), json_str(leaf, "body")) != 0)
		return err_set(e, EX_DATAERR, "its body is not the one that its leaf commits to");
	body = json_read(text, len, e);
	if (!body || note_key_read(json_str(body, "old"), &out->old, e) < 0)
		return -1;
	return note_key_read(json_str(body, "new"), &out->next, e);
}

static int read_entry(struct db *db, uint64_t seq, struct rotation *out, struct err *e)
{
	_free_ char *text = NULL;
	_json_ json_t *leaf = NULL;
	size_t len;

	out->seq = seq;
	if (log_leaf(db, seq, &text, &len, e) < 0)
		return -1;
	leaf = json_read(text, len, e);
	if (!leaf || strcmp(json_str(leaf, "type"), "key.rotated") != 0)
		return err_set(e, EX_DATAERR, "publication: row seq=%llu is no key.rotated of the log",
		               (unsigned long long)seq);
	return take_body(db, leaf, out, e) < 0 ? err_prefix(e, "entry %llu, key.rotated", (unsigned long long)seq) : 0;
}

// The first row of the query that is of this log.
static int find(struct db *db, const char *sql, uint64_t seq, const char *origin, struct rotation *out, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, sql, INT(seq > INT64_MAX ? INT64_MAX : (int64_t)seq));
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		if (read_entry(db, (uint64_t)sql_int(rows, 0), out, e) < 0)
			return -1;
		if (strcmp(out->old.name, origin) == 0)
			return 1;
	}
	return row;
}

int rotation_from(struct db *db, const char *origin, uint64_t seq, struct rotation *out, struct err *e)
{
	return find(db, SQL_FROM, seq, origin, out, e);
}

int rotation_last(struct db *db, const char *origin, struct rotation *out, struct err *e)
{
	return find(db, SQL_LAST, UINT64_MAX, origin, out, e);
}

int rotations_read(struct db *db, const struct note_key *key, struct epochs *out, struct err *e)
{
	struct rotation r;
	uint64_t seq = 0;
	int found;

	out->count = 0;
	while ((found = rotation_from(db, key->name, seq, &r, e)) > 0) {
		if (epochs_add(out, &r.old, &r.next, r.seq, e) < 0)
			return -1;
		seq = r.seq + 1;
	}
	if (found < 0)
		return -1;
	if (out->count == 0)
		epochs_begin(out, key);
	if (!epochs_has(out, key)) {
		char hex[2 * sizeof key->id + 1];

		return err_set(e, EX_CONFIG,
		               "the log names its keys in its key.rotated entries, and %s+%s is none of them",
		               key->name, hex_encode(key->id, sizeof key->id, hex));
	}
	return 0;
}

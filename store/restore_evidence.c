// SPDX-License-Identifier: Apache-2.0
// The files of evidence that the log names once it was rolled forward: all of them, and no others.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/journal_bundle.h"
#include "store/restore_parts.h"
#include "store/sql.h"

#define SQL_FILES "SELECT sha256 FROM blob WHERE data IS NULL ORDER BY sha256"
#define SQL_NAMED "SELECT count(*) FROM blob WHERE data IS NULL AND sha256 = ?"

static int copy_evidence_from(const char *from, const char *to, const struct digest *sha256, struct err *e)
{
	_free_ char *folder = path_dir(to);
	struct file_sum is;

	if (folder_make(folder, e) < 0 || file_copy(from, to, 0400, &is, e) < 0)
		return -1;
	if (memcmp(is.sha256.bytes, sha256->bytes, DIGEST_SIZE) == 0)
		return 0;
	unlink(to);
	return err_set(e, EX_DATAERR, "%s was altered: it does not have the hash that is its name", from);
}

// A file of evidence that came after the backup: from the journal, else from the state as it was.
static int find_evidence(struct restore *r, const uint8_t hash[DIGEST_SIZE], struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	_free_ char *name = text_format("evidence/%.2s/%s", hex_encode(hash, DIGEST_SIZE, hex), hex);
	_free_ char *to = path_join(r->build, name), *old = path_join(r->order.state, name), *copy = NULL;
	struct digest sha256;

	if (access(to, F_OK) == 0)
		return 0;
	memcpy(sha256.bytes, hash, DIGEST_SIZE);
	copy = text_format("%s/evidence/%s", r->order.replay ? r->order.replay : "", hex);
	if (access(copy, F_OK) == 0)
		return copy_evidence_from(copy, to, &sha256, e);
	if (access(old, F_OK) == 0)
		return copy_evidence_from(old, to, &sha256, e);
	return err_set(e, EX_DATAERR, "evidence %s is neither in the backup nor in the journal", hex);
}

// What was erased, or moved into a bundle, after the backup was made must not come back.
static int drop_evidence(struct restore *r, struct db *db, struct err *e)
{
	struct file_sum sum;
	const char *name;

	for (size_t i = 0; (name = manifest_file(&r->manifest, i, &sum)); i++) {
		_free_ char *path = path_join(r->build, name);
		int64_t named;

		if (!text_starts(name, "evidence/"))
			continue;
		if (sql_number(db, e, &named, 0, SQL_NAMED, DIGEST(sum.sha256)) < 0)
			return -1;
		if (!named && unlink(path) < 0 && errno != ENOENT)
			return err_sys(e, EX_CANTCREAT, "cannot remove %s", path);
	}
	return 0;
}

static bool is_bundle(const char *path, const char *hex)
{
	char is[2 * DIGEST_SIZE + 1];
	struct err ignored;
	struct file_sum sum;

	return file_sum(path, &sum, &ignored) == 0 && strcmp(hex_encode(sum.sha256.bytes, DIGEST_SIZE, is), hex) == 0;
}

// A case that was archived after the backup was made: its bundle is the only place of its evidence.
static int find_bundle(struct restore *r, const char *case_id, const char *hex, struct err *e)
{
	_free_ char *name = text_format("archive/%s.tar", case_id), *folder = path_join(r->build, "archive");
	_free_ char *to = path_join(r->build, name), *old = path_join(r->order.state, name);
	_free_ char *kept = r->order.replay ? journal_bundle_path(r->order.replay, case_id) : NULL;
	const char *from = kept && is_bundle(kept, hex) ? kept : old;
	struct file_sum sum;

	if (is_bundle(to, hex))
		return 0;
	if (!is_bundle(from, hex))
		return err_set(e, EX_DATAERR, "the archived bundle of %s is neither in the backup nor in the journal",
		               case_id);
	unlink(to);
	return folder_make(folder, e) < 0 ? -1 : file_copy(from, to, 0400, &sum, e);
}

static int complete_archive(struct restore *r, struct db *db, struct err *e)
{
	_json_ json_t *bundles = archive_bundles(db, e);
	json_t *bundle;
	size_t i;

	json_array_foreach(bundles, i, bundle)
		if (find_bundle(r, json_str(bundle, "case"), json_str(bundle, "sha256"), e) < 0)
			return -1;
	return bundles ? 0 : -1;
}

int restore_evidence(struct restore *r, struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_FILES);
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		if (sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "a blob's hash is damaged");
		if (find_evidence(r, sqlite3_column_blob(rows, 0), e) < 0)
			return -1;
	}
	return row < 0 || drop_evidence(r, db, e) < 0 ? -1 : complete_archive(r, db, e);
}

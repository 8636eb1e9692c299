// SPDX-License-Identifier: Apache-2.0
#include "store/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/erase.h"
#include "store/journal_bundle.h"
#include "store/sql.h"

// --- which are due ---------------------------------------------------------------------------------------------------

// ?1 closed before, ?2 number above, ?3 at most.
#define OVER \
	"SELECT c.id, c.number FROM cases c WHERE c.closed < ?1 AND c.number > ?2 AND c.requester <> '' AND c.state " \
	"IN" \
	" ('rejected', 'withdrawn', 'lapsed', 'expired', 'revoked')" \
	" AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.subject IN (c.id, c.requester))"
#define SQL_TO_ERASE \
	OVER " AND NOT EXISTS (SELECT 1 FROM link l JOIN cases o ON o.id = l.case_id WHERE l.other = c.id" \
	     " AND o.state IN ('incomplete', 'pending', 'approved'))" \
	     " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.case_id = c.id AND o.state = 'queued')" \
	     " ORDER BY c.number LIMIT ?3"
#define SQL_TO_ARCHIVE \
	OVER " AND NOT EXISTS (SELECT 1 FROM history h JOIN archived a ON a.seq = h.seq WHERE h.case_id = c.id)" \
	     " ORDER BY c.number LIMIT ?3"

json_t *retention_due(struct db *db, bool archive, int64_t closed, size_t limit, int64_t *after, struct err *e)
{
	_rows_ sqlite3_stmt *rows = archive ? sql_query(db, e, SQL_TO_ARCHIVE, INT(closed), INT(*after), INT(limit))
	                                    : sql_query(db, e, SQL_TO_ERASE, INT(closed), INT(*after), INT(limit));
	_json_ json_t *ids = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_add_str(ids, sql_text(rows, 0));
		*after = sql_int(rows, 1);
	}
	return row < 0 ? NULL : steal_ptr(ids);
}

// --- files -----------------------------------------------------------------------------------------------------------

char *archive_path(const struct db *db, const char *case_id)
{
	return text_format("%s/archive/%s.tar", db_state_dir(db), case_id);
}

int archive_make_dir(const struct db *db, struct err *e)
{
	_free_ char *dir = path_join(db_state_dir(db), "archive");

	if (mkdir(dir, 0700) < 0)
		return errno == EEXIST ? 0 : err_sys(e, EX_CANTCREAT, "cannot create %s", dir);
	return dir_sync(db_state_dir(db), e);
}

// --- applying --------------------------------------------------------------------------------------------------------

#define SQL_ARCHIVED "INSERT INTO archived (sha256, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq"
#define SQL_AWAY "UPDATE blob SET data = x'' WHERE sha256 = ?"

int apply_evidence_archived(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	uint8_t sha256[DIGEST_SIZE] = { 0 };
	json_t *hex;
	size_t i;

	hex_decode(json_str(body, "bundle"), sha256, sizeof sha256);
	if (sql_run(db, e, SQL_ARCHIVED, BLOB(sha256, sizeof sha256), INT(entry->seq)) < 0)
		return -1;
	json_array_foreach(json_arr(body, "evidence"), i, hex) {
		if (!json_is_string(hex) || hex_decode(json_string_value(hex), sha256, sizeof sha256) < 0)
			return err_set(e, EX_DATAERR, "it names what is no hash");
		if (sql_run(db, e, SQL_ARCHIVED, BLOB(sha256, sizeof sha256), INT(entry->seq)) < 0 ||
		    (!db->scratch && sql_run(db, e, SQL_AWAY, BLOB(sha256, sizeof sha256)) < 0))
			return -1;
	}
	if (db->scratch)
		return 0;
	if (entry->case_id && journal_keep_bundle(db, entry->case_id, e) < 0)
		return -1;
	return erase_leave_mark(db, entry->seq, e);
}

#define AWAY "length(b.data) = 0 AND b.size > 0"
#define SQL_SWEPT "SELECT lower(hex(a.sha256)) FROM archived a JOIN blob b ON b.sha256 = a.sha256 WHERE " AWAY

int archive_sweep(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_SWEPT);
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		const char *hex = sql_text(rows, 0);
		_free_ char *path = text_format("%s/evidence/%.2s/%s", db_state_dir(db), hex, hex);
		_free_ char *dir = path_dir(path);

		if (unlink(path) < 0) {
			if (errno != ENOENT)
				return err_sys(e, EX_IOERR, "cannot remove %s", path);
		} else if (dir_sync(dir, e) < 0) {
			return -1;
		}
	}
	return row;
}

// --- looking ---------------------------------------------------------------------------------------------------------

#define SQL_HOLDS \
	"SELECT count(*) FROM archived a JOIN blob b ON b.sha256 = a.sha256 WHERE a.sha256 = ? AND a.seq > ? " \
	"AND " AWAY
#define SQL_BUNDLES \
	"SELECT e.seq, CAST(e.leaf AS TEXT) ->> '$.case', CAST(e.body AS TEXT) ->> '$.bundle' FROM entry e" \
	" JOIN cases c ON c.id = CAST(e.leaf AS TEXT) ->> '$.case'" \
	" WHERE e.seq IN (SELECT seq FROM archived) AND c.requester <> '' ORDER BY e.seq"

int archive_holds(struct db *db, const struct digest *sha256, uint64_t seq, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_HOLDS, DIGEST(*sha256), INT(seq)) < 0 ? -1 : count > 0;
}

static int hash_file(const char *path, struct digest *out, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, errno == ENOENT ? EX_DATAERR : EX_NOINPUT, "archive: cannot open %s", path);
	bytes = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (bytes == MAP_FAILED)
		return err_sys(e, EX_IOERR, "archive: cannot read %s", path);
	*out = sha256_of(bytes ? bytes : "", (size_t)st.st_size);
	if (bytes)
		munmap(bytes, (size_t)st.st_size);
	return 0;
}

int archive_check(struct db *db, uint64_t *count, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_BUNDLES);
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		_free_ char *path = archive_path(db, sql_text(rows, 1));
		char hex[2 * DIGEST_SIZE + 1];
		struct digest now;

		if (hash_file(path, &now, e) < 0)
			return -1;
		if (strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), sql_text(rows, 2)) != 0)
			return err_set(e, EX_DATAERR, "archive: %s is not the bundle that entry %lld says", path,
			               (long long)sql_int(rows, 0));
		++*count;
	}
	return row;
}

json_t *archive_bundles(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_BUNDLES);
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *bundle = json_object();

		json_put_str(bundle, "case", sql_text(rows, 1));
		json_put_str(bundle, "sha256", sql_text(rows, 2));
		json_add(list, bundle);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

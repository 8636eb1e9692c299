// SPDX-License-Identifier: Apache-2.0
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"
#include "store/journal_end.h"
#include "store/journal_frame.h"
#include "store/journal_replay.h"
#include "store/journal_work.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_ENTRIES "SELECT leaf, salt, body FROM entry WHERE seq >= ? ORDER BY seq"
#define SQL_BLOB_LAST "SELECT max(rowid) FROM blob"
#define SQL_FILES "SELECT sha256 FROM blob WHERE rowid > ? AND data IS NULL"
#define EVIDENCE_MAX (1 << 28)

struct journal {
	char *dir;
	int fd;          // the segment in hand, or -1
	uint64_t first;  // its number
	uint64_t length; // bytes in it
	uint64_t size;   // of the log after the last frame
	struct journal_found found;
	int64_t blob; // the last one whose file was looked at
	struct sqlite3_session *session;
};

// --- the files -------------------------------------------------------------------------------------------------------

static int open_segment(struct journal *j, uint64_t first, struct err *e)
{
	_free_ char *path = journal_segment_path(j->dir, first);
	struct stat st;

	if (j->fd >= 0)
		close(j->fd);
	j->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0 || fstat(j->fd, &st) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot open %s", path);
	j->first = first;
	j->length = (uint64_t)st.st_size;
	if (dir_sync(j->dir, e) < 0) {
		close(j->fd);
		j->fd = -1; // it may not be there after a power cut: not to be written to
		return -1;
	}
	return 0;
}

static char *evidence_path(const char *dir, const struct digest *sha256)
{
	char hex[2 * DIGEST_SIZE + 1];

	return text_format("%s/evidence/%s", dir, hex_encode(sha256->bytes, DIGEST_SIZE, hex));
}

static int copy_evidence(struct db *db, struct journal *j, const struct digest *sha256, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	_free_ char *dir = path_join(j->dir, "evidence");
	_free_ char *to = evidence_path(j->dir, sha256);
	_free_ char *from = NULL;
	_buf_ struct buf bytes = BUF(EVIDENCE_MAX);

	hex_encode(sha256->bytes, DIGEST_SIZE, hex);
	from = text_format("%s/evidence/%.2s/%s", db_state_dir(db), hex, hex);
	if (journal_make_dir(dir, e) < 0 || file_read(from, &bytes, e) < 0)
		return -1;
	return file_replace(to, buf_text(&bytes), bytes.len, 0400, e);
}

// Evidence that is a file must be as safe as the entry that names it.
static int copy_files(struct db *db, struct journal *j, int64_t *last, struct err *e)
{
	_rows_ sqlite3_stmt *rows = NULL;
	int row;

	if (sql_number(db, e, last, 0, SQL_BLOB_LAST) < 0)
		return -1;
	if (*last <= j->blob)
		return 0;
	rows = sql_query(db, e, SQL_FILES, INT(j->blob));
	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		struct digest sha256;

		if (sqlite3_column_bytes(rows, 0) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "a blob's hash is damaged");
		memcpy(sha256.bytes, sqlite3_column_blob(rows, 0), DIGEST_SIZE);
		if (copy_evidence(db, j, &sha256, e) < 0)
			return -1;
	}
	return row;
}

// --- a commit --------------------------------------------------------------------------------------------------------

static int put_entries(struct db *db, uint64_t from, struct buf *frame, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ENTRIES, INT(from));
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		struct journal_entry entry = { .leaf = { sqlite3_column_blob(rows, 0), 0 },
			                       .body = { sqlite3_column_blob(rows, 2), 0 },
			                       .salt = sqlite3_column_blob(rows, 1) };

		entry.leaf.len = (size_t)sqlite3_column_bytes(rows, 0);
		entry.body.len = (size_t)sqlite3_column_bytes(rows, 2);
		if (journal_put(frame, &entry) < 0)
			return err_set(e, EX_OSERR, "a transaction is too large for the journal");
	}
	return row;
}

static int write_frame(struct journal *j, const struct buf *frame, struct err *e)
{
	if (fd_write(j->fd, frame->data, frame->len, e) < 0)
		return err_prefix(e, "the journal %s", j->dir);
	if (fdatasync(j->fd) < 0)
		return err_sys(e, EX_IOERR, "cannot sync the journal %s", j->dir);
	return 0;
}

static bool is_full(void)
{
	return errno == ENOSPC || errno == EDQUOT;
}

// *undone: there is no room for it, and nothing is left of it.  Any other failure leaves open what stands on the disk.
static int append(struct journal *j, const struct buf *frame, uint64_t before, bool *undone, struct err *e)
{
	if ((j->fd < 0 || (j->length >= JOURNAL_SEGMENT && before > j->first)) && open_segment(j, before, e) < 0) {
		*undone = is_full();
		return -1;
	}
	if (write_frame(j, frame, e) < 0) {
		*undone = is_full() && ftruncate(j->fd, (off_t)j->length) == 0;
		return -1;
	}
	j->length += frame->len;
	return 0;
}

// All but the COMMIT.
static int put_commit(struct db *db, struct journal *j, struct buf *frame, int64_t *last, struct err *e)
{
	struct digest root;

	errno = 0;
	if (copy_files(db, j, last, e) < 0) {
		db->undone = is_full();
		return -1;
	}
	root = log_root(db);
	journal_seal(frame, db->log_before.size, db->log.size, &root);
	return append(j, frame, db->log_before.size, &db->undone, e);
}

int journal_commit(struct db *db, struct err *e)
{
	static const char nothing_yet[JOURNAL_HEAD];
	_buf_ struct buf frame = BUF((size_t)JOURNAL_FRAME_MAX);
	struct journal *j = db->journal;
	int64_t last;

	if (!j)
		return 0;
	// A commit that failed left the journal ahead: only a new start looks which of the two is right.
	if (j->size != db->log_before.size)
		return err_set(e, EX_SOFTWARE, "the journal %s is not where the log is", j->dir);
	buf_add(&frame, nothing_yet, sizeof nothing_yet);
	if (put_entries(db, db->log_before.size, &frame, e) < 0 || work_changes(db, j->session, &frame, e) < 0)
		return -1;
	if (frame.len == JOURNAL_HEAD)
		return 0;
	if (put_commit(db, j, &frame, &last, e) < 0) {
		if (db->undone && e)
			e->code = EX_TEMPFAIL;
		return -1;
	}
	j->size = db->log.size;
	j->blob = last;
	work_unwatch(&j->session);
	j->session = work_watch(db, e);
	return j->session ? 0 : -1;
}

// --- opening ---------------------------------------------------------------------------------------------------------

static int go_on(struct db *db, struct journal *j, struct err *e)
{
	_cleanup_(journal_read_end) struct journal_reader r;
	struct journal_frame frame;
	int next;

	if (journal_read(&r, j->dir, UINT64_MAX, e) < 0)
		return -1;
	while ((next = journal_next(&r, &frame, e)) > 0)
		;
	j->size = log_size(db);
	// Behind a gap a segment begins.
	if (next < 0 || r.count == 0 || (r.size != UINT64_MAX ? r.size : r.firsts[r.count - 1]) != j->size)
		return next;
	return open_segment(j, r.firsts[r.count - 1], e);
}

int journal_open(struct db *db, const char *dir, struct err *e)
{
	struct journal_found found = { 0 };
	struct journal *j;

	if (journal_make_dir(dir, e) < 0 || journal_end(db, dir, &found, e) < 0)
		return -1;
	j = calloc(1, sizeof *j);
	if (!j)
		panic("out of memory");
	db->journal = j;
	j->fd = -1;
	j->dir = text_copy(dir);
	j->found = found;
	j->session = work_watch(db, e);
	if (!j->session || sql_number(db, e, &j->blob, 0, SQL_BLOB_LAST) < 0 || go_on(db, j, e) < 0) {
		journal_close(db);
		return -1;
	}
	return 0;
}

const struct journal_found *journal_found(const struct db *db)
{
	return db->journal ? &db->journal->found : NULL;
}

const char *journal_dir(const struct db *db)
{
	return db->journal ? db->journal->dir : NULL;
}

int journal_reopen(struct db *db, uint64_t first, struct err *e)
{
	struct journal *j = db->journal;

	return j->fd >= 0 && j->first == first ? open_segment(j, first, e) : 0;
}

void journal_close(struct db *db)
{
	struct journal *j = db->journal;

	if (!j)
		return;
	work_unwatch(&j->session);
	if (j->fd >= 0)
		close(j->fd);
	free(j->dir);
	free(j);
	db->journal = NULL;
}

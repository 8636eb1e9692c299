// SPDX-License-Identifier: Apache-2.0
#include "store/journal_end.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "store/journal_frame.h"
#include "store/journal_replay.h"
#include "store/log.h"

int journal_make_dir(const char *dir, struct err *e)
{
	_free_ char *parent = path_dir(dir);

	if (mkdir(dir, 0700) < 0)
		return errno == EEXIST ? 0 : err_sys(e, EX_CANTCREAT, "cannot create %s", dir);
	return dir_sync(parent, e);
}

// --- what is no whole frame ------------------------------------------------------------------------------------------

static int cut(const struct journal_reader *r, const char *path, struct err *e)
{
	_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)r->offset) < 0 || fsync(fd) < 0)
		return err_sys(e, EX_IOERR, "cannot cut the torn end off %s", path);
	return 0;
}

// What a crash left behind the last whole frame was never synced, so never committed.  When the database has more than
// the whole frames, then it was: what is cut now is kept for whoever looks into it.
static int cut_torn(const struct journal_reader *r, struct journal_found *found, struct err *e)
{
	_free_ char *path = journal_segment_path(r->dir, r->firsts[r->at]);
	_free_ char *kept = text_format("%s.damaged", path);

	found->torn = r->torn;
	found->damaged = found->gap;
	found->spoiled = r->spoiled;
	if (found->damaged && file_replace(kept, r->bytes.data + r->offset, r->torn, 0400, e) < 0)
		return -1;
	return cut(r, path, e);
}

// --- the last whole frame --------------------------------------------------------------------------------------------

static int say_older(struct db *db, const char *dir, uint64_t size, struct err *e)
{
	return err_set(e, EX_DATAERR,
	               "the journal %s knows of %" PRIu64 " entries, the database only of %" PRIu64
	               ": it is an older copy",
	               dir, size, log_size(db));
}

// A sync that failed may have left it in memory alone, where it looks whole: written once more, it is on the disk or
// there is an error.
static int write_again(const struct journal_reader *r, const struct journal_frame *last, size_t at, struct err *e)
{
	_free_ char *path = journal_segment_path(r->dir, r->firsts[r->at]);
	_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = JOURNAL_HEAD + last->len;

	if (fd < 0 || lseek(fd, (off_t)at, SEEK_SET) < 0)
		return err_sys(e, EX_IOERR, "cannot open %s", path);
	if (fd_write(fd, r->bytes.data + at, len, e) < 0)
		return err_prefix(e, "%s", path);
	if (fdatasync(fd) < 0)
		return err_sys(e, EX_IOERR, "cannot sync %s", path);
	return 0;
}

// Against the database: see the table in store/journal.h.
static int settle(struct db *db, const struct journal_reader *r, struct journal_frame *last, size_t at, struct err *e)
{
	if (last->before > log_size(db))
		return say_older(db, r->dir, last->after, e);
	if (last->after > log_size(db) && last->before != log_size(db))
		return err_set(e, EX_DATAERR, "the journal %s and the database part at entry %" PRIu64, r->dir,
		               last->before);
	if (last->before == log_size(db))
		return write_again(r, last, at, e) < 0 ? -1 : journal_carry_out_alone(db, last, e);
	return journal_is_of(db, r->dir, last, e);
}

static int say_what_to_do(struct err *e)
{
	struct err why = *e;

	if (why.code != EX_DATAERR)
		return -1;
	return err_set(e, why.code, "%s; move that folder away, start again, and make a backup", why.text);
}

int journal_end(struct db *db, const char *dir, struct journal_found *found, struct err *e)
{
	_cleanup_(journal_read_end) struct journal_reader r;
	struct journal_frame frame, last;
	size_t begin = 0, at = 0;
	bool any = false;
	int next;

	if (journal_read(&r, dir, UINT64_MAX, e) < 0)
		return -1;
	for (; (next = journal_next(&r, &frame, e)) > 0; begin = r.offset) {
		last = frame;
		at = begin;
		any = true;
	}
	if (next < 0)
		return say_what_to_do(e);
	found->size = any ? last.after : r.count ? r.firsts[r.count - 1] : 0;
	found->gap = found->size < log_size(db);
	if (r.torn && cut_torn(&r, found, e) < 0)
		return -1;
	if (!any)
		return found->size > log_size(db) ? say_older(db, dir, found->size, e) : 0;
	return settle(db, &r, &last, at, e);
}

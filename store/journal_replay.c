// SPDX-License-Identifier: Apache-2.0
#include "store/journal_replay.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "store/journal.h"
#include "store/journal_work.h"
#include "store/log.h"
#include "store/sql.h"

#define ENTRIES_AT_ONCE 1000 // that a replay commits together

// --- carrying frames out ---------------------------------------------------------------------------------------------

static int carry_out(struct db *db, struct journal_frame *frame, struct err *e)
{
	struct digest root;

	for (uint64_t seq = frame->before; seq < frame->after; seq++) {
		struct journal_entry entry;

		if (journal_take(frame, &entry, e) < 0 ||
		    log_append_exact(db, entry.leaf, entry.salt, entry.body, e) < 0)
			return -1;
	}
	root = log_root(db);
	if (memcmp(root.bytes, frame->root.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "the journal is of another log: the roots at size %" PRIu64 " differ",
		               frame->after);
	return work_apply(db, frame->data, frame->len, e);
}

int journal_carry_out_alone(struct db *db, struct journal_frame *frame, struct err *e)
{
	if (db_begin(db, "the journal", e) < 0)
		return -1;
	if (carry_out(db, frame, e) < 0) {
		db_rollback(db);
		return -1;
	}
	return db_commit(db, e);
}

int journal_is_of(struct db *db, const char *dir, const struct journal_frame *last, struct err *e)
{
	struct digest root;

	if (log_root_at(db, last->after, &root, e) < 0)
		return -1;
	if (memcmp(root.bytes, last->root.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "the journal %s is of another log: the roots at size %" PRIu64 " differ",
		               dir, last->after);
	return 0;
}

// --- replaying -------------------------------------------------------------------------------------------------------

// One frame within the replay's transaction; undone alone when it is bad.
static int replay_one(struct db *db, struct journal_frame *frame, struct err *e)
{
	if (frame->before != log_size(db))
		return err_set(e, EX_DATAERR,
		               "the journal begins at entry %" PRIu64 ", the log ends before entry %" PRIu64,
		               frame->before, log_size(db));
	if (db_mark(db, e) < 0)
		return -1;
	if (carry_out(db, frame, e) < 0) {
		struct err ignored;

		db_undo(db, &ignored);
		return -1;
	}
	return db_release(db, e);
}

static int replay(struct db *db, struct journal_reader *r, uint64_t from, uint64_t to, struct journal_replayed *out,
                  struct err *e)
{
	struct journal_frame frame;
	uint64_t begun = log_size(db);
	int next;

	while ((next = journal_next(r, &frame, e)) > 0 && frame.after <= to) {
		if (frame.after < from)
			continue;
		// Ends where the log does: it is in it, but what it changed in the working tables may not be.
		if (frame.after == from && frame.before < from) {
			if (journal_is_of(db, r->dir, &frame, e) < 0)
				return -1;
			for (struct journal_entry skipped; frame.before < from; frame.before++)
				if (journal_take(&frame, &skipped, e) < 0)
					return -1;
		}
		if (replay_one(db, &frame, e) < 0)
			return -1;
		out->commits++;
		if (log_size(db) - begun < ENTRIES_AT_ONCE)
			continue;
		begun = log_size(db);
		if (db_commit(db, e) < 0 || db_begin(db, "the replay", e) < 0)
			return -1;
	}
	return next < 0 ? -1 : 0;
}

int journal_replay(struct db *db, const char *dir, uint64_t from, uint64_t to, struct journal_replayed *out,
                   struct err *e)
{
	_cleanup_(journal_read_end) struct journal_reader r;
	struct err why = { 0 };
	int failed;

	*out = (struct journal_replayed){ .size = log_size(db) };
	if (db->journal || from != log_size(db))
		panic("a journal is replayed into a database that is not at its place");
	if (journal_read(&r, dir, from, e) < 0)
		return -1;
	out->none = r.count == 0;
	out->first = r.count ? r.firsts[0] : 0;
	if (out->none)
		return 0;
	if (db_begin(db, "the replay", e) < 0)
		return -1;
	failed = replay(db, &r, from, to, out, &why);
	if (db_in_transaction(db) && db_commit(db, e) < 0)
		return -1;
	out->size = log_size(db);
	out->torn = r.torn;
	if (failed)
		*e = why;
	return failed;
}

char *journal_position(const char *dir, uint64_t size, uint64_t *offset, struct err *e)
{
	_cleanup_(journal_read_end) struct journal_reader r;
	char *name = text_copy("");
	struct journal_frame frame;

	*offset = 0;
	if (journal_read(&r, dir, size, e) < 0)
		return name;
	while (r.count) {
		free(name);
		name = text_format("%020" PRIu64 ".journal", r.firsts[r.at]);
		*offset = r.offset;
		if (journal_next(&r, &frame, NULL) <= 0 || frame.after > size)
			break;
	}
	return name;
}

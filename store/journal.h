// SPDX-License-Identifier: Apache-2.0
// The leaf journal (`log.journal`): a second copy of everything that is committed, best on another disk, so that the
// loss of the database loses nothing that was acknowledged.
//
// A commit is one frame (store/journal_frame.h): its entries as exact bytes - leaf, salt, body - and what it changed in
// the working tables - mail in hand, letters, tokens, evidence, checkpoints.  Evidence that is a file is copied to
// JOURNAL/evidence first.  The frame is written and synced BEFORE the COMMIT, so the journal is never behind what was
// acknowledged; by at most one frame it may be ahead, when the program died between the two.  At the next start:
//
//   the last frame is torn        it was never synced, so never committed, so never acknowledged: it is cut
//   ahead by the last frame       it is whole, so it is carried out now.  Nobody was told that it was done, but doing
//   it
//                                 is right either way: a mail that comes again is recognised by its id, and should the
//                                 disk have lost a commit that it had confirmed, this is what brings it back.  Dropping
//                                 it would be a fork if the signer, on whatever ground, had seen it.
//   ahead by more                 no crash does that: the database is an older copy.  Refused (EX_DATAERR): the
//                                 journal, replayed into a backup, has what is missing
//   behind                        the database was used without the journal: it goes on in a new segment, and a
//                                 replay across that gap says so.  A backup made from now on is covered
//   of another log                (the root differs) refused
//
// Working tables have no number of their own, but changes to them are absolute: carried out again from any point
// before, in order and to the end, they come to the same rows.
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

// From now on each commit goes into the journal first.  The folder is made when it is missing.
int journal_open(struct db *db, const char *dir, struct err *e);
void journal_close(struct db *db); // part of db_close()

// What was found at its end then.
struct journal_found {
	uint64_t torn; // bytes that were no whole commit, and were cut off
	bool damaged;  // they were a commit once, for the database has it: kept in SEGMENT.damaged
	bool spoiled;  // they are as long as a commit and begin as one: it was never confirmed, or was damaged later
	bool gap;      // the database has more than the journal: a replay of it does not reach beyond...
	uint64_t size; // ...this many entries
};
const struct journal_found *journal_found(const struct db *db); // NULL without a journal

// Part of db_commit() alone: writes and syncs what the open transaction did.  Nothing without a journal.  When there is
// no room for it the transaction is as it was before, and db_is_undone().
int journal_commit(struct db *db, struct err *e);

// For store/journal_erase.c: the folder, NULL without a journal; and going on in a segment that was written anew, if it
// is the one in hand.
const char *journal_dir(const struct db *db);
int journal_reopen(struct db *db, uint64_t first, struct err *e);

struct journal_replayed {
	uint64_t first;   // what the journal begins with
	uint64_t size;    // of the log as far as it was replayed
	uint64_t commits; // that were carried out
	uint64_t torn;    // bytes at the end that are no whole frame: a commit that nobody was told of, or damage
	bool none;        // there is no journal, or nothing in it
};

// Carries out what the journal has beyond the `from` entries of the log in `db` (its size), as far as size `to`
// (UINT64_MAX: all).  -1 with EX_DATAERR when it is damaged, has a gap, or is of another log; what comes before that
// stays carried out and is counted.  `db` must have no journal of its own open.
int journal_replay(struct db *db, const char *dir, uint64_t from, uint64_t to, struct journal_replayed *out,
                   struct err *e);

// "SEGMENT" and the offset in it where a log of that size goes on; "" when there is no journal.  The caller frees.
char *journal_position(const char *dir, uint64_t size, uint64_t *offset, struct err *e);

#endif

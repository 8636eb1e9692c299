// SPDX-License-Identifier: Apache-2.0
// Carrying the journal's frames out, at the start and in a restore.  Private to store/journal*.c.
#ifndef STORE_JOURNAL_REPLAY_H
#define STORE_JOURNAL_REPLAY_H

#include "store/db.h"
#include "store/journal_frame.h"

// Is the frame of the log in `db`?  -1 with EX_DATAERR when it is not; `dir` is for the sentence.
int journal_is_of(struct db *db, const char *dir, const struct journal_frame *last, struct err *e);

// Carries a frame out in a transaction of its own.
int journal_carry_out_alone(struct db *db, struct journal_frame *frame, struct err *e);

#endif

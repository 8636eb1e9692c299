// SPDX-License-Identifier: Apache-2.0
// The end of the journal against the database, when it is opened: see the table in store/journal.h.  Private to
// store/journal*.c.
#ifndef STORE_JOURNAL_END_H
#define STORE_JOURNAL_END_H

#include "store/journal.h"

// Makes a folder, durably, unless it is there.
int journal_make_dir(const char *dir, struct err *e);

// Cuts what is no whole frame, carries out what the journal alone has, and says what it found.  -1 with EX_DATAERR when
// the two do not belong together.
int journal_end(struct db *db, const char *dir, struct journal_found *found, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The steps of a restore that have files of their own.  Private to store/restore*.c.
#ifndef STORE_RESTORE_PARTS_H
#define STORE_RESTORE_PARTS_H

#include "store/restore.h"

// restore_mark.c: the mark that the log is compared with.  A signer's mark says how far the log was signed: 1; a signed
// note of a checkpoint only that it was so long at least: 2.  0 when there is no such file, -1.
int restore_mark_read(const char *path, uint64_t *size, struct digest *root, struct err *e);

// restore_evidence.c: takes what the backup lacks from the journal or from the state as it was.  EX_DATAERR names what
// is nowhere, or was altered.
int restore_evidence(struct restore *r, struct db *db, struct err *e);

// restore_swap.c: what was built takes the place of what is there; the database last.
int restore_swap(struct restore *r, struct err *e);
// The core's journal begins anew: its segments go into a folder of it.
int restore_journal_aside(struct restore *r, struct err *e);
// What a predecessor that was killed set aside, although it is still in its place.
int restore_swap_forget(const char *state, struct err *e);

#endif

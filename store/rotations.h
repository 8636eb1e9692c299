// SPDX-License-Identifier: Apache-2.0
// Which keys the log had, by its key.rotated entries: {"old": VKEY, "new": VKEY}.
#ifndef STORE_ROTATIONS_H
#define STORE_ROTATIONS_H

#include "base/epochs.h"
#include "store/db.h"

struct rotation {
	uint64_t seq; // the entry; the head of seq + 1 entries is signed by both keys
	struct note_key old, next;
};

// The first one of at least entry `seq` (0: the first), or the last: 1, 0 when there is none, -1.  Of the log that is
// called `origin`: what is of a log that went on under another name is passed over.
int rotation_from(struct db *db, const char *origin, uint64_t seq, struct rotation *out, struct err *e);
int rotation_last(struct db *db, const char *origin, struct rotation *out, struct err *e);

// The keys of the log to which `key` belongs; `key` alone when there was no rotation.  EX_CONFIG when the log has had
// other keys, and not this one.
int rotations_read(struct db *db, const struct note_key *key, struct epochs *out, struct err *e);

#endif

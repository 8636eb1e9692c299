// SPDX-License-Identifier: Apache-2.0
// What restores did to this log: where each stands, what it lost, and the name under which the log went on.
#ifndef STORE_RESTORED_H
#define STORE_RESTORED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/note.h"
#include "store/db.h"

struct restored {
	uint64_t seq; // of its restore.done: the log had this many entries
	int64_t at;
	bool lost_known; // how many entries were lost; when not, any number may have been
	uint64_t lost;
	char origin[NOTE_NAME_MAX + 1]; // under which the log went on, when that is a new one; else ""
};

// The last one that gave the log a new origin.  1, 0 when none did, -1.
int restored_anew(struct db *db, struct restored *out, struct err *e);

// The restore that lost the entries which a head of that size covers, when it is not one of this log: 1, 0 or -1.
int restored_lost(struct db *db, uint64_t size, struct restored *out, struct err *e);

// The file of the signer's mark, below the state: each origin has one of its own.  The caller frees; NULL on error.
char *restored_mark(struct db *db, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The log as files that any web server can hand out and other people's tools read: c2sp.org/tlog-tiles, without "go
// faster" extensions.  `checkpoint` is the newest signed head; tile/LEVEL/N the hashes and tile/entries/N the leaves,
// 256 in each, and the rest in N.p/WIDTH.
#ifndef STORE_TILES_H
#define STORE_TILES_H

#include <stdint.h>

#include "store/db.h"

struct tiles_result {
	uint64_t size;  // of the log as far as the checkpoint covers it
	uint64_t files; // with the checkpoint
};

// Writes folder `dir`, which must not be there yet, whole or not at all.  The hashes are computed from the leaves, in
// constant memory.  EX_TEMPFAIL when no head was signed yet, EX_DATAERR when leaves and head do not fit together.
int tiles_export(struct db *db, const char *dir, struct tiles_result *out, struct err *e);

#endif

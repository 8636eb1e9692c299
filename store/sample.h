// SPDX-License-Identifier: Apache-2.0
// A look at a part of the log: what the core does to its own database every hour.  It finds what was altered behind its
// back in the entries that it happens to look at; `log verify` looks at all of them.
#ifndef STORE_SAMPLE_H
#define STORE_SAMPLE_H

#include <stdint.h>

#include "store/db.h"

// Looks at the `count` entries from `from` on (fewer at the end of the log): each leaf and its body, the tree's hashes
// from them up to the roots that this connection remembers since it was opened, the history of their cases and the
// votes that they cast.  Also that the log is as long as remembered.  -1 with EX_DATAERR and a sentence that names the
// first entry or row that is wrong, or another code when it could not be looked at.
int log_sample(struct db *db, uint64_t from, uint64_t count, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// What was put in force, and what was proposed: people and catalogues, whole, in the log.
#ifndef STORE_PUBLICATIONS_H
#define STORE_PUBLICATIONS_H

#include <jansson.h>
#include <stdint.h>

#include "store/db.h"

// The entry (as log_entry() gives it) of the last publication of "people" or "catalogue", or, with `back` 1, the one
// before it.  NULL; with EX_NOINPUT when there is none.
json_t *publication_entry(struct db *db, const char *kind, int64_t back, struct err *e);

// The number of the publication of "people" or "catalogue" that was in force when entry `seq` was made.  1, 0 when none
// was yet, -1.
int publication_at(struct db *db, const char *kind, uint64_t seq, uint64_t *found, struct err *e);

// The entries of all proposals of these bytes since the last catalogue was published, oldest first.  New reference;
// NULL on error.
json_t *proposals_of(struct db *db, const char *sha256_hex, struct err *e);

// The catalogue by which cases are still to be judged again.
struct applying {
	int64_t version, through, last;
};
// 1, 0 when all are judged, -1.
int applying_now(struct db *db, struct applying *out, struct err *e);

#endif

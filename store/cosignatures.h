// SPDX-License-Identifier: Apache-2.0
// What witnesses said about our checkpoints (c2sp.org/tlog-witness).
#ifndef STORE_COSIGNATURES_H
#define STORE_COSIGNATURES_H

#include <jansson.h>
#include <stdint.h>

#include "base/note.h"
#include "store/db.h"

// Takes what a witness answered about the checkpoint of that size, inside the open transaction: the first of its lines
// that verifies under `key` is kept, in place of an earlier one.  1; 0 when none verifies or there is no such
// checkpoint; -1.
int cosignature_add(struct db *db, uint64_t size, const struct note_key *key, const char *answer, int64_t now,
                    struct err *e);

// The largest size that this witness cosigned, and when that came: 1; 0 when there is none; -1.
int cosignature_last(struct db *db, const struct note_key *key, uint64_t *size, int64_t *at, struct err *e);

// Of one checkpoint, by witness: [{"witness": vkey, "line", "at": ms}].  NULL on error.
json_t *cosignatures_of(struct db *db, uint64_t size, struct err *e);

// For `log verify`: does every row verify by itself?  -1 with EX_DATAERR naming the first that does not; `rows` grows.
int cosignatures_check(struct db *db, uint64_t *rows, struct err *e);

#endif

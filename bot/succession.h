// SPDX-License-Identifier: Apache-2.0
// How a log's keys followed each other, as proofs that go with a receipt: whoever knows one of the keys can follow to
// those before and after it, without the log.  A list of texts, oldest first, one for each key.rotated entry S: a proof
// in a file (base/tlog_proof.h) of S in the head of S + 1 entries, which both keys signed; its extra data is the entry,
// as in a receipt: {"body": TEXT, "leaf": TEXT, "salt": HEX64}.
#ifndef BOT_SUCCESSION_H
#define BOT_SUCCESSION_H

#include <jansson.h>
#include <stdint.h>

#include "base/epochs.h"
#include "store/db.h"

// Of the log that is called `origin`, as far as heads of up to `size` entries need it; empty when it has one key only,
// or when a head that introduced one of them is not kept any more.  New reference; NULL on error.
json_t *succession_make(struct db *db, const char *origin, uint64_t size, struct err *e);

// The keys; none (count 0) when the list is empty or NULL.  -1 with EX_DATAERR when it proves nothing.
int succession_read(const json_t *list, struct epochs *out, struct err *e);

#endif

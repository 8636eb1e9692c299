// SPDX-License-Identifier: Apache-2.0
// What a witness is asked with (c2sp.org/tlog-witness): the size that it knows, the proof from there, the checkpoint.
#ifndef BOT_WITNESS_REQUEST_H
#define BOT_WITNESS_REQUEST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "store/db.h"

#define WITNESS_QUESTION_MAX (1 << 17) // bytes

// From the database: the proof from `old` to the checkpoint of that size and root, whose signed note is given.  The
// proof is checked before it is written; -1 with EX_DATAERR when the log's hashes do not lead there.
int witness_request_make(struct db *db, uint64_t old, uint64_t size, const struct digest *root, const char *note,
                         struct buf *out, struct err *e);

#endif

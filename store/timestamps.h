// SPDX-License-Identifier: Apache-2.0
// What a time-stamping authority (RFC 3161) signed about our checkpoints.
#ifndef STORE_TIMESTAMPS_H
#define STORE_TIMESTAMPS_H

#include <stdint.h>

#include "base/buf.h"
#include "store/db.h"

// Keeps an answer, inside the open transaction; the caller has checked it (base/timestamp.h).  `note`: the bytes that
// it stamps, the signed checkpoint of that size as it was when it was sent; `at`: the stamp's time.  One that is there
// for this size stays.
int timestamp_add(struct db *db, uint64_t size, const char *note, const void *answer, size_t answer_len, int64_t at,
                  struct err *e);

// The last one: 1, 0 when there is none, -1.  Any output may be NULL; *note is the caller's to free, `answer` is
// appended to.
int timestamp_last(struct db *db, uint64_t *size, int64_t *at, char **note, struct buf *answer, struct err *e);

// For `log verify`: does every row stamp the checkpoint that it names?  With `ca` also by an authority that leads
// there. -1 with EX_DATAERR naming the first that does not; `rows` grows.
int timestamps_check(struct db *db, const char *ca, uint64_t *rows, struct err *e);

#endif

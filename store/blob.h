// SPDX-License-Identifier: Apache-2.0
// Bytes of evidence, by their SHA-256: raw mail as it came, attachments.  Up to 64 KiB they live in the database, so
// that a mail costs one sync; larger ones in STATE/evidence/, written and synced before the transaction commits.
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"
#include "store/db.h"

#define BLOB_INLINE_MAX 65536

struct blob {
	struct digest sha256;
	struct digest commitment; // what an entry commits to
};

// Keeps the bytes (once: the same bytes again are found), inside the open transaction.
int blob_put(struct db *db, const void *data, size_t len, struct blob *out, struct err *e);

// The salt of what an entry commits to: 1, 0 when there is no such evidence here (any more: store/archive.h), -1.
int blob_salt(struct db *db, const struct digest *sha256, uint8_t salt[SALT_SIZE], struct err *e);

// Reads them back, checked against their hash: EX_DATAERR when they were altered.
int blob_get(struct db *db, const struct digest *sha256, struct buf *out, struct err *e);

#endif

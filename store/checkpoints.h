// SPDX-License-Identifier: Apache-2.0
// Signed heads of the log, and proofs between them and the entries.
#ifndef STORE_CHECKPOINTS_H
#define STORE_CHECKPOINTS_H

#include <stdint.h>

#include "base/digest.h"
#include "base/proof.h"
#include "store/db.h"

// Keeps a signed head, inside the open transaction; the caller has verified it.
int checkpoint_add(struct db *db, uint64_t size, const struct digest *root, const char *note, struct err *e);

// The last one of at most `size` (UINT64_MAX: the last), or the first one of at least `size`: 1, 0 when there is none,
// -1. *note is the caller's to free; any output may be NULL.
int checkpoint_last(struct db *db, uint64_t size, uint64_t *found, struct digest *root, char **note, struct err *e);
int checkpoint_covering(struct db *db, uint64_t size, uint64_t *found, struct digest *root, char **note, struct err *e);

// From the stored hashes.
int log_prove_inclusion(struct db *db, uint64_t seq, uint64_t size, struct proof *out, struct err *e);
int log_prove_consistency(struct db *db, uint64_t old, uint64_t size, struct proof *out, struct err *e);

// The exact bytes of a leaf; the caller frees.
int log_leaf(struct db *db, uint64_t seq, char **leaf, size_t *len, struct err *e);

// What it commits to: the body's bytes and its salt.  1; 0 when it was erased; -1 (EX_NOINPUT: there is no such entry).
int log_body(struct db *db, uint64_t seq, char **body, size_t *len, uint8_t salt[SALT_SIZE], struct err *e);

// The root of the first `size` entries, computed from their leaves alone, without the stored hashes.  Reads them all.
int log_root_of_leaves(struct db *db, uint64_t size, struct digest *root, struct err *e);

#endif

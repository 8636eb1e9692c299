// SPDX-License-Identifier: Apache-2.0
// Inclusion and consistency proofs of the tree (RFC 6962 sections 2.1.1 and 2.1.2): making them from stored hashes, and
// checking them, which needs nothing else.
#ifndef BASE_PROOF_H
#define BASE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

#define PROOF_MAX 128 // hashes

struct proof {
	struct digest hash[PROOF_MAX];
	size_t count;
};

// Reads the stored hash of that number (tree_stored_index()).
typedef int proof_reader(void *data, uint64_t index, struct digest *out, struct err *e);

// That leaf `index` is in the tree of `size` (index < size).
int proof_of_inclusion(uint64_t index, uint64_t size, proof_reader *read, void *data, struct proof *out, struct err *e);
// That the tree of `old` leaves is the beginning of that of `size` (0 < old <= size).
int proof_of_consistency(uint64_t old, uint64_t size, proof_reader *read, void *data, struct proof *out, struct err *e);

// Exactly the hashes that are needed, no more.  An old size of 0, or equal sizes, take no hash.  The root of an empty
// tree is SHA-256 of nothing; when `old` is 0, `old_root` may be NULL.
bool proof_includes(const struct proof *proof, uint64_t index, uint64_t size, const struct digest *leaf,
                    const struct digest *root);
bool proof_is_consistent(const struct proof *proof, uint64_t old, const struct digest *old_root, uint64_t size,
                         const struct digest *root);

#endif

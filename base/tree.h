// SPDX-License-Identifier: Apache-2.0
// The Merkle tree of RFC 6962 over the log's leaves: hashes, the growing edge, roots.  No storage here: node hashes
// are handed out to be stored, under the numbers of Go's StoredHashIndex (golang.org/x/mod/sumdb/tlog).
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

// SHA-256(0x00 || leaf) and SHA-256(0x01 || left || right) (RFC 6962 section 2.1).
struct digest tree_leaf_hash(const void *leaf, size_t len);
struct digest tree_node_hash(const struct digest *left, const struct digest *right);

// The roots of the perfect subtrees that make up a tree, largest first: as many as its size has one bits.
struct tree_edge {
	struct digest hash[64];
	size_t count;
};

// Adds leaf number `size` to the edge of a tree of `size` leaves.  `stored` (65 places) takes the hashes that are
// complete now, to be stored at tree_stored_count(size) and following; returns how many.
size_t tree_add(struct tree_edge *edge, uint64_t size, const struct digest *leaf, struct digest *stored);

// The root of the tree that an edge makes up; SHA-256 of nothing for an empty one.
struct digest tree_root(const struct tree_edge *edge);

// How many hashes are stored for a tree of `size` leaves; also where the next leaf's hash goes.
uint64_t tree_stored_count(uint64_t size);

// Where the hash of node `n` of `level` (0: leaves) is stored.
uint64_t tree_stored_index(unsigned level, uint64_t n);

// The (level, n) of the subtrees that make up a tree of `size` leaves, largest first; returns how many (at most 64).
struct tree_place {
	unsigned level;
	uint64_t n;
};
size_t tree_edge_places(uint64_t size, struct tree_place out[64]);

#endif

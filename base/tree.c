// SPDX-License-Identifier: Apache-2.0
#include "base/tree.h"

struct digest tree_leaf_hash(const void *leaf, size_t len)
{
	return sha256((struct piece[]){ { "\0", 1 }, { leaf, len } }, 2);
}

struct digest tree_node_hash(const struct digest *left, const struct digest *right)
{
	return sha256((struct piece[]){ { "\1", 1 }, { left->bytes, DIGEST_SIZE }, { right->bytes, DIGEST_SIZE } }, 3);
}

size_t tree_add(struct tree_edge *edge, uint64_t size, const struct digest *leaf, struct digest *stored)
{
	struct digest hash = *leaf;
	size_t n = 0;

	stored[n++] = hash;
	for (uint64_t bits = size; bits & 1; bits >>= 1) {
		hash = tree_node_hash(&edge->hash[--edge->count], &hash);
		stored[n++] = hash;
	}
	edge->hash[edge->count++] = hash;
	return n;
}

struct digest tree_root(const struct tree_edge *edge)
{
	struct digest root;

	if (edge->count == 0)
		return sha256(NULL, 0);
	root = edge->hash[edge->count - 1];
	for (size_t i = edge->count - 1; i > 0; i--)
		root = tree_node_hash(&edge->hash[i - 1], &root);
	return root;
}

uint64_t tree_stored_count(uint64_t size)
{
	uint64_t count = 0;

	for (uint64_t part = size; part; part >>= 1)
		count += part;
	return count;
}

uint64_t tree_stored_index(unsigned level, uint64_t n)
{
	uint64_t index = 0;

	// The node is stored right after its last leaf's hash and the lower nodes that this leaf completes.
	for (unsigned l = level; l > 0; l--)
		n = 2 * n + 1;
	for (uint64_t m = n; m; m >>= 1)
		index += m;
	return index + level;
}

size_t tree_edge_places(uint64_t size, struct tree_place out[64])
{
	size_t count = 0;
	uint64_t before = 0;

	for (int bit = 63; bit >= 0; bit--) {
		if (!(size >> bit & 1))
			continue;
		out[count++] = (struct tree_place){ (unsigned)bit, before >> bit };
		before += UINT64_C(1) << bit;
	}
	return count;
}

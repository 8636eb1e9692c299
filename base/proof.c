// SPDX-License-Identifier: Apache-2.0
#include "base/proof.h"

#include <string.h>

#include "base/tree.h"

// Leaves `from` to before `to`.
struct range {
	uint64_t from, to;
};

// The ranges that halve a tree on the way down to what is proven; each step needs the root of the half not taken.
struct way {
	struct range half[PROOF_MAX];
	size_t count;
};

// Where a range of more than one leaf is split: the largest power of two below its length (RFC 6962 section 2.1).
static uint64_t middle(struct range r)
{
	return r.from + (UINT64_C(1) << (63 - __builtin_clzll(r.to - r.from - 1)));
}

// Goes into the right half, or the left one.
static void go(struct way *way, struct range *r, bool right)
{
	uint64_t m = middle(*r);

	way->half[way->count++] = right ? (struct range){ r->from, m } : (struct range){ m, r->to };
	*r = right ? (struct range){ m, r->to } : (struct range){ r->from, m };
}

// A range begins at a multiple of the power of two that is not below its length: it is a tree of its own, whose
// subtrees are stored.
static int range_root(struct range r, proof_reader *read, void *data, struct digest *out, struct err *e)
{
	struct tree_place places[64];
	struct tree_edge edge = { .count = tree_edge_places(r.to - r.from, places) };

	for (size_t i = 0; i < edge.count; i++) {
		unsigned level = places[i].level;

		if (read(data, tree_stored_index(level, places[i].n + (r.from >> level)), &edge.hash[i], e) < 0)
			return -1;
	}
	*out = tree_root(&edge);
	return 0;
}

// A proof tells the hashes from the bottom up.
static int read_way(const struct way *way, proof_reader *read, void *data, struct proof *out, struct err *e)
{
	out->count = 0;
	for (size_t i = way->count; i > 0; i--)
		if (range_root(way->half[i - 1], read, data, &out->hash[out->count++], e) < 0)
			return -1;
	return 0;
}

int proof_of_inclusion(uint64_t index, uint64_t size, proof_reader *read, void *data, struct proof *out, struct err *e)
{
	struct range r = { 0, size };
	struct way way = { .count = 0 };

	if (index >= size)
		return err_set(e, EX_USAGE, "entry %ju is not in a log of %ju entries", (uintmax_t)index,
		               (uintmax_t)size);
	while (r.to - r.from > 1)
		go(&way, &r, index >= middle(r));
	return read_way(&way, read, data, out, e);
}

int proof_of_consistency(uint64_t old, uint64_t size, proof_reader *read, void *data, struct proof *out, struct err *e)
{
	struct range r = { 0, size };
	struct way way = { .count = 0 };

	if (old == 0 || old > size)
		return err_set(e, EX_USAGE, "a log of %ju entries has no beginning of %ju entries to prove",
		               (uintmax_t)size, (uintmax_t)old);
	while (r.to != old)
		go(&way, &r, old > middle(r));
	if (r.from > 0) // otherwise it is the whole old tree, whose root is known
		way.half[way.count++] = r;
	return read_way(&way, read, data, out, e);
}

static bool same(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

// RFC 9162 section 2.1.3.2: `at` is the node's number on its level, `last` that of the level's last node.
bool proof_includes(const struct proof *proof, uint64_t index, uint64_t size, const struct digest *leaf,
                    const struct digest *root)
{
	uint64_t at = index, last = size - 1;
	struct digest hash = *leaf;

	if (index >= size)
		return false;
	for (size_t i = 0; i < proof->count; i++, at >>= 1, last >>= 1) {
		if (last == 0)
			return false;
		if (!(at & 1) && at != last) {
			hash = tree_node_hash(&hash, &proof->hash[i]);
			continue;
		}
		hash = tree_node_hash(&proof->hash[i], &hash);
		for (; at && !(at & 1); at >>= 1) // a level's last node that has no brother is itself on the next level
			last >>= 1;
	}
	return last == 0 && same(&hash, root);
}

// RFC 9162 section 2.1.4.2, for 0 < old < size.
static bool grows(const struct proof *proof, uint64_t old, const struct digest *old_root, uint64_t size,
                  const struct digest *root)
{
	uint64_t at = old - 1, last = size - 1;
	bool known = (old & (old - 1)) == 0; // the old tree is one node of the new one: the proof leaves it out
	struct digest before, now;

	if (proof->count == 0)
		return false;
	before = now = known ? *old_root : proof->hash[0];
	for (; at & 1; at >>= 1)
		last >>= 1;
	for (size_t i = known ? 0 : 1; i < proof->count; i++, at >>= 1, last >>= 1) {
		if (last == 0)
			return false;
		if (!(at & 1) && at != last) {
			now = tree_node_hash(&now, &proof->hash[i]);
			continue;
		}
		before = tree_node_hash(&proof->hash[i], &before);
		now = tree_node_hash(&proof->hash[i], &now);
		for (; at && !(at & 1); at >>= 1)
			last >>= 1;
	}
	return last == 0 && same(&before, old_root) && same(&now, root);
}

bool proof_is_consistent(const struct proof *proof, uint64_t old, const struct digest *old_root, uint64_t size,
                         const struct digest *root)
{
	struct digest empty = sha256(NULL, 0);

	if (old > size || (size == 0 && !same(root, &empty)))
		return false;
	if (old == 0)
		return proof->count == 0 && (!old_root || same(old_root, &empty));
	if (old == size)
		return proof->count == 0 && same(old_root, root);
	return grows(proof, old, old_root, size, root);
}

// SPDX-License-Identifier: Apache-2.0
// Inclusion and consistency proofs: published vectors of RFC 6962, our own of a log of twenty entries, and every proof
// of every log of up to 65 entries, right and spoiled.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proof.h"
#include "base/text.h"
#include "base/tree.h"

#define LEAVES 65

struct vectors {
	json_t *log, *proofs;
};

// A log in memory: its leaf hashes, its stored hashes, the root at every size.
struct tree {
	struct digest leaf[LEAVES], root[LEAVES + 1], stored[2 * LEAVES];
	struct tree_edge edge;
	uint64_t size, count;
};

static json_t *read_vectors(const char *path)
{
	struct buf text = BUF(1 << 20);
	json_t *value;

	assert_int_equal(file_read(path, &text, NULL), 0);
	value = json_read(text.data, text.len, NULL);
	assert_non_null(value);
	buf_free(&text);
	return value;
}

static int setup(void **state)
{
	static struct vectors vectors;

	vectors.log = read_vectors(SOURCE_DIR "/tests/unit/vectors/log.json");
	vectors.proofs = read_vectors(SOURCE_DIR "/tests/unit/vectors/proofs.json");
	*state = &vectors;
	return 0;
}

static int teardown(void **state)
{
	struct vectors *vectors = *state;

	json_decref(vectors->log);
	json_decref(vectors->proofs);
	return 0;
}

static void tree_start(struct tree *t)
{
	*t = (struct tree){ 0 };
	t->root[0] = tree_root(&t->edge);
}

static void tree_grow(struct tree *t, const void *leaf, size_t len)
{
	struct digest stored[65];
	size_t n;

	t->leaf[t->size] = tree_leaf_hash(leaf, len);
	n = tree_add(&t->edge, t->size, &t->leaf[t->size], stored);
	for (size_t i = 0; i < n; i++)
		t->stored[t->count++] = stored[i];
	t->root[++t->size] = tree_root(&t->edge);
}

static int read_stored(void *data, uint64_t index, struct digest *out, struct err *e)
{
	struct tree *t = data;

	if (index >= t->count)
		return err_set(e, EX_IOERR, "no hash %ju", (uintmax_t)index);
	*out = t->stored[index];
	return 0;
}

static void log_of_vectors(const struct vectors *vectors, struct tree *t)
{
	const json_t *leaf;
	size_t i;

	tree_start(t);
	json_array_foreach(json_arr(vectors->log, "leaves"), i, leaf) {
		const char *text = json_str(leaf, "text");

		tree_grow(t, text, strlen(text));
	}
	assert_int_equal(t->size, 20);
}

static void log_of_numbers(struct tree *t)
{
	tree_start(t);
	for (uint32_t i = 0; i < LEAVES; i++)
		tree_grow(t, &i, sizeof i);
}

static struct digest to_digest(const char *text)
{
	struct digest digest;

	if (strlen(text) == 2 * DIGEST_SIZE)
		assert_int_equal(hex_decode(text, digest.bytes, DIGEST_SIZE), 0);
	else
		assert_int_equal(base64_decode(text, strlen(text), digest.bytes, DIGEST_SIZE), DIGEST_SIZE);
	return digest;
}

static void to_proof(const json_t *array, struct proof *out)
{
	const json_t *text;

	json_array_foreach(array, out->count, text)
		out->hash[out->count] = to_digest(json_string_value(text));
}

static void assert_same_proof(const struct proof *a, const struct proof *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->hash, b->hash, a->count * DIGEST_SIZE);
}

// Each proof of a list is accepted, and is the one that we make.
static void check_inclusion(json_t *list, struct tree *t)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		uint64_t index = (uint64_t)json_int(row, "index"), size = (uint64_t)json_int(row, "size");
		struct proof given, made;

		to_proof(json_arr(row, "proof"), &given);
		assert_true(proof_includes(&given, index, size, &t->leaf[index], &t->root[size]));
		assert_int_equal(proof_of_inclusion(index, size, read_stored, t, &made, NULL), 0);
		assert_same_proof(&made, &given);
	}
}

static void check_consistency(json_t *list, struct tree *t)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		uint64_t old = (uint64_t)json_int(row, "old"), size = (uint64_t)json_int(row, "size");
		struct proof given, made;

		to_proof(json_arr(row, "proof"), &given);
		assert_true(proof_is_consistent(&given, old, &t->root[old], size, &t->root[size]));
		assert_int_equal(proof_of_consistency(old, size, read_stored, t, &made, NULL), 0);
		assert_same_proof(&made, &given);
	}
}

static void proves_as_rfc6962(void **state)
{
	const struct vectors *vectors = *state;
	json_t *reference = json_obj(vectors->proofs, "rfc6962"), *input;
	struct tree t;
	size_t i;

	tree_start(&t);
	json_array_foreach(json_arr(reference, "inputs"), i, input) {
		size_t len = strlen(json_string_value(input)) / 2;
		uint8_t bytes[64];
		struct digest root;

		assert_int_equal(hex_decode(json_string_value(input), bytes, len), 0);
		tree_grow(&t, bytes, len);
		root = to_digest(json_string_value(json_array_get(json_arr(reference, "roots"), i)));
		assert_memory_equal(t.root[i + 1].bytes, root.bytes, DIGEST_SIZE);
	}
	assert_int_equal(json_array_size(json_arr(reference, "inclusion")), 4);
	check_inclusion(json_arr(reference, "inclusion"), &t);
	assert_int_equal(json_array_size(json_arr(reference, "consistency")), 3);
	check_consistency(json_arr(reference, "consistency"), &t);
}

static void proves_as_our_vectors(void **state)
{
	const struct vectors *vectors = *state;
	json_t *head;
	struct tree t;
	size_t i;

	log_of_vectors(vectors, &t);
	json_array_foreach(json_arr(vectors->proofs, "heads"), i, head) {
		struct digest root = to_digest(json_str(head, "root"));

		assert_memory_equal(t.root[json_int(head, "size")].bytes, root.bytes, DIGEST_SIZE);
	}
	assert_int_equal(i, 21);
	assert_int_equal(json_array_size(json_arr(vectors->proofs, "inclusion")), 85);
	check_inclusion(json_arr(vectors->proofs, "inclusion"), &t);
	assert_int_equal(json_array_size(json_arr(vectors->proofs, "consistency")), 85);
	check_consistency(json_arr(vectors->proofs, "consistency"), &t);
}

// One hash over all proofs of all sizes, in the order that the vectors name.
static void all_proofs_as_our_vectors(void **state)
{
	const struct vectors *vectors = *state;
	struct buf bytes = BUF(1 << 20);
	struct digest all, expected;
	struct proof proof;
	struct tree t;

	log_of_vectors(vectors, &t);
	for (uint64_t size = 1; size <= 20; size++) {
		for (uint64_t i = 0; i < size; i++) {
			assert_int_equal(proof_of_inclusion(i, size, read_stored, &t, &proof, NULL), 0);
			assert_int_equal(buf_add(&bytes, proof.hash, proof.count * DIGEST_SIZE), 0);
		}
		for (uint64_t old = 1; old <= size; old++) {
			assert_int_equal(proof_of_consistency(old, size, read_stored, &t, &proof, NULL), 0);
			assert_int_equal(buf_add(&bytes, proof.hash, proof.count * DIGEST_SIZE), 0);
		}
	}
	all = sha256_of(bytes.data, bytes.len);
	buf_free(&bytes);
	expected = to_digest(json_str(vectors->proofs, "sha256_over_all_proofs"));
	assert_memory_equal(all.bytes, expected.bytes, DIGEST_SIZE);
}

// What somebody who edits, deletes, cuts or swaps leaves gets, and that no proof leads from the old root to it.
static void tampering_shows(void **state)
{
	static const struct {
		uint64_t size;
		const char *root;
	} cases[] = { { 20, "root_at_20" }, { 19, "root_at_19" }, { 17, "root_at_17" }, { 20, "root_at_20" } };
	const struct vectors *vectors = *state;
	json_t *tamper = json_arr(vectors->proofs, "tamper"), *leaves = json_arr(vectors->log, "leaves");
	struct tree t, bad[LENGTH(cases)];

	log_of_vectors(vectors, &t);
	assert_int_equal(json_array_size(tamper), LENGTH(cases));
	for (size_t k = 0; k < LENGTH(cases); k++) {
		const json_t *expected = json_array_get(tamper, k);
		struct digest root = to_digest(json_str(expected, cases[k].root));
		const char *differs = json_str_or_null(expected, "must_differ_from");

		tree_start(&bad[k]);
		for (uint64_t i = 0; i < cases[k].size; i++) {
			uint64_t from = k == 1 && i >= 5 ? i + 1 : k == 3 && i == 5 ? 6 : k == 3 && i == 6 ? 5 : i;
			char *text = text_copy(json_str(json_array_get(leaves, from), "text")), *at;

			if (k == 0 && i == 5 && (at = strstr(text, "vote.cast")))
				memcpy(at, "vote.lost", 9);
			tree_grow(&bad[k], text, strlen(text));
			free(text);
		}
		assert_memory_equal(bad[k].root[cases[k].size].bytes, root.bytes, DIGEST_SIZE);
		if (differs) {
			struct digest right = to_digest(differs);

			assert_memory_equal(t.root[cases[k].size].bytes, right.bytes, DIGEST_SIZE);
			assert_memory_not_equal(root.bytes, right.bytes, DIGEST_SIZE);
		} else {
			assert_memory_equal(t.root[cases[k].size].bytes, root.bytes, DIGEST_SIZE);
		}
		for (uint64_t old = 6; old < cases[k].size && k != 2; old++) {
			struct proof proof;

			assert_int_equal(proof_of_consistency(old, cases[k].size, read_stored, &bad[k], &proof, NULL),
			                 0);
			assert_false(proof_is_consistent(&proof, old, &t.root[old], cases[k].size, &root));
		}
	}
}

typedef bool check(const struct proof *proof, const struct tree *t, uint64_t part, uint64_t size);

static bool is_included(const struct proof *proof, const struct tree *t, uint64_t index, uint64_t size)
{
	return proof_includes(proof, index, size, &t->leaf[index], &t->root[size]);
}

static bool is_consistent(const struct proof *proof, const struct tree *t, uint64_t old, uint64_t size)
{
	return proof_is_consistent(proof, old, &t->root[old], size, &t->root[size]);
}

// A right proof passes; with one hash flipped, missing or more, wherever, it does not.
static void check_spoiled(const struct proof *right, const struct tree *t, uint64_t part, uint64_t size, check *accepts)
{
	struct proof spoiled;

	assert_true(accepts(right, t, part, size));
	for (size_t i = 0; i < right->count; i++) {
		spoiled = *right;
		spoiled.hash[i].bytes[(part + size) % DIGEST_SIZE] ^= 1;
		assert_false(accepts(&spoiled, t, part, size));
		spoiled = *right;
		spoiled.count--;
		memmove(&spoiled.hash[i], &spoiled.hash[i + 1], (spoiled.count - i) * DIGEST_SIZE);
		assert_false(accepts(&spoiled, t, part, size));
	}
	for (size_t i = 0; i <= right->count; i++) {
		spoiled = *right;
		memmove(&spoiled.hash[i + 1], &spoiled.hash[i], (spoiled.count - i) * DIGEST_SIZE);
		spoiled.hash[i] = t->root[size];
		spoiled.count++;
		assert_false(accepts(&spoiled, t, part, size));
	}
}

static void every_inclusion(void **state)
{
	struct tree t;

	log_of_numbers(&t);
	for (uint64_t size = 1; size <= LEAVES; size++) {
		for (uint64_t index = 0; index < size; index++) {
			struct digest other = t.root[size];
			struct proof proof;

			assert_int_equal(proof_of_inclusion(index, size, read_stored, &t, &proof, NULL), 0);
			check_spoiled(&proof, &t, index, size, is_included);
			for (uint64_t i = 0; i < size; i++) {
				if (i == index)
					continue;
				assert_false(proof_includes(&proof, i, size, &t.leaf[index], &t.root[size]));
				assert_false(proof_includes(&proof, index, size, &t.leaf[i], &t.root[size]));
			}
			other.bytes[0] ^= 128;
			assert_false(proof_includes(&proof, index, size, &t.leaf[index], &other));
		}
	}
	(void)state;
}

static void every_consistency(void **state)
{
	struct tree t;

	log_of_numbers(&t);
	for (uint64_t size = 1; size <= LEAVES; size++) {
		for (uint64_t old = 1; old <= size; old++) {
			struct proof proof;

			assert_int_equal(proof_of_consistency(old, size, read_stored, &t, &proof, NULL), 0);
			assert_int_equal(proof.count == 0, old == size);
			check_spoiled(&proof, &t, old, size, is_consistent);
			for (uint64_t i = 0; i <= LEAVES; i++) {
				if (i != old)
					assert_false(proof_is_consistent(&proof, old, &t.root[i], size, &t.root[size]));
				if (i != size)
					assert_false(proof_is_consistent(&proof, old, &t.root[old], size, &t.root[i]));
			}
		}
	}
	(void)state;
}

static void at_the_ends(void **state)
{
	struct proof none = { .count = 0 }, one = { .count = 1 }, proof;
	struct digest zero = { { 0 } };
	struct err e;
	struct tree t;

	log_of_numbers(&t);
	assert_false(proof_includes(&none, 0, 0, &t.leaf[0], &t.root[0]));
	assert_false(proof_includes(&none, 1, 1, &t.leaf[0], &t.leaf[0]));
	assert_false(proof_includes(&none, UINT64_MAX, UINT64_MAX, &t.leaf[0], &t.leaf[0]));
	assert_false(proof_includes(&none, UINT64_MAX - 1, UINT64_MAX, &t.leaf[0], &t.leaf[0]));
	assert_true(proof_is_consistent(&none, 0, &t.root[0], 0, &t.root[0]));
	assert_false(proof_is_consistent(&none, 0, &zero, 0, &zero));
	assert_true(proof_is_consistent(&none, 0, &t.root[0], 9, &t.root[9]));
	assert_true(proof_is_consistent(&none, 0, NULL, 9, &t.root[9]));
	assert_false(proof_is_consistent(&one, 0, NULL, 9, &t.root[9]));
	assert_false(proof_is_consistent(&none, 0, &zero, 9, &t.root[9]));
	assert_false(proof_is_consistent(&none, 0, NULL, 0, &t.root[9]));
	assert_true(proof_is_consistent(&none, 9, &t.root[9], 9, &t.root[9]));
	assert_false(proof_is_consistent(&none, 9, &t.root[8], 9, &t.root[9]));
	assert_false(proof_is_consistent(&one, 9, &t.root[9], 9, &t.root[9]));
	assert_false(proof_is_consistent(&none, 9, &t.root[9], 8, &t.root[8]));
	assert_false(proof_is_consistent(&none, 8, &t.root[8], UINT64_MAX, &t.root[8]));
	assert_int_equal(proof_of_consistency(1, 2, read_stored, &t, &proof, NULL), 0);
	assert_false(proof_is_consistent(&proof, 1, &t.root[1], 3, &t.root[2])); // ends below the top of a tree of 3
	assert_int_equal(proof_of_inclusion(9, 9, read_stored, &t, &proof, &e), -1);
	assert_string_equal(e.text, "entry 9 is not in a log of 9 entries");
	assert_int_equal(proof_of_consistency(0, 9, read_stored, &t, &proof, &e), -1);
	assert_int_equal(proof_of_consistency(10, 9, read_stored, &t, &proof, &e), -1);
	assert_string_equal(e.text, "a log of 9 entries has no beginning of 10 entries to prove");
	assert_int_equal(proof_of_inclusion(0, LEAVES + 1, read_stored, &t, &proof, &e), -1); // reading fails
	assert_int_equal(e.code, EX_IOERR);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proves_as_rfc6962),
		cmocka_unit_test(proves_as_our_vectors),
		cmocka_unit_test(all_proofs_as_our_vectors),
		cmocka_unit_test(tampering_shows),
		cmocka_unit_test(every_inclusion),
		cmocka_unit_test(every_consistency),
		cmocka_unit_test(at_the_ends),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

// SPDX-License-Identifier: Apache-2.0
// The Merkle tree against published vectors of RFC 6962 and our own of a log of twenty entries.
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
#include "base/tree.h"

static int setup(void **state)
{
	struct buf text = BUF(1 << 20);

	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/log.json", &text, NULL), 0);
	*state = json_read(text.data, text.len, NULL);
	assert_non_null(*state);
	buf_free(&text);
	return 0;
}

static int teardown(void **state)
{
	json_decref(*state);
	return 0;
}

static void is_hex(const struct digest *digest, const char *hex)
{
	char text[2 * DIGEST_SIZE + 1];

	assert_string_equal(hex_encode(digest->bytes, DIGEST_SIZE, text), hex);
}

static struct digest from_hex(const char *hex)
{
	struct digest digest;

	assert_int_equal(hex_decode(hex, digest.bytes, DIGEST_SIZE), 0);
	return digest;
}

static void hashes_as_rfc6962(void **state)
{
	json_t *reference = json_obj(*state, "rfc6962"), *input;
	struct digest leaf = tree_leaf_hash("L123456", 7);
	struct digest node = sha256_of("\1N123N456", 9); // its children are no digests, so not by tree_node_hash()
	struct tree_edge edge = { 0 };
	struct digest root = tree_root(&edge), stored[65];
	size_t i;

	is_hex(&leaf, json_str(reference, "leaf_hash_of_L123456"));
	is_hex(&node, json_str(reference, "node_hash_N123_N456"));
	is_hex(&root, json_str(reference, "empty_root"));
	json_array_foreach(json_arr(reference, "inputs"), i, input) {
		uint8_t bytes[64];
		size_t len = strlen(json_string_value(input)) / 2;

		assert_int_equal(hex_decode(json_string_value(input), bytes, len), 0);
		leaf = tree_leaf_hash(bytes, len);
		tree_add(&edge, i, &leaf, stored);
		root = tree_root(&edge);
		is_hex(&root, json_string_value(json_array_get(json_arr(reference, "roots"), i)));
	}
	assert_int_equal(i, 8);
}

// Growing leaf by leaf gives every head, and the hashes to store, each in its place.
static void grows_as_the_vectors(void **state)
{
	json_t *leaves = json_arr(*state, "leaves"), *heads = json_arr(*state, "heads");
	json_t *hashes = json_arr(*state, "stored_hashes"), *leaf;
	struct tree_edge edge = { 0 };
	size_t i, place = 0;

	json_array_foreach(leaves, i, leaf) {
		const json_t *head = json_array_get(heads, i);
		struct digest hash = tree_leaf_hash(json_str(leaf, "text"), strlen(json_str(leaf, "text")));
		struct digest root = tree_root(&edge), stored[65];
		size_t n;

		assert_int_equal(json_int(head, "size"), i);
		is_hex(&root, json_str(head, "root"));
		assert_int_equal(tree_stored_count(i), json_int(head, "stored"));
		assert_int_equal(tree_stored_count(i), place);
		is_hex(&hash, json_str(leaf, "hash"));
		n = tree_add(&edge, i, &hash, stored);
		for (size_t k = 0; k < n; k++)
			is_hex(&stored[k], json_string_value(json_array_get(hashes, place++)));
	}
	assert_int_equal(i, 20);
	assert_int_equal(place, json_array_size(hashes));
}

// An edge rebuilt from stored hashes is the edge that grew: reopening a log of any size.
static void edge_is_found_again_in_stored_hashes(void **state)
{
	json_t *heads = json_arr(*state, "heads"), *hashes = json_arr(*state, "stored_hashes"), *head;
	size_t i;

	json_array_foreach(heads, i, head) {
		struct tree_place places[64];
		struct tree_edge edge = { .count = tree_edge_places((uint64_t)json_int(head, "size"), places) };
		struct digest root;

		for (size_t k = 0; k < edge.count; k++) {
			uint64_t at = tree_stored_index(places[k].level, places[k].n);

			assert_true(at < (uint64_t)json_int(head, "stored"));
			edge.hash[k] = from_hex(json_string_value(json_array_get(hashes, at)));
		}
		root = tree_root(&edge);
		is_hex(&root, json_str(head, "root"));
	}
	assert_true(i >= 20);
}

static void stores_by_index(void **state)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(*state, "stored_hash_index"), i, row) {
		assert_int_equal(tree_stored_index((unsigned)json_int(row, "level"), (uint64_t)json_int(row, "n")),
		                 json_int(row, "index"));
	}
	assert_true(i > 5);
}

static void node_hash_is_over_both_children(void **state)
{
	struct digest a = tree_leaf_hash("a", 1), b = tree_leaf_hash("b", 1), ab, ba;
	char bytes[1 + 2 * DIGEST_SIZE] = "\1";
	struct digest expected;

	memcpy(bytes + 1, a.bytes, DIGEST_SIZE);
	memcpy(bytes + 1 + DIGEST_SIZE, b.bytes, DIGEST_SIZE);
	expected = sha256_of(bytes, sizeof bytes);
	ab = tree_node_hash(&a, &b);
	ba = tree_node_hash(&b, &a);
	assert_memory_equal(ab.bytes, expected.bytes, DIGEST_SIZE);
	assert_memory_not_equal(ab.bytes, ba.bytes, DIGEST_SIZE);
	(void)state;
}

static void commitments_as_the_vectors(void **state)
{
	json_t *evidence = json_obj(*state, "evidence"), *version = json_obj(*state, "case_version"), *body;
	uint8_t salt[SALT_SIZE], bytes[256];
	size_t i, len = strlen(json_str(evidence, "bytes")) / 2;
	struct digest digest;

	json_array_foreach(json_arr(*state, "bodies"), i, body) {
		const char *text = json_str(body, "body");

		assert_int_equal(hex_decode(json_str(body, "salt"), salt, SALT_SIZE), 0);
		digest = body_commitment(salt, text, strlen(text));
		is_hex(&digest, json_str(body, "commitment"));
	}
	assert_int_equal(i, 20);
	assert_int_equal(hex_decode(json_str(evidence, "salt"), salt, SALT_SIZE), 0);
	assert_int_equal(hex_decode(json_str(evidence, "bytes"), bytes, len), 0);
	digest = evidence_commitment(salt, bytes, len);
	is_hex(&digest, json_str(evidence, "commitment"));
	digest = sha256((struct piece[]){ PIECE("countersign/case/v1\n"),
	                                  { json_str(version, "text"), strlen(json_str(version, "text")) } },
	                2);
	is_hex(&digest, json_str(version, "hash"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_as_rfc6962),
		cmocka_unit_test(grows_as_the_vectors),
		cmocka_unit_test(edge_is_found_again_in_stored_hashes),
		cmocka_unit_test(stores_by_index),
		cmocka_unit_test(node_hash_is_over_both_children),
		cmocka_unit_test(commitments_as_the_vectors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

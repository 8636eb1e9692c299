// SPDX-License-Identifier: Apache-2.0
// notes make COUNT   - a log of COUNT entries, its heads signed and its proofs made by our code, as JSON on standard
//                      output; tests/interop/notes.go makes and checks the same with Go's packages.
// notes check        - is what stands in such JSON on standard input right, and is it refused when altered?
// tests/system/interop.py runs both.
//
// {"key": VKEY, "leaves": [TEXT], "heads": [NOTE], "inclusion": [{"index", "size", "proof": [BASE64]}],
// "consistency": [{"old", "size", "proof": [BASE64]}], "turn": {"keys": [VKEY, VKEY], "head": NOTE}}: a head that
// introduces a key, signed by both.
#include <stdio.h>
#include <string.h>

#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proof.h"
#include "base/text.h"
#include "base/tree.h"

#define LEAVES_MAX 1024
#define INPUT_MAX (1 << 26)
#define STEP 64                       // every so manieth byte of a head is altered, of the last one each
#define ORIGIN "go.sum database tree" // the one that Go's tlog.ParseTree takes

struct tree {
	struct digest leaf[LEAVES_MAX], root[LEAVES_MAX + 1], stored[2 * LEAVES_MAX];
	struct tree_edge edge;
	uint64_t size, count;
};

static struct tree tree;

static void grow(const char *leaf)
{
	if (tree.size == LEAVES_MAX)
		panic("more than %d leaves", LEAVES_MAX);
	tree.leaf[tree.size] = tree_leaf_hash(leaf, strlen(leaf));
	tree.count += tree_add(&tree.edge, tree.size, &tree.leaf[tree.size], &tree.stored[tree.count]);
	tree.root[++tree.size] = tree_root(&tree.edge);
}

static int read_stored(void *data, uint64_t index, struct digest *out, struct err *e)
{
	(void)data;
	if (index >= tree.count)
		return err_set(e, EX_SOFTWARE, "hash %ju is not stored", (uintmax_t)index);
	*out = tree.stored[index];
	return 0;
}

static void must(int result, const struct err *e)
{
	if (result < 0)
		panic("%s", e->text);
}

// --- make ------------------------------------------------------------------------------------------------------------

static json_t *proof_json(const char *name, uint64_t part, uint64_t size, const struct proof *proof)
{
	json_t *row = json_object(), *hashes = json_array();

	for (size_t i = 0; i < proof->count; i++) {
		_free_ char *hash = base64_encode(proof->hash[i].bytes, DIGEST_SIZE);

		json_add_str(hashes, hash);
	}
	json_put_int(row, name, (int64_t)part);
	json_put_int(row, "size", (int64_t)size);
	json_put(row, "proof", hashes);
	return row;
}

// With a witness's line, which Go does not know and must let pass.
static void add_head(json_t *heads, uint64_t size, const struct note_signer *log, const struct note_signer *witness)
{
	struct checkpoint head = { .origin = ORIGIN, .size = size, .root = tree.root[size] };
	_free_ char *text = checkpoint_text(&head), *mine = NULL, *other = NULL, *whole = NULL;
	struct err e;

	mine = note_sign(log, text, strlen(text), 0, &e);
	other = note_sign(witness, text, strlen(text), 1767226800 + size, &e);
	if (!mine || !other)
		panic("%s", e.text);
	whole = text_format("%s\n%s%s", text, mine, other);
	json_add_str(heads, whole);
}

// The head with which a log goes from one key to another of the same name.
static json_t *turn(uint64_t size, const struct note_signer *old, const struct note_signer *next)
{
	struct checkpoint head = { .origin = ORIGIN, .size = size, .root = tree.root[size] };
	_free_ char *text = checkpoint_text(&head), *first = NULL, *second = NULL, *whole = NULL;
	_free_ char *key = note_key_text(&old->key), *next_key = note_key_text(&next->key);
	struct err e;

	first = note_sign(old, text, strlen(text), 0, &e);
	second = note_sign(next, text, strlen(text), 0, &e);
	if (!first || !second)
		panic("%s", e.text);
	whole = text_format("%s\n%s%s", text, first, second);
	return json_pack("{s:[s, s], s:s}", "keys", key, next_key, "head", whole);
}

static void add_proofs(json_t *inclusion, json_t *consistency, uint64_t size)
{
	struct proof proof;
	struct err e;

	for (uint64_t i = 0; i < size; i++) {
		must(proof_of_inclusion(i, size, read_stored, NULL, &proof, &e), &e);
		json_add(inclusion, proof_json("index", i, size, &proof));
		must(proof_of_consistency(i + 1, size, read_stored, NULL, &proof, &e), &e);
		json_add(consistency, proof_json("old", i + 1, size, &proof));
	}
}

static int make(uint64_t count)
{
	static const uint8_t seeds[3][NOTE_KEY] = { "the seed of a log for the tests",
		                                    "the seed of a witness for tests",
		                                    "the seed of the log's next key" };
	_json_ json_t *out = json_object();
	json_t *leaves = json_array(), *heads = json_array(), *inclusion = json_array(), *consistency = json_array();
	struct note_signer log, next, witness;
	struct err e;

	must(note_signer_make("example.com/countersign", NOTE_ED25519, seeds[0], &log, &e), &e);
	must(note_signer_make("example.com/countersign", NOTE_ED25519, seeds[2], &next, &e), &e);
	must(note_signer_make("witness.example/w1", NOTE_COSIGNATURE, seeds[1], &witness, &e), &e);
	_free_ char *key = note_key_text(&log.key), *witness_key = note_key_text(&witness.key);

	for (uint64_t i = 0; i < count; i++) {
		_free_ char *leaf = text_format("{\"seq\":%ju,\"type\":\"vote.cast\"}", (uintmax_t)i);

		grow(leaf);
		json_add_str(leaves, leaf);
		add_head(heads, tree.size, &log, &witness);
		if ((tree.size & (tree.size - 1)) == 0 || tree.size % 64 == 1 || tree.size == count)
			add_proofs(inclusion, consistency, tree.size);
	}
	json_put_str(out, "key", key);
	json_put_str(out, "witness", witness_key);
	json_put(out, "leaves", leaves);
	json_put(out, "heads", heads);
	json_put(out, "inclusion", inclusion);
	json_put(out, "consistency", consistency);
	json_put(out, "turn", turn(tree.size, &log, &next));
	_free_ char *text = json_text(out);

	return puts(text) < 0;
}

// --- check -----------------------------------------------------------------------------------------------------------

static bool head_holds(const char *bytes, size_t len, const struct note_key *key)
{
	_note_ struct note note = { .count = 0 };
	struct checkpoint head;

	return note_read(bytes, len, &note, NULL) == 0 && note_is_signed(&note, key, NULL) &&
	       checkpoint_read(note.text, note.len, &head, NULL) == 0 && strcmp(head.origin, ORIGIN) == 0 &&
	       head.size <= tree.size && memcmp(head.root.bytes, tree.root[head.size].bytes, DIGEST_SIZE) == 0;
}

// Each head; and none with a bit of its text or signature changed, in every `step`th byte from `first`.
static void check_head(const char *given, const struct note_key *key, size_t first, size_t step)
{
	_free_ char *text = text_copy(given);
	size_t len = strlen(text);
	const char *witness = strstr(text, "\n\xe2\x80\x94 witness");
	size_t end = witness ? (size_t)(witness - text) : len;

	if (!head_holds(text, len, key))
		panic("this head does not hold:\n%s", text);
	for (size_t i = first; i < end; i += step) {
		text[i] ^= 1;
		if (head_holds(text, len, key))
			panic("this altered head was taken:\n%s", text);
		text[i] ^= 1;
	}
}

static bool holds(const struct proof *proof, bool inclusion, uint64_t part, uint64_t size)
{
	if (size > tree.size || part > size)
		return false;
	return inclusion ? proof_includes(proof, part, size, &tree.leaf[part], &tree.root[size])
	                 : proof_is_consistent(proof, part, &tree.root[part], size, &tree.root[size]);
}

// Each proof; and none with a hash changed, missing or more.
static void check_proof(const json_t *row, bool inclusion)
{
	uint64_t size = (uint64_t)json_int(row, "size"), part = (uint64_t)json_int(row, inclusion ? "index" : "old");
	const char *what = inclusion ? "inclusion" : "consistency";
	struct proof proof = { .count = 0 };
	const json_t *hash;
	size_t i;

	json_array_foreach(json_arr(row, "proof"), i, hash) {
		const char *text = json_string_value(hash);

		if (!text || i == PROOF_MAX - 1 ||
		    base64_decode(text, strlen(text), proof.hash[i].bytes, DIGEST_SIZE) != DIGEST_SIZE)
			panic("a proof holds something that is no hash");
		proof.count++;
	}
	if (!holds(&proof, inclusion, part, size))
		panic("the %s proof of %ju in %ju does not hold", what, (uintmax_t)part, (uintmax_t)size);
	for (i = 0; i < proof.count; i++) {
		proof.hash[i].bytes[i] ^= 1;
		if (holds(&proof, inclusion, part, size))
			panic("an altered %s proof of %ju in %ju was taken", what, (uintmax_t)part, (uintmax_t)size);
		proof.hash[i].bytes[i] ^= 1;
	}
	proof.hash[proof.count++] = tree.root[size];
	if (holds(&proof, inclusion, part, size))
		panic("too long a %s proof of %ju in %ju was taken", what, (uintmax_t)part, (uintmax_t)size);
	proof.count -= 2;
	if (proof.count < PROOF_MAX && holds(&proof, inclusion, part, size))
		panic("too short a %s proof of %ju in %ju was taken", what, (uintmax_t)part, (uintmax_t)size);
}

// Under each of the two keys, and under neither when a byte of the text is another.
static void check_turn(const json_t *turn)
{
	_note_ struct note note = { .count = 0 };
	const char *head = json_str(turn, "head");
	struct note_key key;
	struct err e;

	if (!turn)
		return;
	must(note_read(head, strlen(head), &note, &e), &e);
	for (size_t i = 0; i < 2; i++) {
		must(note_key_read(json_string_value(json_array_get(json_arr(turn, "keys"), i)), &key, &e), &e);
		if (!note_is_signed(&note, &key, NULL))
			panic("the head of two keys is not signed by %s", key.name);
		note.text[0] ^= 1;
		if (note_is_signed(&note, &key, NULL))
			panic("the altered head of two keys was taken");
		note.text[0] ^= 1;
	}
}

static int check(void)
{
	_buf_ struct buf text = BUF(INPUT_MAX);
	const json_t *row;
	struct note_key key;
	struct err e;
	size_t i;

	must(fd_read(STDIN_FILENO, "standard input", &text, &e), &e);
	_json_ json_t *in = json_read(text.data, text.len, &e);

	if (!in)
		panic("%s", e.text);
	must(note_key_read(json_str(in, "key"), &key, &e), &e);
	json_array_foreach(json_arr(in, "leaves"), i, row)
		grow(json_string_value(row));
	json_array_foreach(json_arr(in, "heads"), i, row)
		check_head(json_string_value(row), &key, i % STEP, i + 1 == tree.size ? 1 : STEP);
	json_array_foreach(json_arr(in, "inclusion"), i, row)
		check_proof(row, true);
	json_array_foreach(json_arr(in, "consistency"), i, row)
		check_proof(row, false);
	check_turn(json_obj(in, "turn"));
	printf("%zu heads, %zu inclusion and %zu consistency proofs hold\n", json_array_size(json_arr(in, "heads")),
	       json_array_size(json_arr(in, "inclusion")), json_array_size(json_arr(in, "consistency")));
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count;

	tree.root[0] = tree_root(&tree.edge);
	if (argc == 3 && strcmp(argv[1], "make") == 0 && text_decimal(argv[2], strlen(argv[2]), &count) == 0)
		return make(count);
	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return check();
	fprintf(stderr, "usage: notes make COUNT | notes check\n");
	return EX_USAGE;
}

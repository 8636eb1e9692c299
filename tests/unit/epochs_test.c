// SPDX-License-Identifier: Apache-2.0
// Which key's heads count at which size: our vectors, those that must be refused too, and chains of keys that are none.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/epochs.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define ORIGIN "example.com/countersign"

struct fixture {
	json_t *vectors;
	struct note_signer first, second, third; // of one log, in this order
};

static struct note_signer signer_of(const char *origin, const char *seed_hex)
{
	struct note_signer signer;
	uint8_t seed[NOTE_KEY];

	assert_int_equal(hex_decode(seed_hex, seed, NOTE_KEY), 0);
	assert_int_equal(note_signer_make(origin, NOTE_ED25519, seed, &signer, NULL), 0);
	return signer;
}

static int setup(void **state)
{
	static struct fixture f;
	_buf_ struct buf text = BUF(1 << 20);

	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/epochs.json", &text, NULL), 0);
	f.vectors = json_read(text.data, text.len, NULL);
	assert_non_null(f.vectors);
	f.first = signer_of(ORIGIN, json_str(json_obj(f.vectors, "log_key"), "seed_hex"));
	f.second = signer_of(ORIGIN, json_str(json_obj(json_obj(f.vectors, "key_epochs"), "epoch2"), "seed_hex"));
	f.third = signer_of(ORIGIN, "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	json_decref(((struct fixture *)*state)->vectors);
	return 0;
}

// Of the vectors: the successor's entry is the last of the first 16.
static struct epochs two_epochs(const struct fixture *f)
{
	const json_t *vector = json_obj(f->vectors, "key_epochs");
	uint64_t last = (uint64_t)json_int(json_obj(vector, "epoch1"), "last_size");
	struct epochs epochs = { .count = 0 };

	assert_int_equal(epochs_add(&epochs, &f->first.key, &f->second.key, last - 1, NULL), 0);
	return epochs;
}

static void has_the_epochs_of_the_vector(void **state)
{
	const struct fixture *f = *state;
	const json_t *vector = json_obj(f->vectors, "key_epochs");
	struct epochs epochs = two_epochs(f);
	char hex[2 * NOTE_KEY + 1];

	assert_int_equal(epochs.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *epoch = json_obj(vector, i == 0 ? "epoch1" : "epoch2");
		const json_t *last = json_object_get(epoch, "last_size");

		assert_int_equal(epochs.list[i].first, json_int(epoch, "first_size"));
		assert_true(epochs.list[i].last ==
		            (json_is_null(last) ? UINT64_MAX : (uint64_t)json_integer_value(last)));
		assert_string_equal(hex_encode(epochs.list[i].key.id, 4, hex), json_str(epoch, "key_id_hex"));
	}
	assert_string_equal(hex_encode(f->second.key.public, NOTE_KEY, hex),
	                    json_str(json_obj(vector, "epoch2"), "public_hex"));
	assert_true(note_key_same(epochs_key(&epochs, 15), &f->first.key));
	assert_true(note_key_same(epochs_key(&epochs, 16), &f->second.key));
}

enum { FIRST = 1, SECOND = 2, THIRD = 4, WRONG = 8 }; // WRONG: the first one's signature is spoiled

static struct note sign(const struct fixture *f, uint64_t size, int by)
{
	const struct note_signer *signers[] = { &f->first, &f->second, &f->third };
	struct checkpoint head = { .origin = ORIGIN, .size = size };
	_free_ char *text = checkpoint_text(&head);
	_buf_ struct buf whole = BUF(4096);
	struct note note;

	buf_printf(&whole, "%s\n", text);
	for (int i = 0; i < 3; i++) {
		if (by & 1 << i) {
			_free_ char *line = note_sign(signers[i], text, strlen(text), 0, NULL);

			buf_puts(&whole, line);
		}
	}
	assert_int_equal(note_read(whole.data, whole.len, &note, NULL), 0);
	if (by & WRONG)
		note.lines[0].bytes[0] ^= 1;
	return note;
}

static const struct {
	uint64_t size;
	int by;
	const char *words; // of the refusal; NULL when it counts
} heads[] = {
	{ 0, FIRST, NULL },
	{ 8, FIRST, NULL },
	{ 8, SECOND,
	  "by example.com/countersign+0521e55c, whose heads count from 16 entries" }, // the vector's must_reject
	{ 8, FIRST | SECOND, NULL }, // a signature more is nobody's harm
	{ 8, THIRD, "it is not signed by the log's key example.com/countersign+6f595d8e" },
	{ 8, FIRST | WRONG, "it is not signed by the log's key example.com/countersign+6f595d8e" },
	{ 15, FIRST, NULL },
	{ 15, SECOND, "whose heads count from 16 entries" },
	{ 16, FIRST, "it is not signed by the log's key example.com/countersign+0521e55c" },
	{ 16, SECOND, "it is not signed by the log's key example.com/countersign+6f595d8e" },
	{ 16, FIRST | SECOND, NULL },
	{ 16, FIRST | SECOND | WRONG, "+6f595d8e" },
	{ 17, FIRST, "by example.com/countersign+6f595d8e, whose heads count up to 16 entries" },
	{ 17, SECOND, NULL },
	{ 20, FIRST, "up to 16" },
	{ 20, SECOND, NULL },
	{ UINT64_MAX, SECOND, NULL },
};

static void takes_the_key_of_the_size_alone(void **state)
{
	const struct fixture *f = *state;
	struct epochs epochs = two_epochs(f);

	for (size_t i = 0; i < LENGTH(heads); i++) {
		_note_ struct note note = sign(f, heads[i].size, heads[i].by);
		struct err e = { 0 };
		int r = epochs_check(&epochs, &note, heads[i].size, &e);

		if ((r == 0) != !heads[i].words || (r < 0 && (!strstr(e.text, heads[i].words) || e.code != EX_DATAERR)))
			fail_msg("size %ju by %d: %d (%s)", (uintmax_t)heads[i].size, heads[i].by, r, e.text);
	}
}

// The vectors' own heads: those of up to 15 entries count, the one of 20, by the old key, does not.
static void judges_the_heads_of_the_vectors(void **state)
{
	const struct fixture *f = *state;
	struct epochs two = two_epochs(f), one;
	const json_t *head;
	size_t i;

	epochs_begin(&one, &f->first.key);
	json_array_foreach(json_arr(f->vectors, "checkpoints"), i, head) {
		uint64_t size = (uint64_t)json_int(head, "size");
		_note_ struct note note = { .count = 0 };
		const char *text = json_str(head, "signed");

		assert_int_equal(note_read(text, strlen(text), &note, NULL), 0);
		assert_int_equal(epochs_check(&one, &note, size, NULL), 0);
		assert_int_equal(epochs_check(&two, &note, size, NULL), size <= 15 ? 0 : -1);
	}
	assert_int_equal(i, 4);
}

static void goes_on_from_key_to_key(void **state)
{
	const struct fixture *f = *state;
	struct epochs epochs = two_epochs(f);
	_note_ struct note both = { .count = 0 };

	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->third.key, 16, NULL), 0); // the very next entry
	assert_true(epochs_has(&epochs, &f->first.key) && epochs_has(&epochs, &f->third.key));
	both = sign(f, 16, FIRST | SECOND);
	assert_int_equal(epochs_check(&epochs, &both, 16, NULL), 0);
	note_free(&both);
	both = sign(f, 17, SECOND | THIRD);
	assert_int_equal(epochs_check(&epochs, &both, 17, NULL), 0);
	assert_int_equal(epochs_check(&epochs, &both, 16, NULL), -1);
	note_free(&both);
	both = sign(f, 18, SECOND);
	assert_int_equal(epochs_check(&epochs, &both, 18, NULL), -1);
}

static void refuses_what_is_no_chain(void **state)
{
	const struct fixture *f = *state;
	struct note_signer elsewhere = signer_of("example.com/other", "0102030405060708090a0b0c0d0e0f10"
	                                                              "0102030405060708090a0b0c0d0e0f10");
	struct note_signer witness = f->third;
	struct epochs epochs = two_epochs(f);
	struct err e = { 0 };

	assert_int_equal(epochs_add(&epochs, &f->first.key, &f->third.key, 30, &e), -1);
	assert_non_null(strstr(e.text, "entry 30 replaces another key than the log's last"));
	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->first.key, 30, &e), -1);
	assert_non_null(strstr(e.text, "brings a key back"));
	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->second.key, 30, &e), -1);
	assert_int_equal(epochs_add(&epochs, &f->second.key, &elsewhere.key, 30, &e), -1);
	assert_non_null(strstr(e.text, "is none of the log " ORIGIN));
	witness.key.algorithm = NOTE_COSIGNATURE;
	assert_int_equal(epochs_add(&epochs, &f->second.key, &witness.key, 30, &e), -1);
	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->third.key, 15, &e), -1);
	assert_non_null(strstr(e.text, "before the key that it replaces"));
	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->third.key, UINT64_MAX, &e), -1);
	assert_int_equal(epochs.count, 2);
	assert_int_equal(epochs_add(&epochs, &f->second.key, &f->third.key, 30, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_epochs_of_the_vector),    cmocka_unit_test(takes_the_key_of_the_size_alone),
		cmocka_unit_test(judges_the_heads_of_the_vectors), cmocka_unit_test(goes_on_from_key_to_key),
		cmocka_unit_test(refuses_what_is_no_chain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

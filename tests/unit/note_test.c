// SPDX-License-Identifier: Apache-2.0
// Signed notes: the examples of the specification and of Go, our own vectors, and everything that must be refused.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/checkpoint.h"
#include "base/ed25519.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/note.h"
#include "base/text.h"

#define TEXT "what is signed\n"

static int setup(void **state)
{
	struct buf text = BUF(1 << 20);

	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/notes.json", &text, NULL), 0);
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

static struct note_key read_key(const char *text)
{
	struct note_key key;

	assert_int_equal(note_key_read(text, &key, NULL), 0);
	return key;
}

static struct note_signer make_signer(const char *name, enum note_algorithm algorithm, const char *seed_hex)
{
	uint8_t seed[NOTE_KEY];
	struct note_signer signer;

	assert_int_equal(hex_decode(seed_hex, seed, NOTE_KEY), 0);
	assert_int_equal(note_signer_make(name, algorithm, seed, &signer, NULL), 0);
	return signer;
}

static struct note_signer log_signer(const json_t *vectors)
{
	const json_t *key = json_obj(vectors, "log_key");

	return make_signer(json_str(key, "name"), NOTE_ED25519, json_str(key, "seed_hex"));
}

static struct note_signer witness_signer(const json_t *vectors)
{
	const json_t *key = json_obj(vectors, "witness_key");

	return make_signer(json_str(key, "name"), NOTE_COSIGNATURE, json_str(key, "seed_hex"));
}

static bool is_signed(const char *signed_note, const struct note_key *key, uint64_t *time)
{
	_note_ struct note note = { 0 };

	return note_read(signed_note, strlen(signed_note), &note, NULL) == 0 && note_is_signed(&note, key, time);
}

// The text and its signature by a signer are exactly this note.
static void assert_signs(const struct note_signer *signer, const char *signed_note)
{
	_note_ struct note note = { 0 };

	assert_int_equal(note_read(signed_note, strlen(signed_note), &note, NULL), 0);
	_free_ char *line = note_sign(signer, note.text, note.len, 0, NULL);
	_free_ char *whole = text_format("%s\n%s", note.text, line);

	assert_string_equal(whole, signed_note);
	assert_true(is_signed(signed_note, &signer->key, NULL));
}

static void takes_what_others_signed(void **state)
{
	json_t *check;
	size_t i;

	json_array_foreach(json_arr(*state, "external_checks"), i, check) {
		struct note_key key = read_key(json_str(check, "key"));
		const char *private = json_str_or_null(check, "signer");
		_free_ char *text = note_key_text(&key);
		uint64_t time = 7;

		assert_true(is_signed(json_str(check, "signed"), &key, &time));
		assert_int_equal(time, 0);
		assert_string_equal(text, json_str(check, "key"));
		if (private) {
			struct note_signer signer;

			assert_int_equal(note_signer_read(private, &signer, NULL), 0);
			assert_memory_equal(&signer.key, &key, sizeof key);
			assert_signs(&signer, json_str(check, "signed"));
		}
	}
	assert_int_equal(i, 2);
}

static void check_key(const json_t *row, const struct note_signer *signer)
{
	_free_ char *public = note_key_text(&signer->key), *private = note_signer_text(signer);
	const char *private_expected = json_str_or_null(row, "skey_go_format");
	struct note_key key = read_key(json_str(row, "vkey"));
	struct note_signer again;
	char hex[2 * NOTE_KEY + 1];

	assert_string_equal(public, json_str(row, "vkey"));
	assert_string_equal(hex_encode(signer->key.public, NOTE_KEY, hex), json_str(row, "public_hex"));
	assert_string_equal(hex_encode(signer->key.id, 4, hex), json_str(row, "key_id_hex"));
	assert_memory_equal(&key, &signer->key, sizeof key);
	if (private_expected)
		assert_string_equal(private, private_expected);
	assert_int_equal(note_signer_read(private, &again, NULL), 0);
	assert_memory_equal(&again, signer, sizeof again);
}

static void keys_as_the_vectors(void **state)
{
	json_t *second = json_obj(json_obj(*state, "key_epochs"), "epoch2");
	struct note_signer log = log_signer(*state), witness = witness_signer(*state), zero = { 0 }, next;
	char hex[2 * NOTE_KEY + 1];

	check_key(json_obj(*state, "log_key"), &log);
	check_key(json_obj(*state, "witness_key"), &witness);
	next = make_signer(log.key.name, NOTE_ED25519, json_str(second, "seed_hex"));
	assert_string_equal(hex_encode(next.key.public, NOTE_KEY, hex), json_str(second, "public_hex"));
	assert_string_equal(hex_encode(next.key.id, 4, hex), json_str(second, "key_id_hex"));
	note_signer_wipe(&log);
	assert_memory_equal(&log, &zero, sizeof zero);
}

static void signs_as_the_vectors(void **state)
{
	struct note_signer log = log_signer(*state);
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(*state, "checkpoints"), i, row) {
		_note_ struct note note = { 0 };
		const char *whole = json_str(row, "signed");

		assert_int_equal(note_read(whole, strlen(whole), &note, NULL), 0);
		assert_string_equal(note.text, json_str(row, "text"));
		assert_int_equal(note.len, strlen(note.text));
		assert_int_equal(note.count, 1);
		assert_string_equal(note.lines[0].name, log.key.name);
		assert_int_equal(note.lines[0].len, NOTE_SIGNATURE);
		assert_signs(&log, whole);
	}
	assert_int_equal(i, 5);
}

static void cosigns_as_the_vectors(void **state)
{
	const json_t *row = json_obj(*state, "cosignature");
	struct note_signer log = log_signer(*state), witness = witness_signer(*state);
	const char *whole = json_str(row, "checkpoint_with_cosignature"), *message = json_str(row, "signed_message");
	uint64_t when = (uint64_t)json_int(row, "timestamp"), time = 0;
	_note_ struct note note = { 0 };

	assert_int_equal(note_read(whole, strlen(whole), &note, NULL), 0);
	assert_int_equal(note.count, 2);
	assert_string_equal(message + strlen("cosignature/v1\ntime 1767226800\n"), note.text);
	assert_true(note_is_signed(&note, &log.key, &time));
	assert_int_equal(time, 0);
	assert_true(note_is_signed(&note, &witness.key, &time));
	assert_int_equal(time, when);

	_free_ char *line = note_sign(&witness, note.text, note.len, when, NULL);
	_free_ char *later = note_sign(&witness, note.text, note.len, when + 1, NULL);
	_free_ char *both = text_format("%s\n%s%s", note.text, later, line);

	assert_string_equal(line, json_str(row, "line"));
	assert_string_not_equal(line, later);
	assert_true(is_signed(both, &witness.key, &time));
	assert_int_equal(time, when + 1); // the first
	assert_null(note_sign(&witness, note.text, note.len, UINT64_MAX, NULL));
	note.lines[1].bytes[7] ^= 1; // another time than was signed
	assert_false(note_is_signed(&note, &witness.key, &time));
	assert_int_equal(time, 0);
}

// A time beyond 2^63 - 1 is none, even when it is signed (tlog-cosignature).
static void a_time_has_a_bound(void **state)
{
	static const uint64_t times[] = { INT64_MAX, UINT64_C(1) << 63 };
	struct note_signer witness = witness_signer(*state);

	for (size_t i = 0; i < LENGTH(times); i++) {
		_free_ char *message = text_format("cosignature/v1\ntime %ju\n" TEXT, (uintmax_t)times[i]);
		uint8_t bytes[4 + 8 + NOTE_SIGNATURE];

		memcpy(bytes, witness.key.id, 4);
		for (int k = 0; k < 8; k++)
			bytes[4 + k] = (uint8_t)(times[i] >> (56 - 8 * k));
		ed25519_sign(witness.seed, message, strlen(message), bytes + 12);
		_free_ char *coded = base64_encode(bytes, sizeof bytes);
		_free_ char *whole = text_format(TEXT "\n\xe2\x80\x94 %s %s\n", witness.key.name, coded);

		assert_int_equal(is_signed(whole, &witness.key, NULL), i == 0);
	}
}

// Each of the vectors, by the log's key, as a checkpoint of its origin.
static void refuses_as_the_vectors(void **state)
{
	struct note_signer log = log_signer(*state);
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(*state, "must_reject"), i, row) {
		const char *given = json_str_or_null(row, "signed"), *text = json_str_or_null(row, "text");
		_free_ char *line = text ? note_sign(&log, text, strlen(text), 0, NULL) : NULL;
		_free_ char *whole = text ? text_format("%s\n%s", text, line) : text_copy(given);
		_note_ struct note note = { 0 };
		struct checkpoint head;

		assert_false(note_read(whole, strlen(whole), &note, NULL) == 0 &&
		             note_is_signed(&note, &log.key, NULL) &&
		             checkpoint_read(note.text, note.len, &head, NULL) == 0 &&
		             strcmp(head.origin, log.key.name) == 0);
	}
	assert_int_equal(i, 11);
}

// Two heads of one size by one key: both verify, which is the evidence.
static void a_fork_is_provable(void **state)
{
	json_t *pair = json_arr(*state, "fork_evidence_pair");
	struct note_signer log = log_signer(*state);
	struct checkpoint heads[2];

	assert_int_equal(json_array_size(pair), 2);
	for (size_t i = 0; i < 2; i++) {
		const char *whole = json_string_value(json_array_get(pair, i));
		_note_ struct note note = { 0 };

		assert_int_equal(note_read(whole, strlen(whole), &note, NULL), 0);
		assert_true(note_is_signed(&note, &log.key, NULL));
		assert_int_equal(checkpoint_read(note.text, note.len, &heads[i], NULL), 0);
	}
	assert_int_equal(heads[0].size, heads[1].size);
	assert_memory_not_equal(heads[0].root.bytes, heads[1].root.bytes, DIGEST_SIZE);
}

// A key verifies what it signed and nothing else: history that is sealed again with the next key does not pass as the
// old key's.
static void keys_are_told_apart(void **state)
{
	const json_t *row = json_array_get(json_arr(*state, "checkpoints"), 3);
	const char *text = json_str(row, "text");
	struct note_signer log = log_signer(*state);
	struct note_signer next = make_signer(log.key.name, NOTE_ED25519,
	                                      json_str(json_obj(json_obj(*state, "key_epochs"), "epoch2"), "seed_hex"));
	_free_ char *line = note_sign(&next, text, strlen(text), 0, NULL);
	_free_ char *resealed = text_format("%s\n%s", text, line);
	_free_ char *both = text_format("%s%s", json_str(row, "signed"), line);
	struct note_key forged = log.key;

	assert_int_equal(json_int(row, "size"), 8);
	assert_false(is_signed(resealed, &log.key, NULL));
	assert_true(is_signed(resealed, &next.key, NULL));
	assert_true(is_signed(both, &log.key, NULL));
	assert_true(is_signed(both, &next.key, NULL));
	assert_false(is_signed(json_str(row, "signed"), &next.key, NULL));
	memcpy(forged.public, next.key.public, NOTE_KEY); // the right name and id, another key
	assert_false(is_signed(json_str(row, "signed"), &forged, NULL));
	forged = log.key;
	forged.algorithm = NOTE_COSIGNATURE;
	assert_false(is_signed(json_str(row, "signed"), &forged, NULL));
}

// One line of a key that does not verify spoils the note for this key, wherever it stands; lines of others do not.
static void a_false_line_spoils_its_key_only(void **state)
{
	struct note_signer log = log_signer(*state), witness = witness_signer(*state);
	_free_ char *good = note_sign(&log, TEXT, strlen(TEXT), 0, NULL);
	_free_ char *bad = note_sign(&log, "another\n", 8, 0, NULL);
	_free_ char *other = note_sign(&witness, TEXT, strlen(TEXT), 5, NULL);
	_free_ char *first = text_format(TEXT "\n%s%s%s", bad, good, other);
	_free_ char *last = text_format(TEXT "\n%s%s%s", good, other, bad);
	_free_ char *twice = text_format(TEXT "\n%s%s", good, good);

	assert_false(is_signed(first, &log.key, NULL));
	assert_false(is_signed(last, &log.key, NULL));
	assert_true(is_signed(first, &witness.key, NULL));
	assert_true(is_signed(last, &witness.key, NULL));
	assert_true(is_signed(twice, &log.key, NULL));
	(void)state;
}

// No bit of a note can change without the note being refused.
static void every_bit_counts(void **state)
{
	struct note_signer log = log_signer(*state);
	const char *whole = json_str(json_array_get(json_arr(*state, "checkpoints"), 4), "signed");
	_free_ char *changed = text_copy(whole);

	for (size_t i = 0; i < 8 * strlen(whole); i++) {
		_note_ struct note note = { 0 };

		changed[i / 8] ^= (char)(1 << i % 8);
		assert_false(note_read(changed, strlen(whole), &note, NULL) == 0 &&
		             note_is_signed(&note, &log.key, NULL));
		changed[i / 8] ^= (char)(1 << i % 8);
	}
	assert_true(is_signed(changed, &log.key, NULL));
}

static void texts_of_all_shapes(void **state)
{
	static const char *const texts[] = { "\n", "\n\n", "a\n\n\nb\n", "ü – 許諾\n",
		                             "a\n\n\xe2\x80\x94 name QUJDREVG\n" };
	static const struct {
		const char *text;
		size_t len;
	} bad[] = { { "", 0 },     { "a", 1 },      { "a\r\n", 3 },  { "a\0\n", 3 },
		    { "\t\n", 2 }, { "\x1b\n", 2 }, { "\xff\n", 2 }, { "\xed\xa0\x80\n", 4 } };
	struct note_signer log = log_signer(*state);

	for (size_t i = 0; i < LENGTH(texts); i++) {
		_free_ char *line = note_sign(&log, texts[i], strlen(texts[i]), 0, NULL);
		_free_ char *whole = text_format("%s\n%s", texts[i], line);
		_note_ struct note note = { 0 };

		assert_int_equal(note_read(whole, strlen(whole), &note, NULL), 0);
		assert_string_equal(note.text, texts[i]);
		assert_true(note_is_signed(&note, &log.key, NULL));
	}
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_null(note_sign(&log, bad[i].text, bad[i].len, 0, NULL));
}

static void refuses_malformed_notes(void **state)
{
#define LINE "\xe2\x80\x94 name QUJDREVG\n"
	static const struct {
		const char *note;
		const char *says;
	} cases[] = {
		{ "", "no empty line" },
		{ "a\n", "no empty line" },
		{ LINE, "no empty line" },
		{ "\n" LINE, "no empty line" },
		{ "a\n\n", "no signature" },
		{ "a\n\n" LINE "\n", "no signature" },
		{ "a\n\nb\n", "signature 1" },
		{ "a\n\n" LINE "b\n", "signature 2" },
		{ "a\n\n\xe2\x80\x94 name QUJDREVG", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name QUJDREVG \n", "signature 1" },
		{ "a\n\n\xe2\x80\x94  name QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name  QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94name QUJDREVG\n", "signature 1" },
		{ "a\n\n \xe2\x80\x94 name QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x93 name QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name \n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 \n", "signature 1" },
		{ "a\n\n\xe2\x80\x94\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 na+me QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 na\u00a0me QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 na\u2003me QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 na\u3000me QUJDREVG\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name QUJDRA==\n", "signature 1" }, // an id alone
		{ "a\n\n\xe2\x80\x94 name QUJDREV=\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name QUJDREU\n", "signature 1" },
		{ "a\n\n\xe2\x80\x94 name QUJD-EVG\n", "signature 1" },
		{ "a\t\n\n" LINE, "control characters" },
		{ "a\r\n\r\n" LINE, "control characters" },
		{ "a\xc0\x8a\n\n" LINE, "UTF-8" },
		{ "a\xff\n\n" LINE, "UTF-8" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_note_ struct note note = { 0 };
		struct err e;

		assert_int_equal(note_read(cases[i].note, strlen(cases[i].note), &note, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, cases[i].says));
	}
	(void)state;
}

// Bounds: signatures, bytes, a name; a signature that is longer than ours is carried without its bytes.
static void bounds(void **state)
{
	struct note_signer log = log_signer(*state);
	struct buf text = BUF(1 << 20);
	char name[NOTE_NAME_MAX + 2], long_signature[4 * 2000 + 1];
	struct note_signer signer;
	_note_ struct note note = { 0 };
	_free_ char *line = note_sign(&log, TEXT, strlen(TEXT), 0, NULL);
	struct err e;

	memset(long_signature, 'A', sizeof long_signature - 1);
	long_signature[sizeof long_signature - 1] = '\0';
	buf_printf(&text, TEXT "\n%s\xe2\x80\x94 %s %s\n", line, log.key.name, long_signature);
	for (size_t i = 2; i < NOTE_LINES_MAX; i++)
		buf_puts(&text, LINE);
	assert_int_equal(note_read(text.data, text.len, &note, &e), 0);
	assert_int_equal(note.count, NOTE_LINES_MAX);
	assert_int_equal(note.lines[1].len, 0);
	assert_true(note_is_signed(&note, &log.key, NULL));
	note_free(&note);
	buf_puts(&text, LINE);
	assert_int_equal(note_read(text.data, text.len, &note, &e), -1);
	assert_string_equal(e.text, "the note has more than 64 signatures");
	text.len = 0;
	while (text.len <= NOTE_MAX)
		buf_puts(&text, "more\n");
	assert_int_equal(note_read(text.data, text.len, &note, &e), -1);
	assert_string_equal(e.text, "the note has more than 65536 bytes");
	assert_null(note_sign(&log, text.data, text.len, 0, NULL));
	buf_free(&text);
	memset(name, 'n', sizeof name);
	name[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(note_signer_make(name, NOTE_ED25519, log.seed, &signer, NULL), -1);
	name[NOTE_NAME_MAX] = '\0';
	assert_int_equal(note_signer_make(name, NOTE_ED25519, log.seed, &signer, NULL), 0);
	assert_int_equal(note_signer_make("", NOTE_ED25519, log.seed, &signer, NULL), -1);
	assert_int_equal(note_signer_make("a b", NOTE_ED25519, log.seed, &signer, NULL), -1);
}

static void refuses_malformed_keys(void **state)
{
#define KEY "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
	static const struct {
		const char *key;
		const char *says;
	} cases[] = {
		{ "", "NAME+ID+BASE64" },
		{ "example.com/countersign", "NAME+ID+BASE64" },
		{ "example.com/countersign+6f595d8e", "NAME+ID+BASE64" },
		{ "+6f595d8e+" KEY, "a key's name" },
		{ "exa mple+6f595d8e+" KEY, "a key's name" },
		{ "example.com/countersign+6F595D8E+" KEY, "8 hexadecimal digits" },
		{ "example.com/countersign+6f595d8+" KEY, "8 hexadecimal digits" },
		{ "example.com/countersign+6f595d8e0+" KEY, "8 hexadecimal digits" },
		{ "example.com/countersign+6f595d8x+" KEY, "8 hexadecimal digits" },
		{ "example.com/countersign++" KEY, "8 hexadecimal digits" },
		{ "example.com/countersign+6f595d8f+" KEY, "does not fit" },
		{ "example.com/countersigm+6f595d8e+" KEY, "does not fit" },
		{ "example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG5", "does not fit" },
		{ "example.com/countersign+6f595d8e+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", "does not fit" },
		{ "example.com/countersign+6f595d8e+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", "kind 2" },
		{ "example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVQ==", "33 bytes" },
		{ "example.com/countersign+6f595d8e+" KEY "AAAA", "33 bytes" },
		{ "example.com/countersign+6f595d8e+" KEY "\n", "33 bytes" },
		{ "example.com/countersign+6f595d8e+", "33 bytes" },
		{ "PRIVATE+KEY+example.com/countersign+6f595d8e+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
		  "private key" },
		{ "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
		  "33 bytes" }, // of Go's tests
		{ "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "kind 101" },
	};
	struct note_key key;

	assert_int_equal(note_key_read("example.com/countersign+6f595d8e+" KEY, &key, NULL), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e;

		assert_int_equal(note_key_read(cases[i].key, &key, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, cases[i].says));
	}
	(void)state;
}

static void refuses_malformed_private_keys(void **state)
{
#define SEED "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	static const char *const cases[] = {
		"",
		"example.com/countersign+6f595d8e+" SEED,
		"PRIVATE+KEY+",
		"PRIVATE+KEY+example.com/countersign",
		"PRIVATE+KEY+example.com/countersign+6f595d8e",
		"PRIVATE+KEY+example.com/countersign+6f595d8f+" SEED,
		"PRIVATE+KEY+example.com/countersignx+6f595d8e+" SEED,
		"private+key+example.com/countersign+6f595d8e+" SEED,
		"PRIVATE+KEY+example.com/countersign+6f595d8e+" SEED " ",
		"PRIVATE+KEY+example.com/countersign+6f595d8e+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
		"PRIVATE+KEY+" SEED,
		SEED,
	};
	struct note_signer signer;

	assert_int_equal(note_signer_read("PRIVATE+KEY+example.com/countersign+6f595d8e+" SEED, &signer, NULL), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e;

		assert_int_equal(note_signer_read(cases[i], &signer, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_null(strstr(e.text, "AgMEBQ")); // no error tells the secret
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_others_signed),
		cmocka_unit_test(keys_as_the_vectors),
		cmocka_unit_test(signs_as_the_vectors),
		cmocka_unit_test(cosigns_as_the_vectors),
		cmocka_unit_test(a_time_has_a_bound),
		cmocka_unit_test(refuses_as_the_vectors),
		cmocka_unit_test(a_fork_is_provable),
		cmocka_unit_test(keys_are_told_apart),
		cmocka_unit_test(a_false_line_spoils_its_key_only),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(texts_of_all_shapes),
		cmocka_unit_test(refuses_malformed_notes),
		cmocka_unit_test(bounds),
		cmocka_unit_test(refuses_malformed_keys),
		cmocka_unit_test(refuses_malformed_private_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

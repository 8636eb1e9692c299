// SPDX-License-Identifier: Apache-2.0
// Reply tokens: the vectors byte by byte, every field of the binding, keys that retire, and addresses that carry
// tokens.
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
#include "bot/address.h"
#include "bot/token.h"

#define TOKEN "2c0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1jsw"
#define OTHER_KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct fixture {
	json_t *vectors; // tests/unit/vectors/tokens.json
	json_t *token;   // its "reply_token"
	struct token_keys keys;
	struct token_binding binding;
	uint8_t id[TOKEN_ID];
};

static int setup(void **state)
{
	static struct fixture f;
	struct buf text = BUF(65536);
	char line[128];

	memset(&f, 0, sizeof f);
	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/tokens.json", &text, NULL), 0);
	f.vectors = json_read(text.data, text.len, NULL);
	assert_non_null(f.vectors);
	buf_free(&text);
	f.token = json_obj(f.vectors, "reply_token");
	snprintf(line, sizeof line, "%d %s\n", (int)json_int(f.vectors, "key_id"), json_str(f.vectors, "key"));
	assert_int_equal(token_keys_read(line, &f.keys, NULL), 0);
	assert_int_equal(hex_decode(json_str(f.token, "id"), f.id, TOKEN_ID), 0);
	f.binding = (struct token_binding){
		.purpose = (uint8_t)json_int(f.token, "purpose"),
		.case_id = json_str(f.token, "case"),
		.version = (uint32_t)json_int(f.token, "version"),
		.principal = json_str(f.token, "principal"),
		.address = json_str(f.token, "address"),
		.expires = json_int(f.token, "expires"),
	};
	assert_int_equal(hex_decode(json_str(f.token, "content"), f.binding.content.bytes, DIGEST_SIZE), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	json_decref(((struct fixture *)*state)->vectors);
	return 0;
}

static bool accepts(const struct fixture *f, const char *text)
{
	struct token token;

	return token_decode(text, strlen(text), &token) == 0 && token_matches(&f->keys, &token, &f->binding);
}

static void mints_the_vector(void **state)
{
	const struct fixture *f = *state;
	char text[TOKEN_TEXT];
	struct token token;
	uint8_t mac[16];

	token_mint(&f->keys, f->id, &f->binding, text);
	assert_string_equal(text, json_str(f->token, "token"));
	assert_int_equal(token_decode(text, 40, &token), 0);
	assert_int_equal(token.key_id, 3);
	assert_memory_equal(token.id, f->id, TOKEN_ID);
	assert_int_equal(hex_decode(json_str(f->token, "mac"), mac, sizeof mac), 0);
	assert_memory_equal(token.mac, mac, sizeof mac);
}

static void accepts_other_spellings_and_no_others(void **state)
{
	const struct fixture *f = *state;
	json_t *item;
	size_t i;

	assert_true(accepts(f, TOKEN));
	assert_int_equal(json_array_size(json_arr(f->token, "accepted")), 2);
	json_array_foreach(json_arr(f->token, "accepted"), i, item)
		assert_true(accepts(f, json_string_value(item)));
	assert_int_equal(json_array_size(json_arr(f->token, "rejected")), 6);
	json_array_foreach(json_arr(f->token, "rejected"), i, item)
		assert_false(accepts(f, json_str(item, "token")));
	assert_false(accepts(f, ""));
	assert_false(accepts(f, "\xd9\xa2"
	                        "c0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1js")); // an Arabic digit two, 40 bytes
}

static void every_flipped_bit_is_seen(void **state)
{
	const struct fixture *f = *state;
	uint8_t bytes[25];
	char text[TOKEN_TEXT];

	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		assert_int_equal(base32_decode(TOKEN, 40, bytes, sizeof bytes), 0);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(accepts(f, base32_encode(bytes, sizeof bytes, text)));
	}
}

static void other_bindings_have_other_macs(void **state)
{
	const struct fixture *f = *state;
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(f->token, "other_bindings"), i, item) {
		struct token_binding other = f->binding;
		struct token token;
		char text[TOKEN_TEXT], hex[33];

		if (json_int(item, "version"))
			other.version = (uint32_t)json_int(item, "version");
		if (json_str_or_null(item, "principal"))
			other.principal = json_str(item, "principal");
		if (json_str_or_null(item, "address"))
			other.address = json_str(item, "address");
		if (json_str_or_null(item, "content"))
			assert_int_equal(hex_decode(json_str(item, "content"), other.content.bytes, DIGEST_SIZE), 0);
		token_mint(&f->keys, f->id, &other, text);
		assert_int_equal(token_decode(text, 40, &token), 0);
		assert_string_equal(hex_encode(token.mac, 16, hex), json_str(item, "mac"));
		assert_false(accepts(f, text));
	}
}

static void each_field_is_bound(void **state)
{
	const struct fixture *f = *state;
	struct token_binding b[9];
	struct token token;
	char long_a[600], long_b[600];

	for (size_t i = 0; i < LENGTH(b); i++)
		b[i] = f->binding;
	b[0].purpose = TOKEN_TALK;
	b[1].case_id = "CS-2";
	b[2].version = 2;
	b[3].content.bytes[31] ^= 1;
	b[4].principal = "person:mal";
	b[5].address = "mal@example.com";
	b[6].expires++;
	b[7].principal = "person:bob"; // the border between two texts
	b[7].address = "@example.com";
	b[8].case_id = "";
	assert_int_equal(token_decode(TOKEN, 40, &token), 0);
	for (size_t i = 0; i < LENGTH(b); i++)
		assert_false(token_matches(&f->keys, &token, &b[i]));
	b[0] = f->binding;
	b[0].address = "BO@Example.COM"; // bound in its normal form
	assert_true(token_matches(&f->keys, &token, &b[0]));

	// An address of any length is bound, and bound whole.
	memset(long_a, 'a', sizeof long_a - 1);
	long_a[sizeof long_a - 1] = '\0';
	memcpy(long_b, long_a, sizeof long_b);
	long_b[598] = 'b';
	b[0].address = long_a;
	b[1] = b[0];
	b[1].address = long_b;
	char text[TOKEN_TEXT];
	token_mint(&f->keys, f->id, &b[0], text);
	assert_int_equal(token_decode(text, 40, &token), 0);
	assert_true(token_matches(&f->keys, &token, &b[0]));
	assert_false(token_matches(&f->keys, &token, &b[1]));
}

static void retired_keys_still_count(void **state)
{
	const struct fixture *f = *state;
	struct token_keys rotated, gone;
	char both[256], text[TOKEN_TEXT];
	struct token token;

	snprintf(both, sizeof both, "# new\n4 " OTHER_KEY "\n\n3 %s", json_str(f->vectors, "key"));
	assert_int_equal(token_keys_read(both, &rotated, NULL), 0);
	assert_int_equal(token_keys_read("4 " OTHER_KEY "\n", &gone, NULL), 0);
	assert_int_equal(token_decode(TOKEN, 40, &token), 0);
	assert_true(token_matches(&rotated, &token, &f->binding));
	assert_false(token_matches(&gone, &token, &f->binding)); // never issued here

	token_mint(&rotated, f->id, &f->binding, text);
	assert_string_not_equal(text, TOKEN);
	assert_int_equal(token_decode(text, 40, &token), 0);
	assert_int_equal(token.key_id, 4);
	assert_false(token_matches(&f->keys, &token, &f->binding)); // another instance
}

static void bad_keys_are_named_without_showing_them(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "there is none" },
		{ "# only a comment\n", "there is none" },
		{ "3 " OTHER_KEY "0\n", "line 1" },
		{ "\n3 00112233\n", "line 2" },
		{ "3" OTHER_KEY "\n", "line 1" },
		{ "16 " OTHER_KEY "\n", "0 to 15" },
		{ "-1 " OTHER_KEY "\n", "0 to 15" },
		{ "3 " OTHER_KEY "\n3 " OTHER_KEY "\n", "twice" },
		{ OTHER_KEY "\n", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct token_keys keys;
		struct err e = { 0 };

		assert_int_equal(token_keys_read(cases[i].text, &keys, &e), -1);
		assert_non_null(strstr(e.text, cases[i].says));
		assert_null(strstr(e.text, "00112233"));
	}
}

static void addresses_that_carry(void **state)
{
	static const struct {
		const char *address;
		int status;
	} cases[] = {
		{ "licensing+" TOKEN "@example.com", 1 },
		{ "LICENSING+2C0J6HB7H6NWVVSVKCRZ3XPPP6Q90S7XFT3X1JSW@EXAMPLE.COM", 1 },
		{ "licensing+2coj6hb7h6nwvvsvkcrz3xppp6q9os7xft3xljsw@example.com", 1 },
		{ "licensing@example.com", 0 },
		{ "licensing@evil.example", 0 },
		{ "licensing+" TOKEN "@example.com.evil.example", 0 },
		{ "licensing+" TOKEN "@evil.example", 0 },
		{ "licensing-" TOKEN "@example.com", 0 },
		{ "licensing%2b" TOKEN "@example.com", 0 },
		{ "licensing " TOKEN "@example.com", 0 },
		{ "licensing=" TOKEN "@example.com", 0 },
		{ "licence+" TOKEN "@example.com", 0 },
		{ "lic@example.com", 0 },
		{ "", 0 },
		{ "@example.com", 0 },
		{ "licensing+" TOKEN, 0 },
		{ "licensing+@example.com", -1 },
		{ "licensing+news@example.com", -1 },
		{ "licensing+=" TOKEN "@example.com", -1 },
		{ "licensing+" TOKEN "0@example.com", -1 },
		{ "licensing+" TOKEN "@x@example.com", -1 },
		{ "licensing+4c0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1jsw@example.com", -1 },
		{ "licensing+uc0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1jsw@example.com", -1 },
	};
	const struct fixture *f = *state;
	char out[TOKEN_TEXT], address[128];

	for (size_t i = 0; i < LENGTH(cases); i++) {
		int status = token_in_address(cases[i].address, "Licensing@Example.com", out);

		if (status != cases[i].status)
			fail_msg("%s: %d", cases[i].address, status);
		if (status == 1)
			assert_string_equal(out, TOKEN);
	}
	token_address(json_str(f->token, "mailbox"), TOKEN, address, sizeof address);
	assert_string_equal(address, json_str(f->token, "in_address"));
}

static void addresses_as_keys(void **state)
{
	char *normal = address_normal("Bo.Baggins@Example.COM");

	(void)state;
	assert_string_equal(normal, "bo.baggins@example.com");
	free(normal);
	assert_true(address_same("BO@example.com", "bo@EXAMPLE.com"));
	assert_false(address_same("bo@example.com", "bo@example.co"));
	assert_string_equal(address_domain("a@b@example.com"), "example.com");
	assert_null(address_domain("example.com"));
	assert_null(address_domain("@example.com"));
	assert_null(address_domain("bo@"));
}

// What an editor of the database could change: each must break the seal.
static void a_seal_covers_the_binding_and_is_no_token(void **state)
{
	struct fixture *f = *state;
	struct token_binding b[] = {
		f->binding, f->binding, f->binding, f->binding, f->binding, f->binding, f->binding
	};
	const uint8_t id[TOKEN_ID] = { 1, 2, 3 }, other[TOKEN_ID] = { 1, 2, 4 };
	uint8_t seal[TOKEN_SEAL], broken[TOKEN_SEAL];
	char text[TOKEN_TEXT];
	struct token token;

	token_seal(&f->keys, id, &f->binding, seal);
	assert_true(token_sealed(&f->keys, id, &f->binding, seal));
	assert_false(token_sealed(&f->keys, other, &f->binding, seal));
	b[0].purpose = TOKEN_TALK;
	b[1].case_id = "CS-2";
	b[2].version++;
	b[3].content.bytes[31] ^= 1;
	b[4].principal = "person:mal";
	b[5].address = "mal@example.com";
	b[6].expires++;
	for (size_t i = 0; i < LENGTH(b); i++)
		assert_false(token_sealed(&f->keys, id, &b[i], seal));
	for (size_t i = 0; i < sizeof seal; i++) {
		memcpy(broken, seal, sizeof seal);
		broken[i] ^= 1;
		assert_false(token_sealed(&f->keys, id, &f->binding, broken));
	}
	token_mint(&f->keys, id, &f->binding, text);
	assert_int_equal(token_decode(text, strlen(text), &token), 0);
	assert_memory_not_equal(token.mac, seal + 1, sizeof token.mac);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mints_the_vector),
		cmocka_unit_test(accepts_other_spellings_and_no_others),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(other_bindings_have_other_macs),
		cmocka_unit_test(each_field_is_bound),
		cmocka_unit_test(a_seal_covers_the_binding_and_is_no_token),
		cmocka_unit_test(retired_keys_still_count),
		cmocka_unit_test(bad_keys_are_named_without_showing_them),
		cmocka_unit_test(addresses_that_carry),
		cmocka_unit_test(addresses_as_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

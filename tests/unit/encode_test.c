// SPDX-License-Identifier: Apache-2.0
// Base64: the vectors of RFC 4648 section 10, and everything that is not the one right spelling.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"

static void encodes_as_rfc4648(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t len = strlen(cases[i][0]);
		_free_ char *text = base64_encode(cases[i][0], len);
		char bytes[16];

		assert_string_equal(text, cases[i][1]);
		assert_int_equal(base64_decode(text, strlen(text), bytes, sizeof bytes), len);
		assert_memory_equal(bytes, cases[i][0], len);
	}
	(void)state;
}

static void every_length_comes_back(void **state)
{
	uint8_t bytes[256] = { 0 }, back[256];

	for (size_t len = 0; len <= sizeof bytes; len++) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 167 + len);
		_free_ char *text = base64_encode(bytes, len);

		assert_int_equal(base64_decode(text, strlen(text), back, len), len);
		assert_memory_equal(back, bytes, len);
		if (len)
			assert_int_equal(base64_decode(text, strlen(text), back, len - 1), -1); // no room
	}
	(void)state;
}

static void refuses_other_spellings(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "Z", 1 },        { "Zg", 2 },         { "Zg=", 3 },       { "Zh==", 4 },     { "Zm9=", 4 },
		{ "Zg==\n", 5 },   { "Zm9v\n", 5 },     { " Zm9", 4 },      { "Zm 9", 4 },     { "Zm9v Zm9v", 9 },
		{ "Zg==Zg==", 8 }, { "Zg=v", 4 },       { "=m9v", 4 },      { "====", 4 },     { "Z===", 4 },
		{ "Zm-_", 4 },     { "Zm9\0", 4 },      { "\0\0\0\0", 4 },  { "Zm9*", 4 },     { "Zm9v====", 8 },
		{ "Zm\r\n", 4 },   { "Z\xc3\xa9v", 4 }, { "Zm9vYmFy=", 9 }, { "Zm8=Zm9v", 8 },
	};
	uint8_t out[16];

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(base64_decode(cases[i].text, cases[i].len, out, sizeof out), -1);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_as_rfc4648),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(refuses_other_spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

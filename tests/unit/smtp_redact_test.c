// SPDX-License-Identifier: Apache-2.0
// No reply token leaves in a sentence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/smtp/redact.h"
#include "base/auto.h"

#define TOKEN "2c0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1jsw"

static const struct {
	const char *given, *expected;
} cases[] = {
	{ "", "" },
	{ "250 2.0.0 Ok: queued as 4C9x2", "250 2.0.0 Ok: queued as 4C9x2" },
	{ "bo@example.com", "bo@example.com" },
	{ "licensing+" TOKEN "@example.com", "licensing+2c0j@example.com" },
	{ "550 <licensing+" TOKEN "@example.com>: no such user", "550 <licensing+2c0j@example.com>: no such user" },
	{ "<a+" TOKEN "@x> and <b+" TOKEN "@x>", "<a+2c0j@x> and <b+2c0j@x>" },
	{ "bounce+licensing+" TOKEN "=example.com@relay", "bounce+lice@relay" },
	{ "the text ends in licensing+" TOKEN, "the text ends in licensing+2c0j" },
	{ "a short tag: bo+abc@example.com, c++ and 1+1", "a short tag: bo+abc@example.com, c++ and 1+1" },
	{ "250 OK <cs1.9.abcdefghijklmnop.tokenid12345.mac1234567890abc@example.com>",
	  "250 OK <cs1.9.ab@example.com>" },
	{ "ends in +", "ends in +" },
	{ "two\r\nlines\x1b[31m and gr\xc3\xbc\xc3\x9f\xff", "two  lines [31m and gr?????" },
};

static void cut_to_four(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char text[256];

		snprintf(text, sizeof text, "%s", cases[i].given);
		assert_string_equal(redact(text), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cut_to_four) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

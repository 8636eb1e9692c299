// SPDX-License-Identifier: Apache-2.0
// Who wrote it: what is one plain mailbox, and what only looks like one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/mime/address.h"
#include "adapters/mime/charset.h"
#include "adapters/mime/words.h"
#include "base/auto.h"
#include "base/json.h"

static struct charsets *charsets;

static void one_plain_mailbox(void **state)
{
	static const struct {
		const char *value;
		const char *address; // NULL = refused
		const char *name;
	} table[] = {
		{ "bo@example.com", "bo@example.com", NULL },
		{ "  bo@EXAMPLE.com  ", "bo@example.com", NULL },
		{ "Bo.Lind@example.com", "Bo.Lind@example.com", NULL },
		{ "<bo@example.com>", "bo@example.com", NULL },
		{ "Bo Lind <bo@example.com>", "bo@example.com", "Bo Lind" },
		{ "Bo X. Lind<bo@example.com>", "bo@example.com", "Bo X. Lind" },
		{ "\"Lind, Bo\" <bo@example.com>", "bo@example.com", "Lind, Bo" },
		{ "\"a\\\"b\" c <bo@example.com>", "bo@example.com", "a\"b c" },
		{ "bo@example.com (Bo Lind)", "bo@example.com", "Bo Lind" },
		{ "(x) Bo (y (z)) <bo@example.com> (w)", "bo@example.com", "Bo" },
		{ "=?utf-8?q?B=C3=B6?= <bo@example.com>", "bo@example.com", "B\xc3\xb6" },
		{ "\"bo b\"@example.com", "\"bo b\"@example.com", NULL },
		{ "bo@b\xc3\xbc"
		  "cher.example",
		  "bo@xn--bcher-kva.example", NULL },
		{ "bo+x=y@a_b.example", "bo+x=y@a_b.example", NULL },
		{ "=?utf-8?q?bo?=@example.com", "=?utf-8?q?bo?=@example.com",
		  NULL }, // an odd local part, never decoded

		{ "", NULL, NULL },
		{ "bo", NULL, NULL },
		{ "bo@", NULL, NULL },
		{ "@example.com", NULL, NULL },
		{ "bo@example.com,", NULL, NULL },
		{ "bo@example.com, mal@evil.example", NULL, NULL },
		{ "bo@example.com mal@evil.example", NULL, NULL },
		{ "bo@example.com <mal@evil.example>", NULL, NULL },
		{ "<bo@example.com> <mal@evil.example>", NULL, NULL },
		{ "<bo@example.com> mal", NULL, NULL },
		{ "<bo@example.com", NULL, NULL },
		{ "bo @example.com", NULL, NULL },
		{ "bo@ example.com", NULL, NULL },
		{ "bo@example.com>", NULL, NULL },
		{ "<bo@(x)example.com>", NULL, NULL },
		{ "bo(x)@example.com", NULL, NULL },
		{ "< bo@example.com>", NULL, NULL },
		{ "<@a,@b:bo@example.com>", NULL, NULL },
		{ "x: bo@example.com;", NULL, NULL },
		{ "undisclosed-recipients:;", NULL, NULL },
		{ "Lind, Bo <bo@example.com>", NULL, NULL },
		{ "bo@[192.0.2.1]", NULL, NULL },
		{ "bo@exam ple.com", NULL, NULL },
		{ "bo@example..com", NULL, NULL },
		{ "bo@-example.com", NULL, NULL },
		{ "bo@example-.com", NULL, NULL },
		{ "bo@example.com.", NULL, NULL },
		{ "bo@evil.example\\@example.com", NULL, NULL },
		{ "bo@evil@example.com", NULL, NULL },
		{ ".bo@example.com", NULL, NULL },
		{ "bo.@example.com", NULL, NULL },
		{ "b..o@example.com", NULL, NULL },
		{ "\"bo@example.com", NULL, NULL },
		{ "bo@example.com (x", NULL, NULL },
		{ "\xff@example.com", NULL, NULL },
		{ "bo@\xff.example", NULL, NULL },
		{ "\"b\to\"@example.com", NULL, NULL },
		{ "bo\r@example.com", NULL, NULL },
		{ "a123456789a123456789a123456789a123456789a123456789a123456789a1234@example.com", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_mailbox_ struct mailbox m = { 0 };
		int result = mailbox_read(charsets, table[i].value, &m);
		const char *name = m.name ? m.name : "";

		if ((result == 0) != (table[i].address != NULL))
			fail_msg("\"%s\": %s", table[i].value, result == 0 ? m.address : "refused");
		if (result == 0 && strcmp(m.address, table[i].address) != 0)
			fail_msg("\"%s\": %s, not %s", table[i].value, m.address, table[i].address);
		if (result == 0 && strcmp(name, table[i].name ? table[i].name : "") != 0)
			fail_msg("\"%s\": named \"%s\"", table[i].value, name);
	}
}

static void lists_pass_over_what_is_no_mailbox(void **state)
{
	static const struct {
		const char *value;
		size_t max;
		const char *addresses;
	} table[] = {
		{ "a@x.example, B <b@x.example>", 9, "[\"a@x.example\",\"b@x.example\"]" },
		{ "a@x.example,, ,b@x.example,", 9, "[\"a@x.example\",\"b@x.example\"]" },
		{ "g: a@x.example, b@x.example; c@x.example", 9, "[\"a@x.example\",\"b@x.example\",\"c@x.example\"]" },
		{ "undisclosed-recipients:;", 9, "[]" },
		{ "\"x, y@evil.example\" <a@x.example>", 9, "[\"a@x.example\"]" },
		{ "a@x.example b@x.example, c@x.example", 9, "[\"c@x.example\"]" },
		{ "(a@x.example, ) b@x.example", 9, "[\"b@x.example\"]" },
		{ "a@x.example, b@x.example, c@x.example", 2, "[\"a@x.example\",\"b@x.example\"]" },
		{ "a@x.example, \"b@x.example", 9, "[\"a@x.example\"]" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_json_ json_t *list = json_array();
		_free_ char *text = NULL;

		mailbox_list(table[i].value, list, table[i].max);
		text = json_text(list);
		if (strcmp(text, table[i].addresses) != 0)
			fail_msg("\"%s\": %s, not %s", table[i].value, text, table[i].addresses);
	}
}

static void encoded_words(void **state)
{
	static const struct {
		const char *value, *text;
	} table[] = {
		{ "plain", "plain" },
		{ "a =?utf-8?q?b_c?= d", "a b c d" },
		{ "=?utf-8?B?R3LDvG4=?= =?utf-8?B?a29obA==?=", "Gr\xc3\xbcnkohl" }, // GMime loses the second
		{ "=?utf-8?B?R3LD?= =?utf-8?B?vG4=?=", "Gr\xc3\xbcn" },             // cut inside a character
		{ "=?iso-8859-1?Q?a?= =?utf-8?Q?b?= c", "ab c" },
		{ "=?ISO-8859-1*de?Q?=FC?=", "\xc3\xbc" },
		{ "=?iso-2022-jp?B?GyRCPjVHJxsoQg==?=", "\xe6\x89\xbf\xe8\xaa\x8d" },
		{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
		{ "=?utf-8?q?a", "=?utf-8?q?a" },
		{ "=?utf-8?q?a=0D=0Ab=00c=7F?=", "a\xef\xbf\xbd\xef\xbf\xbd"
		                                 "b\xef\xbf\xbd"
		                                 "c\xef\xbf\xbd" },
		{ "=?utf-8?q?=ff?=", "\xef\xbf\xbd" },
		{ "gr\xc3\xbcn \xff", "gr\xc3\xbcn \xef\xbf\xbd" },
		{ "a\tb", "a b" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_free_ char *text = words_decode(charsets, table[i].value, 100);

		assert_string_equal(text, table[i].text);
	}
	_free_ char *cut = words_decode(charsets, "gr\xc3\xbcn", 3);

	assert_string_equal(cut, "gr");
}

static int set_up(void **state)
{
	struct err e;

	(void)state;
	charsets = charsets_open(&e);
	return charsets ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	charsets_close(&charsets);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_plain_mailbox),
		cmocka_unit_test(lists_pass_over_what_is_no_mailbox),
		cmocka_unit_test(encoded_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

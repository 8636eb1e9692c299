// SPDX-License-Identifier: Apache-2.0
// Columns, wrapping and empty lines of plain text.
#include "bot/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define TEN "123456789 "
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void test_layout(void **state)
{
	static const struct {
		const char *name, *text, *wanted;
	} tests[] = {
		{ "nothing", "", "" },
		{ "only empty lines", "\n \n\t\n", "" },
		{ "line end is added", "a", "a\n" },
		{ "empty lines become one", "\n\na\n\n \n\nb\n\n", "a\n\nb\n" },
		{ "columns", "a\tx\nlong\ty\n", "a     x\nlong  y\n" },
		{ "columns of neighbours only", "a\tx\n\nlong\ty\n", "a  x\n\nlong  y\n" },
		{ "a line without a tab ends them", "a\tx\n-\nlong\ty\n", "a  x\n-\nlong  y\n" },
		{ "three columns", "a\tb\tc\nddd\te\tf\n", "a    b  c\nddd  e  f\n" },
		{ "characters, not bytes", "\xc3\xbc\tx\nab\ty\n", "\xc3\xbc   x\nab  y\n" },
		{ "empty cells", "a\t\n\tb\n", "a\n   b\n" },
		{ "a wide cell does not push", "a cell of more than 28 characters\tx\na\ty\n",
		  "a cell of more than 28 characters  x\na  y\n" },
		{ "more columns than counted", "1\t2\t3\t4\t5\t6\t7\t8\t9\t0\n", "1  2  3  4  5  6  7  8  9  0\n" },
		{ "76 fit", SEVENTY "123456\n", SEVENTY "123456\n" },
		{ "77 are wrapped", SEVENTY "1234567\n", TEN TEN TEN TEN TEN TEN "123456789\n1234567\n" },
		{ "a bullet hangs", "- " SEVENTY "12345\n", "- " TEN TEN TEN TEN TEN TEN "123456789\n  12345\n" },
		{ "a quotation goes on", "  | " SEVENTY "123\n",
		  "  | " TEN TEN TEN TEN TEN TEN "123456789\n  | 123\n" },
		{ "a cell goes on", "label\t" SEVENTY "1\n",
		  "label  " TEN TEN TEN TEN TEN TEN "123456789\n       1\n" },
		{ "a word is never cut", SEVENTY SEVENTY "\n",
		  TEN TEN TEN TEN TEN TEN "123456789\n" TEN TEN TEN TEN TEN TEN "123456789\n" },
		{ "signature keeps its blank", "-- \nme\n", "-- \nme\n" },
		{ "signature of a note is whole", "  \xe2\x80\x94 example.com " SEVENTY "\n",
		  "  \xe2\x80\x94 example.com " SEVENTY "\n" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(tests); i++) {
		_buf_ struct buf out = BUF(10000);

		assert_int_equal(layout_plain(tests[i].text, &out), 0);
		if (strcmp(buf_text(&out), tests[i].wanted) != 0)
			fail_msg("%s: wanted \"%s\", got \"%s\"", tests[i].name, tests[i].wanted, buf_text(&out));
	}
}

// A link is one word, whatever its length.
static void test_long_word(void **state)
{
	char text[400], wanted[400];
	_buf_ struct buf out = BUF(1000);

	(void)state;
	memset(text, 'x', 300);
	memcpy(text, "see ", 4);
	memcpy(text + 300, " end", 5);
	memcpy(wanted, text, 300);
	wanted[3] = '\n';
	memcpy(wanted + 300, "\nend\n", 6);
	assert_int_equal(layout_plain(text, &out), 0);
	assert_string_equal(buf_text(&out), wanted);
}

static void test_too_long(void **state)
{
	_buf_ struct buf out = BUF(4);

	(void)state;
	assert_int_equal(layout_plain("a\tb\nc", &out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

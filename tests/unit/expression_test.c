// SPDX-License-Identifier: Apache-2.0
// bot/expression: what a licence expression lets the recipient choose, and where a wrong one stops.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "bot/expression.h"

// The set is the letters a, b and c, and "x WITH y" as a whole.
static bool member(void *context, const char *id)
{
	(void)context;
	return text_same(id, "a") || text_same(id, "b") || text_same(id, "c") || text_same(id, "x WITH y");
}

static void judges(void **state)
{
	static const struct {
		const char *text;
		int any, satisfied;
	} cases[] = {
		{ "a", 1, 1 },
		{ "A", 1, 1 },
		{ "x", 0, 0 },
		{ "  a ", 1, 1 },
		{ "a AND x", 1, 0 },
		{ "a OR x", 1, 1 },
		{ "x OR a", 1, 1 },
		{ "a and b", 1, 1 },
		{ "x OR y", 0, 0 },
		{ "x OR a AND b", 1, 1 }, // AND binds tighter
		{ "x AND a OR b", 1, 1 },
		{ "x AND (a OR b)", 1, 0 },
		{ "(a OR x) AND (y OR b)", 1, 1 },
		{ "(a OR x) AND (y OR z)", 1, 0 },
		{ "((a))", 1, 1 },
		{ "x WITH y", 1, 1 },
		{ "a WITH y", 0, 0 }, // told whole; what it means is the caller's to say
		{ "x WITH y AND a", 1, 1 },
		{ "x WITH y OR z WITH y", 1, 1 },
		{ "android AND orange", 0, 0 }, // words that begin like operators
		{ "LicenseRef-a", 0, 0 },
		{ "DocumentRef-x:LicenseRef-a", 0, 0 },
		{ "a+", 0, 0 },
		{ "NOASSERTION", 0, 0 },
		{ "a\tAND\nb", 1, 1 },
		{ "(a)AND(b)", 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(expression_check(cases[i].text, &e), 0);
		if (expression_any(cases[i].text, member, NULL, &e) != cases[i].any ||
		    expression_satisfied(cases[i].text, member, NULL, &e) != cases[i].satisfied)
			fail_msg("%s", cases[i].text);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
		bool mentions;
	} cases[] = {
		{ "", "a licence is missing at the end", false },
		{ "(a OR", "a licence is missing at the end", true },
		{ "(a OR b", "a ')' is missing", true },
		{ "a AND AND b", "a licence is missing before 'AND'", true },
		{ "AND", "a licence is missing before 'AND'", false },
		{ "a OR", "a licence is missing at the end", true },
		{ "x y", "AND or OR is expected before 'y'", false },
		{ "x)", "AND or OR is expected before ')'", false },
		{ "a, b", "AND or OR is expected before ', b'", true },
		{ "x WITH (a)", "a licence is expected at '(a)'", true },
		{ "()", "a licence is expected at ')'", false },
		{ "x WITH y WITH z", "AND or OR is expected before 'WITH z'", false },
		{ "\xc3\xa9", "a licence is expected at '\xc3\xa9'", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(expression_check(cases[i].text, &e), -1);
		assert_string_equal(e.text, cases[i].error);
		assert_int_equal(expression_any(cases[i].text, member, NULL, &e), -1);
		assert_int_equal(expression_satisfied(cases[i].text, member, NULL, &e), -1);
		assert_int_equal(expression_mentions(cases[i].text, member, NULL), cases[i].mentions);
	}
}

static void bounds(void **state)
{
	_buf_ struct buf terms = BUF(65536), deep = BUF(65536), word = BUF(65536);
	struct err e = { 0 };

	(void)state;
	buf_puts(&terms, "a");
	for (int i = 0; i < 10000; i++)
		buf_puts(&terms, " OR a");
	assert_int_equal(expression_check(terms.data, &e), -1);
	assert_string_equal(e.text, "more than 1024 licences");
	for (int i = 0; i < 50000; i++)
		buf_puts(&deep, "(");
	assert_int_equal(expression_check(deep.data, &e), -1);
	assert_string_equal(e.text, "parentheses are nested more than 64 deep");
	for (int i = 0; i < 129; i++)
		buf_puts(&word, "x");
	assert_int_equal(expression_check(word.data, &e), -1);
	assert_non_null(strstr(e.text, "is too long for a licence"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}

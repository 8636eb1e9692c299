// SPDX-License-Identifier: Apache-2.0
// bot/expression: which expressions there are, how they are spelt, what they let the recipient choose, and where a
// wrong one stops.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "bot/expression.h"
#include "tests/unit/known_licences.h"

// The set is the letters a, b and c, and "x WITH y" as a whole.
static bool member(void *context, const struct expression_term *term)
{
	(void)context;
	return text_same(term->text, "a") || text_same(term->text, "b") || text_same(term->text, "c") ||
	       text_same(term->text, "x WITH y");
}

static void judges(void **state)
{
	static const struct {
		const char *text;
		bool any, satisfied;
	} cases[] = {
		{ "a", true, true },
		{ "A", true, true },
		{ "x", false, false },
		{ "  a ", true, true },
		{ "a AND x", true, false },
		{ "a OR x", true, true },
		{ "x OR a", true, true },
		{ "a and b", true, true },
		{ "x OR y", false, false },
		{ "x OR a AND b", true, true }, // AND binds tighter
		{ "x AND a OR b", true, true },
		{ "x AND (a OR b)", true, false },
		{ "(a OR x) AND (y OR b)", true, true },
		{ "(a OR x) AND (y OR z)", true, false },
		{ "((a))", true, true },
		{ "x WITH y", true, true },
		{ "a WITH y", false, false }, // told whole; what it means is the caller's to say
		{ "x WITH y AND a", true, true },
		{ "x WITH y OR z WITH y", true, true },
		{ "android AND orange", false, false }, // words that begin like operators
		{ "LicenseRef-a", false, false },
		{ "DocumentRef-x:LicenseRef-a", false, false },
		{ "a+", false, false },
		{ "NOASSERTION", false, false },
		{ "a\tAND\nb", true, true },
		{ "(a)AND(b)", true, true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		_expression_ struct expression *x = expression_parse(NULL, cases[i].text, &e);

		assert_string_equal(e.text, "");
		if (expression_any(x, member, NULL) != cases[i].any ||
		    expression_satisfied(x, member, NULL) != cases[i].satisfied)
			fail_msg("%s", cases[i].text);
	}
}

static void spells(void **state)
{
	static const struct {
		const char *text, *normal;
	} cases[] = {
		{ "MIT", "MIT" },
		{ "mit", "MIT" },
		{ "apache-2.0", "Apache-2.0" },
		{ "mit or apache-2.0", "MIT OR Apache-2.0" },
		{ "MIT Or(ISC aNd BSD-2-clause)", "MIT OR ISC AND BSD-2-Clause" },
		{ "(((MIT)))", "MIT" },
		{ "(MIT OR ISC) AND Zlib", "(MIT OR ISC) AND Zlib" },
		{ "MIT AND (ISC AND (Zlib AND 0BSD))", "MIT AND ISC AND Zlib AND 0BSD" },
		{ "(MIT OR ISC) OR (Zlib OR 0BSD)", "MIT OR ISC OR Zlib OR 0BSD" },
		{ "MIT AND ((ISC OR Zlib))", "MIT AND (ISC OR Zlib)" },
		// deprecated ones
		{ "GPL-3.0", "GPL-3.0-only" },
		{ "gpl-2.0+", "GPL-2.0-or-later" },
		{ "GPL-2.0-or-later+", "GPL-2.0-or-later" },
		{ "AGPL-1.0", "AGPL-1.0-only" },
		{ "AGPL-3.0+ or LGPL-2.1+", "AGPL-3.0-or-later OR LGPL-2.1-or-later" },
		{ "GFDL-1.3", "GFDL-1.3-only" },
		{ "GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPL-2.0-with-classpath-exception+", "GPL-2.0-or-later WITH Classpath-exception-2.0" },
		{ "GPL-2.0-with-classpath-exception WITH Font-exception-2.0",
		  "GPL-2.0-with-classpath-exception WITH Font-exception-2.0" },
		{ "GPL-3.0-with-GCC-exception AND eCos-2.0",
		  "GPL-3.0-only WITH GCC-exception-3.1 AND GPL-2.0-or-later WITH eCos-exception-2.0" },
		{ "BSD-2-Clause-FreeBSD", "BSD-2-Clause-Views" },
		{ "Net-SNMP", "Net-SNMP" }, // deprecated, and nothing stands for it
		{ "LGPL-2.1-only WITH Nokia-Qt-exception-1.1", "LGPL-2.1-only WITH Qt-LGPL-exception-1.1" },
		// '+' and WITH
		{ "MPL-1.1+", "MPL-1.1+" },
		{ "GPL-2.0-only+", "GPL-2.0-only+" },
		{ "apache-2.0+ with llvm-exception", "Apache-2.0+ WITH LLVM-exception" },
		{ "GPL-2.0+ with CLASSPATH-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0" },
		{ "MIT WITH AdditionRef-Notice", "MIT WITH AdditionRef-Notice" },
		{ "MIT with documentref-a.spdx:additionref-B", "MIT WITH DocumentRef-a.spdx:AdditionRef-B" },
		// references
		{ "licenseref-Acme-1", "LicenseRef-Acme-1" },
		{ "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
		  "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2" },
		{ "LicenseRef-Acme WITH Classpath-exception-2.0", "LicenseRef-Acme WITH Classpath-exception-2.0" },
		{ "licenseref-confluent-community-1.0", "LicenseRef-Confluent-Community-1.0" },
		{ "LicenseRef-acme LicenseRef", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		_free_ char *normal = expression_normal(known_licences(), cases[i].text, &e), *again = NULL;

		if (!cases[i].normal) {
			assert_null(normal);
			continue;
		}
		assert_string_equal(e.text, "");
		assert_string_equal(normal, cases[i].normal);
		again = expression_normal(known_licences(), normal, &e);
		assert_string_equal(again, normal);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
		bool mentions;
	} cases[] = {
		{ "", "a licence is missing at the end", false },
		{ " ", "a licence is missing at the end", false },
		{ "(a OR", "a licence is missing at the end", true },
		{ "(a OR b", "no ')' follows the '(' (character 1)", true },
		{ "a AND AND b", "a licence is missing before 'AND' (character 7)", true },
		{ "AND", "a licence is missing before 'AND' (character 1)", false },
		{ "a OR", "a licence is missing at the end", true },
		{ "x y", "AND or OR is missing before 'y' (character 3)", false },
		{ "x)", "AND or OR is missing before ')' (character 2)", false },
		{ "a, b", "'a,' is no licence identifier: ',' cannot stand in one (character 1)", true },
		{ "x WITH (a)", "an exception is missing before '(' (character 8)", true },
		{ "x WITH", "an exception is missing at the end", false },
		{ "()", "a licence is missing before ')' (character 2)", false },
		{ "x WITH y WITH z", "AND or OR is missing before 'WITH z' (character 10)", false },
		{ "(x OR y) WITH z", "AND or OR is missing before 'WITH z' (character 10)", false },
		{ "x OR \xc3\xa9\xc3\xa8 y",
		  "'\xc3\xa9\xc3\xa8' is no licence identifier: '\xc3\xa9' cannot stand in one"
		  " (character 6)",
		  false },
		{ "\xc3\xa9 OR x y",
		  "'\xc3\xa9' is no licence identifier: '\xc3\xa9' cannot stand in one (character 1)", false },
		{ "x/a", "'x/a' is no licence identifier: '/' cannot stand in one (character 1)", true },
		{ "x +", "AND or OR is missing before '+' (character 3)", false },
		{ "+", "'+' stands alone (character 1)", false },
		{ "x++", "'x+' is no licence identifier: '+' cannot stand in one (character 1)", false },
		{ "LicenseRef-", "'LicenseRef-' is not written as a reference is, like LicenseRef-NAME (character 1)",
		  false },
		{ "LicenseRef-a+",
		  "'LicenseRef-a' is not written as a reference is, like LicenseRef-NAME (character 1)", false },
		{ "DocumentRef-:LicenseRef-a",
		  "'DocumentRef-:LicenseRef-a' is not written as a reference is, like"
		  " LicenseRef-NAME (character 1)",
		  false },
		{ "DocumentRef-x:MIT",
		  "'DocumentRef-x:MIT' is not written as a reference is, like LicenseRef-NAME (character 1)", false },
		{ "a WITH LicenseRef-b",
		  "'LicenseRef-b' is not written as a reference is, like LicenseRef-NAME (character 8)", true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(expression_check(NULL, cases[i].text, &e), -1);
		assert_string_equal(e.text, cases[i].error);
		assert_null(expression_parse(NULL, cases[i].text, NULL));
		if (expression_mentions(NULL, cases[i].text, member, NULL) != cases[i].mentions)
			fail_msg("%s", cases[i].text);
	}
}

// With the list at hand.
static void refuses_unknown(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "GPL", "'GPL' can mean GPL-1.0, GPL-2.0, GPL-3.0; say which (character 1)" },
		{ "MIT OR bsl", "'bsl' can mean BSL-1.0, BUSL-1.1; say which (character 8)" },
		{ "Apache-2", "'Apache-2' is not on the SPDX list, did you mean 'Apache-2.0'? (character 1)" },
		{ "MIT OR GLP-3.0-only",
		  "'GLP-3.0-only' is not on the SPDX list, did you mean 'GPL-3.0-only'? (character 8)" },
		{ "Proprietary-Software-1.0", "'Proprietary-Software-1.0' is not on the SPDX list (for others, write"
		                              " LicenseRef-NAME) (character 1)" },
		{ "NOASSERTION", "'NOASSERTION' is no licence, it says that none was found (character 1)" },
		{ "MIT AND none", "'none' is no licence, it says that none was found (character 9)" },
		{ "Classpath-exception-2.0",
		  "'Classpath-exception-2.0' is an exception: it follows a licence and WITH (character 1)" },
		{ "MIT WITH ISC", "'ISC' is a licence, but an exception follows WITH (character 10)" },
		{ "MIT WITH Classpath-exception", "'Classpath-exception' is no exception of the SPDX list, did you mean"
		                                  " 'Classpath-exception-2.0'? (character 10)" },
		{ "MIT WITH Linux-desktop-extension-clause",
		  "'Linux-desktop-extension-clause' is no exception of the SPDX list"
		  " (for others, write AdditionRef-NAME) (character 10)" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_null(expression_normal(known_licences(), cases[i].text, &e));
		assert_string_equal(e.text, cases[i].error);
	}
}

static bool copyleft(void *context, const struct expression_term *term)
{
	(void)context;
	return strstr(licence_family_of(known_licences(), term->licence, term->exception), "copyleft") != NULL;
}

// What nobody can read whole is searched for identifiers and names; a name that can mean several counts for each.
static void mentions(void **state)
{
	static const struct {
		const char *text;
		bool copyleft;
	} cases[] = {
		{ "GPL-3.0-only (modified)", true },
		{ "MIT, AGPL-3.0-only", true },
		{ "MIT/GPL-2.0+", true },
		{ "GPLv3 with our changes", true },
		{ "GNU General Public License, some version", true },
		{ "GPL", true },
		{ "LGPL or what we agreed", true },
		{ "Apache 2 (see contract)", false },
		{ "BSD", false },
		{ "proprietary, not gpl-compatible", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (expression_mentions(known_licences(), cases[i].text, copyleft, NULL) != cases[i].copyleft)
			fail_msg("%s", cases[i].text);
}

static void walks(void **state)
{
	_expression_ struct expression *x =
	        expression_parse(known_licences(), "MIT AND (ISC OR GPL-2.0+ WITH Classpath-exception-2.0)", NULL);
	const struct expression *or_ = expression_sibling(expression_child(x)),
	                        *last = expression_sibling(expression_child(or_));
	const struct expression_term *term = expression_term(last);

	(void)state;
	assert_int_equal(expression_kind(x), EXPRESSION_AND);
	assert_null(expression_term(x));
	assert_string_equal(expression_term(expression_child(x))->text, "MIT");
	assert_int_equal(expression_kind(or_), EXPRESSION_OR);
	assert_null(expression_sibling(or_));
	assert_string_equal(term->licence, "GPL-2.0-or-later");
	assert_string_equal(term->exception, "Classpath-exception-2.0");
	assert_false(term->later);
	assert_null(expression_sibling(last));
	assert_null(expression_child(last));
}

static void bounds(void **state)
{
	_buf_ struct buf terms = BUF(65536), deep = BUF(65536), word = BUF(65536);
	struct err e = { 0 };

	(void)state;
	buf_puts(&terms, "a");
	for (int i = 0; i < 10000; i++)
		buf_puts(&terms, " OR a");
	assert_int_equal(expression_check(NULL, terms.data, &e), -1);
	assert_string_equal(e.text, "more than 1024 licences");
	for (int i = 0; i < 50000; i++)
		buf_puts(&deep, "(");
	assert_int_equal(expression_check(NULL, deep.data, &e), -1);
	assert_string_equal(e.text, "parentheses are nested more than 64 deep");
	for (int i = 0; i < 129; i++)
		buf_puts(&word, "x");
	assert_int_equal(expression_check(NULL, word.data, &e), -1);
	assert_non_null(strstr(e.text, "is too long for a licence"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),          cmocka_unit_test(spells),   cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_unknown), cmocka_unit_test(mentions), cmocka_unit_test(walks),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}

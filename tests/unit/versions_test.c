// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/versions.h"

static void one_within_the_other(void **state)
{
	static const struct {
		const char *inner, *outer;
		bool within;
	} rows[] = {
		{ "2.1.7", "2.1.x", true },
		{ "2.1", "2.1.x", true },
		{ "V2.1.0-rc1", "2.1.x", true },
		{ "1.1.1w", "1.1.x", true },
		{ "2.1.0.5", "2.1.x", true },
		{ "2.10", "2.1.x", false },
		{ "2.2.0-rc1", "2.1.x", false },
		{ "2.1.x", "2.1.4", false },
		{ "2", "2.1.x", false },
		{ "2.x", "2.1.x", false },
		{ "2.1.3", "any", true },
		{ "any", "All versions", true },
		{ "any", "2.1.x", false },
		{ "", "2.1.x", false },
		{ "1.9.9", ">=1.2 <2", true },
		{ "1.2", ">= 1.2, < 2", true },
		{ "2", ">=1.2 <2", false },
		{ "2.0.0", ">=1.2 <2", false },
		{ "1.1.9", ">=1.2 <2", false },
		{ "1.2.1", ">1.2", false },
		{ "1.3", ">1.2", true },
		{ "1.2.9", "<=1.2", true },
		{ "1.3.0", "<=1.2", false },
		{ ">=1.3 <1.9", ">=1.2 <2", true },
		{ ">=1.3", ">=1.2 <2", false },
		{ ">=1.3", ">=1.2", true },
		{ "2.4.9", "2.1 - 2.4", true },
		{ "2.4.9", "2.1 to 2.4", true },
		{ "2.5", "2.1 - 2.4", false },
		{ "3.0", "2.1+", true },
		{ "2.0.9", "2.1 or later", false },
		{ "7", "2.1 and newer", true },
		{ "1.9", "^1.2", true },
		{ "1.1", "^1.2", false },
		{ "1.2.9", "~1.2.3", true },
		{ "1.3", "~1.2.3", false },
		{ "3.4", "1.x || 3.x", true },
		{ "3.4", "1.x or 3.x", true },
		{ "2.4", "1.x or 3.x", false },
		{ "2.3.1", "2.1, 2.3", true },
		{ "2.2", "2.1, 2.3", false },
		{ "1.5 - 2.5", "1.x, 2.x", true },
		{ "1.5 - 3.5", "1.x, 2.x", false },
		// what is no range holds itself alone
		{ "r1234", "R1234", true },
		{ "r1234", "r1235", false },
		{ "2.1", "r1234", false },
		{ "2.2", "2.1-2.4", false },
		{ "2.1-2.4", "2.1-2.4", true },
		{ "1", ">=1 <1", false },
		{ "1", ">=1 | <2", false },
		{ "1", ">=99999999999999999999", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (versions_within(rows[i].inner, rows[i].outer) != rows[i].within)
			fail_msg("'%s' within '%s' should be %d", rows[i].inner, rows[i].outer, rows[i].within);
}

static void a_stated_version_grants_its_line(void **state)
{
	static const struct {
		const char *stated, *line;
	} rows[] = {
		{ "2.1", "2.1.x" },           { "2.1.4", "2.1.x" }, { "v2.1.4-rc1", "2.1.x" },
		{ "1.1.1w", "1.1.x" },        { "5", "5.x" },       { ">=1.2 <2", ">=1.2 <2" },
		{ "2.1 - 2.4", "2.1 - 2.4" }, { "3.x", "3.x" },     { "r1234", "r1234" },
		{ "2.1-2.4", "2.1-2.4" },     { " 2.1 ", "2.1.x" }, { "any", NULL },
		{ "all versions", NULL },     { "", NULL },         { "2.1+", "2.1+" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		_free_ char *line = versions_line(rows[i].stated);

		if (!line != !rows[i].line || (line && strcmp(line, rows[i].line) != 0))
			fail_msg("'%s' grants '%s', not '%s'", rows[i].stated, line ? line : "everything",
			         rows[i].line);
	}
}

static void says_what_it_cannot_read(void **state)
{
	static const char *const good[] = { "2.1", "v2.1.x", ">=1.2 <2", "2.1 - 2.4", "any", "", "1.x or 3.x" };
	static const char *const bad[] = { "latest", ">=", "2.1 -", "<2 or", "r1234", "1..2", ">=x <y" };

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		if (!versions_readable(good[i]))
			fail_msg("'%s' cannot be read", good[i]);
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (versions_readable(bad[i]))
			fail_msg("'%s' can be read", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_within_the_other),
		cmocka_unit_test(a_stated_version_grants_its_line),
		cmocka_unit_test(says_what_it_cannot_read),
	};

	return cmocka_run_group_tests_name("versions", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// bot/catalogue_family: what the functions over licences answer, for the catalogue's families and the built-in ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "tests/unit/known_licences.h"

#define FAMILIES \
	"families:\n" \
	"  allowed: [MIT, bsd-2-clause-freebsd, Apache-2.0 WITH LLVM-exception, GPL-2.0, MPL-1.1+, LicenseRef-Acme]\n" \
	"  later: [GPL-2.0+]\n" \
	"  content: [MIT]\n"

// Does the condition hold for a case under this licence?
static bool holds(const char *license, const char *condition)
{
	static const char people_text[] = "people:\n- {id: a, name: A, groups: [g]}\n";
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_text, strlen(people_text), "people", &e);
	_free_ char *text =
	        text_format("catalogue: x\nversion: 1\n" FAMILIES "checks:\n- {id: c, says: S, when: \"%s\"}\n"
	                    "routes:\n- {stages: [{name: l, need: 1, from: [g]}]}\n",
	                    condition);
	_catalogue_ struct catalogue *c = catalogue_read(text, strlen(text), "p", people, known_licences(), &e);
	_json_ json_t *facts = json_pack("{s:s}", "license", license), *out = c ? catalogue_assess(c, facts, &e) : NULL;
	json_t *finding;
	size_t i;

	if (!out)
		fail_msg("%s: %s", condition, e.text);
	json_array_foreach(json_arr(out, "findings"), i, finding)
		if (strcmp(json_str(finding, "check"), "c") == 0)
			return true;
	return false;
}

static void answers(void **state)
{
	static const struct {
		const char *license, *condition;
		bool holds;
	} cases[] = {
		// the catalogue's own
		{ "MIT", "licensable(license, 'allowed')", true },
		{ "mit", "licensable(license, 'allowed')", true },
		{ "ISC", "licensable(license, 'allowed')", false },
		{ "MIT OR ISC", "licensable(license, 'allowed')", true },
		{ "MIT AND ISC", "licensable(license, 'allowed')", false },
		{ "MIT AND ISC", "family(license, 'allowed')", true },
		// deprecated ids, on either side
		{ "BSD-2-Clause-Views", "licensable(license, 'allowed')", true },
		{ "BSD-2-Clause-FreeBSD", "licensable(license, 'allowed')", true },
		{ "GPL-2.0", "licensable(license, 'allowed')", true },
		{ "GPL-2.0-only", "licensable(license, 'allowed')", true },
		{ "GPL-2.0-or-later", "licensable(license, 'allowed')", true }, // which permits 2.0
		{ "GPL-2.0+", "licensable(license, 'allowed')", true },
		{ "GPL-3.0-or-later", "licensable(license, 'allowed')", false },
		{ "GPL-2.0-only", "licensable(license, 'later')", false },
		{ "GPL-2.0+", "licensable(license, 'later')", true },
		{ "GPL-2.0-with-classpath-exception", "licensable(license, 'allowed')", true },
		// '+', exceptions and additions
		{ "MIT+", "licensable(license, 'allowed')", true },
		{ "MPL-1.1+", "licensable(license, 'allowed')", true },
		{ "MPL-1.1", "licensable(license, 'allowed')", false },
		{ "Apache-2.0 WITH LLVM-exception", "licensable(license, 'allowed')", true },
		{ "Apache-2.0", "licensable(license, 'allowed')", false },
		{ "GPL-2.0-only WITH Linux-syscall-note", "licensable(license, 'allowed')", true },
		{ "MIT WITH AdditionRef-Commons-Clause", "licensable(license, 'allowed')", false },
		{ "MIT WITH AdditionRef-Commons-Clause", "family(license, 'allowed')", true },
		{ "MIT WITH AdditionRef-Commons-Clause", "licensable(license, 'permissive')", false },
		{ "MIT WITH AdditionRef-Commons-Clause", "family(license, 'permissive')", true },
		{ "licenseref-acme", "licensable(license, 'allowed')", true },
		{ "LicenseRef-other", "licensable(license, 'allowed')", false },
		// built in, unless the catalogue has one of that name
		{ "ISC", "licensable(license, 'permissive')", true },
		{ "AGPL-3.0-only OR BSD-3-Clause", "licensable(license, 'permissive')", true },
		{ "AGPL-3.0-only OR BSD-3-Clause", "family(license, 'network-copyleft')", true },
		{ "LicenseRef-x", "family(license, 'unknown')", true },
		{ "GPL-2.0-only WITH Classpath-exception-2.0", "family(license, 'strong-copyleft')", false },
		{ "GPL-2.0-only WITH Classpath-exception-2.0", "licensable(license, 'weak-copyleft')", true },
		{ "CC-BY-4.0", "licensable(license, 'content')", false },
		{ "MIT", "licensable(license, 'content')", true },
		// exceptions
		{ "GPL-2.0-only WITH Classpath-exception-2.0", "exception(license, 'Classpath-exception-2.0')", true },
		{ "MIT OR GPL-2.0-with-classpath-exception", "exception(license, 'classpath-exception-2.0')", true },
		{ "GPL-2.0-only", "exception(license, 'Classpath-exception-2.0')", false },
		{ "LGPL-2.1-only WITH Qt-LGPL-exception-1.1", "exception(license, 'Nokia-Qt-exception-1.1')", true },
		{ "GPL-2.0-only WITH Classpath-exception-2.0,", "exception(license, 'Classpath-exception-2.0')",
		  false },
		// what nobody can read is noticed, and never allowed
		{ "MIT, GPL-3.0-only", "family(license, 'strong-copyleft')", true },
		{ "GPLv3 or something", "family(license, 'strong-copyleft')", true },
		{ "GPL", "family(license, 'strong-copyleft')", true },
		{ "MIT, ISC", "licensable(license, 'permissive')", false },
		{ "MIT OR Foo-1.0", "licensable(license, 'permissive')", false },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (holds(cases[i].license, cases[i].condition) != cases[i].holds) {
			print_error("%s: %s\n", cases[i].license, cases[i].condition);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests_name("catalogue_family", tests, NULL, NULL);
}

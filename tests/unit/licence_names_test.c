// SPDX-License-Identifier: Apache-2.0
// What people call licences: as the value of a field, and in running text, where most words only look like one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "tests/unit/known_licences.h"

static void names(void **state)
{
	static const struct {
		const char *words, *expression;
	} cases[] = {
		// GNU
		{ "GPLv3", "GPL-3.0-only" },
		{ "GPL v3", "GPL-3.0-only" },
		{ "GPL 3", "GPL-3.0-only" },
		{ "gpl3", "GPL-3.0-only" },
		{ "GPL-3", "GPL-3.0-only" },
		{ "GPL-3+", "GPL-3.0-or-later" },
		{ "GPL v. 3.0", "GPL-3.0-only" },
		{ "GPLv3+", "GPL-3.0-or-later" },
		{ "GPL v2 +", NULL },
		{ "GNU GPL version 3 or later", "GPL-3.0-or-later" },
		{ "GNU General Public License, version 2", "GPL-2.0-only" },
		{ "the GNU General Public License (version 2)", "GPL-2.0-only" },
		{ "GNU General Public License v2.0 or later", "GPL-2.0-or-later" },
		{ "GNU General Public License as published by the Free Software Foundation; either version 2", NULL },
		{ "GNU General Public License as published by the Free Software Foundation, either version 2 of the "
		  "License,"
		  " or (at your option) any later version",
		  "GPL-2.0-or-later" },
		{ "GPL version 2 only", "GPL-2.0-only" },
		{ "GPLv2 (only)", "GPL-2.0-only" },
		{ "GPL v2 or newer", "GPL-2.0-or-later" },
		{ "GPL 2.0 or any later version", "GPL-2.0-or-later" },
		{ "GPL version 2 or version 3", "GPL-2.0-only OR GPL-3.0-only" },
		{ "GPL 2 or 3", "GPL-2.0-only OR GPL-3.0-only" },
		{ "GPL Version 3 oder später", "GPL-3.0-or-later" },
		{ "GPL version 2 ou ultérieure", "GPL-2.0-or-later" },
		{ "GPL versión 3 o posterior", "GPL-3.0-or-later" },
		{ "LGPL versione 2.1 o successive", "LGPL-2.1-or-later" },
		{ "LGPL 2.1 or later", "LGPL-2.1-or-later" },
		{ "LGPL v2.1+", "LGPL-2.1-or-later" },
		{ "LGPLv2", "LGPL-2.0-only" },
		{ "GNU Lesser General Public Licence v3", "LGPL-3.0-only" },
		{ "AGPLv3", "AGPL-3.0-only" },
		{ "AGPL 3 or later", "AGPL-3.0-or-later" },
		{ "GNU Affero GPL v3", "AGPL-3.0-only" },
		{ "GFDL 1.3", "GFDL-1.3-only" },
		// exceptions
		{ "GPL v2 with classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPLv2 with the GNU Classpath Exception", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPLv2 w/ CPE", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPLv2 + CPE", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPLv2+CE", NULL },
		{ "GPL v2 with Linux syscall note", "GPL-2.0-only WITH Linux-syscall-note" },
		{ "GPL version 2 or later with classpath-exception", "GPL-2.0-or-later WITH Classpath-exception-2.0" },
		{ "GPL-2.0 with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "Apache 2 with LLVM exceptions", "Apache-2.0 WITH LLVM-exception" },
		{ "GPL 3 mit GCC Runtime Library Exception", "GPL-3.0-only WITH GCC-exception-3.1" },
		{ "GPL v2 with linking exception", NULL }, // which one?
		{ "GPL v2 with a very special exception", NULL },
		// others with versions
		{ "Apache 2", "Apache-2.0" },
		{ "Apache 2.0", "Apache-2.0" },
		{ "Apache-2", "Apache-2.0" },
		{ "Apache License, Version 2.0", "Apache-2.0" },
		{ "Apache Software License 2.0", "Apache-2.0" },
		{ "The Apache 2.0 License", "Apache-2.0" },
		{ "ASL 2.0", "Apache-2.0" },
		{ "ALv2", "Apache-2.0" },
		{ "MPL 2", "MPL-2.0" },
		{ "Mozilla Public License 2.0", "MPL-2.0" },
		{ "MPL v1.1 or later", "MPL-1.1+" },
		{ "EPL 2", "EPL-2.0" },
		{ "Eclipse Public License - v 2.0", "EPL-2.0" },
		{ "CDDL 1.1", "CDDL-1.1" },
		{ "EUPL 1.2", "EUPL-1.2" },
		{ "Artistic 2", "Artistic-2.0" },
		{ "OFL 1.1", "OFL-1.1" },
		{ "SIL Open Font License 1.1", "OFL-1.1" },
		{ "CC-BY 4.0", "CC-BY-4.0" },
		{ "CC BY-SA 4.0", "CC-BY-SA-4.0" },
		{ "Creative Commons Attribution-ShareAlike 4.0", "CC-BY-SA-4.0" },
		{ "CC0", "CC0-1.0" },
		{ "CC0 1.0", "CC0-1.0" },
		{ "LPPL 1.3c", "LPPL-1.3c" },
		{ "PHP License 3.01", "PHP-3.01" },
		{ "BSL 1.0", "BSL-1.0" },
		{ "BSL 1.1", "BUSL-1.1" },
		{ "Business Source License", "BUSL-1.1" },
		{ "BUSL", "BUSL-1.1" },
		{ "Boost", "BSL-1.0" },
		{ "Boost Software License 1.0", "BSL-1.0" },
		{ "SSPL", "SSPL-1.0" },
		{ "SSPLv1", "SSPL-1.0" },
		{ "Server Side Public License, v 1", "SSPL-1.0" },
		{ "Elastic License 2.0", "Elastic-2.0" },
		{ "ELv2", "Elastic-2.0" },
		{ "Elastic 2.0", "Elastic-2.0" },
		{ "RSALv2", "LicenseRef-RSAL-2.0" },
		{ "Confluent Community License", "LicenseRef-Confluent-Community-1.0" },
		{ "PolyForm Noncommercial 1.0.0", "PolyForm-Noncommercial-1.0.0" },
		// and without
		{ "MIT", "MIT" },
		{ "mit", "MIT" },
		{ "MIT license", "MIT" },
		{ "the MIT License (MIT)", NULL }, // the bracket is no operator
		{ "MIT-Lizenz", "MIT" },
		{ "Licence MIT", "MIT" },
		{ "licencia MIT", "MIT" },
		{ "Expat", "MIT" },
		{ "X11", "X11" },
		{ "ISC", "ISC" },
		{ "BSD 3-clause", "BSD-3-Clause" },
		{ "3-clause BSD license", "BSD-3-Clause" },
		{ "BSD-3", "BSD-3-Clause" },
		{ "BSD3", "BSD-3-Clause" },
		{ "New BSD", "BSD-3-Clause" },
		{ "BSD 3-Clause \"New\" or \"Revised\" License", "BSD-3-Clause" },
		{ "simplified BSD", "BSD-2-Clause" },
		{ "BSD 2-clause Lizenz", "BSD-2-Clause" },
		{ "BSD 4-clause", "BSD-4-Clause" },
		{ "0BSD", "0BSD" },
		{ "Unlicense", "Unlicense" },
		{ "The Unlicense", "Unlicense" },
		{ "zlib", "Zlib" },
		{ "zlib/libpng", NULL },
		{ "PSF", "PSF-2.0" },
		{ "WTFPL", "WTFPL" },
		{ "Ruby", "Ruby" },
		{ "curl license", "curl" },
		{ "Perl 5", "GPL-1.0-or-later OR Artistic-1.0-Perl" },
		{ "public domain", "LicenseRef-Public-Domain" },
		{ "Academic Free License v3.0", "AFL-3.0" },
		{ "Universal Permissive License v1.0", "UPL-1.0" },
		{ "NCSA", "NCSA" },
		// expressions
		{ "MIT OR Apache-2.0", "MIT OR Apache-2.0" },
		{ "MIT or Apache 2", "MIT OR Apache-2.0" },
		{ "MIT und BSD 3-Clause", "MIT AND BSD-3-Clause" },
		{ "(MIT or Apache 2) and zlib", "(MIT OR Apache-2.0) AND Zlib" },
		{ "dual licensed under MIT or GPL v2 or later", "MIT OR GPL-2.0-or-later" },
		{ "MIT and GPL 2 or 3", "MIT AND (GPL-2.0-only OR GPL-3.0-only)" },
		{ "licensed under the LGPL 2.1.", "LGPL-2.1-only" },
		{ "LicenseRef-Acme OR mit", "LicenseRef-Acme OR MIT" },
		// what is not clear stays what it is
		{ "GPL", NULL },
		{ "LGPL or later", NULL },
		{ "Apache", NULL },
		{ "Apache License", NULL },
		{ "MPL", NULL },
		{ "BSD", NULL },
		{ "BSD license", NULL },
		{ "BSL", NULL },
		{ "Elastic License", NULL },
		{ "CC-BY", NULL },
		{ "Creative Commons", NULL },
		{ "Artistic", NULL },
		{ "MIT, Apache 2", NULL },
		{ "MIT/Apache-2.0", NULL },
		{ "MIT and/or Apache 2", NULL },
		{ "GPL or commercial", NULL },
		{ "GPL 4", NULL },
		{ "Apache 2.4", NULL },
		{ "MIT-style", NULL },
		{ "BSD-like", NULL },
		{ "GPL 3 compatible", NULL },
		{ "GPL-3.0.txt", NULL },
		{ "proprietary", NULL },
		{ "the license", NULL },
		{ "?", NULL },
		{ "", NULL },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *expression = licence_named(known_licences(), cases[i].words);
		const char *got = expression ? expression : "(nothing)",
		           *want = cases[i].expression ? cases[i].expression : "(nothing)";

		if (strcmp(got, want) != 0)
			print_error("%s: %s, not %s\n", cases[i].words, got, want);
		wrong += strcmp(got, want) != 0;
	}
	assert_int_equal(wrong, 0);
}

// All mentions of a text: "words=expression; words=?".
static char *mentions_of(const char *text)
{
	struct buf out = BUF(65536);
	struct licence_mention m;

	buf_puts(&out, "");
	for (size_t at = 0; licence_mention(known_licences(), text, at, &m); at = m.end) {
		buf_printf(&out, "%s%.*s=%s", out.len ? "; " : "", (int)(m.end - m.begin), text + m.begin,
		           m.expression ? m.expression : "?");
		free(m.expression);
		assert_true(m.begin >= at && m.end > m.begin && m.end <= strlen(text));
	}
	return out.data ? buf_steal(&out) : text_copy("");
}

static void mentions(void **state)
{
	static const struct {
		const char *text, *mentions;
	} cases[] = {
		{ "It is under the GPLv3.", "GPLv3=GPL-3.0-only" },
		{ "We use foo 1.2 (LGPL-2.1-only) and bar (Apache 2.0).",
		  "LGPL-2.1-only=LGPL-2.1-only; Apache 2.0=Apache-2.0" },
		{ "LICENSE IS\nLGPL-2.1-OR-LATER. UNTIL", "LGPL-2.1-OR-LATER=LGPL-2.1-or-later" },
		{ "licensed under the\nMozilla Public\nLicense 2.0. It", "Mozilla Public\nLicense 2.0=MPL-2.0" },
		{ "steht unter der BSD 2-clause\nLizenz und soll", "BSD 2-clause=BSD-2-Clause" },
		{ "steht unter der GPL Version 3 oder später.", "GPL Version 3 oder später=GPL-3.0-or-later" },
		{ "sous licence LGPL 2.1. Le", "LGPL 2.1=LGPL-2.1-only" },
		{ "sous licence Apache 2.0", "Apache 2.0=Apache-2.0" },
		{ "bajo la licencia MIT", "MIT=MIT" },
		{ "sotto licenza MIT", "MIT=MIT" },
		{ "ライセンス：LGPL-2.1-only", "LGPL-2.1-only=LGPL-2.1-only" },
		{ "GPL v2 with classpath exception is fine",
		  "GPL v2 with classpath exception=GPL-2.0-only WITH Classpath-exception-2.0" },
		{ "GPL-2.0-only WITH Classpath-exception-2.0.",
		  "GPL-2.0-only WITH Classpath-exception-2.0=GPL-2.0-only WITH"
		  " Classpath-exception-2.0" },
		{ "dual licensed,\nMIT OR Apache-2.0. Linked", "MIT OR Apache-2.0=MIT OR Apache-2.0" },
		{ "(MIT OR ISC) AND Zlib, please", "(MIT OR ISC) AND Zlib=(MIT OR ISC) AND Zlib" },
		{ "MIT AND (EPL-1.0 OR BSD-3-Clause)",
		  "MIT AND (EPL-1.0 OR BSD-3-Clause)=MIT AND (EPL-1.0 OR BSD-3-Clause)" },
		{ "EPL-1.0 OR nothing", "EPL-1.0=EPL-1.0" },
		{ "GPL-3.0-or-later or Apache-2.0?", "GPL-3.0-or-later=GPL-3.0-or-later; Apache-2.0=Apache-2.0" },
		{ "dual MIT/Apache-2.0", "MIT/Apache-2.0=?" },
		{ "GPL v2 with linking exception", "GPL v2 with linking exception=?" },
		{ "this GPL library", "GPL=?" },
		{ "we ship foo (GPL-2.0-only) with a short note", "GPL-2.0-only=GPL-2.0-only" },
		{ "all under MPL 2, with the exception of bar, which", "MPL 2=MPL-2.0" },
		{ "GPL-Code", "GPL=?" },
		{ "section 13 of the AGPL worries us", "AGPL=?" },
		{ "an Apache license", "Apache=?" },
		{ "the LGPL's terms", "LGPL=?" },
		{ "l'EUPL 1.2", "EUPL 1.2=EUPL-1.2" },
		{ "under the SSPL, and", "SSPL=SSPL-1.0" },
		{ "its licence is Unlicense. See", "Unlicense=Unlicense" },
		{ "under the zlib\nlicense. The", "zlib=Zlib" },
		{ "the licence is zlib", "zlib=Zlib" },
		{ "License: MIT", "MIT=MIT" },
		{ "SPDX-License-Identifier: MIT", "MIT=MIT" },
		{ "COPYING file it is ISC. It would", "ISC=ISC" },
		{ "if it were MIT we would", "" },
		{ "it is MIT.", "MIT=MIT" },
		{ "foo 4.1 (MIT)", "MIT=MIT" },
		{ "under MIT", "MIT=MIT" },
		{ "under the terms of the MIT", "MIT=MIT" },
		{ "unlike MIT-licensed relay", "MIT=MIT" },
		{ "it's mit licensed", "mit=MIT" },
		{ "die MIT-Lizenz", "MIT=MIT" },
		{ "it is in the public domain", "public domain=LicenseRef-Public-Domain" },
		{ "code under LicenseRef-Acme-EULA here", "LicenseRef-Acme-EULA=LicenseRef-Acme-EULA" },
		// look-alikes
		{ "a summit with MITRE, and they permit us", "" },
		{ "The people of gpl-violations.org and the Apache Software Foundation", "" },
		{ "the BSD socket interface and an Apache web server, an Apache 2 server", "" },
		{ "submit to MIT lab, MIT Alumni Boston, Apache Street", "" },
		{ "mit Lizenz, mit licence-Text? ich komme mit.", "" },
		{ "https://git.example.org/mit/gpl-3.0/foo-1.2.tar.gz and", "" },
		{ "https://opensource.org/licenses/Apache-2.0 ?", "" },
		{ "agpl-3.0@lists.example.org or www.example.org/MPL-2.0", "" },
		{ "see LICENSE.MIT, gpl-3.0.txt, GPL.md and src/GPL-2.0/foo", "" },
		{ "Python 2.0 and Python-2.0, Ruby, curl, Zed, Glide, X11, Info-ZIP, TCL, zlib and JSON", "" },
		{ "MIT-style, MIT style, BSD-like, GPL-compatible, GPL compatible, non-GPL", "" },
		{ "GPL_LICENSE #GPL $MIT GPLfoo fooGPL GPLv2x", "" },
		{ "BSD-3-Clause-Foo", "" },
		{ "40 licences of DiagramPro", "" },
		{ "running under Ruby or under Apache", "" },
		{ "Apache 2.4", "" },
		{ "", "" },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *got = mentions_of(cases[i].text);

		if (strcmp(got, cases[i].mentions) != 0)
			print_error("%s\n  got  %s\n  want %s\n", cases[i].text, got, cases[i].mentions);
		wrong += strcmp(got, cases[i].mentions) != 0;
	}
	assert_int_equal(wrong, 0);
}

static void begins_where_told(void **state)
{
	static const char text[] = "GPL-2.0-only, then MPL-2.0";
	struct licence_mention m;

	(void)state;
	assert_true(licence_mention(known_licences(), text, 1, &m)); // inside the first one
	assert_string_equal(m.expression, "MPL-2.0");
	free(m.expression);
	assert_false(licence_mention(known_licences(), text, strlen(text), &m));
}

// Long texts take no time that grows with their square.
static void takes_its_time(void **state)
{
	static const char *const pieces[] = {
		"(", "GPL ", "MIT OR ", "x.", "GPL/", "or later ", "BSD-", "GNU General "
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(pieces); i++) {
		_buf_ struct buf text = BUF(16384);
		_free_ char *got = NULL, *named = NULL;

		while (buf_puts(&text, pieces[i]) == 0)
			;
		got = mentions_of(text.data);
		named = licence_named(known_licences(), text.data);
		assert_null(named);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(mentions),
		cmocka_unit_test(begins_where_told),
		cmocka_unit_test(takes_its_time),
	};

	return cmocka_run_group_tests_name("licence_names", tests, NULL, NULL);
}

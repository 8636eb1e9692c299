// SPDX-License-Identifier: Apache-2.0
// bot/licence: what is known of licences, and the family of each; what is said about data that does not fit.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "bot/expression.h"
#include "tests/unit/known_licences.h"

static void finds(void **state)
{
	const struct licences *l = known_licences();
	const struct licence *gpl = licence_find(l, "gpl-3.0"), *net = licence_find(l, "Net-SNMP");

	(void)state;
	assert_string_equal(gpl->id, "GPL-3.0");
	assert_string_equal(gpl->name, "GNU General Public License v3.0 only");
	assert_true(gpl->deprecated);
	assert_string_equal(gpl->replaced_by, "GPL-3.0-only");
	assert_string_equal(licence_find(l, "APACHE-2.0")->id, "Apache-2.0");
	assert_false(licence_find(l, "Apache-2.0")->deprecated);
	assert_true(net->deprecated);
	assert_null(net->replaced_by);
	assert_null(licence_find(l, "Apache-2"));
	assert_null(licence_find(l, ""));
	assert_null(licence_find(l, "Classpath-exception-2.0"));
	assert_string_equal(licence_find_exception(l, "classpath-EXCEPTION-2.0")->id, "Classpath-exception-2.0");
	assert_string_equal(licence_find_exception(l, "Nokia-Qt-exception-1.1")->replaced_by, "Qt-LGPL-exception-1.1");
	assert_null(licence_find_exception(l, "MIT"));
	assert_string_equal(licence_find(l, "licenseref-rsal-2.0")->name, "Redis Source Available License 2.0");
	assert_string_equal(licence_nearest(l, "BSD-3-Claus"), "BSD-3-Clause");
	assert_null(licence_nearest(l, "Proprietary-Software-1.0"));
	assert_string_equal(licence_nearest_exception(l, "LLVM-exceptions"), "LLVM-exception");
}

// Each line holds a family's well-known ones; what a lawyer would look up first.
static const struct {
	const char *family, *ids;
} families[] = {
	{ "permissive", "0BSD AFL-3.0 Apache-1.1 Apache-2.0 Apache-2.0+ BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent"
	                " BSD-2-Clause-FreeBSD BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BlueOak-1.0.0 "
	                "CECILL-B ECL-2.0 FTL"
	                " HPND ICU IJG ISC ImageMagick Libpng MIT MIT-0 MIT-CMU MS-PL MulanPSL-2.0 NCSA NTP OLDAP-2.8 "
	                "OpenSSL PHP-3.01"
	                " PSF-2.0 PostgreSQL Python-2.0 Python-2.0.1 TCL UPL-1.0 Unicode-3.0 Unicode-DFS-2016 W3C "
	                "WTFPL X11 Xnet ZPL-2.1"
	                " Zlib Zend-2.0 bzip2-1.0.6 curl libtiff CERN-OHL-P-2.0 LiLiQ-P-1.1 Info-ZIP "
	                "LicenseRef-Fedora-UltraPermissive" },
	{ "weak-copyleft",
	  "LGPL-2.0-only LGPL-2.1-only LGPL-2.1-or-later LGPL-2.1+ LGPL-3.0-only LGPL-3.0 MPL-1.0 MPL-1.1 MPL-2.0"
	  " MPL-2.0-no-copyleft-exception EPL-1.0 EPL-2.0 CDDL-1.0 CDDL-1.1 CPL-1.0 IPL-1.0 MS-RL CECILL-C Artistic-1.0"
	  " Artistic-2.0 Ruby Vim SPL-1.0 NPL-1.1 LPPL-1.3c ErlPL-1.1 CERN-OHL-W-2.0 wxWindows" },
	{ "strong-copyleft",
	  "GPL-1.0-only GPL-1.0-or-later GPL-2.0 GPL-2.0+ GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only"
	  " GPL-3.0-or-later CECILL-2.1 QPL-1.0 Sleepycat copyleft-next-0.3.1 D-FSL-1.0 SimPL-2.0 CERN-OHL-S-2.0" },
	{ "network-copyleft", "AGPL-1.0 AGPL-3.0 AGPL-3.0+ AGPL-3.0-only AGPL-3.0-or-later CPAL-1.0 EUPL-1.1 EUPL-1.2 "
	                      "OSL-3.0 RPL-1.5 CAL-1.0"
	                      " APSL-2.0 Parity-7.0.0 NPOSL-3.0" },
	{ "source-available",
	  "SSPL-1.0 BUSL-1.1 Elastic-2.0 FSL-1.1-MIT FSL-1.1-ALv2 PolyForm-Small-Business-1.0.0 SUL-1.0 "
	  "Hippocratic-2.1 JSON"
	  " BSD-3-Clause-No-Military-License BSD-3-Clause-No-Nuclear-License UnRAR LicenseRef-Confluent-Community-1.0"
	  " LicenseRef-RSAL-2.0 LicenseRef-Elastic-1.0 LicenseRef-Timescale LicenseRef-PolyForm-Shield-1.0.0" },
	{ "non-commercial",
	  "PolyForm-Noncommercial-1.0.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC-BY-NC-3.0 Aladdin"
	  " LicenseRef-PolyForm-Strict-1.0.0" },
	{ "content",
	  "CC-BY-4.0 CC-BY-3.0 CC-BY-SA-4.0 CC-BY-SA-3.0 CC-BY-ND-4.0 GFDL-1.3-only GFDL-1.3 GFDL-1.2-or-later ODbL-1.0"
	  " ODC-By-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 OGL-UK-3.0 FreeBSD-DOC etalab-2.0" },
	{ "font", "OFL-1.0 OFL-1.1 OFL-1.1-RFN Ubuntu-font-1.0 Bitstream-Vera IPA" },
	{ "public-domain", "CC0-1.0 Unlicense PDDL-1.0 blessing SAX-PD CC-PDDC LicenseRef-scancode-public-domain" },
	{ "unknown", "LicenseRef-acme DocumentRef-x:LicenseRef-acme Commons-Clause NOASSERTION Informatica" },
};

static void knows_families(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(families); i++) {
		_free_ char *copy = text_copy(families[i].ids);
		char *rest = copy, *id;

		while ((id = strsep(&rest, " "))) {
			if (strcmp(licence_family(known_licences(), id), families[i].family) != 0)
				fail_msg("%s: %s", id, licence_family(known_licences(), id));
			count++;
		}
	}
	assert_true(count >= 120);
}

static void knows_families_with_exceptions(void **state)
{
	static const struct {
		const char *text, *family;
	} cases[] = {
		{ "GPL-2.0-only WITH Classpath-exception-2.0", "weak-copyleft" },
		{ "gpl-2.0+ with classpath-exception-2.0", "weak-copyleft" },
		{ "GPL-2.0-with-classpath-exception", "weak-copyleft" },
		{ "GPL-3.0-or-later WITH GCC-exception-3.1", "weak-copyleft" },
		{ "GPL-2.0-only WITH Linux-syscall-note", "strong-copyleft" },
		{ "GPL-2.0-or-later WITH openvpn-openssl-exception", "strong-copyleft" },
		{ "GPL-2.0-only WITH Universal-FOSS-exception-1.0", "strong-copyleft" },
		{ "AGPL-3.0-only WITH GPL-3.0-linking-exception", "network-copyleft" },
		{ "LGPL-3.0-only WITH LGPL-3.0-linking-exception", "weak-copyleft" },
		{ "Apache-2.0 WITH LLVM-exception", "permissive" },
		{ "Apache-2.0 WITH AdditionRef-Commons-Clause", "unknown" },
		{ "LicenseRef-acme WITH Classpath-exception-2.0", "unknown" },
		{ "MIT OR Apache-2.0", "unknown" }, // not one licence
		{ "", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(licence_family(known_licences(), cases[i].text), cases[i].family);
}

// What stands for a deprecated id is right itself, and of the same family.
static void replaces(void **state)
{
	static const char *const deprecated[] = {
		"AGPL-1.0",
		"AGPL-3.0",
		"BSD-2-Clause-FreeBSD",
		"BSD-2-Clause-NetBSD",
		"GFDL-1.1",
		"GFDL-1.2",
		"GFDL-1.3",
		"GPL-1.0",
		"GPL-2.0",
		"GPL-2.0-with-GCC-exception",
		"GPL-2.0-with-autoconf-exception",
		"GPL-2.0-with-bison-exception",
		"GPL-2.0-with-classpath-exception",
		"GPL-2.0-with-font-exception",
		"GPL-3.0",
		"GPL-3.0-with-GCC-exception",
		"GPL-3.0-with-autoconf-exception",
		"LGPL-2.0",
		"LGPL-2.1",
		"LGPL-3.0",
		"Nunit",
		"StandardML-NJ",
		"bzip2-1.0.5",
		"eCos-2.0",
		"wxWindows",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(deprecated); i++) {
		const struct licence *licence = licence_find(known_licences(), deprecated[i]);
		struct err e = { 0 };
		_free_ char *normal = expression_normal(known_licences(), licence->replaced_by, &e);

		assert_true(licence->deprecated);
		assert_string_equal(normal, licence->replaced_by);
		assert_string_equal(licence->family, licence_family(known_licences(), normal));
	}
}

// --- data that does not fit ---

static void put(const char *dir, const char *name, const char *text)
{
	_free_ char *path = text_format("%s/%s", dir, name);
	struct err e = { 0 };

	assert_int_equal(file_replace(path, text, strlen(text), 0600, &e), 0);
}

static void refuses(void **state)
{
#define LIST "{\"licences\":[{\"id\":\"MIT\"},{\"id\":\"Old\",\"deprecated\":true}],\"exceptions\":[{\"id\":\"X\"}]}"
#define OBLIGATIONS(list) \
	"{\"channels\":[\"post\"],\"unknown_channel\":{\"id\":\"c\",\"title\":\"t\",\"says\":\"s\"}," \
	"\"obligations\":[" list "]}"
#define OBLIGATION(more) OBLIGATIONS("{\"id\":\"a\",\"title\":\"t\",\"says\":\"s\",\"weight\":1," more "}")
	static const struct {
		const char *name, *text, *error;
	} cases[] = {
		{ "licences.json", "[]", "licences.json: not an object" },
		{ "licences.json", "{", "licences.json: " },
		{ "licences.json", "{\"licences\":[{\"id\":\"a\"},{\"id\":\"A\"}]}",
		  "licences.json: an entry has no id, or 'A' stands there twice" },
		{ "licences.json", "{\"licences\":[{\"name\":\"a\"}]}", "licences.json: an entry has no id" },
		{ "others.json", "{\"licences\":[{\"id\":\"LicenseRef-x\",\"family\":\"nice\"}]}",
		  "others.json: no family is called 'nice'" },
		{ "others.json", "{\"licences\":[{\"id\":\"mit\"}]}",
		  "others.json: an entry has no id, or 'mit' stands" },
		{ "replaced.json", "{\"licences\":{\"MIT\":\"Old\"}}",
		  "replaced.json: 'MIT' is no deprecated id of the list" },
		{ "replaced.json", "{\"licences\":{\"Old\":1}}",
		  "replaced.json: 'Old' is no deprecated id of the list" },
		{ "families.json", "{\"licences\":{\"nice\":[\"MIT\"]}}", "families.json: no family is called 'nice'" },
		{ "families.json", "{\"licences\":{\"permissive\":[\"MTI\"]}}", "families.json: 'MTI' is on no list" },
		{ "families.json", "{\"licences\":{\"permissive\":[\"MIT\"],\"font\":[\"MIT\"]}}",
		  "families.json: 'MIT' stands there twice" },
		{ "names.json", "{\"words\":{\"colour\":[\"red\"]}}", "names.json: no words are called 'colour'" },
		{ "names.json", "{\"words\":{\"with\":[\"...\"]}}", "names.json: member 1 of 'with' is no phrase" },
		{ "names.json", "{\"names\":[{\"names\":[\"x\",\"X\"],\"alone\":\"MIT\"}]}",
		  "names.json: 'X' is no phrase, or stands there twice" },
		{ "names.json", "{\"names\":[{\"names\":[\"x\"],\"needs\":\"luck\"}]}",
		  "names.json: no need is called 'luck'" },
		{ "names.json", "{\"exceptions\":[{\"names\":[\"x\"],\"id\":\"Y\"}]}",
		  "names.json: no exception is called 'Y'" },
		{ "names.json", "{\"names\":[{\"names\":[\"x\"],\"ids\":[\"MIT\"]}]}",
		  "names.json: no licence with a version is called 'MIT'" },
		{ "names.json", "{\"names\":[{\"names\":[\"x\"],\"alone\":\"MIT OR\"}]}",
		  "names.json: 'MIT OR' is no licence" },
		{ "obligations.json", "{}", "obligations.json: the file: \"channels\" is missing" },
		{ "obligations.json", OBLIGATIONS("1"), "obligations.json: : not an object" },
		{ "obligations.json", OBLIGATION("\"channels\":[\"pigeon\"]"),
		  "obligations.json: a: there is no 'pigeon'" },
		{ "obligations.json", OBLIGATION("\"channels\":[\"post\"],\"families\":[\"nice\"]"),
		  "obligations.json: a: there is no 'nice'" },
		{ "obligations.json", OBLIGATION("\"channels\":[\"post\"],\"licences\":[\"\"]"),
		  "obligations.json: a: a licence or channel is a text" },
	};
	char dir[] = "/tmp/licence-test.XXXXXX";
	struct err e = { 0 };
	_free_ char *folder = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_null(licences_load(dir, &e));
	assert_non_null(strstr(e.text, "licences.json"));
	folder = text_format("%s/licences", dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		put(folder, "licences.json", LIST);
		put(folder, "others.json", "{}");
		put(folder, "replaced.json", "{}");
		put(folder, "families.json", "{}");
		put(folder, "names.json", "{}");
		put(folder, "obligations.json", OBLIGATIONS(""));
		put(folder, cases[i].name, cases[i].text);
		assert_null(licences_load(dir, &e));
		if (!strstr(e.text, cases[i].error))
			fail_msg("'%s' is not in '%s'", cases[i].error, e.text);
	}
	for (size_t i = 0; i < 6; i++) {
		_free_ char *path = text_format(
		        "%s/%s.json", folder,
		        (const char *[]){ "licences", "others", "replaced", "families", "names", "obligations" }[i]);

		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(remove(folder) | remove(dir), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(knows_families),
		cmocka_unit_test(knows_families_with_exceptions),
		cmocka_unit_test(replaces),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests_name("licence", tests, NULL, NULL);
}

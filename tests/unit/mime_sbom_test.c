// SPDX-License-Identifier: Apache-2.0
// SBOMs as somebody would attach them, whole ones (tests/sbom) and small ones that are good or broken in one way each.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/mime/sbom.h"
#include "adapters/mime/sbom_bounds.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define CDX "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\","
#define SPDX "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\","
#define SPDX3 "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\","
#define TAGS "SPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\n"

// "name version [licence]; ..." of what was read.
static char *components_text(const json_t *sbom)
{
	struct buf out = BUF(1 << 16);
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(sbom, "components"), i, item)
		buf_printf(&out, "%s%s %s [%s]", i ? "; " : "", json_str(item, "component"),
		           *json_str(item, "version") ? json_str(item, "version") : "-", json_str(item, "license"));
	return buf_steal(&out);
}

// --- whole files -----------------------------------------------------------------------------------------------------

struct whole {
	const char *file, *format, *spec;
	int count;
	const char *has[4]; // as components_text() has them
	const char *lacks;  // what the file is about
};

static const struct whole wholes[] = {
	{ "orion-gateway.cdx.json",
	  "cyclonedx",
	  "1.6",
	  51,
	  { "express 4.19.2 [MIT]; array-flatten 1.1.1 [MIT]; body-parser",
	    "@img/sharp-libvips-linux-x64 1.0.2 [LGPL-3.0-or-later]", "node-forge 1.3.1 [(BSD-3-Clause OR GPL-2.0)]",
	    "@elastic/apm-agent 4.5.3 [Elastic License 2.0]" },
	  "orion-gateway" },
	{ "atlas-image.spdx.json",
	  "spdx",
	  "2.3",
	  22,
	  { "zlib1g 1:1.2.13.dfsg-1 [Zlib]; libssl3 3.0.11-1~deb12u2 [Apache-2.0]",
	    "libavcodec59 7:5.1.4-0+deb12u1 [GPL-3.0-or-later]", "tzdata 2024a-0+deb12u1 [LicenseRef-public-domain]" },
	  "debian" },
	{ "widget-firmware.spdx",
	  "spdx",
	  "2.2",
	  17,
	  { "linux-yocto 6.1.38 [GPL-2.0-only WITH Linux-syscall-note]; u-boot",
	    "bcm-firmware 1.9 [LicenseRef-Broadcom]" },
	  "not a package" },
	{ "lumen-mobile.spdx3.json",
	  "spdx",
	  "3.0.1",
	  8,
	  { "mupdf 1.24.2 [AGPL-3.0-or-later]", "realm-core 14.6.2 [Apache-2.0 AND BSD-3-Clause]",
	    "okhttp 4.12.0 [Apache-2.0]", "in-house-codec 3 []" },
	  "lumen-mobile" },
};

static void whole_files_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(wholes); i++) {
		const struct whole *w = &wholes[i];
		_free_ char *path = text_format("%s/tests/sbom/%s", SOURCE_DIR, w->file), *text = NULL;
		_buf_ struct buf bytes = BUF(SBOM_BYTES_MAX);
		_json_ json_t *sbom = NULL;
		struct err e;

		assert_int_equal(file_read(path, &bytes, &e), 0);
		sbom = sbom_read("x", buf_text(&bytes), bytes.len, false);
		text = components_text(sbom);
		assert_string_equal(json_str(sbom, "format"), w->format);
		assert_string_equal(json_str(sbom, "spec"), w->spec);
		assert_int_equal(json_int(sbom, "count"), w->count);
		assert_false(json_bool(sbom, "cut"));
		assert_null(json_object_get(sbom, "problem"));
		assert_null(strstr(text, w->lacks));
		for (size_t k = 0; k < LENGTH(w->has) && w->has[k]; k++)
			if (!strstr(text, w->has[k]))
				fail_msg("%s: no \"%s\" in: %s", w->file, w->has[k], text);
	}
}

// --- small ones ------------------------------------------------------------------------------------------------------

struct small {
	const char *what, *name;
	const char *text;
	const char *components; // NULL: it is no SBOM
	const char *problem;    // its beginning; NULL: none
};

static const struct small smalls[] = {
	// CycloneDX, good
	{ "a component", "bom.json",
	  CDX "\"components\":[{\"name\":\"a\",\"version\":\"1\",\"licenses\":[{\"license\":{\"id\":\"MIT\"}}]}]}",
	  "a 1 [MIT]", NULL },
	{ "by content alone, behind a byte order mark", "notes.txt",
	  "\xef\xbb\xbf " CDX "\"components\":[{\"name\":\"a\"}]}", "a - []", NULL },
	{ "components in components", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"components\":[{\"name\":\"b\",\"components\":[{\"name\":\"c\"}]}]},{"
	      "\"name\":\"d\"}]}",
	  "a - []; b - []; c - []; d - []", NULL },
	{ "groups, by the kind of package", "x",
	  CDX "\"components\":[{\"group\":\"org.x\",\"name\":\"a\",\"purl\":\"pkg:maven/org.x/"
	      "a@2\"},{\"group\":\"@x\",\"name\":\"b\",\"version\":\"1\",\"purl\":\"pkg:npm/%40x/b@1\"}]}",
	  "org.x:a 2 []; @x/b 1 []", NULL },
	{ "a version that only the package URL has", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"purl\":\"pkg:npm/a@1.2?x=@9#y\"},{\"name\":\"b\",\"purl\":\"pkg:npm/"
	      "%2e%2e/b@1%2e\"},{\"name\":\"c\",\"purl\":\"http://u:p@h/\"}]}",
	  "a 1.2 []; b - []; c - []", NULL },
	{ "a name, an expression, several", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"licenses\":[{\"license\":{\"name\":\"My "
	      "Licence\"}}]},{\"name\":\"b\",\"licenses\":[{\"expression\":\"MIT OR X11\"}]},"
	      "{\"name\":\"c\",\"licenses\":[{\"license\":{\"id\":\"MIT\"}},{\"license\":{\"name\":\"My "
	      "Licence\"}},{\"license\":{\"id\":\"MIT\"}}]}]}",
	  "a - [My Licence]; b - [MIT OR X11]; c - [MIT AND (My Licence)]", NULL },
	{ "concluded before declared", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"licenses\":[{\"license\":{\"id\":\"MIT\",\"acknowledgement\":"
	      "\"declared\"}},{\"license\":{\"id\":\"ISC\",\"acknowledgement\":\"concluded\"}}]}]}",
	  "a - [ISC]", NULL },
	{ "both an id and an expression", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"licenses\":[{\"license\":{\"id\":\"MIT\"},\"expression\":\"GPL-2.0-"
	      "only\"}]}]}",
	  "a - [GPL-2.0-only AND MIT]", NULL },
	{ "nothing said of the licence", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"licenses\":[]},{\"name\":\"b\",\"licenses\":null},{\"name\":\"c\","
	      "\"licenses\":[{\"license\":{\"name\":\"NOASSERTION\"}}]}]}",
	  "a - []; b - []; c - []", NULL },
	{ "twice the same", "x",
	  CDX "\"components\":[{\"name\":\"a\",\"version\":\"1\"},{\"name\":\"a\",\"version\":\"1\"},{\"name\":\"a\","
	      "\"version\":\"2\"}]}",
	  "a 1 []; a 2 []", NULL },
	{ "files and operating systems without a licence", "x",
	  CDX "\"components\":[{\"type\":\"file\",\"name\":\"f\"},{\"type\":\"operating-system\",\"name\":\"debian\"},{"
	      "\"type\":\"file\",\"name\":\"g\",\"licenses\":[{\"expression\":\"MIT\"}]}]}",
	  "g - [MIT]", NULL },
	{ "references that are twice, to themselves, to nothing", "x",
	  CDX "\"components\":[{\"bom-ref\":\"r\",\"name\":\"a\"},{\"bom-ref\":\"r\",\"name\":\"b\"}],\"dependencies\":"
	      "[{\"ref\":\"r\",\"dependsOn\":[\"r\",\"nobody\"]}]}",
	  "a - []; b - []", NULL },
	{ "control characters and blanks in names", "x", CDX "\"components\":[{\"name\":\" a\\n\\tb\\u0007 \"}]}",
	  "a b\xef\xbf\xbd - []", NULL },
	// CycloneDX, broken
	{ "no components", "bom.json", CDX "\"components\":[]}", "", "bom.json: it lists no components" },
	{ "a later major version", "b.json",
	  "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"2.0\",\"components\":[{\"name\":\"a\"}]}", "",
	  "b.json: it is not of a version of CycloneDX" },
	{ "a list that is none", "b.json", CDX "\"components\":{\"name\":\"a\"}}", "",
	  "b.json: components: it is not a list" },
	{ "a component that is none", "b.json", CDX "\"components\":[\"a\",{\"name\":\"b\"}]}", "b - []",
	  "b.json: components[0]: it is not a component" },
	{ "no name", "b.json", CDX "\"components\":[{\"version\":\"1\"},{\"name\":\"b\"}]}", "b - []",
	  "b.json: components[0]: the component has no name" },
	{ "wrong types", "b.json",
	  CDX "\"components\":[{\"name\":\"a\",\"version\":1.5,\"licenses\":{}},{\"name\":[]}]}", "a - []",
	  "b.json: components[0].version: it is not a text (and 3 more)" },
	{ "a licence that is none, deep inside", "b.json",
	  CDX "\"components\":[{\"name\":\"a\",\"components\":[{\"name\":\"b\",\"licenses\":[{\"license\":{}}]}]}]}",
	  "a - []; b - []", "b.json: components[0].components[0].licenses[0]: it names no licence" },
	{ "brackets that would change what others mean", "b.json",
	  CDX "\"components\":[{\"name\":\"a\",\"licenses\":[{\"license\":{\"id\":\"GPL-3.0-only\"}},{\"license\":{"
	      "\"name\":\"x) OR (MIT\"}}]}]}",
	  "a - []", "b.json: components[0].licenses: the brackets" },
	{ "a key twice", "b.json", CDX "\n\"components\":[{\"name\":\"a\",\"name\":\"b\"}]}", "",
	  "b.json: line 2, column 32: a name stands twice" },
	{ "a huge number", "b.json", CDX "\"version\":1e400,\"components\":[{\"name\":\"a\"}]}", "",
	  "b.json: line 1, column " },
	{ "a huge whole number", "b.json", CDX "\"version\":99999999999999999999,\"components\":[{\"name\":\"a\"}]}",
	  "", "b.json: line 1, column " },
	{ "not UTF-8", "b.json", CDX "\"components\":[{\"name\":\"\xff\"}]}", "", "b.json: line 1, column " },
	{ "a lone surrogate", "b.json", CDX "\"components\":[{\"name\":\"\\ud800\"}]}", "", "b.json: line 1, column " },
	{ "a NUL in a name", "b.json", CDX "\"components\":[{\"name\":\"a\\u0000b\"}]}", "",
	  "b.json: line 1, column " },
	{ "cut off", "b.json", CDX "\"components\":[{\"name\":\"a\"", "", "b.json: line 1, column " },
	{ "something behind", "b.json", CDX "\"components\":[{\"name\":\"a\"}]} {}", "", "b.json: line 1, column " },
	{ "a comment", "b.json", CDX "/* x */\"components\":[]}", "", "b.json: line 1, column " },
	{ "HTML under its name", "bom.json", "<!doctype html><title>Sign in</title>", "",
	  "bom.json: it is neither CycloneDX nor SPDX" },
	{ "a zip under its name", "app.cdx.json", "PK\003\004", "", "app.cdx.json: it is neither" },
	{ "UTF-16 under its name", "app.cdx.json", "\xff\xfe{", "", "app.cdx.json: it is UTF-16" },
	{ "XML", "sbom.xml",
	  "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><bom "
	  "xmlns=\"http://cyclonedx.org/schema/bom/1.5\">&e;</bom>",
	  "", "sbom.xml: it is XML" },
	// SPDX as JSON
	{ "concluded, declared, neither", "x",
	  SPDX "\"packages\":[{\"SPDXID\":\"1\",\"name\":\"a\",\"versionInfo\":\"1\",\"licenseConcluded\":\"MIT\","
	       "\"licenseDeclared\":\"ISC\"},"
	       "{\"SPDXID\":\"2\",\"name\":\"b\",\"licenseConcluded\":\"NOASSERTION\",\"licenseDeclared\":\"ISC\"},"
	       "{\"SPDXID\":\"3\",\"name\":\"c\",\"licenseConcluded\":\"NONE\",\"licenseDeclared\":\"NOASSERTION\"}]}",
	  "a 1 [MIT]; b - [ISC]; c - []", NULL },
	{ "what is described, three ways to say it", "x",
	  SPDX "\"documentDescribes\":[\"1\"],\"packages\":[{\"SPDXID\":\"1\",\"name\":\"a\"},{\"SPDXID\":\"2\","
	       "\"name\":\"b\"},{\"SPDXID\":\"3\",\"name\":\"c\"},{\"SPDXID\":\"4\",\"name\":\"d\"}],"
	       "\"relationships\":[{\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\","
	       "\"relatedSpdxElement\":\"2\"},"
	       "{\"spdxElementId\":\"3\",\"relationshipType\":\"DESCRIBED_BY\",\"relatedSpdxElement\":\"SPDXRef-"
	       "DOCUMENT\"}]}",
	  "d - []", NULL },
	{ "nothing but what is described", "x",
	  SPDX
	  "\"documentDescribes\":[\"1\"],\"packages\":[{\"SPDXID\":\"1\",\"name\":\"a\",\"licenseDeclared\":\"MIT\"}]}",
	  "a - [MIT]", NULL },
	{ "wrong types", "s.json", SPDX "\"packages\":[7,{\"name\":\"a\",\"versionInfo\":[]}]}", "a - []",
	  "s.json: packages[0]: it is not a package" },
	{ "an old version", "s.json", "{\"spdxVersion\":\"SPDX-1.2\",\"packages\":[]}", "",
	  "s.json: it is not of a version of SPDX" },
	{ "no packages", "s.json", SPDX "\"files\":[]}", "", "s.json: it lists no components" },
	// SPDX 3
	{ "a graph that is none", "s.json", SPDX3 "\"@graph\":7}", "", "s.json: @graph: it is not a list" },
	{ "a listed licence, and one of another kind", "s.json",
	  SPDX3 "\"@graph\":[{\"type\":\"software_Package\",\"spdxId\":\"a\",\"name\":\"a\"},{\"type\":\"software_"
	        "Package\",\"spdxId\":\"b\",\"name\":\"b\"},"
	        "{\"type\":\"Relationship\",\"from\":\"a\",\"relationshipType\":\"hasDeclaredLicense\",\"to\":\"https:/"
	        "/spdx.org/licenses/MIT\"},"
	        "{\"type\":\"Relationship\",\"from\":\"b\",\"relationshipType\":\"hasConcludedLicense\",\"to\":["
	        "\"set\"]},{\"type\":\"expandedlicensing_ConjunctiveLicenseSet\",\"spdxId\":\"set\"}]}",
	  "a - [MIT]; b - []", "s.json: a licence is given in a way" },
	// tag-value
	{ "packages, files, texts", "x",
	  TAGS
	  "PackageName: a\nPackageVersion: 1\nPackageLicenseDeclared: MIT\nPackageComment: <text>two\nPackageName: "
	  "no\n</text>\nFileName: f\nPackageVersion: 9\n\nPackageName:b\r\nPackageLicenseConcluded: NONE\r\n",
	  "a 1 [MIT]; b - []", NULL },
	{ "what is described", "x",
	  TAGS "PackageName: a\nSPDXID: SPDXRef-a\nPackageName: b\nSPDXID: SPDXRef-b\nRelationship: SPDXRef-DOCUMENT "
	       "DESCRIBES SPDXRef-a\n",
	  "b - []", NULL },
	{ "comments before", "x", "# one\n\n# two\n" TAGS "PackageName: a\n", "a - []", NULL },
	{ "a text that is never closed", "t.spdx", TAGS "PackageName: a\nPackageComment: <text>\n\nPackageName: b\n",
	  "a - []", "t.spdx: line 4: <text> is never closed" },
	{ "a line that is no tag", "t.spdx", TAGS "PackageName: a\nwhat is this\nPackageVersion: 1\n", "a 1 []",
	  "t.spdx: line 4: it is not a tag" },
	{ "not UTF-8", "t.spdx", TAGS "PackageName: a\nPackageName: \xff\n", "", "t.spdx: line 4: it is not UTF-8" },
	{ "an empty name", "t.spdx", TAGS "PackageName:\nPackageName: b\n", "b - []",
	  "t.spdx: line 3: the component has no name" },
	{ "an old version", "t.spdx", "SPDXVersion: SPDX-1.1\nPackageName: a\n", "", "t.spdx: it is not of a version" },
	// none
	{ "other JSON", "data.json", "{\"components\":[{\"name\":\"a\"}]}", NULL, NULL },
	{ "JSON that speaks of one", "data.json", "{\"note\":{\"bomFormat\":\"CycloneDX\"}}", NULL, NULL },
	{ "prose that speaks of one", "mail.txt", "Please attach one with\nSPDXVersion: SPDX-2.3\n", NULL, NULL },
	{ "an empty file", "a.txt", "", NULL, NULL },
	{ "other XML", "a.xml", "<html>", NULL, NULL },
};

static void small_files_are_read_or_told(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(smalls); i++) {
		const struct small *w = &smalls[i];
		_json_ json_t *sbom = sbom_read(w->name, w->text, strlen(w->text), false);
		_free_ char *text = components_text(sbom);
		const char *problem = json_str(sbom, "problem");

		if (!w->components != !sbom || (sbom && strcmp(text, w->components) != 0) || !w->problem != !*problem ||
		    (w->problem && !text_starts(problem, w->problem))) {
			bad++;
			print_error("%s: \"%s\", \"%s\"\n", w->what, sbom ? text : "none", problem);
		}
	}
	assert_int_equal(bad, 0);
}

static void what_is_wrong_in_json_is_named(void **state)
{
	static const struct {
		const char *text, *end;
	} table[] = {
		{ CDX "\"version\":1e400}", "a number is too large" },  { CDX "\"a\":\"\xff\"}", "it is not UTF-8" },
		{ CDX "\"a\":\"\\u0000\"}", "a text holds a NUL" },     { CDX "\"a\":[1", "it ends too early" },
		{ CDX "\"a\":1}x", "something stands behind its end" }, { CDX "\"a\":nul}", "it is not JSON" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_json_ json_t *sbom = sbom_read("b", table[i].text, strlen(table[i].text), false);
		const char *problem = json_str(sbom, "problem");

		if (!strstr(problem, table[i].end))
			fail_msg("%s: %s", table[i].text, problem);
	}
}

// --- large ones ------------------------------------------------------------------------------------------------------

static void repeat(struct buf *out, const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_puts(out, text);
}

static void what_is_too_large_is_refused(void **state)
{
	static const struct {
		const char *before, *again;
		size_t times;
		const char *after, *problem;
	} table[] = {
		{ CDX "\"components\":", "[", 100000, "", "b: line 1: it is nested deeper than 64" },
		{ CDX "\"components\":", "[{\"components\":", 1000, "", "b: line 1: it is nested deeper than 64" },
		{ CDX "\"components\":[", "{},", 1000000, "{}]}", "b: line 1: it holds more than 500000 values" },
		{ CDX "\"components\":[", "{\"name\":\"a\"},\n", 400000, "{}]}", "b: line 249998: it holds" },
		{ CDX "\"a\":\"", "aaaaaaaaaaaaaaaa", 520000, "\"}", "b: it lists no components" },
		{ SPDX "\"a\":[", "[],", 1000000, "[]]}", "b: line 1: it holds more than 500000 values" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_buf_ struct buf text = BUF(64 << 20);
		_json_ json_t *sbom = NULL;

		buf_puts(&text, table[i].before);
		repeat(&text, table[i].again, table[i].times);
		buf_puts(&text, table[i].after);
		sbom = sbom_read("b", buf_text(&text), text.len, false);
		if (!text_starts(json_str(sbom, "problem"), table[i].problem))
			fail_msg("%zu: %s", i, json_str(sbom, "problem"));
		assert_int_equal(json_array_size(json_arr(sbom, "components")), 0);
	}
}

static void many_components_are_counted(void **state)
{
	static const struct {
		int components;
		bool cut;
	} table[] = { { 200, false }, { 201, true }, { 100000, true } };

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_buf_ struct buf json = BUF(SBOM_BYTES_MAX), tags = BUF(SBOM_BYTES_MAX);
		_json_ json_t *a = NULL, *b = NULL;

		buf_puts(&json, CDX "\"components\":[");
		buf_puts(&tags, TAGS);
		for (int k = 0; k < table[i].components; k++) {
			buf_printf(&json, "%s{\"name\":\"c%d\"}", k ? "," : "", k);
			buf_printf(&tags, "PackageName: c%d\n", k);
		}
		buf_puts(&json, "]}");
		a = sbom_read("b", buf_text(&json), json.len, false);
		b = sbom_read("b", buf_text(&tags), tags.len, false);
		assert_int_equal(json_int(a, "count"), table[i].components);
		assert_int_equal(json_array_size(json_arr(a, "components")), 200);
		assert_int_equal(json_bool(a, "cut"), table[i].cut);
		assert_int_equal(json_int(b, "count"), table[i].components);
		assert_int_equal(json_bool(b, "cut"), table[i].cut);
		assert_null(json_object_get(a, "problem"));
	}
}

static void long_texts_are_told_and_left_out(void **state)
{
	static const struct {
		const char *before;
		size_t length;
		const char *after, *components, *problem;
	} table[] = {
		{ CDX "\"components\":[{\"name\":\"", 300, "\"},{\"name\":\"b\"}]}", "b - []",
		  "b: components[0]: the name is longer than 256 bytes" },
		{ CDX "\"components\":[{\"name\":\"b\",\"version\":\"", 200, "\"}]}", "b - []",
		  "b: components[0]: the version is longer than 128" },
		{ CDX "\"components\":[{\"name\":\"b\",\"licenses\":[{\"expression\":\"", 2000, "\"}]}]}", "b - []",
		  "b: components[0].licenses: the licences are too many or too long" },
		{ SPDX "\"packages\":[{\"name\":\"b\",\"licenseDeclared\":\"", 2000, "\"}]}", "b - []",
		  "b: packages[0]: the licence is longer than 1024" },
		{ TAGS "PackageName: b\nPackageLicenseDeclared: ", 3000000, "\n", "b - []",
		  "b: line 3: the licence is longer than 1024" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_buf_ struct buf text = BUF(SBOM_BYTES_MAX);
		_json_ json_t *sbom = NULL;
		_free_ char *components = NULL;

		buf_puts(&text, table[i].before);
		repeat(&text, "x", table[i].length);
		buf_puts(&text, table[i].after);
		sbom = sbom_read("b", buf_text(&text), text.len, false);
		components = components_text(sbom);
		assert_string_equal(components, table[i].components);
		if (!text_starts(json_str(sbom, "problem"), table[i].problem))
			fail_msg("%zu: %s", i, json_str(sbom, "problem"));
	}
}

static void a_file_that_was_cut_is_not_read(void **state)
{
	const char *text = CDX "\"components\":[{\"name\":\"a\"}]}";
	_json_ json_t *sbom = sbom_read("", text, strlen(text), true);

	(void)state;
	assert_true(text_starts(json_str(sbom, "problem"), "it is larger than 8 MiB"));
	assert_int_equal(json_array_size(json_arr(sbom, "components")), 0);
	assert_null(sbom_read("film.mp4", "\0\0\0", 3, true));
}

static void only_some_of_many_are_read(void **state)
{
	const char *text = CDX "\"components\":[{\"name\":\"a\"}]}";
	_json_ json_t *sboms = json_array(), *large = json_array();
	_buf_ struct buf other = BUF(SBOM_BYTES_MAX);
	size_t left = SBOM_BYTES_MAX;

	(void)state;
	for (int i = 0; i < 100; i++)
		sbom_collect(sboms, &left, "b", text, strlen(text), false);
	assert_int_equal(json_array_size(sboms), SBOMS_MAX + 1);
	assert_string_equal(json_str(json_array_get(sboms, SBOMS_MAX), "problem"),
	                    "b: it was not read: of one mail at most 8 SBOMs with 8 MiB together are");
	// What only speaks of one costs as much to parse.
	buf_puts(&other, "{\"a\":{\"bomFormat\":1}}");
	repeat(&other, " ", SBOM_BYTES_MAX - 100);
	left = SBOM_BYTES_MAX;
	sbom_collect(large, &left, "data.json", buf_text(&other), other.len, false);
	assert_int_equal(json_array_size(large), 0);
	sbom_collect(large, &left, "bom.json", text, strlen(text), false);
	sbom_collect(large, &left, "bom.json", text, strlen(text), false);
	assert_int_equal(json_array_size(large), 2);
	assert_null(json_object_get(json_array_get(large, 0), "problem"));
	assert_non_null(json_object_get(json_array_get(large, 1), "problem"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files_are_read),
		cmocka_unit_test(small_files_are_read_or_told),
		cmocka_unit_test(what_is_wrong_in_json_is_named),
		cmocka_unit_test(what_is_too_large_is_refused),
		cmocka_unit_test(many_components_are_counted),
		cmocka_unit_test(long_texts_are_told_and_left_out),
		cmocka_unit_test(a_file_that_was_cut_is_not_read),
		cmocka_unit_test(only_some_of_many_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

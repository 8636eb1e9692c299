// SPDX-License-Identifier: Apache-2.0
// What the mime worker says of SBOMs: refused when it breaks the rules, and else part of the reading of a request.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/document.h"
#include "bot/fact_join.h"
#include "bot/facts.h"
#include "bot/sbom.h"

#define NOW INT64_C(1795511553000) // 2026-11-24

// --- the document ----------------------------------------------------------------------------------------------------

static void documents_are_checked(void **state)
{
	static const struct {
		const char *sboms, *wrong; // NULL: nothing
	} table[] = {
		{ "[]", NULL },
		{ "[{'name':'','format':'spdx','components':[],'cut':false,'count':0}]", NULL },
		{ "[{'name':'b','format':'cyclonedx','spec':'1.6','components':[{'component':'a','version':'1','"
		  "license':'MIT'}],'cut':true,'count':900,"
		  "'problem':'x'}]",
		  NULL },
		{ "{}", "sboms" },
		{ "[1]", "an SBOM" },
		{ "[{'name':'b','format':'swid','components':[],'cut':false,'count':0}]", "format" },
		{ "[{'name':'b','format':'spdx','components':[],'cut':0,'count':0}]", "cut" },
		{ "[{'name':'b','format':'spdx','components':[],'cut':false,'count':-1}]", "count" },
		{ "[{'name':'b','format':'spdx','components':[],'cut':false,'count':0,'extra':1}]", "extra" },
		{ "[{'name':'b','format':'spdx','components':{},'cut':false,'count':0}]", "components" },
		{ "[{'name':'b','format':'spdx','components':['a'],'cut':false,'count':0}]", "a component" },
		{ "[{'name':'b','format':'spdx','components':[{'version':'1'}],'cut':false,'count':0}]", "component" },
		{ "[{'name':'b','format':'spdx','components':[{'component':'a','license':['MIT']}],'cut':false,'count':"
		  "0}]",
		  "license" },
		{ "[{'name':'b','format':'spdx','components':[{'component':'a','purl':'x'}],'cut':false,'count':0}]",
		  "purl" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_free_ char *text = text_format("{\"sboms\":%s}", table[i].sboms);
		_json_ json_t *document = NULL;
		struct err e = { 0 };

		for (char *p = text; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		document = json_read(text, strlen(text), &e);
		assert_non_null(document);
		if (document_check(document, &e) == 0 ? table[i].wrong != NULL
		                                      : !table[i].wrong || !strstr(e.text, table[i].wrong))
			fail_msg("%s: %s", table[i].sboms, e.text);
	}
}

static json_t *many(size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		_free_ char *name = text_format("component-with-a-long-name-%zu", i);

		json_add(list, json_pack("{s:s,s:s}", "component", name, "license", i % 2 ? "MIT" : "ISC"));
	}
	return list;
}

static json_t *document_of(json_t *components, int count, const char *problem)
{
	return json_pack("{s:[{s:s,s:s,s:o,s:b,s:i,s:s*}]}", "sboms", "name", "bom.json", "format", "spdx",
	                 "components", components, "cut", count > FACT_COMPONENTS_MAX, "count", count, "problem",
	                 problem);
}

static void too_many_are_refused(void **state)
{
	_json_ json_t *good = document_of(many(200), 200, NULL), *bad = document_of(many(201), 201, NULL);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(document_check(good, &e), 0);
	assert_int_equal(document_check(bad, &e), -1);
}

static void licences_are_joined(void **state)
{
	static const struct {
		const char *licences[4], *joined;
	} table[] = {
		{ { "MIT" }, "MIT" },
		{ { "A AND B", "A AND B" }, "A AND B" },
		{ { "My own Licence" }, "My own Licence" },
		{ { "MIT", "MIT AND ISC", "ISC" }, "MIT AND ISC" },
		{ { "MIT", "(MIT OR X11)", "A WITH B" }, "MIT AND (MIT OR X11) AND A WITH B" },
		{ { "A OR B", "(A) OR (B)" }, "(A OR B) AND ((A) OR (B))" },
		{ { "A AND B or C", "X" }, "(A AND B or C) AND X" },
		{ { "A AND (B OR C)", "X" }, "(A AND (B OR C)) AND X" },
		{ { "My own Licence", "GPL-2.0-only WITH x AND MIT" },
		  "(My own Licence) AND GPL-2.0-only WITH x AND MIT" },
		{ { "a) OR (b", "MIT" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_json_ json_t *components = json_array();
		_free_ char *joined = NULL;
		struct err e = { 0 };

		for (size_t k = 0; k < LENGTH(table[i].licences) && table[i].licences[k]; k++)
			json_add(components, json_pack("{s:s,s:s}", "component", "x", "license", table[i].licences[k]));
		joined = components_licence(components, &e);
		if (table[i].joined)
			assert_string_equal(joined, table[i].joined);
		else
			assert_null(joined);
	}
}

// --- the reading -----------------------------------------------------------------------------------------------------

struct request {
	const char *what, *own; // own words
	const char *inferred;   // facts that prose gave, JSON
	const char *components; // of the SBOM
	const char *problem;    // of the SBOM
	int count;
	const char *facts, *origin; // what is wanted: JSON
	const char *problems;       // "name: why" with "; " between
	size_t several;             // components of the reading
};

static const struct request requests[] = {
	{ .what = "one component",
	  .components = "[{\"component\":\"zlib\",\"version\":\"1.3\",\"license\":\"Zlib\"}]",
	  .facts = "{\"component\":\"zlib\",\"version\":\"1.3\",\"license\":\"Zlib\"}",
	  .origin = "{\"component\":\"sbom\",\"version\":\"sbom\",\"license\":\"sbom\"}" },
	{ .what = "several, one licence twice, one an expression",
	  .own = "Product: Widget\n",
	  .components = "[{\"component\":\"a\",\"version\":\"1\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":"
	                "\"MIT\"},{\"component\":\"a\",\"version\":\"2\","
	                "\"license\":\"GPL-2.0-only OR ISC\"}]",
	  .facts = "{\"product\":\"Widget\",\"component\":\"a, b\",\"license\":\"MIT AND (GPL-2.0-only OR ISC)\"}",
	  .origin = "{\"product\":\"line\",\"component\":\"sbom\",\"license\":\"sbom\"}",
	  .several = 3 },
	{ .what = "the same twice is one",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"a\",\"license\":\"MIT\"}]",
	  .facts = "{\"component\":\"a\",\"license\":\"MIT\"}",
	  .origin = "{\"component\":\"sbom\",\"license\":\"sbom\"}" },
	{ .what = "a stated component wins, whatever the SBOM lists",
	  .own = "Component: libfoo 2.1\nLicense: GPL-3.0-only\n",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":\"MIT\"}]",
	  .facts = "{\"component\":\"libfoo\",\"version\":\"2.1\",\"license\":\"GPL-3.0-only\"}",
	  .origin = "{\"component\":\"line\",\"version\":\"line\",\"license\":\"line\"}" },
	{ .what = "what the mail leaves out of the one it names is filled in",
	  .own = "Component: LibFoo\n",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"libfoo\",\"version\":\"2.1\","
	                "\"license\":\"GPL-3.0-only\"}]",
	  .facts = "{\"component\":\"LibFoo\",\"version\":\"2.1\",\"license\":\"GPL-3.0-only\"}",
	  .origin = "{\"component\":\"line\",\"version\":\"sbom\",\"license\":\"sbom\"}" },
	{ .what = "but not from one of two of that name, nor from another version",
	  .own = "Component: libfoo\n",
	  .components = "[{\"component\":\"libfoo\",\"version\":\"1\",\"license\":\"MIT\"},{\"component\":\"libfoo\","
	                "\"version\":\"2\",\"license\":\"ISC\"}]",
	  .facts = "{\"component\":\"libfoo\"}",
	  .origin = "{\"component\":\"line\"}" },
	{ .what = "nor from another version",
	  .own = "Component: libfoo 3\n",
	  .components = "[{\"component\":\"libfoo\",\"version\":\"1\",\"license\":\"MIT\"}]",
	  .facts = "{\"component\":\"libfoo\",\"version\":\"3\"}",
	  .origin = "{\"component\":\"line\",\"version\":\"line\"}" },
	{ .what = "a stated licence stays",
	  .own = "License: GPL-3.0-only\n",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\"}]",
	  .facts = "{\"component\":\"a, b\",\"license\":\"GPL-3.0-only\"}",
	  .origin = "{\"component\":\"sbom\",\"license\":\"line\"}",
	  .several = 2 },
	{ .what = "what prose said of a licence and a version gives way",
	  .inferred = "{\"license\":\"MIT\",\"version\":\"4.2\"}",
	  .components =
	          "[{\"component\":\"a\",\"license\":\"ISC\"},{\"component\":\"b\",\"license\":\"GPL-3.0-only\"}]",
	  .facts = "{\"component\":\"a, b\",\"license\":\"ISC AND GPL-3.0-only\"}",
	  .origin = "{\"component\":\"sbom\",\"license\":\"sbom\"}",
	  .several = 2 },
	{ .what = "a component that prose names is what the mail is about",
	  .inferred = "{\"component\":\"b\"}",
	  .components =
	          "[{\"component\":\"a\",\"license\":\"ISC\"},{\"component\":\"b\",\"license\":\"GPL-3.0-only\"}]",
	  .facts = "{\"component\":\"b\",\"license\":\"GPL-3.0-only\"}",
	  .origin = "{\"component\":\"inferred\",\"license\":\"sbom\"}" },
	{ .what = "components without a licence are named",
	  .components = "[{\"component\":\"a\",\"version\":\"1\"},{\"component\":\"b\",\"license\":\"MIT\"},{"
	                "\"component\":\"c\"},{\"component\":\"d\"},{\"component\":\"e\"}]",
	  .facts = "{\"component\":\"a, b, c, d, e\"}",
	  .origin = "{\"component\":\"sbom\"}",
	  .problems = "license: no licence is given for a 1, c, d and 1 more; state one licence expression for all "
	              "components, or send the SBOM corrected",
	  .several = 5 },
	{ .what = "nothing could be read",
	  .components = "[]",
	  .problem = "bom.json: line 3, column 7: it is not JSON",
	  .facts = "{}",
	  .origin = "{}",
	  .problems = "component: bom.json: line 3, column 7: it is not JSON; name the component, or send the file "
	              "corrected" },
	{ .what = "something could not: the licence of all is open",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":\"MIT\"}]",
	  .problem = "bom.json: components[7]: the component has no name",
	  .facts = "{\"component\":\"a, b\"}",
	  .origin = "{\"component\":\"sbom\"}",
	  .problems = "license: bom.json: components[7]: the component has no name; state one licence expression for "
	              "all components, or send the SBOM corrected",
	  .several = 2 },
	{ .what = "there are more: the licence of all is open",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":\"MIT\"}]",
	  .count = 1234,
	  .facts = "{\"component\":\"a, b\"}",
	  .origin = "{\"component\":\"sbom\"}",
	  .problems = "license: bom.json lists 1234 components, and a case takes 200: state one licence expression for "
	              "all, or send a smaller SBOM",
	  .several = 2 },
	{ .what = "brackets that do not belong together",
	  .components = "[{\"component\":\"a\",\"license\":\"x) OR (MIT\"},{\"component\":\"b\",\"license\":\"MIT\"}]",
	  .facts = "{\"component\":\"a, b\"}",
	  .origin = "{\"component\":\"sbom\"}",
	  .problems = "license: the brackets of one licence do not belong together; state one licence expression for "
	              "all components, or send the SBOM corrected",
	  .several = 2 },
};

static void infer(json_t *reading, const char *facts)
{
	_json_ json_t *inferred = facts ? json_loads(facts, 0, NULL) : NULL;
	const char *name;
	json_t *value;

	json_object_foreach(inferred, name, value) {
		json_put(json_obj(reading, "facts"), name, json_incref(value));
		json_put_str(json_obj(reading, "origin"), name, "inferred");
	}
}

static char *problems_text(const json_t *reading)
{
	struct buf out = BUF(1 << 16);
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(reading, "problems"), i, item)
		buf_printf(&out, "%s%s: %s", i ? "; " : "", json_str(item, "name"), json_str(item, "why"));
	return buf_steal(&out);
}

static void requests_are_completed(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(requests); i++) {
		const struct request *r = &requests[i];
		_json_ json_t *facts = json_loads(r->facts, 0, NULL), *origin = json_loads(r->origin, 0, NULL);
		_json_ json_t *document = document_of(json_loads(r->components, 0, NULL), r->count, r->problem);
		_json_ json_t *reading = facts_read(NULL, "", r->own ? r->own : "", NULL, NOW);
		_free_ char *problems = NULL;

		assert_non_null(document);
		infer(reading, r->inferred);
		sbom_complete(NULL, document, NOW, reading);
		problems = problems_text(reading);
		if (!json_equal(facts, json_obj(reading, "facts")) ||
		    !json_equal(origin, json_obj(reading, "origin")) ||
		    strcmp(problems, r->problems ? r->problems : "") != 0 ||
		    json_array_size(json_arr(reading, "components")) != r->several) {
			_free_ char *text = json_text(reading);

			bad++;
			print_error("%s: %s\n", r->what, text);
		}
	}
	assert_int_equal(bad, 0);
}

static void no_sbom_changes_nothing(void **state)
{
	_json_ json_t *document = json_object(), *reading = facts_read(NULL, "", "License: MIT\n", NULL, NOW);
	_json_ json_t *before = json_deep_copy(reading);

	(void)state;
	sbom_complete(NULL, document, NOW, reading);
	assert_true(json_equal(before, reading));
}

static void many_names_end_in_a_count(void **state)
{
	_json_ json_t *document = document_of(many(200), 200, NULL);
	_json_ json_t *reading = facts_read(NULL, "", "", NULL, NOW);
	const char *names;

	(void)state;
	sbom_complete(NULL, document, NOW, reading);
	names = json_str(json_obj(reading, "facts"), "component");
	assert_true(strlen(names) <= FACT_VALUE_MAX);
	assert_true(strstr(names, " and 6") && text_starts(strstr(names, " and 6") + 7, " more"));
	assert_string_equal(json_str(json_obj(reading, "facts"), "license"), "ISC AND MIT");
	assert_int_equal(json_array_size(json_arr(reading, "components")), 200);
}

static void two_files_together_are_bounded(void **state)
{
	_json_ json_t *document = document_of(many(150), 150, NULL);
	json_t *second = json_deep_copy(json_array_get(json_arr(document, "sboms"), 0)), *component;
	_json_ json_t *reading = facts_read(NULL, "", "", NULL, NOW);
	_free_ char *problems = NULL;
	size_t i;

	(void)state;
	json_array_foreach(json_arr(second, "components"), i, component)
		json_put_str(component, "version", "2");
	json_add(json_arr(document, "sboms"), second);
	sbom_complete(NULL, document, NOW, reading);
	problems = problems_text(reading);
	assert_int_equal(json_array_size(json_arr(reading, "components")), 200);
	assert_null(json_object_get(json_obj(reading, "facts"), "license"));
	assert_true(text_starts(problems, "license: the SBOMs list more than 200 components together"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_checked),          cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(requests_are_completed),         cmocka_unit_test(licences_are_joined),
		cmocka_unit_test(no_sbom_changes_nothing),        cmocka_unit_test(many_names_end_in_a_count),
		cmocka_unit_test(two_files_together_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Facts from running text: what is read, and what is not.  Whole mails are read in requests_test.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/prose.h"
#include "bot/request.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24T09:00Z

static const char declared_text[] =
        "{\"product\":{\"kind\":\"choice\",\"values\":[\"Widget\",\"Widget Pro\",\"Atlas\",\"Orion Gateway\"]},"
        "\"channel\":{\"kind\":\"choice\",\"values\":[\"saas\",\"binary\",\"source\",\"internal\",\"embedded\"],"
        "\"also\":{\"saas\":[\"hosted\",\"hosted service\"],\"embedded\":[\"firmware\"]}},"
        "\"linking\":{\"kind\":\"choices\",\"values\":[\"static\",\"dynamic\"]},"
        "\"modified\":{\"kind\":\"choice\",\"values\":[\"yes\",\"no\"]}}";

struct reading {
	const char *text;
	const char *facts; // canonical JSON
	const char *asks;  // the names of the problems, one blank between
};

static const struct reading components[] = {
	{ "We want to ship libfoo 2.1.", "{'component':'libfoo','version':'2.1'}", "" },
	{ "Can we use the library readline (8.2)?", "{'component':'readline','version':'8.2'}", "" },
	{ "We are using searchd v0.9.1.", "{'component':'searchd','version':'0.9.1'}", "" },
	{ "Wir brauchen die Bibliothek libfoo in Version 2.1.", "{'component':'libfoo','version':'2.1'}", "" },
	{ "Could we add left-pad@1.3.0?", "{'component':'left-pad','version':'1.3.0'}", "" },
	{ "We need a library called envelope-fix. Version 1.3 of it does.",
	  "{'component':'envelope-fix','version':'1.3'}", "" },
	{ "Could we use the pdf.js library in the set-top box?", "{'component':'pdf.js'}", "" },
	{ "Could we use an open-source library?", "{}", "" },
	{ "May we use Apache Kafka 3.6?", "{'component':'Apache Kafka','version':'3.6'}", "" },
	{ "We use a 2.1 inch display and need 3.5 GB.", "{}", "" },
	{ "Our CI runs on Ubuntu 22.04 with gcc 12.2.", "{}", "" },
	{ "We need it because Chrome 120.1 breaks.", "{'rationale':'We need it because Chrome 120.1 breaks.'}", "" },
	{ "We want to replace libold 1.0 by libnew 2.0.", "{'component':'libnew','version':'2.0'}", "" },
	{ "We want libone 1.0. Later we want libtwo 2.0.", "{}", "component" },
	{ "We want libone 1.0. Then we want libone 1.2.", "{'component':'libone'}", "version" },
};

static const struct reading licences[] = {
	{ "May we ship this GPL library?", "{}", "license" },
	{ "It is under the GPLv3.", "{'license':'GPL-3.0-only'}", "" },
	{ "We want foo-lib 3.2 under MIT or GPL-2.0-only.",
	  "{'component':'foo-lib','license':'MIT OR GPL-2.0-only','version':'3.2'}", "" },
	{ "We do not use GPL-2.0-only code.", "{}", "" },
	{ "We do not use LGPL-2.1-only, MPL-2.0 or GPL-2.0-only code.", "{}", "" },
	{ "If it were GPL-2.0-only we would not ask.", "{}", "" },
	{ "Unlike MIT-licensed foo, it is EPL-2.0.", "{'license':'EPL-2.0'}", "" },
	{ "It is not GPL-2.0-only but MPL-2.0.", "{'license':'MPL-2.0'}", "" },
	{ "MITRE and gpl-violations.org permit it at the summit.", "{}", "" },
	{ "See https://example.com/GPL-2.0-only and gpl-2.0-only@example.com.", "{}", "" },
	{ "The scanner says `GPL-2.0-only` here.", "{}", "" },
	{ "It has this:\n\n    LICENSE = \"GPL-2.0-only\"\n", "{}", "" },
	{ "He wrote \"it is under GPL-2.0-only\" once.", "{}", "" },
	{ "Foo 1.0 is GPL-3.0-only. The other one is MPL-2.0.",
	  "{'component':'Foo','license':'GPL-3.0-only','version':'1.0'}", "" },
	{ "It could be GPL-3.0-only. I saw MPL-2.0 too.", "{}", "license" },
};

static const struct reading choices[] = {
	{ "It is for Widget Pro.", "{'product':'Widget Pro'}", "" },
	{ "ok to have that in widget?", "{'product':'Widget'}", "" },
	{ "The widget toolkit is broken.", "{}", "" },
	{ "I sit in the Atlas Building.", "{}", "" },
	{ "It is for Atlas. Or for Widget.", "{}", "product" },
	{ "Atlas is not affected.", "{}", "" },
	{ "It is shipped as firmware.", "{'channel':'embedded'}", "" },
	{ "This is open source software with source code.", "{}", "" },
	{ "It goes out as source.", "{'channel':'source'}", "" },
	{ "The process is static, yes.", "{}", "" },
	{ "It is linked statically.", "{'linking':['static']}", "" },
};

static const struct reading dates[] = {
	{ "We need it until March.", "{'expires':'2027-03-31'}", "" },
	{ "We need it until December.", "{'expires':'2026-12-31'}", "" },
	{ "We need it until the end of Q1.", "{'expires':'2027-03-31'}", "" },
	{ "Wir brauchen es bis Ende M\xc3\xa4rz 2027.", "{'expires':'2027-03-31'}", "" },
	{ "Jusqu'au 31 mars, s'il vous pla\xc3\xaet.", "{'expires':'2027-03-31'}", "" },
	{ "Needed till 2027-03-31.", "{'expires':'2027-03-31'}", "" },
	{ "We need it for six months.", "{'expires':'2027-05-24'}", "" },
	{ "We have used it for two years.", "{}", "" },
	{ "It was used until March 2026.", "{}", "" },
	{ "We need an answer until 15 December 2026.", "{}", "" },
	{ "Until 31 January 2027. Or until 30 April 2027.", "{}", "expires" },
};

static const struct reading others[] = {
	{ "It would cost about 12,500 EUR a year.", "{'spend':{'amount':'12500','currency':'EUR'}}", "" },
	{ "The price is 1.2 million EUR.", "{'spend':{'amount':'1200000','currency':'EUR'}}", "" },
	{ "The customer pays us 50,000 EUR.", "{}", "" },
	{ "We need 25 seats, EUR is the currency of the price.", "{'quantity':25}", "" },
	{ "12 people tested it.", "{}", "" },
	{ "See JIRA-123 and INC0012345.", "{'ticket':'JIRA-123, INC0012345'}", "" },
	{ "It is ticket #4711.", "{'ticket':'#4711'}", "" },
	{ "Commit #4711 fixes CVE-2026-1 as in RFC-2119.", "{}", "" },
	{ "Open Source Policy 7.2 applies.", "{'policy':['Open Source Policy 7.2']}", "" },
	{ "It touches clause 4.2 of the Oracle OMA.", "{'clause':'clause 4.2 of the Oracle OMA'}", "" },
	{ "It is about \xc2\xa7 5.", "{'clause':'\xc2\xa7 5'}", "" },
	{ "As I said in section 3.", "{}", "" },
	{ "We sell it to customers in Germany and Austria.", "{'region':'Germany, Austria'}", "" },
	{ "I work in Germany.", "{}", "" },
	{ "The vendor is Northwind Graphics.", "{'vendor':'Northwind Graphics'}", "" },
	{ "We need it for 90 days.", "{'expires':'2027-02-22'}", "" },
	{ "Otherwise we would have to write our own.", "{'remediation':'Otherwise we would have to write our own.'}",
	  "" },
	{ "", "{}", "" },
};

static char *names_of(const json_t *problems)
{
	char *all = text_copy("");
	json_t *problem;
	size_t i;

	json_array_foreach(problems, i, problem) {
		char *longer = text_format("%s%s%s", all, i ? " " : "", json_str(problem, "name"));

		free(all);
		all = longer;
	}
	return all;
}

// Expected facts are written with ' for ", except where they hold one.
static json_t *wanted(const char *facts)
{
	_free_ char *text = text_copy(facts);
	struct err e = { 0 };
	json_t *value;

	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	value = json_read(text, strlen(text), &e);
	if (!value)
		panic("%s: %s", facts, e.text);
	return value;
}

static int check(const struct reading *rows, size_t count)
{
	_json_ json_t *declared = json_read(declared_text, sizeof declared_text - 1, NULL);
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		_json_ json_t *want = wanted(rows[i].facts),
		              *got = prose_read(declared, known_licences(), NULL, rows[i].text, NOW);
		_free_ char *asks = names_of(json_arr(got, "problems")), *facts = json_text(json_obj(got, "facts"));

		if (json_equal(want, json_obj(got, "facts")) && strcmp(asks, rows[i].asks) == 0)
			continue;
		print_error("%s\n   got %s, asks [%s]\n  want %s, asks [%s]\n", rows[i].text, facts, asks,
		            rows[i].facts, rows[i].asks);
		bad++;
	}
	return bad;
}

static void reads_components(void **state)
{
	(void)state;
	assert_int_equal(check(components, LENGTH(components)), 0);
}

static void reads_licences(void **state)
{
	(void)state;
	assert_int_equal(check(licences, LENGTH(licences)), 0);
}

static void reads_choices(void **state)
{
	(void)state;
	assert_int_equal(check(choices, LENGTH(choices)), 0);
}

static void reads_dates(void **state)
{
	(void)state;
	assert_int_equal(check(dates, LENGTH(dates)), 0);
}

static void reads_the_rest(void **state)
{
	(void)state;
	assert_int_equal(check(others, LENGTH(others)), 0);
}

// --- the whole request ---

static json_t *request(const char *subject, const char *own, bool reply)
{
	_json_ json_t *declared = json_read(declared_text, sizeof declared_text - 1, NULL);
	_json_ json_t *document = json_pack("{s:s,s:s}", "subject", subject, "own", own);
	const struct request_rules rules = { .declared = declared, .licences = known_licences(), .now = NOW };

	return request_of(&rules, document, reply);
}

static const char *fact_of(const json_t *reading, const char *name)
{
	return json_str(json_obj(reading, "facts"), name);
}

static const char *origin_of(const json_t *reading, const char *name)
{
	return json_str(json_obj(reading, "origin"), name);
}

static void stated_beats_inferred(void **state)
{
	_json_ json_t *reading = request("Request",
	                                 "We want libfoo 2.1 (MIT license) in Atlas until May.\n\n"
	                                 "License: GPL v2 with classpath exception\nNeeded until: 2027-01-31\n",
	                                 false);

	(void)state;
	assert_string_equal(fact_of(reading, "license"), "GPL-2.0-only WITH Classpath-exception-2.0");
	assert_string_equal(origin_of(reading, "license"), "line");
	assert_string_equal(json_str(json_obj(reading, "words"), "license"), "GPL v2 with classpath exception");
	assert_string_equal(fact_of(reading, "expires"), "2027-01-31");
	assert_string_equal(fact_of(reading, "component"), "libfoo");
	assert_string_equal(origin_of(reading, "component"), "inferred");
	assert_string_equal(json_str(json_obj(reading, "words"), "product"), "Atlas");
}

static void a_stated_component_keeps_its_own_version(void **state)
{
	_json_ json_t *reading =
	        request("x", "We also looked at it and want libbar 1.0 (MIT license).\n\nComponent: libfoo\n", false);

	(void)state;
	assert_string_equal(fact_of(reading, "component"), "libfoo");
	assert_string_equal(fact_of(reading, "version"), "");
	assert_string_equal(fact_of(reading, "license"), "");
}

static void subjects_count_in_requests_only(void **state)
{
	_json_ json_t *asked = request("Re: tinyxml-gl 3.0 (MPL-2.0) in Atlas", "See subject, please.", false);
	_json_ json_t *replied = request("Re: tinyxml-gl 3.0 (MPL-2.0) in Atlas", "See subject, please.", true);
	_json_ json_t *empty = request("tinyxml-gl 3.0 (MPL-2.0) in Atlas", "", false);

	(void)state;
	assert_string_equal(fact_of(asked, "component"), "tinyxml-gl");
	assert_string_equal(fact_of(asked, "license"), "MPL-2.0");
	assert_int_equal(json_object_size(json_obj(replied, "facts")), 0);
	assert_int_equal(json_object_size(json_obj(empty, "facts")), 0);
}

static void replies_leave_no_questions(void **state)
{
	_json_ json_t *asked = request("x", "It is for Atlas. Or for Widget.", false);
	_json_ json_t *replied = request("x", "It is for Atlas. Or for Widget.", true);

	(void)state;
	assert_int_equal(json_array_size(json_arr(asked, "problems")), 1);
	assert_int_equal(json_array_size(json_arr(replied, "problems")), 0);
}

static void an_sbom_beats_a_name_in_prose_that_it_lacks(void **state)
{
	static const char sboms[] = "[{\"name\":\"a.json\",\"format\":\"spdx\",\"components\":"
	                            "[{\"component\":\"libone\",\"version\":\"1.0\",\"license\":\"MIT\"},"
	                            "{\"component\":\"libtwo\",\"version\":\"2.0\",\"license\":\"ISC\"}]}]";
	const struct request_rules rules = { .licences = known_licences(), .now = NOW };
	_json_ json_t *list = json_read(sboms, sizeof sboms - 1, NULL);
	_json_ json_t *other = json_pack("{s:s,s:O}", "own", "We want to ship libapp 3.1.", "sboms", list);
	_json_ json_t *same = json_pack("{s:s,s:O}", "own", "We want to ship libtwo 2.0.", "sboms", list);
	_json_ json_t *all = request_of(&rules, other, false), *one = request_of(&rules, same, false);

	(void)state;
	assert_string_equal(fact_of(all, "component"), "libone, libtwo");
	assert_string_equal(origin_of(all, "component"), "sbom");
	assert_int_equal(json_array_size(json_arr(all, "components")), 2);
	assert_string_equal(fact_of(one, "component"), "libtwo");
	assert_string_equal(fact_of(one, "license"), "ISC");
	assert_string_equal(origin_of(one, "license"), "sbom");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_components),
		cmocka_unit_test(reads_licences),
		cmocka_unit_test(reads_choices),
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(reads_the_rest),
		cmocka_unit_test(stated_beats_inferred),
		cmocka_unit_test(a_stated_component_keeps_its_own_version),
		cmocka_unit_test(subjects_count_in_requests_only),
		cmocka_unit_test(replies_leave_no_questions),
		cmocka_unit_test(an_sbom_beats_a_name_in_prose_that_it_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

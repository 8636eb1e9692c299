// SPDX-License-Identifier: Apache-2.0
// Facts from labelled lines, tables and forms.  A case is a body as somebody would write it and the facts that are in
// it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"

static const char declared_text[] =
        "{\"product\":{\"kind\":\"choice\",\"values\":[\"Widget\",\"Atlas\",\"Orion Gateway\"],"
        "\"also\":{\"Orion Gateway\":[\"the gateway\"]}},"
        "\"channel\":{\"kind\":\"choice\",\"values\":[\"saas\",\"binary\",\"source\",\"app-store\"],"
        "\"also\":{\"saas\":[\"hosted\",\"hosted service\"],\"binary\":[\"executable\"]}},"
        "\"linking\":{\"kind\":\"choices\",\"values\":[\"static\",\"dynamic\",\"process\"],\"title\":\"How is it "
        "linked\"},"
        "\"review_by\":{\"kind\":\"date\"},\"team\":{\"kind\":\"text\"},\"installs\":{\"kind\":\"number\"}}";

struct body {
	const char *what, *own;
	const char *facts;      // JSON
	const char *components; // JSON, or NULL when there is no list
	const char *problems;   // names, each with a blank behind it
	const char *rest;
	const char *subject, *pairs;
	bool plain; // without declarations
};

static const struct body bodies[] = {
	{ .what = "the whole form",
	  .own = "Hello,\n\nLicense: GPL-3.0-only\nComponent: libfoo\nVersion: 2.1.4\nProduct: widget\nDistribution: "
	         "hosted\n"
	         "Region: EU\nNeeded until: 31 March 2027\nSpend: EUR 12.500,50\nQuantity: 25 seats\nPolicy: OSP 7.2; "
	         "SEC 3\n"
	         "Ticket: JIRA-12\nRisk: 7/10\nLinking: static and dynamic\n"
	         "Rationale: nothing else does it\nIf refused: we buy a licence\nImpact: none\n\nThanks,\nAnn\n",
	  .facts =
	          "{\"license\":\"GPL-3.0-only\",\"component\":\"libfoo\",\"version\":\"2.1.4\",\"product\":\"Widget\","
	          "\"channel\":\"saas\",\"region\":\"EU\",\"expires\":\"2027-03-31\","
	          "\"spend\":{\"amount\":\"12500.50\",\"currency\":\"EUR\"},\"quantity\":25,\"policy\":[\"OSP "
	          "7.2\",\"SEC 3\"],"
	          "\"ticket\":\"JIRA-12\",\"risk\":7,\"linking\":[\"static\",\"dynamic\"],"
	          "\"rationale\":\"nothing else does it\",\"remediation\":\"we buy a licence\",\"impact\":\"none\"}",
	  .rest = "Hello,\n\nThanks,\nAnn" },
	{ .what = "markdown and bullets",
	  .own = "* **License:** MIT\n- *Component*: zlib\n\xe2\x80\xa2 Version = 1.3\n1. **Product: Widget**\n"
	         "Channel \xe2\x80\x93 binary\n__Region__ - EU\n",
	  .facts = "{\"license\":\"MIT\",\"component\":\"zlib\",\"version\":\"1.3\",\"product\":\"Widget\",\"channel\":"
	           "\"binary\","
	           "\"region\":\"EU\"}",
	  .rest = "" },
	{ .what = "the form as it was mailed, partly filled in",
	  .own = "License (an SPDX expression, for example: GPL-3.0-only): Apache-2.0.\nComponent (its name): "
	         "\nVersion []: 1.0\n"
	         "Needed until [a day, for example 2027-03-31]:\nRationale (why): -\nImpact: tbd\nVendor: n/a\n",
	  .facts = "{\"license\":\"Apache-2.0\",\"version\":\"1.0\"}",
	  .rest = "" },
	{ .what = "CR LF, and capitals",
	  .own = "LICENCE: MIT\r\n  COMPONENT : zlib\r\n\r\nProduct:Atlas\r\n",
	  .facts = "{\"license\":\"MIT\",\"component\":\"zlib\",\"product\":\"Atlas\"}",
	  .rest = "" },
	{ .what = "German",
	  .own = "Lizenz: EUPL-1.2\nKomponente: libfoo\nVersionsnummer: 3\nProdukt: Widget\nG\xc3\xbcltig bis: 31. "
	         "M\xc3\xa4rz 2027\n"
	         "Begr\xc3\xbcndung: es gibt nichts anderes\nBei Ablehnung: wir kaufen\nKosten: 1.500 \xe2\x82\xac\n",
	  .facts = "{\"license\":\"EUPL-1.2\",\"component\":\"libfoo\",\"version\":\"3\",\"product\":\"Widget\","
	           "\"expires\":\"2027-03-31\",\"rationale\":\"es gibt nichts anderes\",\"remediation\":\"wir kaufen\","
	           "\"spend\":{\"amount\":\"1500\",\"currency\":\"EUR\"}}",
	  .rest = "" },
	{ .what = "French, Spanish, Italian",
	  .own = "Fournisseur : Fou SA\nPays : France\nMotivo: no hay otra\nClausola: 7.2\nJusqu\xe2\x80\x99"
	         "au : 31 mars 2027\n",
	  .facts = "{\"vendor\":\"Fou SA\",\"region\":\"France\",\"rationale\":\"no hay otra\",\"clause\":\"7.2\","
	           "\"expires\":\"2027-03-31\"}",
	  .rest = "" },
	{ .what = "questions as labels",
	  .own = "Why do you need it? : speed\nHow is it distributed? hosted\nHow is it distributed?: hosted\n",
	  .facts = "{\"rationale\":\"speed\\nHow is it distributed? hosted\",\"channel\":\"saas\"}",
	  .rest = "" },
	{ .what = "continued lines",
	  .own = "License: MIT\n  OR Apache-2.0\nRationale: first line\nsecond line\n\nsecond paragraph\n\n"
	         "Remediation:\n  - buy\n  - drop\n\nKind regards\nAnn",
	  .facts =
	          "{\"license\":\"MIT OR Apache-2.0\",\"rationale\":\"first line\\nsecond line\\n\\nsecond paragraph\","
	          "\"remediation\":\"- buy\\n- drop\"}",
	  .rest = "Kind regards\nAnn" },
	{ .what = "a label alone, its paragraph below",
	  .own = "Rationale:\n\nWe need it because nothing else is fast.\n\nThanks",
	  .facts = "{\"rationale\":\"We need it because nothing else is fast.\"}",
	  .rest = "Thanks" },
	{ .what = "an empty label is not filled with the greeting",
	  .own = "License:\nThanks, Ann\nRationale:\n\nThanks, Ann",
	  .facts = "{}",
	  .rest = "Thanks, Ann\nThanks, Ann" },
	{ .what = "labels that mean nothing stay text",
	  .own = "Note: see below\nhttps://example.com/x?license=MIT\nFrom 9:00 to 10:00\nThe license: it is MIT\n",
	  .facts = "{}",
	  .rest = "Note: see below\nhttps://example.com/x?license=MIT\nFrom 9:00 to 10:00\nThe license: it is MIT" },
	{ .what = "prose is not guessed at",
	  .own = "We want to ship libfoo 2.1, which is under the GPL-3.0, in the Widget until March.",
	  .facts = "{}",
	  .rest = "We want to ship libfoo 2.1, which is under the GPL-3.0, in the Widget until March." },
	{ .what = "declared facts by name and title",
	  .own = "Review by: 2027-01-15\nHow is it linked?: dynamic, process\nTEAM: core\nInstalls: about 1,000\n",
	  .facts = "{\"review_by\":\"2027-01-15\",\"linking\":[\"dynamic\",\"process\"],\"team\":\"core\",\"installs\":"
	           "1000}",
	  .rest = "" },
	{ .what = "choices that are none, numbers, money",
	  .own = "Product: Wigdet\nChannel: carrier pigeon\nLinking: static, glued\nQuantity: many\nSpend: 5000\nRisk: "
	         "11\n",
	  .facts = "{}",
	  .problems = "channel linking product quantity risk spend ",
	  .rest = "" },
	{ .what = "C20",
	  .own = "Needed until: 2026-11-24\nReview by: 2027-02-30\n",
	  .facts = "{}",
	  .problems = "expires review_by ",
	  .rest = "" },
	{ .what = "C20: out of reach",
	  .own = "Expires: 9999-12-31",
	  .facts = "{}",
	  .problems = "expires ",
	  .rest = "" },
	{ .what = "C20: not exact", .own = "Expires: 2026-1-1", .facts = "{}", .problems = "expires ", .rest = "" },
	{ .what = "given twice",
	  .own = "Vendor: Foo\nVendor: FOO\nRegion: EU\nRegion: US\nPolicy: A 1\nPolicy: B 2\nReason: one\nReason: "
	         "two\n",
	  .facts = "{\"vendor\":\"Foo\",\"policy\":[\"A 1\",\"B 2\"],\"rationale\":\"one\\n\\ntwo\"}",
	  .problems = "region ",
	  .rest = "" },
	{ .what = "without declarations a choice is text",
	  .own = "Product: Wigdet\nChannel: carrier pigeon\n",
	  .facts = "{\"product\":\"Wigdet\",\"channel\":\"carrier pigeon\"}",
	  .rest = "",
	  .plain = true },
	{ .what = "control bytes and what cannot be seen",
	  .own = "Component: lib\x1b[31mfoo\xe2\x80\xae\x07 x\nLicense: M\xe2\x80\x8bIT\n",
	  .facts = "{\"component\":\"lib[31mfoo x\",\"license\":\"MIT\"}",
	  .rest = "" },
	{ .what = "not UTF-8", .own = "License: M\xffIT\n\xfe", .facts = "{\"license\":\"MIT\"}", .rest = "" },
	// several components
	{ .what = "repeated groups",
	  .own = "Component: zlib\nVersion: 1.3\nLicense: Zlib\nComponent: libfoo\nVersion: 2.1\nLicense: "
	         "GPL-3.0-only\n"
	         "Product: Widget\n",
	  .facts = "{\"component\":\"zlib, libfoo\",\"license\":\"Zlib AND GPL-3.0-only\",\"product\":\"Widget\"}",
	  .components = "[{\"component\":\"zlib\",\"version\":\"1.3\",\"license\":\"Zlib\"},"
	                "{\"component\":\"libfoo\",\"version\":\"2.1\",\"license\":\"GPL-3.0-only\"}]",
	  .rest = "" },
	{ .what = "groups that begin with the licence",
	  .own = "License: MIT\nComponent: a\nLicense: BSD-3-Clause\nComponent: b\n",
	  .facts = "{\"component\":\"a, b\",\"license\":\"MIT AND BSD-3-Clause\"}",
	  .components =
	          "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":\"BSD-3-Clause\"}]",
	  .rest = "" },
	{ .what = "one line",
	  .own = "Components: a 1.2 (MIT), b 2.0 (GPL-3.0-only OR MIT), @scope/c@3.1 (MIT)\n",
	  .facts = "{\"component\":\"a, b, @scope/c\",\"license\":\"MIT AND (GPL-3.0-only OR MIT)\"}",
	  .components = "[{\"component\":\"a\",\"version\":\"1.2\",\"license\":\"MIT\"},"
	                "{\"component\":\"b\",\"version\":\"2.0\",\"license\":\"GPL-3.0-only OR MIT\"},"
	                "{\"component\":\"@scope/c\",\"version\":\"3.1\",\"license\":\"MIT\"}]",
	  .rest = "" },
	{ .what = "bullets, one licence for all",
	  .own = "Components:\n- zlib 1.3\n- left-pad\nLicense: MIT\n",
	  .facts = "{\"component\":\"zlib, left-pad\",\"license\":\"MIT\"}",
	  .components = "[{\"component\":\"zlib\",\"version\":\"1.3\",\"license\":\"MIT\"},"
	                "{\"component\":\"left-pad\",\"license\":\"MIT\"}]",
	  .rest = "" },
	{ .what = "bullets in other fashions",
	  .own = "Packages:\n* zlib 1.3: Zlib\n* libfoo v2 under GPL-3.0-only\n* bar, Apache 2.0\n\nThanks\n",
	  .facts = "{\"component\":\"zlib, libfoo, bar\",\"license\":\"Zlib AND GPL-3.0-only AND (Apache 2.0)\"}",
	  .components = "[{\"component\":\"zlib\",\"version\":\"1.3\",\"license\":\"Zlib\"},"
	                "{\"component\":\"libfoo\",\"version\":\"v2\",\"license\":\"GPL-3.0-only\"},"
	                "{\"component\":\"bar\",\"license\":\"Apache 2.0\"}]",
	  .rest = "Thanks" },
	{ .what = "a licence is missing",
	  .own = "Components: a (MIT), b\n",
	  .facts = "{\"component\":\"a, b\"}",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\"}]",
	  .problems = "license ",
	  .rest = "" },
	{ .what = "more licences than components",
	  .own = "Component: a\nLicense: MIT\nComponent: b\nLicense: ISC\nLicense: Zlib\n",
	  .facts = "{\"component\":\"a, b\"}",
	  .components = "[{\"component\":\"a\",\"license\":\"MIT\"},{\"component\":\"b\",\"license\":\"ISC\"}]",
	  .problems = "license ",
	  .rest = "" },
	{ .what = "one component, version and licence beside it",
	  .own = "Component: libfoo 2.1 (GPL-3.0-only)\n",
	  .facts = "{\"component\":\"libfoo\",\"version\":\"2.1\",\"license\":\"GPL-3.0-only\"}",
	  .rest = "" },
	{ .what = "a remark is no licence, a comma no list",
	  .own = "Component: libfoo, the C library (logging)\n",
	  .facts = "{\"component\":\"libfoo, the C library (logging)\"}",
	  .rest = "" },
	{ .what = "a version behind a comma",
	  .own = "Component: openssl, 3.0\n",
	  .facts = "{\"component\":\"openssl\",\"version\":\"3.0\"}",
	  .rest = "" },
	{ .what = "two licences for one component",
	  .own = "Component: libfoo\nLicense: MIT\nLicense: GPL-3.0-only\n",
	  .facts = "{\"component\":\"libfoo\"}",
	  .problems = "license ",
	  .rest = "" },
	{ .what = "a label contradicts what stands beside the name",
	  .own = "License: MIT\nComponent: libfoo (GPL-3.0-only)\n",
	  .facts = "{\"component\":\"libfoo\"}",
	  .problems = "license ",
	  .rest = "" },
	{ .what = "the other way round",
	  .own = "Component: libfoo (GPL-3.0-only)\nLicense: MIT\n",
	  .facts = "{\"component\":\"libfoo\"}",
	  .problems = "license ",
	  .rest = "" },
	{ .what = "the same twice",
	  .own = "License: MIT\nLicense: MIT\nComponent: a\n",
	  .facts = "{\"license\":\"MIT\",\"component\":\"a\"}",
	  .rest = "" },
	// other sources
	{ .what = "a table, which the lines beat",
	  .own = "Product: Atlas\n",
	  .pairs = "[[\"License\",\"MIT\"],[\"Component:\",\"zlib\"],[\"Product\",\"Widget\"],[\"Foo\",\"bar\"],["
	           "\"Region\",\"\"]]",
	  .facts = "{\"license\":\"MIT\",\"component\":\"zlib\",\"product\":\"Atlas\"}",
	  .rest = "" },
	{ .what = "the subject comes last",
	  .own = "License: MIT\n",
	  .subject = "Re: [ext] License: GPL-3.0-only; Component: zlib | Product: the gateway",
	  .facts = "{\"license\":\"MIT\",\"component\":\"zlib\",\"product\":\"Orion Gateway\"}",
	  .rest = "" },
	{ .what = "a bad line is not replaced by a table",
	  .own = "Product: Foo\n",
	  .pairs = "[[\"Product\",\"Widget\"]]",
	  .facts = "{}",
	  .problems = "product ",
	  .rest = "" },
	{ .what = "pairs that are none",
	  .own = "",
	  .pairs = "[7,[],[\"License\"],[\"License\",7],[null,\"x\"]]",
	  .facts = "{}",
	  .rest = "" },
	{ .what = "nothing", .own = "", .facts = "{}", .rest = "" },
};

static int64_t now;

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *problem_names(const json_t *problems)
{
	const char *names[64];
	char *out = text_copy("");
	json_t *problem;
	size_t i;

	json_array_foreach(problems, i, problem) {
		names[i] = json_str(problem, "name");
		assert_true(strlen(json_str(problem, "why")) > 5);
	}
	qsort(names, json_array_size(problems), sizeof names[0], compare);
	for (i = 0; i < json_array_size(problems); i++) {
		char *longer = text_format("%s%s ", out, names[i]);

		free(out);
		out = longer;
	}
	return out;
}

static void same_json(const char *what, const json_t *got, const char *expected)
{
	_json_ json_t *want = json_read(expected, strlen(expected), NULL);

	assert_non_null(want);
	if (!json_equal(got, want)) {
		_free_ char *text = json_text(got);

		fail_msg("%s:\n got %s\nwant %s", what, text, expected);
	}
}

static void each_body(void **state)
{
	_json_ json_t *declared = json_read(declared_text, strlen(declared_text), NULL);

	(void)state;
	assert_non_null(declared);
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		const struct body *b = &bodies[i];
		_json_ json_t *pairs = b->pairs ? json_read(b->pairs, strlen(b->pairs), NULL) : NULL;
		_json_ json_t *out = facts_read(b->plain ? NULL : declared, b->subject, b->own, pairs, now);
		_free_ char *problems = problem_names(json_arr(out, "problems"));
		const char *name;
		json_t *value;

		same_json(b->what, json_obj(out, "facts"), b->facts);
		if (b->components)
			same_json(b->what, json_arr(out, "components"), b->components);
		else
			assert_null(json_object_get(out, "components"));
		if (strcmp(problems, b->problems ? b->problems : "") != 0)
			fail_msg("%s: problems %s", b->what, problems);
		if (strcmp(json_str(out, "rest"), b->rest) != 0)
			fail_msg("%s: rest <%s>", b->what, json_str(out, "rest"));
		json_object_foreach(json_obj(out, "facts"), name, value) {
			assert_true(*json_str(json_obj(out, "origin"), name) != '\0');
			assert_true(*json_str(json_obj(out, "words"), name) != '\0');
		}
	}
}

static void origins_are_told(void **state)
{
	_json_ json_t *pairs = json_pack("[[s,s]]", "License", "MIT");
	_json_ json_t *out = facts_read(NULL, "Product: Widget", "Component: zlib 1.3", pairs, now);

	(void)state;
	same_json("origin", json_obj(out, "origin"),
	          "{\"license\":\"table\",\"component\":\"line\",\"version\":\"line\",\"product\":\"subject\"}");
	same_json("words", json_obj(out, "words"),
	          "{\"license\":\"MIT\",\"component\":\"zlib\",\"version\":\"1.3\",\"product\":\"Widget\"}");
}

static void values_are_bounded(void **state)
{
	// one byte in two: "\xc3\xa9", to see that nothing is cut inside a character
	static const struct {
		size_t characters;
		bool fits;
	} cases[] = { { 2048, true }, { 2049, false }, { 500000, false } };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *value = malloc(2 * cases[i].characters + 1), *own = NULL;

		for (size_t k = 0; k < cases[i].characters; k++)
			memcpy(value + 2 * k, "\xc3\xa9", 2);
		value[2 * cases[i].characters] = '\0';
		own = text_format("Vendor: Foo\nRationale: %s\nRegion: EU", value);
		_json_ json_t *out = facts_read(NULL, NULL, own, NULL, now);

		assert_string_equal(json_str(json_obj(out, "facts"), "vendor"), "Foo");
		if (cases[i].fits)
			assert_string_equal(json_str(json_obj(out, "facts"), "rationale"), value);
		else
			assert_null(json_object_get(json_obj(out, "facts"), "rationale"));
		assert_int_equal(json_array_size(json_arr(out, "problems")), cases[i].fits ? 0 : 1);
	}
}

static void many_components_are_too_many(void **state)
{
	(void)state;
	for (int count = FACT_COMPONENTS_MAX; count <= FACT_COMPONENTS_MAX + 50; count += 50) {
		_free_ char *own = calloc(1, 32 * (size_t)count);
		_json_ json_t *out = NULL;

		for (int i = 0; i < count; i++)
			snprintf(own + strlen(own), 32, "Component: c%d\n", i);
		out = facts_read(NULL, NULL, own, NULL, now);
		assert_int_equal(json_array_size(json_arr(out, "components")),
		                 count == FACT_COMPONENTS_MAX ? count : 0);
		assert_true(json_array_size(json_arr(out, "problems")) > 0);
	}
}

static const struct {
	const char *name, *words, *value; // value NULL: refused
} values[] = {
	{ "spend", "12,500.50 EUR", "{\"amount\":\"12500.50\",\"currency\":\"EUR\"}" },
	{ "spend", "EUR 12.500,5", "{\"amount\":\"12500.50\",\"currency\":\"EUR\"}" },
	{ "spend", "$1.2m", "{\"amount\":\"1200000\",\"currency\":\"USD\"}" },
	{ "spend",
	  "\xc2\xa3"
	  "1.125k",
	  "{\"amount\":\"1125\",\"currency\":\"GBP\"}" },
	{ "spend", "1.500 EUR", "{\"amount\":\"1500\",\"currency\":\"EUR\"}" },
	{ "spend", "12 500 \xe2\x82\xac per year", "{\"amount\":\"12500\",\"currency\":\"EUR\"}" },
	{ "spend",
	  "12\xc2\xa0"
	  "500 chf",
	  "{\"amount\":\"12500\",\"currency\":\"CHF\"}" },
	{ "spend", "1'000'000 CHF", "{\"amount\":\"1000000\",\"currency\":\"CHF\"}" },
	{ "spend", "about 5k euros", "{\"amount\":\"5000\",\"currency\":\"EUR\"}" },
	{ "spend", "0 EUR", "{\"amount\":\"0\",\"currency\":\"EUR\"}" },
	{ "spend", "1000000000000 EUR", NULL },
	{ "spend", "999999 million EUR", "{\"amount\":\"999999000000\",\"currency\":\"EUR\"}" },
	{ "spend", "9999999 million EUR", NULL },
	{ "spend", "5000", NULL },
	{ "spend", "5000 XXX", NULL },
	{ "spend", "5 to 10k EUR", NULL },
	{ "spend", "5 EUR or 6 USD", NULL },
	{ "spend", "-5 EUR", NULL },
	{ "spend", "EUR", NULL },
	{ "spend", "1.2345 EUR", NULL },
	{ "quantity", "1,000 seats", "1000" },
	{ "quantity", "2k", "2000" },
	{ "quantity", "1.5", NULL },
	{ "quantity", "5-10", NULL },
	{ "quantity", "-5", NULL },
	{ "quantity", "unlimited", NULL },
	{ "quantity", "99999999999999999999999", NULL },
	{ "risk", "10", "10" },
	{ "risk", "7/10", "7" },
	{ "risk", "7 out of 10", NULL },
	{ "risk", "high", NULL },
	{ "product", "ORION-GATEWAY", "\"Orion Gateway\"" },
	{ "product", "the Gateway (EU build)", "\"Orion Gateway\"" },
	{ "product", "Widget 2", NULL },
	{ "channel", "App Store", "\"app-store\"" },
	{ "channel", "Hosted  Service", "\"saas\"" },
	{ "channel", "binary and source", NULL },
	{ "linking", "static/dynamic & process", "[\"static\",\"dynamic\",\"process\"]" },
	{ "linking", "static, static", "[\"static\"]" },
	{ "policy", "A 1; B 2\nC 3, D", "[\"A 1\",\"B 2\",\"C 3\",\"D\"]" },
	{ "license", " \"MIT\". ", "\"MIT\"" },
	{ "license", "...", NULL },
	{ "expires", "in 6 months", "\"2027-05-24\"" },
	{ "expires", "2026-11-25", "\"2026-11-25\"" },
	{ "expires", "2026-11-24", NULL },
	{ "expires", "2020-01-01", NULL },
	{ "review_by", "2020-01-01", "\"2020-01-01\"" },
	{ "component", "", NULL },
	{ "unknown", "any\nwords", "\"any words\"" },
	{ "rationale", " a \n\n\n b \t c", "\"a\\n\\nb c\"" },
};

static void each_value(void **state)
{
	_json_ json_t *declared = json_read(declared_text, strlen(declared_text), NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		_json_ json_t *value = NULL, *want = NULL;
		struct err e = { 0 };
		int status = fact_value(declared, values[i].name, values[i].words, now, &value, &e);
		_free_ char *got = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : text_copy(e.text);

		if (status != (values[i].value ? 0 : -1))
			fail_msg("%s: %s", values[i].words, got);
		if (!values[i].value)
			continue;
		want = json_loads(values[i].value, JSON_DECODE_ANY, NULL);
		if (!json_equal(value, want))
			fail_msg("%s: %s", values[i].words, got);
	}
}

static void people_are_told_what_is_allowed(void **state)
{
	_json_ json_t *declared = json_read(declared_text, strlen(declared_text), NULL);
	struct err e = { 0 };
	json_t *value;
	char hint[FACT_HINT];

	(void)state;
	assert_int_equal(fact_value(declared, "product", "Wigdet", now, &value, &e), -1);
	assert_non_null(strstr(e.text, "Widget, Atlas, Orion Gateway"));
	assert_non_null(strstr(e.text, "did you mean Widget?"));
	assert_string_equal(fact_hint(declared, "product", hint), "one of Widget, Atlas, Orion Gateway");
	assert_string_equal(fact_hint(declared, "linking", hint), "any of static, dynamic, process");
	assert_string_equal(fact_hint(declared, "review_by", hint), "a day, for example 2027-03-31");
	assert_non_null(strstr(fact_hint(NULL, "license", hint), "SPDX"));
	assert_string_equal(fact_hint(NULL, "nothing", hint), "");
	assert_string_equal(fact_title(declared, "linking"), "How is it linked");
	assert_string_equal(fact_title(declared, "expires"), "Needed until");
	assert_string_equal(fact_title(NULL, "team"), "team");
	assert_string_equal(fact_question(NULL, "expires"), "Until when do you need the exception?");
}

// What the form says as a label must be read back as that fact.
static void titles_and_names_are_labels(void **state)
{
	(void)state;
	for (const struct fact *f = facts_builtin; f->name; f++) {
		_free_ char *name = text_copy(f->name);

		assert_string_equal(fact_of_label(NULL, f->title), f->name);
		assert_string_equal(fact_of_label(NULL, name), f->name);
		assert_true(*f->question && *f->hint);
	}
	assert_null(fact_of_label(NULL, "note"));
	assert_null(fact_of_label(NULL, ""));
	assert_null(fact_of_label(NULL, "licen"));
	assert_null(fact_of_label(NULL, "icense"));
	assert_null(fact_of_label(NULL, "license|licence"));
}

static void values_are_shown(void **state)
{
	_json_ json_t *money = json_pack("{s:s,s:s}", "amount", "12500.50", "currency", "EUR");
	_json_ json_t *list = json_pack("[s,s]", "a", "b"), *number = json_integer(7), *text = json_string("x");
	_free_ char *a = fact_text(money), *b = fact_text(list), *c = fact_text(number), *d = fact_text(text);

	(void)state;
	assert_string_equal(a, "12500.50 EUR");
	assert_string_equal(b, "a, b");
	assert_string_equal(c, "7");
	assert_string_equal(d, "x");
}

static void titles_name_the_request(void **state)
{
	static const struct {
		const char *facts, *subject, *title;
	} cases[] = {
		{ "{\"license\":\"MIT\",\"component\":\"zlib\",\"version\":\"1.3\",\"product\":\"Widget\"}", "x",
		  "MIT for zlib 1.3 in Widget" },
		{ "{\"component\":\"zlib\",\"product\":\"Widget\"}", "x", "zlib in Widget" },
		{ "{\"vendor\":\"Foo\",\"clause\":\"7.2\"}", "x", "Foo, 7.2" },
		{ "{\"license\":\"GPL-3.0-only AND MIT\",\"component\":\"a, b, c\"}", "x",
		  "GPL-3.0-only AND MIT for a, b, c" },
		{ "{\"license\":\"GPL-3.0-only AND MIT AND (ISC OR X11)\",\"component\":\"first-one, second-one, "
		  "third-one, "
		  "fourth-one and 9 more\",\"product\":\"Widget\"}",
		  "x", "GPL-3.0-only AND MIT and others for first-one, second-one and others in Widget" },
		{ "{\"license\":\"MIT\"}", "x", "MIT" },
		{ "{\"product\":\"Widget\"}", "AW: Fwd: [ext] May we\tuse\nlibfoo?", "May we use libfoo?" },
		{ "{}", "", "Licence request" },
		{ "{}", NULL, "Licence request" },
		{ "{}", "Re: ", "Licence request" },
		{ "{}",
		  "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		  "123456789012345\xc3\xa9\xc3\xa9\xc3\xa9",
		  "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		  "123456789012345\xc3\xa9..." },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *facts = json_read(cases[i].facts, strlen(cases[i].facts), NULL);
		_free_ char *title = facts_title(facts, cases[i].subject);

		assert_string_equal(title, cases[i].title);
	}
}

static int setup(void **state)
{
	(void)state;
	return clock_parse("2026-11-24T09:00:00Z", &now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_body),
		cmocka_unit_test(origins_are_told),
		cmocka_unit_test(values_are_bounded),
		cmocka_unit_test(many_components_are_too_many),
		cmocka_unit_test(each_value),
		cmocka_unit_test(people_are_told_what_is_allowed),
		cmocka_unit_test(titles_and_names_are_labels),
		cmocka_unit_test(values_are_shown),
		cmocka_unit_test(titles_name_the_request),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// bot/catalogue: kinds of facts in conditions, needs with conditions, outcomes, thresholds, versions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "bot/catalogue.h"

#define TEMPLATES SOURCE_DIR "/templates"

static const char people_yaml[] =
        "people:\n- {id: ann, name: A, groups: [legal]}\n- {id: bo, name: B, groups: [board]}\n";

struct world {
	struct people *people;
	struct licences *licences;
};

static int setup(void **state)
{
	static struct world w;
	struct err e = { 0 };

	w.people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	w.licences = licences_load(TEMPLATES, &e);
	*state = &w;
	return w.people && w.licences ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	people_free(&w->people);
	licences_free(&w->licences);
	return 0;
}

static struct catalogue *make(void **state, const char *text)
{
	struct world *w = *state;
	struct err e = { 0 };
	struct catalogue *c = catalogue_read(text, strlen(text), "p", w->people, w->licences, &e);

	assert_string_equal(e.text, "");
	return c;
}

static json_t *assess(const struct catalogue *c, const char *facts_text)
{
	struct err e = { 0 };
	_json_ json_t *facts = json_read(facts_text, strlen(facts_text), &e);
	json_t *assessment = catalogue_assess(c, facts, &e);

	assert_string_equal(e.text, "");
	return assessment;
}

#define HEAD "catalogue: x\nversion: 1\n"
#define ROUTES "routes: [{stages: [{name: l, need: 1, from: [legal]}]}]\n"

static const char full[] =
        HEAD "facts:\n"
             "  term: {kind: duration}\n"
             "  owner: {kind: person}\n"
             "  fine: {kind: money}\n"
             "  linking: {kind: choices, values: [static, dynamic]}\n"
             "  sites: {kind: number, min: 1, max: 500}\n"
             "types:\n"
             "- id: t\n"
             "  title: T\n"
             "  needs: [component, {fact: region, when: channel = 'binary'}, {fact: owner, when: term > year}]\n"
             "checks:\n"
             "- {id: long, when: term >= 2 * year, risk: 4, says: For years.}\n"
             "- {id: fine, when: fine > 10.5 AND fine_currency = 'EUR', risk: 3, says: Costly.}\n"
             "- {id: link, when: \"linking LIKE '%static%'\", outcome: needs, needs: [rationale, sites], says: Why?}\n"
             "- {id: own, when: owner = 'person:ann', outcome: finding, says: Ann's.}\n"
             "- {id: old, when: \"version_in(version, '<2')\", risk: 1, says: Old.}\n"
             "- {id: new, when: \"NOT version_in(version, '<2')\", says: New.}\n"
             "thresholds:\n"
             "  year: 365\n"
             "  costly: fine > 10.5\n"
             "  board: risk >= 7 OR (costly AND sites > 100)\n"
             "routes:\n"
             "- {when: board, stages: [{name: b, need: 1, from: [board]}]}\n"
             "- {stages: [{name: l, need: 1, from: [legal]}]}\n";

static void judges(void **state)
{
	static const struct {
		const char *facts, *missing, *checks, *stage;
		int risk;
	} cases[] = {
		{ "{}", "component", "", "l", 0 },
		{ "{\"component\":\"x\"}", "", "", "l", 0 },
		// what is needed depends
		{ "{\"channel\":\"binary\"}", "component region", "", "l", 0 },
		{ "{\"channel\":\"saas\"}", "component", "", "l", 0 },
		{ "{\"term\":\"13m\"}", "component owner", "", "l", 0 },
		{ "{\"term\":\"1y\"}", "component", "", "l", 0 },
		// a duration is days, money an amount and a currency
		{ "{\"component\":\"x\",\"owner\":\"mail:a@b\",\"term\":\"2y\"}", "", "long", "l", 4 },
		{ "{\"component\":\"x\",\"fine\":{\"amount\":\"10.51\",\"currency\":\"EUR\"}}", "", "fine", "l", 3 },
		{ "{\"component\":\"x\",\"fine\":{\"amount\":\"10.51\",\"currency\":\"USD\"}}", "", "", "l", 0 },
		{ "{\"component\":\"x\",\"fine\":{\"amount\":\"10.50\",\"currency\":\"EUR\"}}", "", "", "l", 0 },
		// a check needs more facts, and is a finding
		{ "{\"component\":\"x\",\"linking\":[\"static\"]}", "rationale sites", "link", "l", 0 },
		{ "{\"component\":\"x\",\"linking\":[\"static\"],\"rationale\":\"r\",\"sites\":3}", "", "link", "l",
		  0 },
		{ "{\"component\":\"x\",\"owner\":\"person:ann\"}", "", "own", "l", 0 },
		// versions: what is none is in no range, nor out of it
		{ "{\"component\":\"x\",\"version\":\"1.9\"}", "", "old", "l", 1 },
		{ "{\"component\":\"x\",\"version\":\"2.0.1\"}", "", "new", "l", 0 },
		{ "{\"component\":\"x\",\"version\":\"latest\"}", "", "", "l", 0 },
		// thresholds
		{ "{\"component\":\"x\",\"owner\":\"a\",\"term\":\"2y\",\"fine\":{\"amount\":\"11\",\"currency\":"
		  "\"EUR\"}}",
		  "", "long fine", "b", 7 },
		{ "{\"component\":\"x\",\"sites\":101,\"fine\":{\"amount\":\"11\",\"currency\":\"USD\"}}", "", "", "b",
		  0 },
		{ "{\"component\":\"x\",\"sites\":100,\"fine\":{\"amount\":\"11\",\"currency\":\"USD\"}}", "", "", "l",
		  0 },
		// a fact of an older catalogue that has a threshold's name is not believed
		{ "{\"component\":\"x\",\"board\":1}", "", "", "l", 0 },
		{ "{\"component\":\"x\",\"year\":1,\"term\":\"2d\"}", "", "", "l", 0 },
	};
	_catalogue_ struct catalogue *c = make(state, full);

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *got = assess(c, cases[i].facts);
		_buf_ struct buf missing = BUF(1000), checks = BUF(1000);
		json_t *item;
		size_t k;

		json_array_foreach(json_arr(got, "missing"), k, item)
			buf_printf(&missing, "%s%s", k ? " " : "", json_string_value(item));
		json_array_foreach(json_arr(got, "findings"), k, item)
			buf_printf(&checks, "%s%s", k ? " " : "", json_str(item, "check"));
		if (strcmp(buf_text(&missing), cases[i].missing) != 0 ||
		    strcmp(buf_text(&checks), cases[i].checks) != 0 || json_int(got, "risk") != cases[i].risk ||
		    strcmp(json_str(json_array_get(json_arr(got, "stages"), 0), "name"), cases[i].stage) != 0)
			fail_msg("%s: missing '%s', found '%s', risk %d, stage %s", cases[i].facts, buf_text(&missing),
			         buf_text(&checks), (int)json_int(got, "risk"),
			         json_str(json_array_get(json_arr(got, "stages"), 0), "name"));
	}
}

static void says_outcomes(void **state)
{
	_catalogue_ struct catalogue *c = make(state, full);
	_json_ json_t *got = assess(c, "{\"linking\":[\"static\"],\"owner\":\"person:ann\"}");
	const json_t *type = json_array_get(catalogue_types(c), 0);
	json_t *findings = json_arr(got, "findings");

	assert_string_equal(json_str(json_array_get(findings, 0), "outcome"), "needs");
	assert_string_equal(json_str(json_array_get(findings, 1), "outcome"), "finding");
	assert_string_equal(json_str(got, "outcome"), "review");
	assert_int_equal(json_array_size(json_arr(type, "needs")), 3);
	assert_true(json_has_str(json_arr(type, "needs"), "owner"));
	assert_true(json_has_str(json_arr(got, "needs"), "sites"));
	assert_false(json_has_str(json_arr(got, "needs"), "owner"));
}

static void refuses(void **state)
{
	// The first line of what is said.
	static const struct {
		const char *text, *error;
	} cases[] = {
		// kinds
		{ HEAD "facts: {a: {kind: durration}}\n" ROUTES,
		  "p:3:19: no kind 'durration' - did you mean 'duration'?" },
		{ HEAD "facts: {a: {kind: zebra}}\n" ROUTES,
		  "p:3:19: no kind 'zebra'; there are text, number, money, date, duration, choice, choices, person" },
		{ HEAD "facts: {a: {kind: text, min: 1}}\n" ROUTES, "p:3:30: 'min' is for a number" },
		{ HEAD "facts: {a: {kind: date, max: 1}}\n" ROUTES, "p:3:30: 'max' is for a number" },
		{ HEAD "facts: {a: {kind: number, min: 3, max: 2}}\n" ROUTES,
		  "p:3:40: 'max' must not be less than 'min'" },
		{ HEAD "facts: {a: {kind: text, also: {x: [y]}}}\n" ROUTES,
		  "p:3:31: 'also' is for a choice or choices" },
		{ HEAD "facts: {spend_currency: {kind: text}}\n" ROUTES,
		  "p:3:9: 'spend_currency' is the currency of 'spend'" },
		{ HEAD "facts: {a: {kind: money}, a_currency: {kind: text}}\n" ROUTES,
		  "p:3:27: 'a_currency' is the currency of 'a'" },
		// needs
		{ HEAD "types: [{id: a, title: A, needs: [{fact: licence, when: 1}]}]\n" ROUTES,
		  "p:3:42: no fact 'licence' - did you mean 'license'?" },
		{ HEAD "types: [{id: a, title: A, needs: [{fact: license}]}]\n" ROUTES, "p:3:35: 'when' is missing" },
		{ HEAD "types: [{id: a, title: A, needs: [{fcat: license, when: 1}]}]\n" ROUTES,
		  "p:3:36: unknown key 'fcat' - did you mean 'fact'?" },
		{ HEAD "types: [{id: a, title: A, needs: [{fact: license, when: risc > 1}]}]\n" ROUTES,
		  "p:3:57: no fact 'risc' - did you mean 'risk'?" },
		{ HEAD "types: [{id: a, title: A, needs: [[license]]}]\n" ROUTES,
		  "p:3:35: each member of 'needs' must be text" },
		{ HEAD "types: [{id: a, title: A, needs: [license, license]}]\n" ROUTES,
		  "p:3:44: 'license' is needed here already" },
		// outcomes
		{ HEAD "checks: [{id: a, says: A, when: 1, outcome: needs}]\n" ROUTES,
		  "p:3:45: 'needs' is missing: which facts?" },
		{ HEAD "checks: [{id: a, says: A, when: 1, needs: [license]}]\n" ROUTES,
		  "p:3:43: 'needs' goes with the outcome needs" },
		{ HEAD "checks: [{id: a, says: A, when: 1, outcome: needs, needs: [licence]}]\n" ROUTES,
		  "p:3:60: no fact 'licence' - did you mean 'license'?" },
		{ HEAD "checks: [{id: a, says: A, when: 1, outcome: alow}]\n" ROUTES,
		  "p:3:45: no outcome 'alow' - did you mean 'allow'?" },
		// thresholds
		{ HEAD "thresholds: {Board: 1}\n" ROUTES,
		  "p:3:14: a name here has 1 to 32 of the characters a-z, 0-9 and '_', a letter first" },
		{ HEAD "thresholds: {license: 1}\n" ROUTES, "p:3:14: 'license' is a fact's name already" },
		{ HEAD "thresholds: {type: 1}\n" ROUTES, "p:3:14: 'type' is a name of the catalogue's own" },
		{ HEAD "thresholds: {b: riks > 1}\n" ROUTES, "p:3:17: no fact 'riks' - did you mean 'risk'?" },
		{ HEAD "thresholds: {b: c, c: risk > 1}\n" ROUTES, "p:3:17: it is too early to ask for 'c'" },
		{ HEAD "thresholds: {b: b OR risk > 1}\n" ROUTES, "p:3:17: it is too early to ask for 'b'" },
		{ HEAD "thresholds: {b: risk > 1}\nchecks: [{id: a, says: A, when: b}]\n" ROUTES,
		  "p:4:33: it is too early to ask for 'b'" },
		{ HEAD "thresholds: {board: risk > 1}\nroutes:\n- {when: bord, stages: [{name: l, need: 1, from: "
		       "[legal]}]}\n"
		       "- {stages: [{name: l, need: 1, from: [legal]}]}\n",
		  "p:5:10: no fact 'bord' - did you mean 'board'?" },
		{ HEAD "thresholds: {b: [1]}\n" ROUTES, "p:3:17: 'b' must be text" },
		// what conditions name as a text
		{ HEAD "checks: [{id: a, says: A, when: \"version_in(version, '>=1.2 <')\"}]\n" ROUTES,
		  "p:3:33: no range of versions '>=1.2 <'; write it like '>=1.2 <2', '1.x' or '2.1 - 2.4'" },
		{ HEAD "checks: [{id: a, says: A, when: \"family(license, 'permisive')\"}]\n" ROUTES,
		  "p:3:33: no family 'permisive' - did you mean 'permissive'?" },
		{ HEAD "checks: [{id: a, says: A, when: \"version_im(version, '1')\"}]\n" ROUTES,
		  "p:3:33: no function 'version_im' - did you mean 'version_in'?" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		if (catalogue_read(cases[i].text, strlen(cases[i].text), "p", w->people, w->licences, &e))
			fail_msg("taken:\n%s", cases[i].text);
		e.text[strcspn(e.text, "\n")] = '\0';
		assert_string_equal(e.text, cases[i].error);
		assert_int_equal(e.code, EX_CONFIG);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(says_outcomes),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests_name("catalogue_rules", tests, setup, teardown);
}

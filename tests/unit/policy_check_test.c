// SPDX-License-Identifier: Apache-2.0
// Looking at a catalogue before it is in force: what conditions are made of, what is odd about a catalogue, example
// cases, and what two judgements differ in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/policy_cases.h"
#include "bot/policy_change.h"
#include "bot/policy_check.h"
#include "bot/policy_words.h"
#include "bot/yaml.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24

static const char people_yaml[] = "people:\n- {id: ann, name: Ann, groups: [legal]}\n- {id: bo, name: Bo, groups: "
                                  "[legal]}\n- {id: cy, name: Cy, groups: [board]}\n";

static void splits_conditions(void **state)
{
	static const struct {
		const char *condition, *words;
	} cases[] = {
		{ "channel = 'saas' AND spend > 50000",
		  "{'names':['channel','spend'],'numbers':[{'column':'spend','number':'50000','op':'>'}],"
		  "'texts':[{'column':'channel','op':'=','text':'saas'}]}" },
		{ "family(license, 'copyleft') OR region IN ('EU', 'US')",
		  "{'names':['license','region'],'numbers':[],'texts':[{'call':'family','column':'license','text':'"
		  "copyleft'},"
		  "{'column':'region','op':'in','text':'EU'},{'column':'region','op':'in','text':'US'}]}" },
		{ "Component LIKE '%it''s%' AND license IS NOT NULL",
		  "{'names':['component','license'],'numbers':[],'texts':[{'column':'component','op':'like',"
		  "'text':'%it`s%'}]}" },
		{ "", "{'names':[],'numbers':[],'texts':[]}" },
		{ "'open", "{'names':[],'numbers':[],'texts':[{'text':'open'}]}" },
		{ "((((", "{'names':[],'numbers':[],'texts':[]}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *words = policy_words(cases[i].condition);
		_free_ char *got = json_canonical(words, NULL, NULL), *expected = text_copy(cases[i].words);

		for (char *p = expected; *p; p++)
			*p = *p == '\'' ? '"' : *p == '`' ? '\'' : *p;
		assert_string_equal(got, expected);
	}
}

static void splits_parts(void **state)
{
	static const struct {
		const char *condition, *parts; // with "|" between
	} cases[] = {
		{ "a AND b", "a | b" },
		{ "a and (b OR c) AND d = ' AND '", "a | (b OR c) | d = ' AND '" },
		{ "risk BETWEEN 1 AND 3 AND a", "risk BETWEEN 1 AND 3 | a" },
		{ "a OR b AND c", "a OR b AND c" },
		{ "band AND oranda", "band | oranda" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *parts = policy_parts(cases[i].condition);
		_buf_ struct buf joined = BUF(1000);
		json_t *part;
		size_t k;

		json_array_foreach(parts, k, part) {
			_free_ char *copy = text_copy(json_string_value(part));

			buf_printf(&joined, "%s%s", k ? " | " : "", text_trim(copy));
		}
		assert_string_equal(buf_text(&joined), cases[i].parts);
	}
}

static const char odd[] = "catalogue: odd\nversion: 3\nfacts:\n"
                          "  channel: {kind: choice, values: [saas, binary]}\n"
                          "  owner: {kind: person}\n"
                          "  unused: {kind: text}\n"
                          "  linked: {kind: choices, values: [static, dynamic]}\n"
                          "families: {ours: [MIT, GPL-2.0-only], theirs: [ISC]}\n"
                          "types:\n"
                          "  - {id: oss, title: O, when: license IS NOT NULL, needs: [license]}\n"
                          "  - {id: oss2, title: O, when: license = 'MIT'}\n"
                          "checks:\n"
                          "  - {id: A, when: \"channel = 'sass'\", says: x}\n"
                          "  - {id: B, when: risk > 5 AND risk < 3, says: x}\n"
                          "  - {id: C, when: \"licensable(license, 'ours')\", outcome: allow, says: x}\n"
                          "  - {id: D, when: \"license = 'MIT' AND channel = 'saas'\", outcome: deny, says: x}\n"
                          "  - {id: E, when: \"license = 'GPL-3.0'\", says: x}\n"
                          "  - {id: F, when: \"type = 'os'\", says: x}\n"
                          "  - {id: G, when: \"owner = 'ann'\", says: x}\n"
                          "  - {id: H, when: \"expires < '2026-1-1'\", says: x}\n"
                          "  - {id: I, when: \"spend_currency = 'euro'\", says: x}\n"
                          "  - {id: J, when: \"license = 'MIT'\", risk: 1, says: x}\n"
                          "  - {id: K, when: \"license = 'MIT' AND component = 'zlib'\", outcome: allow, says: x}\n"
                          "  - {id: L, when: \"version_in(version, '>=1.2 <2') AND quantity > 17 AND spend > 1000.5 "
                          "AND spend_currency <> "
                          "'EUR' AND channel = 'saas' AND linked LIKE '%static%'\", risk: 2, says: x}\n"
                          "thresholds: {never: spend > 5}\n"
                          "routes:\n"
                          "  - {when: risk >= 2, stages: [{name: l, need: 1, from: [legal]}]}\n"
                          "  - {when: risk >= 4, stages: [{name: m, need: 2, from: [legal]}]}\n"
                          "  - {stages: [{name: n, need: 1, from: [board]}]}\n";

static json_t *check(const char *text, const char *examples)
{
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	_catalogue_ struct catalogue *c = catalogue_read(text, strlen(text), "p", people, known_licences(), &e);
	_yaml_ struct yaml *file = yaml_read(text, strlen(text), "p", &e);
	_json_ json_t *cases = examples ? policy_cases_load(examples, c, people, NOW, &e) : NULL;
	json_t *found;

	if (!c || !file || (examples && !cases))
		fail_msg("%s", e.text);
	found = policy_check(&(struct policy){ c, file, people, known_licences(), cases, NULL }, &e);
	assert_string_equal(e.text, "");
	return found;
}

static void warns(void **state)
{
	static const struct {
		int line, column;
		const char *code, *says; // begins with
	} expected[] = {
		{ 6, 11, "fact-unused", "no type or check needs 'unused', and no condition reads it" },
		{ 8, 47, "family-unused", "no condition asks for the family 'theirs'" },
		{ 11, 32, "type-unreached", "no case is of the type oss2, in none of " },
		{ 13, 19, "check-never", "the check A never holds, in none of " },
		{ 13, 19, "unknown-value", "channel is never 'sass' - did you mean 'saas'?" },
		{ 14, 19, "check-never", "the check B never holds, in none of " },
		{ 15, 19, "allow-and-deny", "C allows what D denies at the same time; then it is denied" },
		{ 17, 19, "unknown-value", "license is never 'GPL-3.0' - did you mean 'GPL-3.0-only'?" },
		{ 18, 19, "check-never", "the check F never holds, in none of " },
		{ 18, 19, "unknown-value", "type is never 'os' - did you mean 'oss'?" },
		{ 19, 19, "unknown-value", "owner is never 'ann' - did you mean 'person:ann'?" },
		{ 20, 19, "check-never", "the check H never holds, in none of " },
		{ 20, 19, "unknown-value", "expires is never '2026-1-1'; a day is written 2027-03-31" },
		{ 21, 19, "check-never", "the check I never holds, in none of " },
		{ 21, 19, "unknown-value", "spend_currency is never 'euro'" },
		{ 23, 19, "allow-never-wins", "K allows nothing: whenever it held, which was " },
		{ 25, 21, "threshold-unused", "nothing asks for the threshold 'never'" },
		{ 28, 12, "route-unreached", "no case takes this route (m), in none of " },
		{ 28, 48, "stage-tight", "the stage 'm' needs everybody who may vote in it" },
		{ 29, 31, "stage-tight", "the stage 'n' needs the only one who may vote in it" },
	};
	_json_ json_t *found = check(odd, NULL);
	json_t *warnings;

	(void)state;
	warnings = json_arr(found, "warnings");
	for (size_t i = 0; i < json_array_size(warnings) || i < LENGTH(expected); i++) {
		const json_t *w = json_array_get(warnings, i);
		int line = i < LENGTH(expected) ? expected[i].line : 0;

		if (i >= LENGTH(expected) || json_int(w, "line") != line ||
		    json_int(w, "column") != expected[i].column || strcmp(json_str(w, "code"), expected[i].code) != 0 ||
		    !text_starts(json_str(w, "says"), expected[i].says))
			fail_msg("%lld:%lld: %s: %s instead of %zu", (long long)json_int(w, "line"),
			         (long long)json_int(w, "column"), json_str(w, "code"), json_str(w, "says"), i);
	}
	assert_true(json_int(found, "combinations") >= 4096);
}

// --- example cases
// ----------------------------------------------------------------------------------------------------

static const char plain[] = "catalogue: x\nversion: 1\nfacts: {channel: {kind: choice, values: [saas, binary]}, "
                            "owner: {kind: person}, term: {kind: duration}}\n"
                            "types: [{id: oss, title: O, when: license IS NOT NULL, needs: [component]}]\n"
                            "checks: [{id: R, when: \"channel = 'saas'\", risk: 3, says: x}]\n"
                            "routes: [{stages: [{name: l, need: 1, from: [legal]}]}]\n";

static char *write_cases(const char *text)
{
	_free_ char *name = text_format("%s/cases.yaml", getenv("TMP") ? getenv("TMP") : "/tmp");
	struct err e = { 0 };

	if (file_replace(name, text, strlen(text), 0600, &e) < 0)
		fail_msg("%s", e.text);
	return steal_ptr(name);
}

static void runs_cases(void **state)
{
	_free_ char *path =
	        write_cases("- name: one\n  facts: {license: MIT, channel: saas, owner: Ann, term: 6 months}\n"
	                    "  expect: {type: oss, outcome: review, risk: 3, findings: [R], stages: [l], missing: "
	                    "[component]}\n"
	                    "- name: two\n  facts: {channel: binary}\n"
	                    "  expect: {type: oss, risk: 2, findings: [], missing: []}\n");
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	_catalogue_ struct catalogue *c = catalogue_read(plain, strlen(plain), "p", people, known_licences(), &e);
	_json_ json_t *cases = policy_cases_load(path, c, people, NOW, &e);

	(void)state;
	assert_string_equal(e.text, "");
	_json_ json_t *one = policy_case_differs(c, json_array_get(cases, 0), &e);
	_json_ json_t *two = policy_case_differs(c, json_array_get(cases, 1), &e);
	_free_ char *text = json_canonical(two, NULL, &e);

	assert_int_equal(json_array_size(one), 0);
	assert_string_equal(json_str(json_obj(json_array_get(cases, 0), "facts"), "owner"), "person:ann");
	assert_string_equal(text, "[{\"expected\":\"oss\",\"got\":\"\",\"name\":\"type\"},"
	                          "{\"expected\":\"2\",\"got\":\"0\",\"name\":\"risk\"}]");
}

static void refuses_cases(void **state)
{
	static const struct {
		const char *text, *error; // of its first line
	} cases[] = {
		{ "cases: []\n", "1:1: a list of at most 10000 cases is expected here" },
		{ "- {name: a, facts: {licence: MIT}, expect: {}}\n",
		  "1:21: no fact 'licence' - did you mean 'license'?" },
		{ "- {name: a, facts: {channel: sass}, expect: {}}\n",
		  "1:30: channel: it must be one of saas, binary - did you mean saas?" },
		{ "- {name: a, facts: {owner: Zoe}, expect: {}}\n",
		  "1:28: owner: nobody is called 'Zoe' here; write the mail address, for example ann@example.com" },
		{ "- {name: a, expect: {finding: []}}\n", "1:22: unknown key 'finding' - did you mean 'findings'?" },
		{ "- {name: a, expect: {risk: low}}\n", "1:28: 'risk' must be a whole number" },
		{ "- {facts: {}, expect: {}}\n", "1:3: 'name' is missing" },
		{ "- {name: a}\n", "1:3: 'expect' is missing" },
		{ "- {name: a, facts: [license], expect: {}}\n", "1:20: 'facts' must have keys" },
	};
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	_catalogue_ struct catalogue *c = catalogue_read(plain, strlen(plain), "p", people, known_licences(), &e);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *path = write_cases(cases[i].text);
		_free_ char *expected = text_format("%s:%s", path, cases[i].error);

		if (policy_cases_load(path, c, people, NOW, &e))
			fail_msg("taken: %s", cases[i].text);
		e.text[strcspn(e.text, "\n")] = '\0';
		assert_string_equal(e.text, expected);
	}
}

// --- changes
// ----------------------------------------------------------------------------------------------------------

static void tells_changes(void **state)
{
	static const char before[] = "{'type':'oss','outcome':'allow','risk':0,'findings':[{'check':'A'}],'missing':[],"
	                             "'stages':[{'name':'l','need':1,'from':['legal']}]}";
	static const struct {
		const char *after, *text;
		bool touches;
	} cases[] = {
		{ before, "", false },
		{ "{'type':'oss','outcome':'review','risk':5,'findings':[{'check':'B'}],'missing':['component'],"
		  "'stages':[{'name':'l','need':1,'from':['legal']},{'name':'b','need':2,'from':['x','y'],'factor':'"
		  "totp'}]}",
		  "outcome allow -> review; risk 0 -> 5; B found; A no more; missing component; decided by l: 1 of "
		  "legal -> l: 1 "
		  "of legal, b: 2 of x, y with totp",
		  true },
		{ "{'type':'','outcome':'allow','risk':0,'findings':[],'missing':[],'stages':[{'name':'l','need':1,'"
		  "from':["
		  "'legal']}]}",
		  "type oss -> none; A no more", false },
		{ "{'type':'oss','outcome':'deny','risk':0,'findings':[{'check':'A'}],'missing':[],'stages':[{'name':'"
		  "l',"
		  "'need':1,'from':['legal']}]}",
		  "outcome allow -> deny", true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *one = text_copy(before), *two = text_copy(cases[i].after);
		struct err e = { 0 };

		for (char *p = one; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		for (char *p = two; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		_json_ json_t *first = json_read(one, strlen(one), &e), *second = json_read(two, strlen(two), &e);
		_json_ json_t *change = policy_change(first, second);
		_free_ char *text = policy_change_text(change);

		assert_string_equal(text, cases[i].text);
		assert_int_equal(policy_change_touches(change, second), cases[i].touches);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_conditions), cmocka_unit_test(splits_parts),  cmocka_unit_test(warns),
		cmocka_unit_test(runs_cases),        cmocka_unit_test(refuses_cases), cmocka_unit_test(tells_changes),
	};

	return cmocka_run_group_tests_name("policy_check", tests, NULL, NULL);
}

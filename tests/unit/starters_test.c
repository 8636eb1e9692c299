// SPDX-License-Identifier: Apache-2.0
// The starter catalogues: each is read whole, and every case of its tests.yaml comes out as it says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "bot/fact_person.h"
#include "bot/facts.h"
#include "bot/yaml.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24
#define CASES_MIN 30

struct starter {
	const char *dir;
	struct people *people;
	struct catalogue *catalogue;
	int failed;
};

static json_t *facts_of(const struct starter *s, const char *name, const json_t *words)
{
	const json_t *declared = catalogue_facts(s->catalogue);
	json_t *reading = json_pack("{s:{},s:[]}", "facts", "problems"), *facts = json_obj(reading, "facts"), *text;
	const char *fact;

	json_object_foreach((json_t *)words, fact, text) {
		struct err e = { 0 };
		json_t *value;

		if (!fact_find(fact) && !json_object_get(declared, fact))
			fail_msg("%s: %s: there is no fact '%s'", s->dir, name, fact);
		if (fact_value(declared, fact, json_string_value(text), NOW, &value, &e) < 0)
			fail_msg("%s: %s: %s: %s", s->dir, name, fact, e.text);
		json_put(facts, fact, value);
	}
	fact_persons(declared, s->people, reading);
	if (json_array_size(json_arr(reading, "problems")))
		fail_msg("%s: %s: %s", s->dir, name, json_dumps(json_arr(reading, "problems"), 0));
	facts = json_incref(facts);
	json_decref(reading);
	return facts;
}

// "a, b": a list of names, or of objects by one member.
static char *names_of(const json_t *list, const char *member)
{
	struct buf out = BUF(4096);
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		buf_printf(&out, "%s%s", i ? ", " : "",
		           json_is_object(item) ? json_str(item, member) : json_string_value(item));
	return buf_steal(&out);
}

static void compare(struct starter *s, const char *name, const char *key, const char *expected, const char *got)
{
	if (strcmp(expected, got) == 0)
		return;
	print_error("%s: %s: %s is '%s' instead of '%s'\n", s->dir, name, key, got, expected);
	s->failed++;
}

static void run_case(struct starter *s, const json_t *test)
{
	static const char *const keys[] = { "type", "outcome", "risk", "findings", "stages", "missing" };
	const char *name = json_str(test, "name"), *key;
	_json_ json_t *facts = facts_of(s, name, json_obj(test, "facts"));
	struct err e = { 0 };
	_json_ json_t *judged = catalogue_assess(s->catalogue, facts, &e);
	json_t *expected;

	if (!judged)
		fail_msg("%s: %s: %s", s->dir, name, e.text);
	json_object_foreach(json_obj(test, "expect"), key, expected) {
		_free_ char *list =
		        json_is_array(expected) ? names_of(expected, "") : text_copy(json_string_value(expected));
		_free_ char *got = json_arr(judged, key)      ? names_of(json_arr(judged, key),
                                                                    strcmp(key, "stages") == 0 ? "name" : "check")
		                   : strcmp(key, "risk") == 0 ? text_format("%lld", (long long)json_int(judged, key))
		                                              : text_copy(json_str(judged, key));
		bool known = false;

		for (size_t i = 0; i < LENGTH(keys); i++)
			known = known || strcmp(keys[i], key) == 0;
		assert_true(known);
		compare(s, name, key, list, got);
	}
}

// Every check of the catalogue is met by some case, or nobody knows whether it ever holds.
static void note_findings(const struct starter *s, const json_t *tests, json_t *met)
{
	json_t *test, *id;
	size_t i, k;

	(void)s;
	json_array_foreach(tests, i, test)
		json_array_foreach(json_arr(json_obj(test, "expect"), "findings"), k, id)
			json_put_bool(met, json_string_value(id), true);
}

static void starter(const char *dir)
{
	struct starter s = { .dir = dir };
	_free_ char *policy = text_format(SOURCE_DIR "/templates/catalogues/%s/policy.yaml", dir);
	_free_ char *people = text_format(SOURCE_DIR "/templates/catalogues/%s/people.yaml", dir);
	_free_ char *tests = text_format(SOURCE_DIR "/templates/catalogues/%s/tests.yaml", dir);
	_json_ json_t *met = json_object();
	struct err e = { 0 };
	_yaml_ struct yaml *cases = NULL, *text = NULL;
	json_t *test;
	size_t i;

	s.people = people_load(people, &e);
	s.catalogue = s.people ? catalogue_load(policy, s.people, known_licences(), &e) : NULL;
	cases = s.catalogue ? yaml_load(tests, &e) : NULL;
	text = cases ? yaml_load(policy, &e) : NULL;
	if (!text)
		fail_msg("%s", e.text);
	assert_true(json_array_size(yaml_json(cases)) >= CASES_MIN);
	json_array_foreach(yaml_json(cases), i, test)
		run_case(&s, test);
	note_findings(&s, yaml_json(cases), met);
	json_array_foreach(json_arr(yaml_json(text), "checks"), i, test)
		if (!json_object_get(met, json_str(test, "id"))) {
			print_error("%s: no case meets %s\n", dir, json_str(test, "id"));
			s.failed++;
		}
	catalogue_free(&s.catalogue);
	people_free(&s.people);
	assert_int_equal(s.failed, 0);
}

static void test_company(void **state)
{
	(void)state;
	starter("company");
}

static void test_foundation(void **state)
{
	(void)state;
	starter("foundation");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_company),
		cmocka_unit_test(test_foundation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

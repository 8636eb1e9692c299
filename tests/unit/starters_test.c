// SPDX-License-Identifier: Apache-2.0
// The starter catalogues: each is read whole, every case of its tests.yaml comes out as it says, and every check is met
// by one of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "bot/policy_cases.h"
#include "bot/yaml.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24
#define CASES_MIN 30

static char *path_of(const char *dir, const char *file)
{
	return text_format(SOURCE_DIR "/templates/catalogues/%s/%s", dir, file);
}

static int run_cases(const struct catalogue *c, const json_t *cases, json_t *met)
{
	int failed = 0;
	json_t *test, *item;
	size_t i, k;

	json_array_foreach(cases, i, test) {
		struct err e = { 0 };
		_json_ json_t *differs = policy_case_differs(c, test, &e);

		if (!differs)
			fail_msg("%s: %s", json_str(test, "place"), e.text);
		json_array_foreach(differs, k, item) {
			print_error("%s: %s: %s is '%s', not '%s'\n", json_str(test, "place"), json_str(test, "name"),
			            json_str(item, "name"), json_str(item, "got"), json_str(item, "expected"));
			failed++;
		}
		json_array_foreach(json_arr(json_obj(test, "expect"), "findings"), k, item)
			json_put_bool(met, json_string_value(item), true);
	}
	return failed;
}

// A check that no case meets: nobody knows whether it ever holds.
static int count_unmet(const char *policy, const json_t *met)
{
	struct err e = { 0 };
	_yaml_ struct yaml *text = yaml_load(policy, &e);
	int unmet = 0;
	json_t *check;
	size_t i;

	assert_non_null(text);
	json_array_foreach(json_arr(yaml_json(text), "checks"), i, check) {
		if (json_object_get(met, json_str(check, "id")))
			continue;
		print_error("%s: no case meets %s\n", policy, json_str(check, "id"));
		unmet++;
	}
	return unmet;
}

static void starter(const char *dir)
{
	_free_ char *policy = path_of(dir, "policy.yaml"), *listed = path_of(dir, "people.yaml");
	_free_ char *tests = path_of(dir, "tests.yaml");
	struct err e = { 0 };
	_people_ struct people *people = people_load(listed, &e);
	_catalogue_ struct catalogue *c = people ? catalogue_load(policy, people, known_licences(), &e) : NULL;
	_json_ json_t *cases = c ? policy_cases_load(tests, c, people, NOW, &e) : NULL, *met = json_object();

	if (!cases)
		fail_msg("%s", e.text);
	assert_true(json_array_size(cases) >= CASES_MIN);
	assert_int_equal(run_cases(c, cases, met) + count_unmet(policy, met), 0);
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

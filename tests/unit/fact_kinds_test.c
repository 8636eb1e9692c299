// SPDX-License-Identifier: Apache-2.0
// The kinds of facts that only a catalogue declares: lengths of time, persons, bounded numbers; and what a declaration
// says about them.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_duration.h"
#include "bot/fact_person.h"
#include "bot/facts.h"

static const char declared_text[] =
        "{\"term\":{\"kind\":\"duration\",\"question\":\"For how long?\"},\"owner\":{\"kind\":\"person\",\"title\":"
        "\"Owner\"},\"sites\":{\"kind\":\"number\",\"min\":2,\"max\":40},\"fine\":{\"kind\":\"money\"},"
        "\"backup\":{\"kind\":\"person\"}}";

static const char people_yaml[] = "people:\n"
                                  "- {id: ann, name: Ann Okafor, mail: [ann@example.com, a.okafor@example.com]}\n"
                                  "- {id: max, name: Max Berg, mail: [max@example.com]}\n"
                                  "- {id: max2, name: Max Berg, mail: [max2@example.com]}\n";

static json_t *declared(void)
{
	struct err e;

	return json_read(declared_text, strlen(declared_text), &e);
}

static void reads_durations(void **state)
{
	static const struct {
		const char *words, *value;
		int64_t days;
	} cases[] = {
		{ "90 days", "90d", 90 },
		{ "90d", "90d", 90 },
		{ "six months", "6m", 180 },
		{ "a year", "1y", 365 },
		{ "for 2 years (as the contract says)", "2y", 730 },
		{ "up 6 weeks", "6w", 42 },
		{ "3 Monate", "3m", 90 },
		{ "2 ann\xc3\xa9"
		  "es",
		  "2y", 730 },
		{ "90-day", "90d", 90 },
		{ "P6M", "6m", 180 },
		{ "90 DAYS", "90d", 90 },
		{ "0 days", NULL, 0 },
		{ "-3 days", "3d", 3 }, // a dash before it is a bullet
		{ "1.5 years", NULL, 0 },
		{ "90", NULL, 0 },
		{ "days", NULL, 0 },
		{ "90 parsecs", NULL, 0 },
		{ "90 days or 6 months", NULL, 0 },
		{ "99999 days", NULL, 0 },
		{ "101 years", NULL, 0 },
		{ "|", NULL, 0 },
		{ "6 |", NULL, 0 },
		{ "until 2027-03-31", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[DURATION_TEXT];
		struct err e = { 0 };
		int result = duration_read(cases[i].words, out, &e);

		if ((result == 0) != (cases[i].value != NULL) || (result == 0 && strcmp(out, cases[i].value) != 0))
			fail_msg("'%s' is %s", cases[i].words, result == 0 ? out : e.text);
		if (result == 0)
			assert_int_equal(duration_days(out), cases[i].days);
		else
			assert_true(strlen(e.text) > 0);
	}
	assert_int_equal(duration_days("90"), -1);
	assert_int_equal(duration_days("d"), -1);
	assert_int_equal(duration_days("90dd"), -1);
	assert_int_equal(duration_days("123456d"), -1);
}

static void finds_persons(void **state)
{
	static const struct {
		const char *words, *principal, *error;
	} cases[] = {
		{ "ann", "person:ann", NULL },
		{ "Ann", "person:ann", NULL },
		{ "ann okafor", "person:ann", NULL },
		{ "A.Okafor@Example.com", "person:ann", NULL },
		{ "Ann <ann@example.com>", "person:ann", NULL },
		{ "person:ann", "person:ann", NULL },
		{ "Kim@Elsewhere.test", "mail:kim@elsewhere.test", NULL },
		{ "mail:kim@elsewhere.test", "mail:kim@elsewhere.test", NULL },
		{ "mail:ann@example.com", "person:ann", NULL },
		{ "Max Berg", NULL, "several people are called 'Max Berg'; write the mail address" },
		{ "Ann Okafur", NULL,
		  "nobody is called 'Ann Okafur' here - did you mean Ann Okafor; write the mail address, for example "
		  "ann@example.com" },
		{ "a@b@c", NULL, "nobody is called 'a@b@c' here; write the mail address, for example ann@example.com" },
		{ "<@example.com>", NULL,
		  "nobody is called '<@example.com>' here; write the mail address, for example ann@example.com" },
	};
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *principal = fact_person(people, cases[i].words, &e);

		if (cases[i].principal && (!principal || strcmp(principal, cases[i].principal) != 0))
			fail_msg("'%s' is %s", cases[i].words, principal ? principal : e.text);
		if (cases[i].error) {
			assert_null(principal);
			assert_string_equal(e.text, cases[i].error);
		}
	}
}

static void settles_persons(void **state)
{
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	_json_ json_t *names = declared();
	_json_ json_t *reading =
	        facts_read(names, NULL, "Owner: Ann Okafor\nBackup: Bodo\nTerm: 6 months\nSites: 3\n", NULL, 0);

	(void)state;
	fact_persons(names, people, reading);
	for (int twice = 0; twice < 2; twice++, fact_persons(names, people, reading)) {
		assert_string_equal(json_str(json_obj(reading, "facts"), "owner"), "person:ann");
		assert_string_equal(json_str(json_obj(reading, "words"), "owner"), "Ann Okafor");
		assert_null(json_object_get(json_obj(reading, "facts"), "backup"));
		assert_null(json_object_get(json_obj(reading, "origin"), "backup"));
		assert_int_equal(json_array_size(json_arr(reading, "problems")), 1);
		assert_string_equal(json_str(json_obj(reading, "facts"), "term"), "6m");
		assert_int_equal(json_int(json_obj(reading, "facts"), "sites"), 3);
	}
}

static void bounds_numbers(void **state)
{
	static const struct {
		const char *name, *words, *error;
	} cases[] = {
		{ "sites", "2", NULL },
		{ "sites", "40 sites", NULL },
		{ "sites", "1", "it is at least 2" },
		{ "sites", "41", "it is at most 40" },
		{ "fine", "EUR 12,500.50", NULL },
		{ "fine", "much", "" },
	};
	_json_ json_t *names = declared();

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		json_t *value = NULL;
		int result = fact_value(names, cases[i].name, cases[i].words, 0, &value, &e);

		assert_int_equal(result, cases[i].error ? -1 : 0);
		if (cases[i].error && *cases[i].error)
			assert_string_equal(e.text, cases[i].error);
		json_decref(value);
	}
}

static void says_how(void **state)
{
	_json_ json_t *names = declared();
	char hint[FACT_HINT];

	(void)state;
	assert_string_equal(fact_question(names, "term"), "For how long?");
	assert_string_equal(fact_question(names, "owner"), "");
	assert_string_equal(fact_hint(names, "term", hint), "a length of time, for example 90 days");
	assert_string_equal(fact_hint(names, "owner", hint), "a name or a mail address");
	assert_string_equal(fact_hint(names, "fine", hint), "amount and currency, for example 12500 EUR");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_durations), cmocka_unit_test(finds_persons), cmocka_unit_test(settles_persons),
		cmocka_unit_test(bounds_numbers),  cmocka_unit_test(says_how),
	};

	return cmocka_run_group_tests_name("fact_kinds", tests, NULL, NULL);
}

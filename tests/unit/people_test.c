// SPDX-License-Identifier: Apache-2.0
// bot/people: who an address, a local user or an id resolves to, and what is said about a wrong file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "bot/people.h"

static const char text[] =
        "people:\n"
        "  - {id: ann, name: Ann Okafor, mail: [Ann@Example.com, a.okafor@example.com], slack: U0ANN, groups: "
        "[legal],\n"
        "     manager: max, alternates: [bob], zone: Europe/Berlin, authority: 10000 EUR, unix: ann, lang: en}\n"
        "  - {id: bob, name: Bob, mail: [bob@example.com], groups: [legal, compliance]}\n"
        "  - {id: max, name: Max, mail: [max@example.com]}\n"
        "  - {id: root1, name: Ira Weiss, groups: [admin], unix: root}\n"
        "requesters: [Example.com, lab.example.org]\n";

static struct people *make(void)
{
	struct err e = { 0 };
	struct people *p = people_read(text, sizeof text - 1, "people.yaml", &e);

	assert_string_equal(e.text, "");
	return p;
}

static void resolves(void **state)
{
	_people_ struct people *p = make();
	const struct person *ann = people_find(p, "ann"), *max = people_find(p, "max");

	(void)state;
	assert_int_equal(people_count(p), 4);
	assert_string_equal(people_text(p), text);
	assert_ptr_equal(people_at(p, 0), ann);
	assert_null(people_at(p, 4));
	assert_null(people_find(p, "Ann"));
	assert_string_equal(ann->name, "Ann Okafor");
	assert_string_equal(ann->slack, "U0ANN");
	assert_string_equal(ann->manager, "max");
	assert_string_equal(ann->zone, "Europe/Berlin");
	assert_string_equal(ann->unix_name, "ann");
	assert_string_equal(ann->lang, "en");
	assert_string_equal(ann->authority, "10000 EUR");
	assert_true(json_has_str(ann->alternates, "bob"));
	assert_true(json_has_str(ann->mail, "ann@example.com"));
	assert_null(max->slack);
	assert_null(max->manager);
	assert_int_equal(json_array_size(max->groups), 0);
	assert_int_equal(json_array_size(max->alternates), 0);

	assert_ptr_equal(people_by_mail(p, "ann@example.com"), ann);
	assert_ptr_equal(people_by_mail(p, "A.Okafor@EXAMPLE.com"), ann);
	assert_null(people_by_mail(p, "ann@example.com.evil.example"));
	assert_null(people_by_mail(p, "ann"));
	assert_null(people_by_mail(p, ""));
	assert_ptr_equal(people_by_unix(p, "root"), people_find(p, "root1"));
	assert_null(people_by_unix(p, "bob"));
	assert_ptr_equal(people_by_slack(p, "U0ANN"), ann);
	assert_null(people_by_slack(p, "u0ann"));

	assert_true(person_in(ann, "legal"));
	assert_false(person_in(ann, "compliance"));
	_json_ json_t *groups = json_pack("[ss]", "legal", "compliance");

	assert_int_equal(people_in_any(p, groups), 2);
	assert_true(people_has_group(p, "admin"));
	assert_false(people_has_group(p, "adm"));
	_json_ json_t *all = people_groups(p);
	_free_ char *shown = json_text(all);

	assert_string_equal(
	        shown, "{\"ann\":[\"legal\"],\"bob\":[\"legal\",\"compliance\"],\"max\":[],\"root1\":[\"admin\"]}");
}

static void may_ask(void **state)
{
	static const struct {
		const char *address;
		bool may;
	} cases[] = {
		{ "anybody@example.com", true },
		{ "Anybody@EXAMPLE.COM", true },
		{ "x@lab.example.org", true },
		{ "x@sub.example.com", false },
		{ "x@example.com.evil.example", false },
		{ "x@notexample.com", false },
		{ "x@evil.example@example.com", false },
		{ "@example.com", false },
		{ "example.com", false },
		{ "", false },
	};
	_people_ struct people *p = make();

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (people_may_ask(p, cases[i].address) != cases[i].may)
			fail_msg("%s", cases[i].address);
}

static void refuses(void **state)
{
#define MAX "people:\n- {id: max, name: M, mail: [m@x.example], unix: m, slack: U1}\n"
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "people: []", "p:1:9: 'people' needs at least 1 member\n  people: []\n          ^" },
		{ "requesters: [a.b]", "p:1:1: 'people' is missing\n  requesters: [a.b]\n  ^" },
		{ "people: [{id: a}]", "p:1:10: 'name' is missing\n  people: [{id: a}]\n           ^" },
		{ "people: [{id: a, name: A, managr: b}]",
		  "p:1:27: unknown key 'managr' - did you mean 'manager'?\n  people: [{id: a, name: A, managr: b}]\n"
		  "                            ^" },
		{ MAX "- {id: Ann, name: A}", "p:3:8: an id has 1 to 32 of the characters a-z, 0-9, '.', '_' and '-'\n"
		                              "  - {id: Ann, name: A}\n         ^" },
		{ MAX "- {id: a b, name: A}", "p:3:8: an id has 1 to 32 of the characters a-z, 0-9, '.', '_' and '-'\n"
		                              "  - {id: a b, name: A}\n         ^" },
		{ MAX "- {id: max, name: A}",
		  "p:3:8: the id 'max' stands here a second time\n  - {id: max, name: A}\n         ^" },
		{ MAX "- {id: ann, name: A, mail: [M@X.example]}",
		  "p:3:29: the address 'm@x.example' is already max's\n  - {id: ann, name: A, mail: [M@X.example]}\n"
		  "                              ^" },
		{ MAX "- {id: ann, name: A, mail: [a@b.example, a@b.example]}",
		  "p:3:42: the address 'a@b.example' is already ann's\n"
		  "  - {id: ann, name: A, mail: [a@b.example, a@b.example]}\n"
		  "                                           ^" },
		{ MAX "- {id: ann, name: A, mail: [a]}", "p:3:29: this is not a mail address\n  - {id: ann, name: A, "
		                                         "mail: [a]}\n                              ^" },
		{ MAX "- {id: ann, name: A, mail: [\"Ann <a@b.example>\"]}",
		  "p:3:29: this is not a mail address\n  - {id: ann, name: A, mail: [\"Ann <a@b.example>\"]}\n"
		  "                              ^" },
		{ MAX "- {id: ann, name: A, mail: [a@exаmple.com]}",
		  "p:3:29: this is not a mail address\n  - {id: ann, name: A, mail: [a@exаmple.com]}\n"
		  "                              ^" },
		{ MAX "- {id: ann, name: A, unix: m}",
		  "p:3:28: the local user 'm' is already max's\n  - {id: ann, name: A, unix: m}\n"
		  "                             ^" },
		{ MAX "- {id: ann, name: A, slack: U1}",
		  "p:3:29: the Slack user 'U1' is already max's\n  - {id: ann, name: A, slack: U1}\n"
		  "                              ^" },
		{ MAX "- {id: ann, name: A, manager: mx}",
		  "p:3:31: the manager 'mx' is not listed - did you mean 'max'?\n  - {id: ann, name: A, manager: mx}\n"
		  "                                ^" },
		{ MAX "- {id: ann, name: A, manager: ann}",
		  "p:3:31: ann is named as the manager of themselves\n  - {id: ann, name: A, manager: ann}\n"
		  "                                ^" },
		{ MAX "- {id: ann, name: A, alternates: [max, ann]}",
		  "p:3:40: ann is named as the alternate of themselves\n  - {id: ann, name: A, alternates: [max, "
		  "ann]}\n"
		  "                                         ^" },
		{ MAX "- {id: ann, name: A, alternates: [zebra]}",
		  "p:3:35: the alternate 'zebra' is not listed\n  - {id: ann, name: A, alternates: [zebra]}\n"
		  "                                    ^" },
		{ MAX "- {id: ann, name: A, zone: Berlin}",
		  "p:3:28: 'zone' must be a time zone that this machine knows, like Europe/Berlin\n"
		  "  - {id: ann, name: A, zone: Berlin}\n                             ^" },
		{ MAX "- {id: ann, name: A, authority: lots}",
		  "p:3:33: 'authority' must be an amount and a currency, like 10000 EUR\n"
		  "  - {id: ann, name: A, authority: lots}\n                                  ^" },
		{ MAX "- {id: ann, name: A, groups: [Legal]}",
		  "p:3:31: a group's name has 1 to 32 of the characters a-z, 0-9, '.', '_' and '-'\n"
		  "  - {id: ann, name: A, groups: [Legal]}\n                                ^" },
		{ MAX "requesters: [localhost]",
		  "p:3:14: this is not a mail domain, like example.com\n  requesters: [localhost]\n               ^" },
		{ MAX "requesters: [\"*.example.com\"]",
		  "p:3:14: this is not a mail domain, like example.com\n  requesters: [\"*.example.com\"]\n"
		  "               ^" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_null(people_read(cases[i].text, strlen(cases[i].text), "p", &e));
		assert_string_equal(e.text, cases[i].error);
		assert_int_equal(e.code, EX_CONFIG);
	}
}

// A large company: read and looked up without delay.
static void many(void **state)
{
	_buf_ struct buf b = BUF(1024 * 1024);
	struct err e = { 0 };

	(void)state;
	buf_puts(&b, "people:\n");
	for (int i = 0; i < 8000; i++)
		buf_printf(&b, "- {id: p%d, name: P, mail: [p%d@example.com], groups: [g%d]}\n", i, i, i % 50);
	_people_ struct people *p = people_read(b.data, b.len, "p", &e);

	assert_string_equal(e.text, "");
	assert_int_equal(people_count(p), 8000);
	for (int i = 0; i < 8000; i++) {
		char address[32];

		snprintf(address, sizeof address, "p%d@example.com", i);
		assert_ptr_equal(people_by_mail(p, address), people_at(p, (size_t)i));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves),
		cmocka_unit_test(may_ask),
		cmocka_unit_test(refuses),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What a grant covers; beside each that it covers stands the near miss.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/grant.h"

#define NOW INT64_C(1767225600000) // 2026-01-01

// JSON in C: ' stands for ".
static json_t *json_of(const char *text)
{
	_free_ char *copy = text_copy(text);
	struct err e = { 0 };
	json_t *value;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	value = json_read(copy, strlen(copy), &e);
	if (!value)
		fail_msg("%s: %s", text, e.text);
	return value;
}

static const char declared_json[] = "{'product':{'kind':'choice'},'channel':{'kind':'choice'},"
                                    "'linking':{'kind':'choices'},'users':{'kind':'number'},'note':{'kind':'text'}}";

#define GRANT \
	"'case':'CS-12','license':'GPL-2.0-only','component':'libfoo','versions':'2.1.x','product':'Widget','channel'" \
	":" \
	"'binary','region':'EU','until':'2026-12-31','since':'2025-12-01','risk':3"
#define FACTS \
	"'license':'GPL-2.0-only','component':'libfoo','version':'2.1.7','product':'Widget','channel':'binary','" \
	"region':" \
	"'EU','rationale':'another one','expires':'2026-12-31'"

// The grant and the request as above, with these members put over (null takes one away).
struct row {
	const char *what, *grant, *facts;
	int64_t risk;
	const char *differs; // names, in order
};

static json_t *with_changes(const char *whole, const char *changes)
{
	_free_ char *text = text_format("{%s}", whole);
	json_t *object = json_of(text), *value;
	_json_ json_t *over = json_of(changes ? changes : "{}");
	const char *name;

	json_object_foreach(over, name, value) {
		if (json_is_null(value))
			json_object_del(object, name);
		else
			json_object_set(object, name, value);
	}
	return object;
}

static void covers_what_was_granted_and_no_more(void **state)
{
	static const struct row rows[] = {
		{ "the same", NULL, NULL, 3, "" },
		{ "another component", NULL, "{'component':'libbar'}", 3, "component" },
		{ "the component in other letters", NULL, "{'component':'LibFoo'}", 3, "" },
		{ "no component", NULL, "{'component':null}", 3, "component" },
		{ "another licence", NULL, "{'license':'GPL-3.0-only'}", 3, "license" },
		{ "no licence", NULL, "{'license':null}", 3, "license" },
		{ "one way through an OR", NULL, "{'license':'MPL-2.0 OR GPL-2.0-only'}", 3, "" },
		{ "and something on top", NULL, "{'license':'GPL-2.0-only AND MPL-2.0'}", 3, "license" },
		{ "a choice was granted, one of it is asked", "{'license':'MPL-2.0 OR GPL-2.0-only'}", NULL, 3,
		  "license" },
		{ "another release of the line", NULL, "{'version':'2.1'}", 3, "" },
		{ "the next line", NULL, "{'version':'2.2.0'}", 3, "version" },
		{ "any version", NULL, "{'version':null}", 3, "version" },
		{ "any version of any", "{'versions':null}", "{'version':null}", 3, "" },
		{ "a range within", "{'versions':'>=2 <3'}", "{'version':'2.1 - 2.4'}", 3, "" },
		{ "a range beyond", "{'versions':'>=2 <3'}", "{'version':'>=2.1'}", 3, "version" },
		{ "another product", NULL, "{'product':'Atlas'}", 3, "product" },
		{ "no product", NULL, "{'product':null}", 3, "product" },
		{ "a product, of all", "{'product':null}", NULL, 3, "" },
		{ "a product, of all in words", "{'product':'All products'}", NULL, 3, "" },
		{ "all products", NULL, "{'product':'all'}", 3, "product" },
		{ "another channel", NULL, "{'channel':'saas'}", 3, "channel" },
		{ "no channel", NULL, "{'channel':null}", 3, "channel" },
		{ "a channel that nobody thought of", "{'channel':null}", NULL, 3, "channel" },
		{ "channel named by neither", "{'channel':null}", "{'channel':null}", 3, "" },
		{ "another region", NULL, "{'region':'US'}", 3, "region" },
		{ "everywhere", NULL, "{'region':'worldwide'}", 3, "region" },
		{ "a region, of everywhere", "{'region':'worldwide'}", NULL, 3, "" },
		{ "regions within a list", "{'region':['EU','US']}", "{'region':['US']}", 3, "" },
		{ "regions beyond a list", "{'region':['EU','US']}", "{'region':['US','APAC']}", 3, "region" },
		{ "until sooner", NULL, "{'expires':'2026-06-30'}", 3, "" },
		{ "until a day later", NULL, "{'expires':'2027-01-01'}", 3, "expires" },
		{ "until no day", NULL, "{'expires':null}", 3, "" },
		{ "for ever was granted", "{'until':null}", "{'expires':'2030-01-01'}", 3, "" },
		{ "it has ended", "{'until':'2025-12-31'}", "{'expires':null}", 3, "expires" },
		{ "its last day", "{'until':'2026-01-01'}", "{'expires':null}", 3, "" },
		{ "a declared choice", "{'facts':{'linking':['static','dynamic']}}", "{'linking':['static']}", 3, "" },
		{ "another choice", "{'facts':{'linking':['dynamic']}}", "{'linking':['static']}", 3, "linking" },
		{ "a choice that nobody thought of", NULL, "{'linking':['static']}", 3, "linking" },
		{ "a choice left open", "{'facts':{'linking':['dynamic']}}", NULL, 3, "linking" },
		{ "the same number", "{'facts':{'users':5}}", "{'users':5}", 3, "" },
		{ "another number", "{'facts':{'users':5}}", "{'users':6}", 3, "users" },
		{ "prose", NULL, "{'note':'whatever'}", 3, "" },
		{ "another clause", "{'facts':{'clause':'7.2'}}", "{'clause':'9'}", 3, "clause" },
		{ "seats", NULL, "{'quantity':5}", 3, "quantity" },
		{ "money", NULL, "{'spend':{'amount':'90','currency':'EUR'}}", 3, "spend" },
		{ "judged safer", NULL, NULL, 0, "" },
		{ "judged riskier", NULL, NULL, 4, "risk" },
		{ "two things", NULL, "{'product':'Atlas','channel':'saas'}", 3, "product channel" },
	};
	_json_ json_t *declared = json_of(declared_json);

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		_json_ json_t *grant = with_changes(GRANT, rows[i].grant), *facts = with_changes(FACTS, rows[i].facts);
		struct asked asked = { declared, facts, NULL, rows[i].risk };
		_json_ json_t *differs = grant_differences(grant, &asked, NULL, NOW);
		_free_ char *text = grant_differences_text(differs, declared);
		_buf_ struct buf names = BUF(4096);
		json_t *item;
		size_t k;

		json_array_foreach(differs, k, item)
			buf_printf(&names, "%s%s", k ? " " : "", json_str(item, "name"));
		if (strcmp(buf_text(&names), rows[i].differs) != 0)
			fail_msg("%s: '%s', expected '%s' (%s)", rows[i].what, buf_text(&names), rows[i].differs, text);
		assert_int_equal(grant_covers(grant, &asked, NULL, NOW), !*rows[i].differs);
		assert_int_equal(!*text, !*rows[i].differs);
	}
}

// Whatever was granted covers the request that it was granted for.
static void a_request_is_covered_by_its_own_grant(void **state)
{
	static const char *const changes[] = {
		"{}",
		"{'version':'>=2 <3'}",
		"{'version':null,'product':null,'region':null,'channel':null}",
		"{'linking':['static'],'users':5,'note':'x','clause':'7','vendor':'ACME'}",
		"{'license':'(MIT OR GPL-2.0-only) AND Zlib'}",
		"{'version':'r123','product':'all'}",
	};
	_json_ json_t *declared = json_of(declared_json);

	(void)state;
	for (size_t i = 0; i < LENGTH(changes); i++) {
		_json_ json_t *facts = with_changes(FACTS, changes[i]);
		struct asked asked = { declared, facts, NULL, 3 };
		_json_ json_t *grant = grant_of(&asked);

		json_object_update(grant, json_array_get(json_arr(grant, "components"), 0));
		json_put_str(grant, "until", json_str(facts, "expires"));
		if (!grant_covers(grant, &asked, NULL, NOW)) {
			_json_ json_t *differs = grant_differences(grant, &asked, NULL, NOW);
			_free_ char *text = grant_differences_text(differs, declared);

			fail_msg("%s: %s", changes[i], text);
		}
	}
}

static void grants_each_component_its_line(void **state)
{
	_json_ json_t *facts =
	        with_changes(FACTS, "{'component':'libfoo, zlib','version':null,'license':'GPL-2.0-only AND Zlib'}");
	_json_ json_t *components =
	        json_of("[{'component':'libfoo','version':'2.1.7','license':'GPL-2.0-only'},{'component':'zlib'}]");
	struct asked asked = { NULL, facts, components, 0 };
	_json_ json_t *grant = grant_of(&asked);
	_json_ json_t *want =
	        json_of("[{'component':'libfoo','versions':'2.1.x','license':'GPL-2.0-only'},{'component':'zlib'}]");
	_json_ json_t *names = asked_components(&asked);

	(void)state;
	assert_true(json_equal(json_arr(grant, "components"), want));
	assert_int_equal(json_array_size(names), 2);
}

static void chooses_a_grant_for_each_component(void **state)
{
	_json_ json_t *facts = with_changes(FACTS, "{'license':'GPL-2.0-only AND Zlib'}");
	_json_ json_t *components = json_of("[{'component':'libfoo','version':'2.1.7','license':'GPL-2.0-only'},"
	                                    "{'component':'zlib','version':'1.3','license':'Zlib'}]");
	struct asked asked = { NULL, facts, components, 0 };
	_json_ json_t *candidates = json_array();
	_json_ json_t *chosen = NULL, *near = NULL, *none = NULL, *without = NULL, *other = NULL;

	(void)state;
	json_add(candidates, with_changes(GRANT, NULL));
	json_add(candidates, with_changes(GRANT, "{'case':'CS-13','until':null}"));
	json_add(candidates,
	         with_changes(GRANT, "{'case':'CS-14','component':'zlib','versions':'1.2.x','license':'Zlib'}"));
	none = grants_choose(candidates, &asked, NULL, NOW, &near);
	assert_null(none);
	assert_string_equal(json_str(near, "case"), "CS-14");
	assert_string_equal(json_str(json_array_get(json_arr(near, "differs"), 0), "name"), "version");
	json_add(candidates,
	         with_changes(GRANT, "{'case':'CS-15','component':'zlib','versions':null,'license':'Zlib'}"));
	chosen = grants_choose(candidates, &asked, NULL, NOW, &other);
	assert_null(other);
	assert_int_equal(json_array_size(chosen), 2);
	assert_string_equal(json_str(json_array_get(chosen, 0), "case"), "CS-13"); // the longest
	assert_string_equal(json_str(json_array_get(chosen, 1), "case"), "CS-15");
	without = grants_choose(candidates, &asked, "CS-13", NOW, &other);
	assert_string_equal(json_str(json_array_get(without, 0), "case"), "CS-12");
}

static void licences_are_the_same_or_one_way(void **state)
{
	static const struct {
		const char *granted, *asked;
		bool covered;
	} rows[] = {
		{ "MIT", "mit", true },
		{ "MIT AND Zlib", "Zlib AND MIT", true },
		{ "MIT OR Zlib", "Zlib OR MIT", true },
		{ "MIT OR Zlib", "ISC OR Zlib OR MIT", true },
		{ "MIT OR Zlib", "MIT", false },
		{ "MIT", "MIT AND Zlib", false },
		{ "MIT AND Zlib", "MIT", false },
		{ "MIT AND Zlib", "(MIT OR ISC) AND Zlib", true },
		{ "GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", false },
		{ "GPL-2.0-or-later", "GPL-2.0-only", false },
		{ "our own terms", "our own terms", true },
		{ "our own terms", "MIT", false },
		{ "MIT", "(MIT OR", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (licence_covered(rows[i].granted, rows[i].asked) != rows[i].covered)
			fail_msg("'%s' for '%s'", rows[i].granted, rows[i].asked);
}

static void knows_a_condition(void **state)
{
	static const struct {
		const char *reason;
		bool condition;
	} rows[] = {
		{ "on condition that the source offer ships with it", true },
		{ "On Condition that ...", true },
		{ "  provided it is linked dynamically", true },
		{ "if they replace it by June", true },
		{ "iffy, but fine", false },
		{ "the vendor agrees", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (grant_condition(rows[i].reason) != rows[i].condition)
			fail_msg("'%s'", rows[i].reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(covers_what_was_granted_and_no_more),
		cmocka_unit_test(a_request_is_covered_by_its_own_grant),
		cmocka_unit_test(grants_each_component_its_line),
		cmocka_unit_test(chooses_a_grant_for_each_component),
		cmocka_unit_test(licences_are_the_same_or_one_way),
		cmocka_unit_test(knows_a_condition),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}

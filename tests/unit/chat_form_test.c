// SPDX-License-Identifier: Apache-2.0
// The form of a request: built from catalogues of none to sixty facts, and read back, filled in well and broken in
// every way.
#include "bot/chat_form.h"

#include <stdio.h>

#include "base/buf.h"
#include "bot/desk.h"
#include "bot/facts.h"
#include "bot/render.h"
#include "tests/unit/blocks_walk.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24T09:00Z

static const char people_text_[] = "people:\n"
                                   "- {id: ann, name: Ann Okafor, mail: [ann@example.com], groups: [legal]}\n"
                                   "requesters: [example.com]\n";

#define HEAD "catalogue: example.com/licensing\nversion: 1\n"
#define TAIL \
	"types:\n- {id: oss, title: Licence, when: license IS NOT NULL, needs: [license, component, product, " \
	"expires, " \
	"rationale]}\nroutes:\n- {stages: [{name: legal, need: 1, from: [legal]}]}\n"

static const char catalogue_text_[] =
        HEAD "facts:\n"
             "  product: {kind: choice, values: [Widget, Atlas, \"A & B <C>\"], also: {Widget: [the widget]}}\n"
             "  linking: {kind: choices, values: [static, dynamic, \"static, and more\"], title: How is it linked}\n"
             "  seats: {kind: number, min: 1, max: 50, question: How many seats?, hint: at most fifty}\n"
             "  budget: {kind: money}\n"
             "  term: {kind: duration}\n"
             "  owner: {kind: person}\n"
             "  handover: {kind: date}\n"
             "  note: {kind: text}\n" TAIL;

struct fixture {
	struct templates *templates;
	struct people *people;
	struct desk desk;
};

static int setup(void **state)
{
	static struct fixture f;
	struct err e = { 0 };

	f.templates = templates_open(SOURCE_DIR "/templates", &e);
	f.people = people_read(people_text_, sizeof people_text_ - 1, "people.yaml", &e);
	f.desk.people = f.people;
	f.desk.licences = (struct licences *)known_licences();
	f.desk.now = NOW;
	f.desk.catalogue =
	        catalogue_read(catalogue_text_, sizeof catalogue_text_ - 1, "p.yaml", f.people, f.desk.licences, &e);
	if (!f.templates || !f.desk.catalogue)
		fail_msg("%s", e.text);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	catalogue_free(&f->desk.catalogue);
	people_free(&f->people);
	templates_close(&f->templates);
	return 0;
}

// JSON in C: ' stands for ".
static json_t *json_of(const char *text)
{
	_free_ char *copy = text_copy(text);
	struct err e = { 0 };
	json_t *value;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_read(copy, strlen(copy), &e);
	if (!value)
		fail_msg("%s: %s", e.text, text);
	return value;
}

static json_t *form_of(const struct fixture *f, const json_t *known)
{
	struct err e = { 0 };
	json_t *view = chat_form(&f->desk, f->templates, known, "CS-1", &e);

	if (!view)
		fail_msg("%s", e.text);
	walk_view(view);
	return view;
}

static const json_t *block_of(const json_t *view, const char *id)
{
	const json_t *blocks = json_arr(view, "blocks");

	for (size_t i = 0; i < json_array_size(blocks); i++)
		if (strcmp(json_str(json_array_get(blocks, i), "block_id"), id) == 0)
			return json_array_get(blocks, i);
	return NULL;
}

static const json_t *element_of(const json_t *view, const char *id)
{
	return json_obj(block_of(view, id), "element");
}

// --- the form ---

static void test_order(void **state)
{
	static const char *const wanted[] = { "about",   "words",     "license",  "component", "product",
		                              "expires", "rationale", "linking",  "seats",     "budget",
		                              "term",    "owner",     "handover", "note" };
	_json_ json_t *view = form_of(*state, NULL);
	const json_t *blocks = json_arr(view, "blocks");

	assert_string_equal(json_str(view, "callback_id"), "request");
	assert_string_equal(json_str(view, "private_metadata"), "CS-1");
	assert_int_equal(json_array_size(blocks), LENGTH(wanted));
	for (size_t i = 0; i < LENGTH(wanted); i++)
		assert_string_equal(json_str(json_array_get(blocks, i), "block_id"), wanted[i]);
}

static void test_inputs(void **state)
{
	static const struct {
		const char *block, *type, *label, *hint;
	} wanted[] = {
		{ "words", "plain_text_input", "In your own words", "What you need and why." },
		{ "license", "plain_text_input", "Licence", "Which licence is it? (an SPDX expression" },
		{ "product", "static_select", "Product", "" },
		{ "linking", "multi_static_select", "How is it linked", "" },
		{ "expires", "datepicker", "Needed until", "Until when" },
		{ "handover", "datepicker", "handover", "" },
		{ "rationale", "plain_text_input", "Rationale", "Why is it needed?" },
		{ "seats", "plain_text_input", "seats", "How many seats? (at most fifty)" },
		{ "budget", "plain_text_input", "budget", "" },
	};
	_json_ json_t *view = form_of(*state, NULL);

	for (size_t i = 0; i < LENGTH(wanted); i++) {
		const json_t *block = block_of(view, wanted[i].block);

		assert_string_equal(json_str(json_obj(block, "element"), "type"), wanted[i].type);
		assert_string_equal(json_str(json_obj(block, "label"), "text"), wanted[i].label);
		assert_true(text_starts(json_str(json_obj(block, "hint"), "text"), wanted[i].hint));
		assert_true(json_bool(block, "optional"));
	}
	assert_true(json_bool(element_of(view, "words"), "multiline"));
	assert_true(json_bool(element_of(view, "rationale"), "multiline"));
	assert_false(json_bool(element_of(view, "license"), "multiline"));
	assert_string_equal(
	        json_str(json_obj(json_array_get(json_arr(element_of(view, "product"), "options"), 2), "text"), "text"),
	        "A &amp; B &lt;C&gt;");
	assert_string_equal(json_str(json_array_get(json_arr(element_of(view, "product"), "options"), 2), "value"),
	                    "A & B <C>");
}

static void test_known(void **state)
{
	_json_ json_t *known =
	        json_of("{'words':'Hello,\\nwe need it <now> & here','license':'MIT','product':'Atlas',"
	                "'linking':['dynamic','none of them'],'expires':'2027-03-31','handover':'next spring',"
	                "'budget':{'amount':'12500.50','currency':'EUR'},'seats':12,'note':'a\\u001b[1mb\\nc'}");
	_json_ json_t *view = form_of(*state, known);
	const json_t *linking = json_arr(element_of(view, "linking"), "initial_options");

	assert_string_equal(json_str(element_of(view, "words"), "initial_value"), "Hello,\nwe need it <now> & here");
	assert_string_equal(json_str(element_of(view, "license"), "initial_value"), "MIT");
	assert_string_equal(json_str(json_obj(element_of(view, "product"), "initial_option"), "value"), "Atlas");
	assert_int_equal(json_array_size(linking), 1);
	assert_string_equal(json_str(json_array_get(linking, 0), "value"), "dynamic");
	assert_string_equal(json_str(element_of(view, "expires"), "initial_date"), "2027-03-31");
	assert_null(json_object_get(element_of(view, "handover"), "initial_date"));
	assert_string_equal(json_str(element_of(view, "budget"), "initial_value"), "12500.50 EUR");
	assert_string_equal(json_str(element_of(view, "seats"), "initial_value"), "12");
	assert_string_equal(json_str(element_of(view, "note"), "initial_value"), "a\xef\xbf\xbd[1mb c");
}

// Everything known, but of the wrong shape, empty or endless.
static void test_known_hostile(void **state)
{
	static const char *const values[] = { "null",
		                              "''",
		                              "' '",
		                              "[]",
		                              "{}",
		                              "true",
		                              "-1",
		                              "1e9",
		                              "[[['x']]]",
		                              "{'amount':1,'currency':[]}",
		                              "'<!channel> & \\u0007\\u202e'",
		                              "['Widget']",
		                              "'2027-3-1'",
		                              "'20270-03-31'" };
	static const char *const names[] = { "words",   "license", "product", "linking",
		                             "expires", "seats",   "budget",  "owner" };
	_buf_ struct buf endless = BUF(200000);

	while (endless.len < 100000)
		buf_puts(&endless, "&<x>\xf0\x9f\x98\x80\n");
	for (size_t i = 0; i <= LENGTH(values); i++) {
		_json_ json_t *known = json_object(), *view = NULL;

		for (size_t k = 0; k < LENGTH(names); k++) {
			_free_ char *wrapped = i < LENGTH(values) ? text_format("[%s]", values[i]) : NULL;
			_json_ json_t *list = wrapped ? json_of(wrapped) : NULL;

			json_put(known, names[k],
			         list ? json_incref(json_array_get(list, 0)) : json_string(buf_text(&endless)));
		}
		view = form_of(*state, known);
	}
}

// --- catalogues of every size ---

static struct catalogue *big_catalogue(const struct fixture *f, size_t facts, size_t values, const char *value)
{
	static const char *const kinds[] = { "text", "number", "money", "date", "duration", "person" };
	_buf_ struct buf text = BUF(8 << 20);
	struct err e = { 0 };
	struct catalogue *c;

	buf_puts(&text, HEAD);
	buf_puts(&text, facts ? "facts:\n" : "");
	for (size_t i = 0; i < facts; i++) {
		if (i % 2) {
			buf_printf(&text, "  f%zu: {kind: %s, title: \"T%zu & <b>\"}\n", i,
			           kinds[i / 2 % LENGTH(kinds)], i);
			continue;
		}
		buf_printf(&text, "  f%zu: {kind: %s, values: [", i, i % 4 ? "choice" : "choices");
		for (size_t k = 0; k < values; k++)
			buf_printf(&text, "%s\"%zu %s\"", k ? ", " : "", k, value);
		buf_puts(&text, "]}\n");
	}
	buf_puts(
	        &text,
	        facts ? TAIL
	              : "types:\n- {id: any, title: Any, needs: []}\nroutes:\n- {stages: [{name: legal, need: 1, from: "
	                "[legal]}]}\n");
	c = catalogue_read(buf_text(&text), text.len, "p.yaml", f->people, f->desk.licences, &e);
	if (!c)
		fail_msg("%s", e.text);
	return c;
}

static void test_sizes(void **state)
{
	static const struct {
		size_t facts, values;
		const char *value, *type; // of f0
	} tests[] = {
		{ 0, 0, "", NULL },
		{ 1, 1, "only", "multi_static_select" },
		{ 7, 3, "a & b", "multi_static_select" },
		{ 60, 30, "short", "multi_static_select" },
		{ 60, 100, "a value of a length that a menu can just about show, and no more", "multi_static_select" },
		{ 60, 101, "too many", "plain_text_input" },
		{ 20, 4, "too long for a menu too long for a menu too long for a menu too long for a menu",
		  "plain_text_input" },
		{ 20, 4, "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "plain_text_input" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(tests); i++) {
		_catalogue_ struct catalogue *c = big_catalogue(f, tests[i].facts, tests[i].values, tests[i].value);
		struct fixture big = { f->templates, f->people, f->desk };
		_json_ json_t *known = json_object(), *view = NULL, *filled = NULL;

		big.desk.catalogue = c;
		view = form_of(&big, NULL);
		assert_int_equal(json_array_size(json_arr(view, "blocks")), tests[i].facts ? tests[i].facts + 7 : 2);
		if (tests[i].type)
			assert_string_equal(json_str(element_of(view, "f0"), "type"), tests[i].type);
		for (size_t k = 0; k < tests[i].facts; k++) {
			_free_ char *name = text_format("f%zu", k);
			_free_ char *long_text = text_format("%03000d", 7);

			json_put_str(known, name, long_text);
		}
		filled = form_of(&big, known);
	}
}

// --- reading it ---

static json_t *read_form(const struct fixture *f, const char *values, json_t **errors)
{
	_json_ json_t *given = json_of(values);
	struct err e = { 0 };
	json_t *reading;

	if (chat_form_read(&f->desk, given, &reading, errors, &e) < 0)
		fail_msg("%s", e.text);
	return reading;
}

#define FIELD(name, value) "'" name "':{'value':{'type':'plain_text_input','value':'" value "'}}"
#define MENU(name, value) "'" name "':{'value':{'type':'static_select','selected_option':{'value':'" value "'}}}"
#define DAY(name, value) "'" name "':{'value':{'type':'datepicker','selected_date':'" value "'}}"

static void test_read(void **state)
{
	static const struct {
		const char *values, *fact, *wanted, *origin;
	} tests[] = {
		{ "{" FIELD("license", "gpl v3 only") "}", "license", "GPL-3.0-only", "form" },
		{ "{" FIELD("component", " readline ") "}", "component", "readline", "form" },
		{ "{" MENU("product", "A & B <C>") "}", "product", "A & B <C>", "form" },
		{ "{" DAY("expires", "2027-03-31") "}", "expires", "2027-03-31", "form" },
		{ "{" FIELD("seats", "12 seats") "}", "seats", "12", "form" },
		{ "{" FIELD("budget", "12500.50 EUR") "}", "budget", "12500.50 EUR", "form" },
		{ "{" FIELD("owner", "Ann Okafor") "}", "owner", "person:ann", "form" },
		{ "{" FIELD("rationale", "one\\ntwo") "}", "rationale", "one\ntwo", "form" },
		{ "{'linking':{'value':{'selected_options':[{'value':'static'},{'value':'static, and more'}]}}}",
		  "linking", "static, static, and more", "form" },
		// A field beats what the words say, whichever way they say it.
		{ "{" FIELD("words", "License: MIT\\nComponent: zlib") "," FIELD("license", "ISC") "}", "license",
		  "ISC", "form" },
		{ "{" FIELD("words", "License: MIT\\nComponent: zlib") "," FIELD("license", "ISC") "}", "component",
		  "zlib", "line" },
		{ "{" FIELD("words", "Component: zlib\\nVersion: 1.3") "," FIELD("component", "libfoo") "}", "version",
		  NULL, NULL },
		{ "{" FIELD("words", "Component: zlib\\nVersion: 1.3") "," FIELD("component", "ZLIB") "}", "version",
		  "1.3", "line" },
		{ "{" FIELD("words", "We want to ship readline 8.2 under GPL-3.0-only in Widget until 2027-03-31.") "}",
		  "product", "Widget", "inferred" },
		{ "{" FIELD("words", "We want to ship it in the widget.") "," MENU("product", "Atlas") "}", "product",
		  "Atlas", "form" },
		// Nothing given is nothing wrong.
		{ "{}", "license", NULL, NULL },
		{ "{" FIELD("license", " ") "," FIELD("seats", "n/a") "," FIELD("words", "") "}", "license", NULL,
		  NULL },
		{ "{'license':{'value':{'value':null}},'product':{'value':{'selected_option':null}},"
		  "'expires':{'value':{'selected_date':null}},'linking':{'value':{'selected_options':[]}}}",
		  "product", NULL, NULL },
	};

	for (size_t i = 0; i < LENGTH(tests); i++) {
		_json_ json_t *errors = NULL, *reading = read_form(*state, tests[i].values, &errors);
		const json_t *value = json_object_get(json_obj(reading, "facts"), tests[i].fact);
		_free_ char *text = value ? fact_text(value) : NULL;

		if (errors)
			fail_msg("%s: %s", tests[i].values, json_dumps(errors, 0));
		if ((text == NULL) != (tests[i].wanted == NULL) || (text && strcmp(text, tests[i].wanted) != 0))
			fail_msg("%s: %s is %s", tests[i].values, tests[i].fact, text);
		if (tests[i].origin)
			assert_string_equal(json_str(json_obj(reading, "origin"), tests[i].fact), tests[i].origin);
	}
}

static void test_rest(void **state)
{
	_json_ json_t *errors = NULL;
	_json_ json_t *reading =
	        read_form(*state, "{" FIELD("words", "License: MIT\\n\\nThe customer asked for it.") "}", &errors);

	assert_null(errors);
	assert_string_equal(json_str(reading, "rest"), "The customer asked for it.");
	assert_string_equal(json_str(json_obj(reading, "facts"), "license"), "MIT");
}

static void test_field_errors(void **state)
{
	static const struct {
		const char *values, *block, *error;
	} tests[] = {
		{ "{" FIELD("seats", "many") "}", "seats", "That is not a whole number." },
		{ "{" FIELD("seats", "51") "}", "seats", "It is at most 50." },
		{ "{" FIELD("seats", "0") "}", "seats", "It is at least 1." },
		{ "{" DAY("expires", "2026-02-30") "}", "expires", "That is not a day" },
		{ "{" DAY("expires", "2020-01-01") "}", "expires", "must lie in the future." },
		{ "{" MENU("product", "Wodget") "}", "product", "did you mean Widget?" },
		{ "{'linking':{'value':{'selected_options':[{'value':'static'},{'value':'quantum'}]}}}", "linking",
		  "It must be" },
		{ "{" FIELD("budget", "a lot") "}", "budget", "." },
		{ "{" FIELD("term", "soon") "}", "term", "." },
		{ "{" FIELD("owner", "Nobody Inparticular") "}", "owner", "." },
		{ "{" FIELD("handover", "some day") "}", "handover", "." },
		{ "{" FIELD("words", "seats: 3") "," FIELD("seats", "many") "}", "seats", "whole number." },
	};

	for (size_t i = 0; i < LENGTH(tests); i++) {
		_json_ json_t *errors = NULL, *reading = read_form(*state, tests[i].values, &errors);

		if (!strstr(json_str(errors, tests[i].block), tests[i].error) || !*json_str(errors, tests[i].block))
			fail_msg("%s: \"%s\"", tests[i].values, json_str(errors, tests[i].block));
		assert_int_equal(json_object_size(errors), 1);
		assert_null(json_object_get(json_obj(reading, "facts"), tests[i].block));
	}
}

// What stands in the words cannot be put right at a field; the bot asks about it later.
static void test_word_problems(void **state)
{
	_json_ json_t *errors = NULL, *reading = read_form(*state, "{" FIELD("words", "seats: many") "}", &errors);

	assert_null(errors);
	assert_int_equal(json_array_size(json_arr(reading, "problems")), 1);
}

static void test_broken(void **state)
{
	static const char *const values[] = {
		"{'':{}}",
		"{'license':null}",
		"{'license':'MIT'}",
		"{'license':[]}",
		"{'license':{}}",
		"{'license':{'value':null}}",
		"{'license':{'value':[]}}",
		"{'license':{'value':{'value':7}}}",
		"{'license':{'value':{'value':['MIT']}}}",
		"{'product':{'value':{'selected_option':{}}}}",
		"{'product':{'value':{'selected_option':{'value':{'a':1}}}}}",
		"{'product':{'value':{'selected_option':['Widget']}}}",
		"{'linking':{'value':{'selected_options':[null,1,'static',[],{'value':null}]}}}",
		"{'linking':{'value':{'selected_options':{'value':'static'}}}}",
		"{'seats':{'value':{'selected_options':[{'value':'1'},{'value':'2'}]}}}",
		"{'license':{'value':{'selected_options':[{'value':'MIT'}]}}}",
		"{'expires':{'value':{'selected_date':20270331}}}",
		"{'words':{'value':{'selected_options':[{'value':'x'}]}}}",
		"{'words':7}",
		"{'no such fact':{'value':{'value':'x'}},'__proto__':{'value':{'value':'x'}}}",
	};
	struct fixture *f = *state;
	struct err e = { 0 };
	json_t *reading, *errors;

	for (size_t i = 0; i < LENGTH(values); i++) {
		_json_ json_t *wrong = NULL, *read = read_form(f, values[i], &wrong);

		assert_null(json_object_get(json_obj(read, "facts"), "no such fact"));
		assert_non_null(json_obj(read, "origin"));
	}
	for (size_t i = 0; i < 3; i++) {
		_json_ json_t *none = i == 0 ? NULL : json_of(i == 1 ? "[]" : "'x'");

		assert_int_equal(chat_form_read(&f->desk, none, &reading, &errors, &e), -1);
		assert_null(reading);
		assert_null(errors);
	}
}

static void test_long(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf text = BUF(200000);
	_json_ json_t *values = json_object(), *reading = NULL, *errors = NULL;
	static const char *const names[] = { "words", "license", "rationale", "note" };

	while (text.len < 100000)
		buf_puts(&text, "<!channel> @everyone & ");
	for (size_t i = 0; i < LENGTH(names); i++)
		json_put(values, names[i], json_pack("{s{ss}}", "value", "value", buf_text(&text)));
	assert_int_equal(chat_form_read(&f->desk, values, &reading, &errors, NULL), 0);
	assert_int_equal(json_object_size(errors), 3);
	assert_non_null(strstr(json_str(errors, "rationale"), "It is longer than"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),         cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_known),         cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_known_hostile), cmocka_unit_test(test_read),
		cmocka_unit_test(test_rest),          cmocka_unit_test(test_field_errors),
		cmocka_unit_test(test_word_problems), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

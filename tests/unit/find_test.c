// SPDX-License-Identifier: Apache-2.0
// Queries over cases: every key and operator, who may see what, and text that tries to be syntax.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "store/cases.h"
#include "tests/unit/story.h"

#define DAY(n) (STORY_START + (int64_t)(n)*CLOCK_DAY)

struct fixture {
	char *path;
	struct db *db;
};

static void append(struct db *db, const char *type, const char *case_id, int64_t version, int64_t now, json_t *body)
{
	_json_ json_t *event = event_new(type, "person:ann", "mail", case_id, version, body);
	struct err e = { 0 };

	if (log_append(db, event, now, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static const struct {
	const char *requester, *address, *filed_by, *expires, *text, *type;
	int risk;
	const char *facts; // JSON
} cases[] = {
	{ "person:ann", "ann@example.com", "person:ann", "2026-03-31", "ship the gateway \"quoted\"", "oss", 3,
	  "{'license':'GPL-2.0-only','product':'Widget','region':['EU','US'],'quantity':25}" },
	{ "person:kim", "Kim@Example.com", "person:max", "2026-04-01", "caf\xc3\xa9 terminal", "oss", 7,
	  "{'license':'MIT AND (GPL-3.0-or-later OR "
	  "Zlib)','product':'Atlas','spend':{'amount':'12500.50','currency':'EUR'}}" },
	{ "mail:lee@example.com", "slack:U0LEE", "mail:lee@example.com", NULL, "OR AND NOT NEAR", "spend", 9,
	  "{'license':'AGPL-3.0-only','product':'Orion Gateway','region':['APAC'],'quantity':3,'100%':'a[b'}" },
	{ "person:ann", "ann@example.com", "person:ann", "2026-12-31", "gateway again", "oss", 0,
	  "{'license':'MIT','product':'widget','vendor':'O\\\"Hara','spend':{'amount':'90','currency':'USD'}}" },
};

static void open_case(struct db *db, size_t i)
{
	_free_ char *text = text_copy(cases[i].facts), *id = text_format("CS-%zu", i + 1);
	json_t *body = json_object(), *facts;

	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	facts = json_read(text, strlen(text), NULL);
	assert_non_null(facts);
	json_put_int(body, "number", (int64_t)i + 1);
	json_put_str(body, "title", "request");
	json_put_str(body, "requester", cases[i].requester);
	json_put_str(body, "requester_name", "Somebody");
	json_put_str(body, "requester_address", cases[i].address);
	json_put_str(body, "filed_by", cases[i].filed_by);
	json_put_str(body, "expires", cases[i].expires);
	json_put_str(body, "text", cases[i].text);
	json_put(body, "facts", facts);
	append(db, "case.opened", id, 1, DAY(i), body);
	append(db, "case.assessed", id, 1, DAY(i),
	       json_pack("{sssssi}", "type", cases[i].type, "title", "request", "risk", cases[i].risk));
}

static int setup(void **state)
{
	static struct fixture f;

	f.path = state_make();
	f.db = db_open(f.path, DB_WRITE, NULL);
	assert_non_null(f.db);
	assert_int_equal(db_begin(f.db, "test", NULL), 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		open_case(f.db, i);
	append(f.db, "review.requested", "CS-2", 1, DAY(5),
	       json_pack("{sis[{ssss}]ss}", "stage", 0, "asked", "person", "person:bo", "seat", "person:bo", "lapse",
	                 "2026-02-01T00:00:00.000Z"));
	append(f.db, "vote.cast", "CS-3", 1, DAY(5),
	       json_pack("{sssssssi}", "person", "person:cy", "seat", "person:cy", "verdict", "approve", "stage", 0));
	append(f.db, "case.approved", "CS-4", 1, DAY(6), NULL);
	assert_int_equal(db_commit(f.db, NULL), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(&f->db);
	state_remove(&f->path);
	return 0;
}

// The ids found, newest first: "4 3 1".
static char *find(struct fixture *f, const json_t *query, const struct viewer *viewer)
{
	struct err e = { 0 };
	_json_ json_t *found = cases_find(f->db, query, viewer, 100, &e);
	char *ids = text_copy("");
	json_t *c;
	size_t i;

	if (!found)
		fail_msg("%s", e.text);
	json_array_foreach(json_arr(found, "cases"), i, c) {
		char *more = text_format("%s%s%s", ids, *ids ? " " : "", json_str(c, "case") + strlen("CS-"));

		free(ids);
		ids = more;
	}
	assert_int_equal(json_int(found, "count"), json_array_size(json_arr(found, "cases")));
	return ids;
}

static const struct viewer auditor = { .everything = true };

static void by_one_term(void **state)
{
	static const struct {
		const char *key, *op, *text;
		int64_t number;
		const char *ids;
	} terms[] = {
		{ "state", "=", "pending", 0, "3 2 1" },
		{ "state", "=", "Approved", 0, "4" },
		{ "state", "!=", "pending", 0, "4" },
		{ "state", "glob", "app*", 0, "4" },
		{ "type", "=", "spend", 0, "3" },
		{ "type", "=", "SPEND", 0, "3" },
		{ "license", "=", "MIT", 0, "4 2" }, // also inside an expression
		{ "license", "=", "zlib", 0, "2" },
		{ "license", "=", "and", 0, "" },
		{ "license", "=", "MIT AND (GPL-3.0-or-later OR Zlib)", 0, "2" },
		{ "license", "glob", "GPL-*", 0, "2 1" },
		{ "license", "glob", "*-only", 0, "3 1" },
		{ "license", "glob", "?GPL-3.0-only", 0, "3" },
		{ "license", "!=", "MIT", 0, "3 1" },
		{ "product", "=", "WIDGET", 0, "4 1" },
		{ "product", "=", "orion gateway", 0, "3" },
		{ "product", "glob", "a*", 0, "2" },
		{ "vendor", "=", "O\"Hara", 0, "4" },
		{ "vendor", "=", "' OR 1=1 --", 0, "" },
		{ "tag.region", "=", "EU", 0, "1" },
		{ "tag.region", "=", "us", 0, "1" },
		{ "tag.region", "!=", "EU", 0, "4 3 2" },
		{ "tag.100%", "=", "a[b", 0, "3" },
		{ "tag.100%", "glob", "a[*", 0, "3" },
		{ "tag.x' OR '1", "=", "1", 0, "" },
		{ "region", "=", "apac", 0, "3" },
		{ "risk", ">=", NULL, 7, "3 2" },
		{ "risk", "=", NULL, 0, "4" },
		{ "risk", "!=", NULL, 0, "3 2 1" },
		{ "risk", "<", NULL, 3, "4" },
		{ "risk", "<=", NULL, 3, "4 1" },
		{ "risk", ">", NULL, 7, "3" },
		{ "quantity", ">", NULL, 3, "1" },
		{ "quantity", ">=", NULL, 3, "3 1" },
		{ "spend", ">", NULL, 12500, "2" },
		{ "spend", ">", NULL, 12501, "" },
		{ "spend", "=", NULL, 90, "4" },
		{ "opened", "<", NULL, DAY(1), "1" },
		{ "opened", ">=", NULL, DAY(1), "4 3 2" },
		{ "due", "<", NULL, DAY(365), "2" },
		// 2026-03-31 is day 89; a day has begun before a moment inside it
		{ "expires", "<", NULL, DAY(89), "" },
		{ "expires", "<", NULL, DAY(89) + 1, "1" },
		{ "expires", "<", NULL, DAY(90), "1" },
		{ "expires", "<=", NULL, DAY(89), "1" },
		{ "expires", "<=", NULL, DAY(89) - 1, "" },
		{ "expires", ">=", NULL, DAY(90), "4 2" },
		{ "expires", ">=", NULL, DAY(89) + 1, "4 2" },
		{ "expires", ">", NULL, DAY(89) + 1, "4 2" },
		{ "expires", ">", NULL, DAY(89) - 1, "4 2 1" },
		{ "approver", "=", "bo", 0, "2" },
		{ "approver", "=", "person:bo", 0, "2" },
		{ "approver", "=", "cy", 0, "3" }, // voted
		{ "approver", "!=", "bo", 0, "4 3 1" },
		{ "approver", "glob", "b*", 0, "2" },
		{ "requester", "=", "ann", 0, "4 1" },
		{ "requester", "=", "kim@example.com", 0, "2" },
		{ "requester", "=", "mail:lee@example.com", 0, "3" },
		{ "requester", "=", "Lee@Example.com", 0, "3" }, // who asked in Slack
		{ "requester", "!=", "lee@example.com", 0, "4 2 1" },
		{ "requester", "glob", "lee@*", 0, "3" },
		{ "requester", "glob", "*@example.com", 0, "4 3 2 1" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(terms); i++) {
		bool tag = text_starts(terms[i].key, "tag.");
		json_t *term = json_pack("{ssss}", "key", tag ? "tag" : terms[i].key, "op", terms[i].op);
		_json_ json_t *query = json_pack("{s[o]s[]}", "terms", term, "text");
		_free_ char *ids = NULL;

		if (tag)
			json_put_str(term, "name", terms[i].key + 4);
		if (terms[i].text)
			json_put_str(term, "value", terms[i].text);
		else
			json_put_int(term, "value", terms[i].number);
		ids = find(f, query, &auditor);
		if (strcmp(ids, terms[i].ids) != 0)
			fail_msg("%s %s %s: found \"%s\", not \"%s\"", terms[i].key, terms[i].op,
			         terms[i].text ? terms[i].text : "N", ids, terms[i].ids);
	}
}

static void by_text(void **state)
{
	static const struct {
		const char *first, *second, *ids;
	} texts[] = {
		{ "gateway", NULL, "4 3 1" }, // also a product's name
		{ "GATEWAY", NULL, "4 3 1" },
		{ "gateway again", NULL, "4" }, // a phrase
		{ "again gateway", NULL, "" },
		{ "gateway", "ship", "1" },
		{ "cafe", NULL, "2" },
		{ "\"quoted\"", NULL, "1" },
		{ "ship\" OR \"caf\xc3\xa9", NULL, "" }, // a phrase that nobody wrote, not an operator
		{ "text:ship", NULL, "" },
		{ "sh*", NULL, "" },
		{ "OR AND", NULL, "3" },
		{ "NEAR", NULL, "3" },
		{ "GPL-2.0-only", NULL, "1" },
		{ "CS-3", NULL, "3" },
		{ "-", NULL, "" },
		{ "(", "\"", "" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		_json_ json_t *query = json_pack("{s[]s[s]}", "terms", "text", texts[i].first);
		_free_ char *ids = NULL;

		if (texts[i].second)
			json_add_str(json_arr(query, "text"), texts[i].second);
		ids = find(f, query, &auditor);
		if (strcmp(ids, texts[i].ids) != 0)
			fail_msg("%s: found \"%s\", not \"%s\"", texts[i].first, ids, texts[i].ids);
	}
}

static void all_terms_hold_together(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *query = json_pack("{s[{ssssss}{sssssi}{ssssss}]s[s]}", "terms", "key", "product", "op", "=",
	                                 "value", "widget", "key", "risk", "op", ">", "value", 1, "key", "tag", "op",
	                                 "!=", "value", "x", "text", "gateway");
	_free_ char *ids = NULL;

	json_put_str(json_array_get(json_arr(query, "terms"), 2), "name", "region");
	ids = find(f, query, &auditor);
	assert_string_equal(ids, "1");
}

static void the_newest_without_terms(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *query = json_pack("{s[]s[]}", "terms", "text"), *nothing = json_object(), *two = NULL;
	_free_ char *ids = find(f, query, &auditor), *same = find(f, nothing, &auditor);
	json_t *newest;

	assert_string_equal(ids, "4 3 2 1");
	assert_string_equal(same, "4 3 2 1");
	two = cases_find(f->db, query, &auditor, 2, NULL);
	assert_int_equal(json_int(two, "count"), 4); // of all
	assert_int_equal(json_array_size(json_arr(two, "cases")), 2);
	newest = json_array_get(json_arr(two, "cases"), 0);
	assert_string_equal(json_str(newest, "case"), "CS-4");
	assert_string_equal(json_str(newest, "product"), "widget");
	assert_string_equal(json_str(newest, "license"), "MIT");
	assert_string_equal(json_str(newest, "expires"), "2026-12-31");
	assert_int_equal(json_int(newest, "opened"), DAY(3));
}

static void everyone_sees_their_own(void **state)
{
	static const struct {
		const char *principal, *ids;
	} viewers[] = {
		{ "person:ann", "4 1" }, { "person:kim", "2" }, { "person:max", "2" }, // filed it
		{ "person:bo", "2" },    { "person:cy", "3" },  { "mail:lee@example.com", "3" },
		{ "person:mal", "" },    { NULL, "" },          { "person:ann' OR '1'='1", "" },
	};
	struct fixture *f = *state;
	_json_ json_t *query = json_object(), *text = json_pack("{s[s]}", "text", "gateway");
	_free_ char *narrow = NULL;
	const struct viewer ann = { .principal = "person:cy" };

	for (size_t i = 0; i < LENGTH(viewers); i++) {
		const struct viewer viewer = { .principal = viewers[i].principal };
		_free_ char *ids = find(f, query, &viewer);

		assert_string_equal(ids, viewers[i].ids);
	}
	narrow = find(f, text, &ann);
	assert_string_equal(narrow, "3");
}

static void an_unknown_term_is_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const terms[][2] = { { "salary", "=" }, { "risk", "; DROP TABLE cases" }, { "", "" } };

	for (size_t i = 0; i < LENGTH(terms); i++) {
		_json_ json_t *query =
		        json_pack("{s[{sssssi}]}", "terms", "key", terms[i][0], "op", terms[i][1], "value", 1);
		struct err e = { 0 };

		assert_null(cases_find(f->db, query, &auditor, 10, &e));
		assert_int_equal(e.code, EX_USAGE);
	}
}

// Amending a case changes what it is found by.
static void is_found_by_its_current_version(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *old = json_pack("{s[{ssssss}]}", "terms", "key", "product", "op", "=", "value", "atlas");
	_json_ json_t *fresh = json_pack("{s[{ssssss}]s[s]}", "terms", "key", "product", "op", "=", "value", "lumen",
	                                 "text", "changed");
	_free_ char *before = find(f, old, &auditor), *after = NULL, *now = NULL;

	assert_string_equal(before, "2");
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	append(f->db, "case.amended", "CS-2", 2, DAY(9),
	       json_pack("{sssss{ss}}", "title", "request", "text", "all changed", "facts", "product", "Lumen"));
	after = find(f, old, &auditor);
	now = find(f, fresh, &auditor);
	db_rollback(f->db);
	assert_string_equal(after, "");
	assert_string_equal(now, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_one_term),
		cmocka_unit_test(by_text),
		cmocka_unit_test(all_terms_hold_together),
		cmocka_unit_test(the_newest_without_terms),
		cmocka_unit_test(everyone_sees_their_own),
		cmocka_unit_test(an_unknown_term_is_refused),
		cmocka_unit_test(is_found_by_its_current_version),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

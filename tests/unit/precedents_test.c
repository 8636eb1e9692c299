// SPDX-License-Identifier: Apache-2.0
// Which past decisions count as like a case, in which order, and who was shown them.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "store/precedents.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
};

static void append(struct db *db, const char *type, const char *case_id, json_t *body)
{
	_json_ json_t *event = event_new(type, "person:ann", "mail", case_id, 1, body);
	struct err e = { 0 };

	if (log_append(db, event, STORY_START, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static const struct {
	const char *license, *component, *channel, *family, *end;
	bool voted;
} cases[] = {
	{ "AGPL-3.0-only", "searchd", "saas", "network-copyleft", "case.rejected", true },
	{ "AGPL-3.0-only", "graphd", "internal", "network-copyleft", "case.approved", true },
	{ "SSPL-1.0", "searchd", "saas", "network-copyleft", "case.approved", false },
	{ "AGPL-3.0-only", "searchd", "saas", "network-copyleft", NULL, false },             // not decided yet
	{ "AGPL-3.0-only", "searchd", "saas", "network-copyleft", "case.withdrawn", false }, // nobody decided it
	{ "MIT", "searchd", "saas", "permissive", "case.approved", true },                   // another family
	{ "AGPL-3.0-or-later", "mailer", "binary", "network-copyleft", "case.approved", true },
};

static void open_case(struct db *db, size_t i)
{
	_free_ char *id = text_format("CS-%zu", i + 1);

	append(db, "case.opened", id,
	       json_pack("{sissssssssss s{ssssss}}", "number", (int)i + 1, "title", "request", "requester",
	                 "person:kim", "requester_name", "Kim", "requester_address", "kim@x", "filed_by", "person:kim",
	                 "facts", "license", cases[i].license, "component", cases[i].component, "channel",
	                 cases[i].channel));
	append(db, "case.assessed", id, json_pack("{sss[s]}", "type", "oss", "families", cases[i].family));
	append(db, "review.requested", id,
	       json_pack("{sis[{ssss}]}", "stage", 0, "asked", "person", "person:bo", "seat", "person:bo"));
	if (cases[i].voted)
		append(db, "vote.cast", id,
		       json_pack("{sssssssiss}", "person", "person:bo", "seat", "person:bo", "verdict", "reject",
		                 "stage", 0, "why", "too near"));
	if (cases[i].end)
		append(db, cases[i].end, id, NULL);
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
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_rollback(f->db);
	db_close(&f->db);
	state_remove(&f->path);
	return 0;
}

// "CS-1 license,family; CS-2 family"
static char *said(const json_t *list)
{
	char *text = text_copy("");
	json_t *near, *word;
	size_t i, k;

	json_array_foreach((json_t *)list, i, near) {
		char *more = text_format("%s%s%s ", text, i ? "; " : "", json_str(near, "case"));

		free(text);
		text = more;
		json_array_foreach(json_arr(near, "alike"), k, word) {
			more = text_format("%s%s%s", text, k ? "," : "", json_string_value(word));
			free(text);
			text = more;
		}
	}
	return text;
}

static void the_most_alike_come_first(void **state)
{
	static const struct {
		struct likeness like;
		size_t limit;
		const char *said;
	} rows[] = {
		{ { NULL, "network-copyleft", "AGPL-3.0-only", "searchd", "saas", NULL },
		  3,
		  "CS-1 license,component,channel,family; CS-2 license,family; CS-3 component,channel,family" },
		{ { "CS-1", "network-copyleft", "AGPL-3.0-only", "searchd", "saas", NULL }, 1, "CS-2 license,family" },
		// What people decided is worth more than what is newer; of the rest the newest first.
		{ { NULL, "network-copyleft", NULL, NULL, NULL, NULL },
		  9,
		  "CS-7 family; CS-2 family; CS-1 family; CS-3 family" },
		{ { NULL, "permissive", "mit", "SEARCHD", NULL, NULL }, 9, "CS-6 license,component,family" },
		{ { NULL, "font", "OFL-1.1", NULL, NULL, NULL }, 9, "" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		_json_ json_t *list = precedents_near(f->db, &rows[i].like, rows[i].limit, NULL);
		_free_ char *text = said(list);

		assert_string_equal(text, rows[i].said);
	}
}

static void they_are_shown_with_their_grounds(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *found = precedents_near(
	        f->db, &(struct likeness){ "CS-4", "network-copyleft", "AGPL-3.0-only", NULL, NULL, NULL }, 1, NULL);
	_json_ json_t *list = NULL, *expected = NULL;

	assert_int_equal(precedent_shown(f->db, "CS-2", "person:bo", NULL), 0);
	append(f->db, "case.assessed", "CS-4",
	       json_pack("{sss[s]sO}", "type", "oss", "families", "network-copyleft", "precedents", found));
	list = precedents_of(f->db, "CS-4", NULL);
	expected = json_pack("[{sss[ss]sssssIs[{ssssss}]}]", "case", "CS-2", "alike", "license", "family", "state",
	                     "approved", "title", "", "closed", (json_int_t)STORY_START, "votes", "person", "person:bo",
	                     "verdict", "reject", "why", "too near");
	assert_true(json_equal(list, expected));
	assert_int_equal(precedent_shown(f->db, "CS-2", "person:bo", NULL), 1);
	assert_int_equal(precedent_shown(f->db, "CS-2", "person:cy", NULL), 0);
	assert_int_equal(precedent_shown(f->db, "CS-1", "person:bo", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_alike_come_first),
		cmocka_unit_test(they_are_shown_with_their_grounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

// SPDX-License-Identifier: Apache-2.0
// Appending to the log and reading it: exact leaves, time, roots, reopening; and what each type of entry does.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "store/cases.h"
#include "store/sql.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err e = { 0 };

	assert_non_null(f);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, &e);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(&f->db);
	state_remove(&f->path);
	free(f);
	return 0;
}

static void append(struct fixture *f, const char *type, const char *case_id, int64_t version, int64_t now, json_t *body)
{
	_json_ json_t *event = event_new(type, "person:ann", "mail", case_id, version, body);
	struct err e = { 0 };

	if (log_append(f->db, event, now, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static json_t *history(struct fixture *f, const char *case_id)
{
	json_t *list = log_history(f->db, case_id, NULL);

	assert_non_null(list);
	return list;
}

// The leaf is exactly our keys in canonical order; only its commitment is random.
static void writes_canonical_leaves(void **state)
{
	static const struct {
		const char *case_id;
		int64_t version;
		const char *before, *after;
	} cases[] = {
		{ NULL, 0, "{\"actor\":\"person:ann\",\"body\":\"",
		  "\",\"seq\":0,\"time\":\"2026-01-01T00:00:00.000Z\",\"type\":\"audit.queried\",\"v\":1,\"via\":"
		  "\"mail\"}" },
		{ "CS-1", 2, "{\"actor\":\"person:ann\",\"body\":\"",
		  "\",\"case\":\"CS-1\",\"seq\":1,\"time\":\"2026-01-01T00:00:00.000Z\",\"type\":\"audit.queried\","
		  "\"v\":1,"
		  "\"version\":2,\"via\":\"mail\"}" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		sqlite3_stmt *rows;
		const char *leaf;
		size_t before = strlen(cases[i].before);

		append(f, "audit.queried", cases[i].case_id, cases[i].version, STORY_START, NULL);
		assert_int_equal(sqlite3_prepare_v2(f->db->handle,
		                                    "SELECT CAST(leaf AS TEXT) FROM entry ORDER BY seq DESC", -1, &rows,
		                                    NULL),
		                 SQLITE_OK);
		assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
		leaf = (const char *)sqlite3_column_text(rows, 0);
		assert_memory_equal(leaf, cases[i].before, before);
		assert_int_equal(strspn(leaf + before, "0123456789abcdef"), 64);
		assert_string_equal(leaf + before + 64, cases[i].after);
		sqlite3_finalize(rows);
	}
}

// FAULTS 31, BAD-INPUTS T19.
static void time_never_goes_back(void **state)
{
	static const struct {
		int64_t clock, entry;
	} steps[] = { { 1000, 1000 }, { 5000, 5000 }, { 2000, 5000 }, { -30, 5000 }, { 5001, 5001 } };
	struct fixture *f = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < LENGTH(steps); i++) {
		_json_ json_t *entry = NULL;
		char when[CLOCK_TEXT];

		append(f, "audit.queried", NULL, 0, steps[i].clock, NULL);
		assert_int_equal(log_time(f->db), steps[i].entry);
		entry = log_entry(f->db, i, &e);
		assert_string_equal(json_str(entry, "time"), clock_format(steps[i].entry, when));
	}
	assert_int_equal(db_commit(f->db, &e), 0);
	db_close(&f->db);
	f->db = db_open(f->path, DB_WRITE, &e);
	assert_int_equal(log_time(f->db), 5001); // and not after reopening
}

static void roots_of_all_sizes_stay_known(void **state)
{
	struct fixture *f = *state;
	struct digest roots[70], root;
	struct err e = { 0 };

	for (uint64_t n = 0; n < LENGTH(roots); n++) {
		roots[n] = log_root(f->db);
		append(f, "audit.queried", NULL, 0, STORY_START, NULL);
	}
	assert_int_equal(db_commit(f->db, &e), 0);
	for (int opened = 0; opened < 2; opened++) {
		for (uint64_t n = 0; n < LENGTH(roots); n++) {
			assert_int_equal(log_root_at(f->db, n, &root, &e), 0);
			assert_memory_equal(root.bytes, roots[n].bytes, DIGEST_SIZE);
		}
		assert_int_equal(log_root_at(f->db, LENGTH(roots) + 1, &root, &e), -1);
		assert_int_equal(e.code, EX_NOINPUT);
		db_close(&f->db);
		f->db = db_open(f->path, DB_READ, &e);
	}
	assert_int_equal(log_size(f->db), LENGTH(roots));
}

static void refuses_what_cannot_be_an_entry(void **state)
{
	struct fixture *f = *state;
	static char long_name[70000];
	const struct {
		const char *type, *actor, *says;
		json_t *body;
	} cases[] = {
		{ "case.bewitched", "system", "unknown type", NULL },
		{ "audit.queried", long_name, "too large", NULL },
		{ "audit.queried", "system", "", json_pack("{sf}", "risk", 0.5) },
	};

	memset(long_name, 'x', sizeof long_name - 1);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *event = event_new(cases[i].type, cases[i].actor, "mail", NULL, 0, cases[i].body);
		struct err e = { 0 };

		assert_int_equal(log_append(f->db, event, 1, NULL, &e), -1);
		assert_non_null(strstr(e.text, cases[i].says));
		db_rollback(f->db);
		assert_int_equal(log_size(f->db), 0);
		assert_int_equal(db_begin(f->db, "test", &e), 0);
	}
}

static void history_is_of_one_case_in_order(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *list = NULL, *none = NULL;

	append(f, "audit.queried", "CS-1", 1, STORY_START, json_pack("{ss}", "what", "first"));
	append(f, "audit.queried", "CS-2", 1, STORY_START, NULL);
	append(f, "audit.queried", "CS-1", 0, STORY_START, json_pack("{ss}", "what", "second"));
	list = history(f, "CS-1");
	none = history(f, "CS-3");
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_array_size(none), 0);
	assert_string_equal(json_str(json_obj(json_array_get(list, 0), "body"), "what"), "first");
	assert_string_equal(json_str(json_obj(json_array_get(list, 1), "body"), "what"), "second");
	assert_int_equal(json_int(json_array_get(list, 1), "seq"), 2);
	assert_string_equal(json_str(json_array_get(list, 1), "actor"), "person:ann");
}

static void erased_bodies_are_null(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *entry = NULL;

	append(f, "audit.queried", "CS-1", 1, STORY_START, NULL);
	assert_int_equal(sqlite3_exec(f->db->handle, "UPDATE entry SET body = NULL, salt = NULL", NULL, NULL, NULL), 0);
	entry = log_entry(f->db, 0, NULL);
	assert_true(json_is_null(json_object_get(entry, "body")));
	assert_null(log_entry(f->db, 1, NULL));
}

static json_t *opened(void)
{
	json_t *body = json_pack("{sisssssssssbssssss}", "number", 1, "title", "libfoo", "requester", "person:ann",
	                         "requester_name", "Ann", "requester_address", "ann@example.com", "verified", 1,
	                         "filed_by", "person:ann", "thread", "<t@example.com>", "text", "please");

	json_put(body, "facts", json_pack("{ssss}", "license", "MIT", "product", "Widget"));
	json_put_str(body, "lapse", "2026-01-21T00:00:00.000Z");
	return body;
}

// What the entries of one case's life do to it, step by step.
static void a_case_lives(void **state)
{
	static const char *const timers[] = { "remind", "remind", "alternate", "lapse" };
	struct fixture *f = *state;
	_json_ json_t *c = NULL, *due = NULL;
	json_t *stage, *body;
	struct err e = { 0 };

	append(f, "case.opened", "CS-1", 1, STORY_START, opened());
	c = case_load(f->db, "CS-1", &e);
	assert_string_equal(json_str(c, "state"), "pending");
	assert_int_equal(json_int(c, "due"), STORY_START + 20 * (int64_t)CLOCK_DAY);
	json_decref(c);

	append(f, "case.assessed", "CS-1", 1, STORY_START + 1,
	       json_pack("{sssssisis[{ss}]s[{sssis[s]}{sssis[s]}]}", "type", "oss", "title", "MIT for libfoo", "risk",
	                 7, "catalogue", 3, "findings", "check", "OSS-1", "stages", "name", "legal", "need", 1, "from",
	                 "legal", "name", "board", "need", 1, "from", "cto"));
	append(f, "review.requested", "CS-1", 1, STORY_START + 2,
	       json_pack("{sis[{ssss}]s[ss]ssss}", "stage", 0, "asked", "person", "person:bo", "seat", "person:bo",
	                 "remind", "2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z", "alternate",
	                 "2026-01-04T00:00:00.000Z", "lapse", "2026-01-21T00:00:00.000Z"));
	due = timers_due(f->db, INT64_MAX, 10, &e);
	assert_int_equal(json_array_size(due), LENGTH(timers));
	for (size_t i = 0; i < LENGTH(timers); i++)
		assert_string_equal(json_str(json_array_get(due, i), "kind"), timers[i]);
	append(f, "reminder.sent", "CS-1", 1, STORY_START + 3, json_pack("{si}", "number", 1));
	json_decref(due);
	due = timers_due(f->db, INT64_MAX, 10, &e);
	assert_int_equal(json_int(json_array_get(due, 0), "number"), 2);

	append(f, "vote.cast", "CS-1", 1, STORY_START + 4,
	       json_pack("{sssssssiss}", "person", "person:bo", "seat", "person:bo", "verdict", "approve", "stage", 0,
	                 "why", "fine"));
	c = case_load(f->db, "CS-1", &e);
	stage = json_array_get(json_arr(c, "stages"), 0);
	assert_string_equal(json_str(stage, "state"), "open");
	assert_int_equal(json_array_size(json_arr(stage, "votes")), 1);
	assert_string_equal(json_str(json_array_get(json_arr(stage, "votes"), 0), "why"), "fine");
	json_decref(c);

	append(f, "vote.voided", "CS-1", 1, STORY_START + 5, json_pack("{si}", "vote", 4));
	body = opened();
	json_put_str(body, "title", "libfoo again");
	json_put_str(body, "lapse", "2026-02-01T00:00:00.000Z");
	json_put(body, "missing", json_pack("[s]", "rationale"));
	append(f, "case.amended", "CS-1", 2, STORY_START + 6, body);
	c = case_load(f->db, "CS-1", &e);
	assert_string_equal(json_str(c, "state"), "incomplete");
	assert_int_equal(json_int(c, "version"), 2);
	assert_int_equal(json_array_size(json_arr(c, "stages")), 0);
	assert_int_equal(json_int(c, "due"), STORY_START + 31 * (int64_t)CLOCK_DAY);
	json_decref(c);

	append(f, "case.approved", "CS-1", 2, STORY_START + 7,
	       json_pack("{ssss}", "until", "2026-06-30", "expire", "2026-06-30T22:00:00.000Z"));
	c = case_load(f->db, "CS-1", &e);
	assert_string_equal(json_str(c, "state"), "approved");
	assert_string_equal(json_str(c, "expires"), "2026-06-30");
	assert_null(json_object_get(c, "due"));
	json_decref(due);
	due = timers_due(f->db, INT64_MAX, 10, &e);
	assert_int_equal(json_array_size(due), 1);
	assert_string_equal(json_str(json_array_get(due, 0), "kind"), "expire");
}

static void nobody_votes_twice_on_a_version(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	_json_ json_t *event = event_new(
	        "vote.cast", "person:bo", "mail", "CS-1", 1,
	        json_pack("{sssssssi}", "person", "person:bo", "seat", "person:bo", "verdict", "approve", "stage", 0));

	append(f, "case.opened", "CS-1", 1, STORY_START, opened());
	assert_int_equal(log_append(f->db, event, STORY_START, NULL, &e), 0);
	assert_int_equal(log_append(f->db, event, STORY_START, NULL, &e), -1);
	assert_non_null(strstr(e.text, "vote.cast"));
}

static void roles_have_a_since(void **state)
{
	static const char file[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct fixture *f = *state;
	_json_ json_t *all = NULL, *expected = NULL;
	char hex[65];
	struct err e = { 0 };

	append(f, "people.published", NULL, 0, 1000,
	       json_pack("{sss{s[s]s[s]}}", "sha256", file, "groups", "bo", "legal", "x\"y", "cto"));
	append(f, "people.published", NULL, 0, 2000,
	       json_pack("{sss{s[ss]}}", "sha256", file, "groups", "bo", "legal", "cto"));
	all = memberships_load(f->db, &e);
	expected = json_pack("{s{sisi}}", "bo", "legal", 1000, "cto", 2000);
	assert_true(json_equal(all, expected));
	assert_int_equal(publication_last(f->db, "people", hex, &e), 0);
	assert_string_equal(hex, file);
	assert_int_equal(publication_last(f->db, "catalogue", hex, &e), 0);
	assert_string_equal(hex, "");
}

// One item of a group is undone, the others stay.
static void an_item_is_undone_alone(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *bad = event_new("case.bewitched", "system", "mail", NULL, 0, NULL);
	_json_ json_t *list = NULL;
	struct digest root;
	struct err e = { 0 };

	append(f, "audit.queried", "CS-1", 0, STORY_START, NULL);
	root = log_root(f->db);
	assert_int_equal(db_mark(f->db, &e), 0);
	append(f, "audit.queried", "CS-1", 0, STORY_START + 5, NULL);
	assert_int_equal(log_append(f->db, bad, STORY_START, NULL, &e), -1);
	assert_int_equal(db_undo(f->db, &e), 0);
	assert_int_equal(log_size(f->db), 1);
	assert_int_equal(log_time(f->db), STORY_START);
	assert_memory_equal(log_root(f->db).bytes, root.bytes, DIGEST_SIZE);
	append(f, "audit.queried", "CS-1", 0, STORY_START + 1, NULL);
	assert_int_equal(db_commit(f->db, &e), 0);
	list = history(f, "CS-1");
	assert_int_equal(json_array_size(list), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_canonical_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(time_never_goes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(roots_of_all_sizes_stay_known, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_cannot_be_an_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(history_is_of_one_case_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(erased_bodies_are_null, setup, teardown),
		cmocka_unit_test_setup_teardown(a_case_lives, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_votes_twice_on_a_version, setup, teardown),
		cmocka_unit_test_setup_teardown(an_item_is_undone_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(roles_have_a_since, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

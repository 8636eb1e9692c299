// SPDX-License-Identifier: Apache-2.0
// Letters to go out and the bindings of their tokens.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
	json_t *references, *model;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, NULL);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	f->references = json_pack("[ss]", "<a@x>", "<b@x>");
	f->model = json_pack("{ss}", "title", "libfoo");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->references);
	json_decref(f->model);
	db_close(&f->db);
	state_remove(&f->path);
	free(f);
	return 0;
}

static int64_t add(struct fixture *f, const char *message_id, const char *case_id, const char *address, uint8_t token,
                   int64_t now)
{
	struct letter letter = {
		.carrier = "mail",
		.kind = "review",
		.message_id = message_id,
		.in_reply_to = "<q@x>",
		.references = f->references,
		.model = f->model,
		.token = { .id = { token },
		           .purpose = 1,
		           .case_id = case_id,
		           .version = 2,
		           .content = { { 7 } },
		           .principal = "person:bo",
		           .address = address,
		           .expires = 99,
		           .seal = { [16] = 5 } },
	};
	struct err e = { 0 };
	int64_t id;

	if (outbox_add(f->db, &letter, now, &id, &e) < 0)
		fail_msg("%s", e.text);
	return id;
}

static void a_letter_comes_back_as_it_was_added(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f, "<m1@x>", "CS-1", "bo@example.com", 1, 1000), found;
	_json_ json_t *letter = outbox_get(f->db, id, NULL);
	_json_ json_t *expected =
	        json_pack("{sIsssssssssssssssssssOsOsisi}", "id", (json_int_t)id, "carrier", "mail", "state", "queued",
	                  "kind", "review", "case", "CS-1", "principal", "person:bo", "address", "bo@example.com",
	                  "token", "0100000000000000", "message_id", "<m1@x>", "in_reply_to", "<q@x>", "references",
	                  f->references, "model", f->model, "tries", 0, "created", 1000);
	struct err e = { 0 };

	assert_true(json_equal(letter, expected));
	assert_int_equal(outbox_find(f->db, "<m1@x>", &found, NULL), 0);
	assert_int_equal(found, id);
	assert_int_equal(outbox_find(f->db, "<m2@x>", &found, NULL), 0);
	assert_int_equal(found, 0);
	assert_null(outbox_get(f->db, id + 1, &e));
	assert_int_equal(e.code, EX_NOINPUT);
}

static void due_are(struct fixture *f, int64_t now, const char *ids)
{
	int64_t due[10];
	int count = outbox_due(f->db, "mail", INT64_MAX, now, due, LENGTH(due), NULL);
	char text[64] = "";

	for (int i = 0; i < count; i++) {
		_json_ json_t *head = outbox_head(f->db, due[i], NULL);
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "%s", json_str(head, "message_id"));
	}
	assert_string_equal(text, ids);
}

// FAULTS 33: tried again later, under the same Message-ID.
static void goes_out_when_it_is_due(void **state)
{
	struct fixture *f = *state;
	int64_t a = add(f, "<a>", "CS-1", "bo@x", 1, 1000), b = add(f, "<b>", "CS-1", "bo@x", 2, 500);
	int64_t c = add(f, "<c>", "CS-1", "bo@x", 3, 2000), when, count;
	_json_ json_t *letter = NULL;

	due_are(f, 499, "");
	due_are(f, 1000, "<b><a>");
	assert_int_equal(outbox_next_time(f->db, "mail", INT64_MAX, &when, NULL), 0);
	assert_int_equal(when, 500);
	assert_int_equal(outbox_retry(f->db, b, 3000, "421 later", NULL), 0);
	assert_int_equal(outbox_wait(f->db, b, 3000, "not yet", NULL), 0); // no try
	due_are(f, 2000, "<a><c>");
	assert_int_equal(outbox_sent(f->db, a, NULL), 0);
	assert_int_equal(outbox_failed(f->db, c, "550 no such user", NULL), 0);
	due_are(f, 5000, "<b>");
	letter = outbox_get(f->db, b, NULL);
	assert_int_equal(json_int(letter, "tries"), 1);
	assert_string_equal(json_str(letter, "message_id"), "<b>");
	assert_int_equal(outbox_waiting(f->db, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(outbox_sent(f->db, b, NULL), 0);
	assert_int_equal(outbox_next_time(f->db, "mail", INT64_MAX, &when, NULL), 0);
	assert_true(when == INT64_MAX);
}

static void a_thread_has_a_beginning_and_an_end(void **state)
{
	static const struct {
		const char *case_id, *address, *ids;
	} cases[] = {
		{ "CS-1", "bo@x", "[\"<a>\",\"<d>\"]" },
		{ "CS-1", "cy@x", "[\"<b>\"]" },
		{ "CS-2", "bo@x", "[\"<e>\"]" },
		{ "CS-3", "bo@x", "[]" },
	};
	struct fixture *f = *state;

	add(f, "<a>", "CS-1", "bo@x", 1, 1);
	add(f, "<b>", "CS-1", "cy@x", 2, 1);
	add(f, "<c>", "CS-1", "bo@x", 3, 1);
	add(f, "<d>", "CS-1", "bo@x", 4, 1);
	add(f, "<e>", "CS-2", "bo@x", 5, 1);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *thread = outbox_thread(f->db, cases[i].case_id, cases[i].address, NULL);
		_free_ char *text = json_text(thread);

		assert_string_equal(text, cases[i].ids);
	}
}

static void counts_what_went_to_an_address(void **state)
{
	static const struct {
		const char *kind, *address;
		int64_t since, count;
	} cases[] = {
		{ "review", "bo@x", 0, 3 },  { "review", "bo@x", 20, 2 }, { "review", "bo@x", 31, 0 },
		{ "refusal", "bo@x", 0, 0 }, { "review", "cy@x", 0, 1 },
	};
	struct fixture *f = *state;

	add(f, "<a>", "CS-1", "bo@x", 1, 10);
	add(f, "<b>", "CS-1", "bo@x", 2, 20);
	add(f, "<c>", "CS-1", "bo@x", 3, 30);
	add(f, "<d>", "CS-1", "cy@x", 4, 30);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int64_t count;

		assert_int_equal(outbox_count(f->db, cases[i].kind, cases[i].address, cases[i].since, &count, NULL), 0);
		assert_int_equal(count, cases[i].count);
	}
}

static void a_token_is_bound_and_used_once(void **state)
{
	struct fixture *f = *state;
	const uint8_t id[TOKEN_ID_SIZE] = { 9 }, other[TOKEN_ID_SIZE] = { 8 };
	struct token_row row;
	_json_ json_t *holder = NULL, *again = NULL;

	add(f, "<a>", "CS-1", "bo@x", 9, 1);
	assert_int_equal(token_find(f->db, other, &row, &holder, NULL), 0);
	assert_null(holder);
	assert_int_equal(token_find(f->db, id, &row, &holder, NULL), 1);
	assert_memory_equal(row.id, id, TOKEN_ID_SIZE);
	assert_int_equal(row.purpose, 1);
	assert_string_equal(row.case_id, "CS-1");
	assert_int_equal(row.version, 2);
	assert_int_equal(row.content.bytes[0], 7);
	assert_string_equal(row.principal, "person:bo");
	assert_string_equal(row.address, "bo@x");
	assert_int_equal(row.expires, 99);
	assert_int_equal(row.seal[16], 5);
	assert_int_equal(row.used, -1);
	assert_int_equal(token_use(f->db, id, 17, NULL), 0);
	assert_int_equal(token_use(f->db, id, 18, NULL), 0); // stays with the first
	assert_int_equal(token_find(f->db, id, &row, &again, NULL), 1);
	assert_int_equal(row.used, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_letter_comes_back_as_it_was_added, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_out_when_it_is_due, setup, teardown),
		cmocka_unit_test_setup_teardown(a_thread_has_a_beginning_and_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_what_went_to_an_address, setup, teardown),
		cmocka_unit_test_setup_teardown(a_token_is_bound_and_used_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

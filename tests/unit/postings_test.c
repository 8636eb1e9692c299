// SPDX-License-Identifier: Apache-2.0
// What letters became in Slack: where they are, which of them still ask for a decision.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "store/postings.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
	uint8_t tokens;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, NULL);
	assert_non_null(f->db);
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_rollback(f->db);
	db_close(&f->db);
	state_remove(&f->path);
	free(f);
	return 0;
}

// A letter about CS-1 to somebody in Slack.
static int64_t add(struct fixture *f, const char *kind, const char *user, int64_t purpose, const json_t *place)
{
	_free_ char *address = text_format("slack:%s", user);
	_json_ json_t *none = json_array(), *model = json_object();
	struct letter letter = {
		.carrier = "slack",
		.kind = kind,
		.place = place,
		.message_id = "<m@x>",
		.references = none,
		.model = model,
		.token = { .id = { ++f->tokens },
		           .purpose = purpose,
		           .case_id = "CS-1",
		           .version = 2,
		           .principal = "person:ann",
		           .address = address },
	};
	int64_t id;

	assert_int_equal(outbox_add(f->db, &letter, 1000, &id, NULL), 0);
	return id;
}

// Which letters still ask: "1 2".
static char *asking(struct fixture *f)
{
	_json_ json_t *list = postings_asking(f->db, "CS-1", NULL);
	_buf_ struct buf text = BUF(256);
	json_t *item;
	size_t i;

	assert_non_null(list);
	json_array_foreach(list, i, item)
		buf_printf(&text, "%s%lld%s", i ? " " : "", (long long)json_int(item, "letter"),
		           json_bool(item, "sent") ? "" : "?");
	return buf_steal(&text);
}

static void asks_are(struct fixture *f, const char *expected)
{
	_free_ char *text = asking(f);

	assert_string_equal(text, expected);
}

static void asks_until_it_is_settled(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *below = json_pack("{si}", "below", 1);
	int64_t one = add(f, "review", "U0ANN", 1, NULL), two = add(f, "review", "U0BO", 1, NULL);

	add(f, "recorded", "U0ANN", 2, NULL);
	add(f, "review", "U0CY", 2, NULL);   // tells, and asks nothing
	add(f, "review", "U0ANN", 1, below); // a change of what is there
	asks_are(f, "1? 2?");
	assert_int_equal(outbox_sent(f->db, one, NULL), 0);
	assert_int_equal(posting_add(f->db, one, "D0ANN", "17.000100", NULL), 0);
	asks_are(f, "1 2?");
	assert_int_equal(posting_settle(f->db, one, NULL), 0);
	asks_are(f, "2?");
	assert_int_equal(posting_settle(f->db, two, NULL), 0); // it was not sent yet, and will not be
	asks_are(f, "");
	assert_int_equal(outbox_sent(f->db, two, NULL), 0);
}

static void what_was_overtaken_is_not_sent(void **state)
{
	struct fixture *f = *state;
	int64_t one = add(f, "review", "U0ANN", 1, NULL), due[4];

	assert_int_equal(outbox_due(f->db, "slack", INT64_MAX, 2000, due, LENGTH(due), NULL), 1);
	assert_int_equal(outbox_due(f->db, "mail", INT64_MAX, 2000, due, LENGTH(due), NULL), 0);
	assert_int_equal(posting_settle(f->db, one, NULL), 0);
	assert_int_equal(outbox_due(f->db, "slack", INT64_MAX, 2000, due, LENGTH(due), NULL), 0);
}

static void a_message_is_found_both_ways(void **state)
{
	struct fixture *f = *state;
	int64_t one = add(f, "review", "U0ANN", 1, NULL);
	_json_ json_t *none = posting_of(f->db, one, NULL), *at = NULL, *of = NULL, *other = NULL;

	assert_int_equal(json_object_size(none), 0);
	assert_int_equal(posting_add(f->db, one, "D0ANN", "17.000100", NULL), 0);
	of = posting_of(f->db, one, NULL);
	assert_string_equal(json_str(of, "channel"), "D0ANN");
	assert_string_equal(json_str(of, "ts"), "17.000100");
	at = posting_at(f->db, "D0ANN", "17.000100", NULL);
	assert_int_equal(json_int(at, "letter"), one);
	assert_string_equal(json_str(at, "token"), "0100000000000000");
	assert_string_equal(json_str(at, "case"), "CS-1");
	other = posting_at(f->db, "D0ANN", "17.0001", NULL); // an id, and no number
	assert_int_equal(json_object_size(other), 0);
}

static void finds_the_first_of_a_thread(void **state)
{
	struct fixture *f = *state;
	int64_t one = add(f, "review", "U0ANN", 1, NULL), root = add(f, "case", "C0123", 2, NULL), found;
	_json_ json_t *below = json_pack("{sI}", "below", (json_int_t)one);
	int64_t reminder;

	assert_int_equal(posting_below(f->db, one, &found, NULL), 0);
	assert_int_equal(found, 0);
	reminder = add(f, "reminder", "U0ANN", 2, below);
	assert_int_equal(posting_below(f->db, one, &found, NULL), 0);
	assert_int_equal(found, reminder);
	assert_int_equal(posting_first(f->db, "CS-1", "case", "slack:C0123", &found, NULL), 0);
	assert_int_equal(found, root);
	assert_int_equal(posting_first(f->db, "CS-1", "case", "slack:C0999", &found, NULL), 0);
	assert_int_equal(found, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_until_it_is_settled, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_overtaken_is_not_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_is_found_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_the_first_of_a_thread, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Mail as it came: taken once, whatever the channel repeats, and waiting until it was decided what it means.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	struct db *db;
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

// Whatever a test did must verify.
static int teardown(void **state)
{
	struct fixture *f = *state;
	struct verify_result n;
	struct err e = { 0 };

	if (db_in_transaction(f->db))
		assert_int_equal(db_commit(f->db, NULL), 0);
	db_close(&f->db);
	if (log_verify(f->path, &n, &e) < 0)
		fail_msg("%s", e.text);
	state_remove(&f->path);
	free(f);
	return 0;
}

static enum arrived take(struct fixture *f, const char *id, const char *bytes, struct inbox_row *row)
{
	struct arrival a = { .channel_id = id, .via = "mail", .data = bytes, .len = strlen(bytes), .at = 777 };
	enum arrived arrived;
	struct err e = { 0 };

	if (inbox_take(f->db, &a, STORY_START, &arrived, row, &e) < 0)
		fail_msg("%s", e.text);
	return arrived;
}

static const char *state_of(struct fixture *f, uint64_t seq)
{
	static char text[32];
	sqlite3_stmt *rows;

	assert_int_equal(sqlite3_prepare_v2(f->db->handle, "SELECT state FROM message WHERE seq = ?", -1, &rows, NULL),
	                 0);
	sqlite3_bind_int64(rows, 1, (int64_t)seq);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(rows, 0));
	sqlite3_finalize(rows);
	return text;
}

// FAULTS 3, 7; BAD-INPUTS M36, M37.
static void is_taken_once(void **state)
{
	static const struct {
		const char *id, *bytes;
		enum arrived arrived;
		uint64_t entries; // afterwards
		int64_t waiting;
	} steps[] = {
		{ "ann@mail/INBOX/1/7", "one", ARRIVED_NEW, 1, 1 },
		{ "ann@mail/INBOX/1/7", "one", ARRIVED_AGAIN, 1, 1 },
		{ "ann@mail/INBOX/1/7", "other bytes, same id", ARRIVED_AGAIN, 1, 1 },
		{ "ann@mail/INBOX/1/8", "one", ARRIVED_DUPLICATE, 3, 1 },
		{ "ann@mail/INBOX/1/8", "one", ARRIVED_AGAIN, 3, 1 },
		{ "ann@mail/INBOX/2/7", "two", ARRIVED_NEW, 4, 2 }, // the server began anew: another UIDVALIDITY
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct inbox_row row = { 0 };
		int64_t waiting;

		assert_int_equal(take(f, steps[i].id, steps[i].bytes, &row), steps[i].arrived);
		assert_int_equal(log_size(f->db), steps[i].entries);
		assert_int_equal(inbox_waiting(f->db, &waiting, NULL), 0);
		assert_int_equal(waiting, steps[i].waiting);
	}
	assert_string_equal(state_of(f, 0), "received");
	assert_string_equal(state_of(f, 1), "ignored");
}

static void an_entry_says_what_came(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *detail = json_pack("{sssi}", "folder", "INBOX", "uid", 7), *entry = NULL;
	struct arrival a = {
		.channel_id = "x", .via = "mail", .data = "one", .len = 3, .at = STORY_START, .detail = detail
	};
	enum arrived arrived;
	struct inbox_row row;
	struct digest sha256 = sha256_of("one", 3);
	char hex[2 * DIGEST_SIZE + 1];
	json_t *body;

	assert_int_equal(inbox_take(f->db, &a, STORY_START + 5, &arrived, &row, NULL), 0);
	entry = log_entry(f->db, 0, NULL);
	body = json_obj(entry, "body");
	assert_string_equal(json_str(entry, "type"), "message.received");
	assert_string_equal(json_str(body, "folder"), "INBOX");
	assert_int_equal(json_int(body, "uid"), 7);
	assert_int_equal(json_int(body, "size"), 3);
	assert_string_equal(json_str(body, "sha256"), hex_encode(sha256.bytes, DIGEST_SIZE, hex));
	assert_string_equal(json_str(body, "at"), "2026-01-01T00:00:00.000Z");
	assert_int_equal(json_object_size(detail), 2); // ours to give back as it was
}

// The entry that says what became of it.
static void conclude(struct fixture *f, const char *type, const struct inbox_row *row)
{
	_json_ json_t *event = event_new(type, "system", "mail", NULL, 0,
	                                 json_pack("{sIss}", "message", (json_int_t)row->seq, "reason", "because"));

	assert_int_equal(log_append(f->db, event, STORY_START, NULL, NULL), 0);
}

static void waits_until_it_is_done(void **state)
{
	struct fixture *f = *state;
	struct inbox_row taken, row;

	take(f, "1", "one", &taken);
	take(f, "2", "two", &row);
	assert_int_equal(inbox_next(f->db, "mail", 0, &row, NULL), 1);
	assert_int_equal(row.id, taken.id);
	assert_int_equal(row.seq, taken.seq);
	assert_int_equal(row.at, 777);
	assert_int_equal(row.tries, 0);
	assert_memory_equal(row.sha256.bytes, taken.sha256.bytes, DIGEST_SIZE);
	assert_int_equal(inbox_tried(f->db, row.id, NULL), 0);
	assert_int_equal(inbox_next(f->db, "mail", 0, &row, NULL), 1);
	assert_int_equal(row.tries, 1);
	conclude(f, "message.ignored", &row);
	assert_int_equal(inbox_done(f->db, row.id, "<m@example.com>", NULL), 0);
	assert_int_equal(inbox_next(f->db, "mail", 0, &row, NULL), 1);
	assert_int_equal(row.seq, 1);
	assert_int_equal(inbox_next(f->db, "mail", row.id, &row, NULL), 0);
}

// The message's state follows from the entries that name it; the first that does says what became of it.
static void an_outcome_is_kept(void **state)
{
	static const struct {
		const char *type, *state;
	} cases[] = {
		{ "message.refused", "refused" }, { "message.parked", "parked" }, { "message.ignored", "ignored" },
		{ "access.refused", "refused" },  { "audit.queried", "used" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *bytes = text_format("mail %zu", i);
		struct inbox_row row;

		take(f, bytes, bytes, &row);
		conclude(f, cases[i].type, &row);
		assert_string_equal(state_of(f, (uint64_t)row.seq), cases[i].state);
		conclude(f, "message.parked", &row);
		assert_string_equal(state_of(f, (uint64_t)row.seq), cases[i].state);
		assert_int_equal(inbox_done(f->db, row.id, NULL, NULL), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_taken_once, setup, teardown),
		cmocka_unit_test_setup_teardown(an_entry_says_what_came, setup, teardown),
		cmocka_unit_test_setup_teardown(waits_until_it_is_done, setup, teardown),
		cmocka_unit_test_setup_teardown(an_outcome_is_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Erasing: what a case's entries said is gone from every file, the log verifies, every root stays, and a replay of the
// journal - as it was or as it was written anew - comes to the same.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "store/sample.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/erasable.h"

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	*p = (struct place){ .state = state_make(), .other = state_make(), .now = STORY_START };
	p->journal = path_join(p->other, "journal");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	state_remove(&p->state);
	state_remove(&p->other);
	free(p->journal);
	free(p);
	return 0;
}

static void finish(struct db *db)
{
	struct err e = { 0 };

	assert_true(erase_waits(db));
	if (erase_finish(db, &e) < 0)
		fail_msg("%s", e.text);
	assert_false(erase_waits(db));
}

static void must_verify(const char *path, uint64_t erased)
{
	struct verify_result n;
	struct err e = { 0 };

	if (log_verify(path, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n.erased, erased);
}

// --- tests -----------------------------------------------------------------------------------------------------------

static void nothing_of_two_cases_is_left(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	struct digest before;
	struct err e = { 0 };
	uint64_t size;

	tell_all(p, db);
	must_verify(p->state, 0);
	size = log_size(db);
	assert_int_equal(log_root_at(db, size, &before, &e), 0);
	assert_true(places(p->state) > 0 && places(p->other) > 0);
	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	finish(db);
	erase(p, db, &(struct erase_subject){ .case_id = "CS-2" });
	finish(db);
	assert_int_equal(places(p->state), 0);
	assert_int_equal(places(p->other), 0);
	must_verify(p->state, 2 * 9);
	{
		struct digest now;

		assert_int_equal(log_root_at(db, size, &now, &e), 0);
		assert_memory_equal(now.bytes, before.bytes, DIGEST_SIZE);
	}
	assert_int_equal(log_sample(db, 0, 1000, &e), 0);
	db_close(&db);
	db = open_with(p->state, p->journal);
	assert_false(erase_waits(db));
	db_close(&db);
	assert_int_equal(places(p->state), 0);
}

static void a_person_is_erased_with_all_that_is_about_them(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	_json_ json_t *principals = json_pack("[s]", "mail:" ADDRESS), *addresses = json_pack("[s]", ADDRESS);
	struct erase_subject kim = { .principals = principals, .addresses = addresses };
	int64_t message;

	tell_all(p, db);
	begin(db);
	append(p, db, "erasure.asked", "person:ira", NULL,
	       json_pack("{ss ss}", "person", "mail:" ADDRESS, "why", "asked"));
	append(p, db, "audit.queried", "person:gus", NULL, json_pack("{ss}", "query", "requester:" ADDRESS));
	message = receive(p, db, "From: " NAME " <" ADDRESS ">\r\n\r\nhm?", 0);
	append(p, db, "message.refused", "mail:" ADDRESS, NULL,
	       json_pack("{sI ss ss}", "message", (json_int_t)message, "from", ADDRESS, "reason", "no-command"));
	message = receive(p, db, "From: " NAME " <" ADDRESS ">\r\n\r\nbroken", 0);
	append(p, db, "message.parked", "system", NULL,
	       json_pack("{sI ss}", "message", (json_int_t)message, "reason", "crashed"));
	letter(p, db, "", "mail:" ADDRESS, ADDRESS);
	commit(db);
	erase(p, db, &kim);
	finish(db);
	assert_int_equal(places(p->state), 0);
	assert_int_equal(places(p->other), 0);
	must_verify(p->state, 2 * 9 + 3 + 2 + 1);
	{
		_json_ json_t *again = found(db, &kim);

		assert_int_equal(json_array_size(json_arr(json_obj(again, "body"), "entries")), 0);
	}
	db_close(&db);
}

// Whoever kept an older copy of the database and the journal has it erased by the journal.
static void a_replay_erases_too(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, p->journal);
	_free_ char *old = path_join(p->other, "old"), *newer = path_join(p->other, "new");
	struct journal_replayed n;
	struct err e = { 0 };
	struct digest root;

	tell_all(p, db);
	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	root = log_root(db);
	for (int anew = 0; anew < 2; anew++) {
		const char *folder = anew ? newer : old;
		struct db *copy;
		struct digest now;

		assert_int_equal(mkdir(folder, 0700), 0);
		copy = open_with(folder, NULL);
		if (journal_replay(copy, p->journal, 0, UINT64_MAX, &n, &e) < 0)
			fail_msg("%s", e.text);
		now = log_root(copy);
		assert_memory_equal(now.bytes, root.bytes, DIGEST_SIZE);
		if (anew) // the file of evidence of CS-2 is the journal's to bring back
			assert_int_equal(places(folder) > 0, 1);
		db_close(&copy);
		if (!anew)
			finish(db);
	}
	db_close(&db);
}

static void who_decided_stays(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	_json_ json_t *view = NULL, *history = NULL;
	struct err e = { 0 };
	json_t *entry;
	size_t i, left = 0;

	tell_all(p, db);
	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	view = erased_view(db, "CS-1", &e);
	assert_string_equal(json_str(view, "asked"), "person:ira");
	assert_string_equal(json_str(view, "confirmed"), "person:jo");
	assert_string_equal(json_str(view, "why"), "they asked for it");
	history = log_history(db, "CS-1", &e);
	json_array_foreach(history, i, entry) {
		if (strcmp(json_str(entry, "type"), "vote.cast") == 0)
			assert_string_equal(json_str(json_obj(entry, "body"), "verdict"), "reject");
		left += json_is_object(json_object_get(entry, "body"));
	}
	assert_int_equal(left, 4); // who was asked, the vote, the rejection, the erasure
	json_decref(view);
	view = erased_view(db, "CS-2", &e);
	assert_true(json_is_null(view));
	db_close(&db);
}

static void backups_that_still_hold_it_are_known(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	_json_ json_t *made = NULL;
	struct err e = { 0 };

	begin(db);
	append(p, db, "backup.made", "system", NULL, json_pack("{ss}", "backup", "/backups/monday"));
	append(p, db, "backup.made", "system", NULL, json_pack("{ss}", "backup", "/backups/tuesday"));
	commit(db);
	made = backups_made(db, &e);
	assert_int_equal(json_array_size(made), 2);
	assert_string_equal(json_str(json_array_get(made, 1), "backup"), "/backups/tuesday");
	assert_true(strncmp(json_str(json_array_get(made, 0), "at"), "2026-01-01T", 11) == 0);
	db_close(&db);
}

static void what_stands_in_the_way_is_named(void **state)
{
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	static const struct {
		const char *type, *obstacle;
	} steps[] = {
		{ "hold.set", "hold" }, { "hold.ended", "" }, { "case.approved", "in-force" }, { "case.revoked", "" }
	};

	tell_all(p, db);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		_json_ json_t *f = NULL;

		begin(db);
		append(p, db, steps[i].type, "person:gus", "CS-1", NULL);
		commit(db);
		f = found(db, &(struct erase_subject){ .case_id = "CS-1" });
		assert_string_equal(json_str(json_obj(f, "obstacle"), "kind"), steps[i].obstacle);
	}
	db_close(&db);
}

static void raw(const char *state, const char *sql)
{
	_free_ char *path = path_join(state, "countersign.db");
	char *why = NULL;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(handle);
}

// Nobody erases behind the log's back, and nothing erased comes back.
static void an_edit_of_what_was_erased_is_named(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "UPDATE entry SET salt = NULL, body = NULL WHERE seq = (SELECT max(seq) FROM entry)",
		  "the body is gone, and no entry" },
		{ "UPDATE entry SET salt = zeroblob(32) WHERE body IS NULL", "a part of it is still there" },
		{ "INSERT INTO erased SELECT max(seq) - 1, max(seq) FROM entry", "erased: row seq=" },
		{ "DELETE FROM erased", "the body is gone, and no entry" },
		{ "UPDATE erased SET erasing = erasing + 1", "erased: row seq=0 is not what the log says" },
		{ "UPDATE outbox SET model = '{}', token = NULL WHERE token IS NOT NULL", "belongs to no letter" },
		{ "UPDATE outbox SET model = '{\"x\":1}' WHERE token IS NULL",
		  "was erased, as the log says, and is not empty" },
		{ "UPDATE inbox SET sha256 = NULL", "inbox: row id=" },
		{ "UPDATE inbox SET reply = '1' WHERE sha256 IS NULL",
		  "was erased, as the log says, and is not empty" },
		{ "UPDATE cases SET title = 'x' WHERE requester = ''", "cases: row id='CS-1'" },
		{ "UPDATE message SET state = 'used' WHERE state = 'erased'", "message: row seq=" },
	};
	struct place *p = *state;
	struct db *db = open_with(p->state, NULL);
	_free_ char *path = path_join(p->state, "countersign.db");
	_buf_ struct buf pristine = BUF(1 << 26);
	struct err e = { 0 };

	tell_all(p, db);
	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	finish(db);
	db_close(&db);
	assert_int_equal(file_read(path, &pristine, &e), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct verify_result n;

		e = (struct err){ 0 };
		raw(p->state, cases[i].sql);
		if (log_verify(p->state, &n, &e) == 0)
			fail_msg("nobody noticed: %s", cases[i].sql);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s\n  said: %s", cases[i].sql, e.text);
		assert_int_equal(file_replace(path, pristine.data, pristine.len, 0600, &e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_of_two_cases_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(a_person_is_erased_with_all_that_is_about_them, setup, teardown),
		cmocka_unit_test_setup_teardown(a_replay_erases_too, setup, teardown),
		cmocka_unit_test_setup_teardown(who_decided_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(backups_that_still_hold_it_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(what_stands_in_the_way_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(an_edit_of_what_was_erased_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include <dirent.h>
#include <sys/stat.h>

#include "store/journal.h"
#include "store/sample.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

#define NAME "Kim Quintessential"
#define ADDRESS "kim.quintessential@example.com"
#define WORDS "zymurgical exception for the vestibule"

struct place {
	char *state, *other, *journal;
	int64_t now;
};

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

static struct db *open_with(const char *state, const char *journal)
{
	struct err e = { 0 };
	struct db *db = db_open(state, DB_WRITE, &e);

	if (!db || (journal && journal_open(db, journal, &e) < 0))
		fail_msg("%s", e.text);
	return db;
}

static void begin(struct db *db)
{
	struct err e = { 0 };

	if (db_begin(db, "test", &e) < 0)
		fail_msg("%s", e.text);
}

static void commit(struct db *db)
{
	struct err e = { 0 };

	if (db_commit(db, &e) < 0)
		fail_msg("%s", e.text);
}

static uint64_t append(struct place *p, struct db *db, const char *type, const char *actor, const char *case_id,
                       json_t *body)
{
	_json_ json_t *event =
	        event_new(type, actor, strncmp(actor, "person", 6) ? "mail" : "cli", case_id, case_id ? 1 : 0, body);
	struct err e = { 0 };
	uint64_t seq;

	if (log_append(db, event, ++p->now, &seq, &e) < 0)
		fail_msg("%s: %s", type, e.text);
	return seq;
}

static int64_t receive(struct place *p, struct db *db, const char *text, size_t padding)
{
	_free_ char *bytes = calloc(1, strlen(text) + padding + 1);
	_free_ char *id = text_format("desk@mail/INBOX/1/%llu", (unsigned long long)log_size(db));
	struct arrival a = { .channel_id = id, .via = "mail", .data = bytes, .at = p->now };
	struct inbox_row row;
	enum arrived arrived;
	struct err e = { 0 };

	assert_non_null(bytes);
	memcpy(bytes, text, strlen(text));
	memset(bytes + strlen(text), '.', padding);
	a.len = strlen(text) + padding;
	assert_int_equal(inbox_take(db, &a, p->now, &arrived, &row, &e), 0);
	assert_int_equal(inbox_done(db, row.id, strstr(text, NAME) ? "<1@kims-laptop.example.com>" : "<2@x>", &e), 0);
	return row.seq;
}

static void letter(struct place *p, struct db *db, const char *case_id, const char *principal, const char *address)
{
	static uint64_t id;
	_json_ json_t *model = json_pack("{ss ss}", "name", NAME, "text", WORDS), *references = json_array();
	struct letter l = { .carrier = "mail",
		            .kind = "review",
		            .message_id = "<ours@example.com>",
		            .references = references,
		            .model = model };
	struct err e = { 0 };
	int64_t row;

	l.token = (struct token_row){ .purpose = 1,
		                      .case_id = case_id,
		                      .version = 1,
		                      .principal = principal,
		                      .address = address,
		                      .expires = p->now / 1000 };
	id++;
	memcpy(l.token.id, &id, sizeof id);
	assert_int_equal(outbox_add(db, &l, p->now, &row, &e), 0);
	assert_int_equal(outbox_sent(db, row, &e), 0);
	append(p, db, "message.sent", "system", case_id,
	       json_pack("{sI ss ss ss}", "letter", (json_int_t)row, "kind", "review", "to", principal, "message_id",
	                 "<ours@example.com>"));
}

static json_t *blob_body(struct db *db, const char *name, char fill, size_t len)
{
	char hex[2][2 * DIGEST_SIZE + 1];
	_free_ char *bytes = malloc(len);
	struct blob blob;
	struct err e = { 0 };

	memset(bytes, fill, len);
	memcpy(bytes, NAME, strlen(NAME));
	assert_int_equal(blob_put(db, bytes, len, &blob, &e), 0);
	return json_pack("{ss ss sI ss ss}", "name", name, "type", "text/plain", "size", (json_int_t)len, "sha256",
	                 hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex[0]), "commitment",
	                 hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex[1]));
}

// A case of Kim's: asked by mail, with an attachment in the database and one as a file, voted on, rejected.
static void tell_case(struct place *p, struct db *db, const char *id, int number, char fill)
{
	char hash[2 * DIGEST_SIZE + 1];
	_free_ char *mail = text_format("From: " NAME " <" ADDRESS ">\r\n\r\n%s: " WORDS, id);
	int64_t message;

	memset(hash, '0', sizeof hash - 1);
	hash[sizeof hash - 1] = '\0';
	begin(db);
	message = receive(p, db, mail, fill == 'b' ? BLOB_INLINE_MAX : 0);
	append(p, db, "case.opened", "mail:" ADDRESS, id,
	       json_pack("{si sI ss ss ss ss ss sb ss s{ss} s{ss} ss ss s[] s[]}", "number", number, "message",
	                 (json_int_t)message, "title", WORDS, "text", WORDS, "requester", "mail:" ADDRESS,
	                 "requester_name", NAME, "requester_address", ADDRESS, "verified", 1, "filed_by",
	                 "mail:" ADDRESS, "facts", "rationale", WORDS, "words", "rationale", WORDS, "hash", hash,
	                 "thread", "<1@kims-laptop.example.com>", "components", "missing"));
	append(p, db, "evidence.attached", "mail:" ADDRESS, id, blob_body(db, NAME ".txt", fill, 100));
	append(p, db, "evidence.attached", "mail:" ADDRESS, id, blob_body(db, NAME ".zip", fill, BLOB_INLINE_MAX + 1));
	append(p, db, "case.assessed", "system", id,
	       json_pack("{ss s[{sssi s[s]}]}", "title", WORDS, "stages", "name", "legal", "need", 1, "from", "legal"));
	append(p, db, "review.requested", "system", id,
	       json_pack("{si s[{ssss}]}", "stage", 0, "asked", "person", "person:bo", "seat", "person:bo"));
	letter(p, db, id, "person:bo", "bo@example.com");
	message = receive(p, db, "From: bo@example.com\r\n\r\nreject\r\n> " NAME ": " WORDS, (size_t)fill);
	append(p, db, "vote.cast", "person:bo", id,
	       json_pack("{sI ss ss ss si ss}", "message", (json_int_t)message, "person", "person:bo", "seat",
	                 "person:bo", "verdict", "reject", "stage", 0, "why", "no grounds"));
	append(p, db, "case.commented", "mail:" ADDRESS, id,
	       json_pack("{ss ss ss}", "kind", "comment", "name", NAME, "text", WORDS));
	append(p, db, "case.rejected", "system", id, json_pack("{ss si}", "by", "vote", "stage", 0));
	letter(p, db, id, "mail:" ADDRESS, ADDRESS);
	commit(db);
}

static void tell_all(struct place *p, struct db *db)
{
	int64_t message;

	tell_case(p, db, "CS-1", 1, 'a');
	tell_case(p, db, "CS-2", 2, 'b');
	begin(db);
	message = receive(p, db, "From: somebody else\r\n\r\nhello", 0);
	append(p, db, "message.ignored", "system", NULL,
	       json_pack("{sI ss}", "message", (json_int_t)message, "reason", "automatic"));
	append(p, db, "audit.queried", "person:gus", NULL, json_pack("{ss}", "verb", "status"));
	commit(db);
}

static json_t *found(struct db *db, const struct erase_subject *subject)
{
	struct err e = { 0 };
	json_t *f;

	begin(db);
	f = erase_find(db, subject, &e);
	if (!f)
		fail_msg("%s", e.text);
	commit(db);
	return f;
}

static void erase(struct place *p, struct db *db, const struct erase_subject *subject)
{
	_json_ json_t *f = found(db, subject);
	json_t *body = json_obj(f, "body");

	if (json_obj(f, "obstacle"))
		fail_msg("%s", json_str(json_obj(f, "obstacle"), "kind"));
	json_put_str(body, "asked", "person:ira");
	json_put_str(body, "confirmed", "person:jo");
	json_put_str(body, "why", "they asked for it");
	begin(db);
	append(p, db, "body.erased", "person:jo", subject->case_id, json_incref(body));
	commit(db);
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

// --- is it anywhere? -------------------------------------------------------------------------------------------------

static const char *const personal[] = { "Quintessential", "quintessential", "kims-laptop", "zymurgical", "vestibule" };
static int seen;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
	_buf_ struct buf bytes = BUF(1 << 28);
	struct err e = { 0 };

	(void)st, (void)at;
	if (type != FTW_F)
		return 0;
	assert_int_equal(file_read(path, &bytes, &e), 0);
	for (size_t i = 0; i < LENGTH(personal); i++)
		if (bytes.len && memmem(bytes.data, bytes.len, personal[i], strlen(personal[i]))) {
			print_message("%s is in %s\n", personal[i], path);
			seen++;
		}
	return 0;
}

static int places(const char *folder)
{
	seen = 0;
	nftw(folder, look_into, 16, FTW_PHYS);
	return seen;
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

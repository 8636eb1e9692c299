// SPDX-License-Identifier: Apache-2.0
// The mail of the checkpoint: when it is due, what is attached, and that a log which does not continue is told.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/continuation.h"
#include "bot/checkpoint_mail.h"
#include "bot/letter.h"
#include "store/outbox.h"
#include "store/sql.h"
#include "tests/unit/sealed_log.h"

static const char config_yaml[] =
        "name: Licensing desk\nstate: .\nrun: .\ntemplates: " SOURCE_DIR
        "/templates\npolicy: policy.yaml\npeople: people.yaml\n"
        "log: {origin: " SEALED_ORIGIN ", key: 'file:log.key'}\n"
        "tokens: {key: 'file:token.key'}\n"
        "mail:\n  address: licensing@example.com\n"
        "  imap: {url: 'imap://localhost:1', user: u, password: 'file:token.key', tls: none}\n"
        "  smtp: {url: 'smtp://localhost:1', user: u, password: 'file:token.key', tls: none}\n"
        "  trust: {authserv: [mx.example.com]}\n";
static const char people_yaml[] =
        "people:\n"
        "  - {id: ann, name: Ann, mail: [ann@example.com], groups: [legal]}\n"
        "  - {id: gus, name: Gus Falk, mail: [gus@example.com], slack: U0GUS, groups: [auditor]}\n"
        "  - {id: pia, name: Pia Roy, mail: [pia@example.com], groups: [auditor]}\n"
        "requesters: [example.com]\n";
static const char policy_yaml[] =
        "catalogue: test/licensing\nversion: 1\n"
        "types:\n"
        "  - {id: oss, title: Open source, when: license IS NOT NULL, needs: [license, component, rationale]}\n"
        "routes:\n"
        "  - {stages: [{name: legal, need: 1, from: [legal]}]}\n"
        "hours: {days: Mon-Fri, from: '09:00', to: '17:00', zone: Europe/Berlin}\n"
        "escalation: {remind: [1d], lapse: 20d}\n";

struct fixture {
	char *dir;
	struct desk desk;
	struct templates *templates;
	struct sealed_log log; // of it the signers alone
};

static void write_file(const struct fixture *f, const char *name, const char *text, unsigned mode)
{
	_free_ char *path = text_format("%s/%s", f->dir, name);

	assert_int_equal(file_replace(path, text, strlen(text), mode, NULL), 0);
}

static void desk_is_opened(struct fixture *f)
{
	_free_ char *config = text_format("%s/countersign.yaml", f->dir);
	struct err e = { 0 };

	if (desk_open(&f->desk, config, DB_WRITE, &e) < 0)
		fail_msg("%s", e.text);
}

static int setup(void **state)
{
	static const uint8_t seed[NOTE_KEY] = { 1 };
	struct fixture *f = calloc(1, sizeof *f);
	struct err e = { 0 };
	char key[80];

	assert_non_null(f);
	f->dir = state_make();
	snprintf(key, sizeof key, "0 %064d\n", 7);
	write_file(f, "countersign.yaml", config_yaml, 0644);
	write_file(f, "people.yaml", people_yaml, 0644);
	write_file(f, "policy.yaml", policy_yaml, 0644);
	write_file(f, "token.key", key, 0600);
	desk_is_opened(f);
	f->templates = templates_open(SOURCE_DIR "/templates", &e);
	assert_non_null(f->templates);
	assert_int_equal(note_signer_make(SEALED_ORIGIN, NOTE_ED25519, seed, &f->log.signer, &e), 0);
	assert_int_equal(clock_parse("2026-11-24T09:00:00Z", &f->desk.now), 0);
	assert_int_equal(db_begin(f->desk.db, "test", NULL), 0);
	assert_int_equal(desk_publish(&f->desk, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	templates_close(&f->templates);
	desk_close(&f->desk);
	state_remove(&f->dir);
	free(f);
	return 0;
}

static void at(struct fixture *f, const char *when)
{
	assert_int_equal(clock_parse(when, &f->desk.now), 0);
}

static void record(struct fixture *f, const char *type, json_t *body)
{
	struct err e = { 0 };

	if (desk_record(&f->desk, type, "person:ann", "mail", NULL, body, &e) < 0)
		fail_msg("%s", e.text);
}

static void sign(struct fixture *f)
{
	struct digest root = log_root(f->desk.db);
	_free_ char *note = sealed_note(&f->log.signer, SEALED_ORIGIN, log_size(f->desk.db), &root);
	struct err e = { 0 };

	if (checkpoint_add(f->desk.db, log_size(f->desk.db), &root, note, &e) < 0)
		fail_msg("%s", e.text);
}

static int mailed(struct fixture *f)
{
	struct err e = { 0 };
	int r = checkpoint_mail_write(&f->desk, &e);

	if (r < 0)
		fail_msg("%s", e.text);
	return r;
}

static void is_due(struct fixture *f, const char *expected)
{
	struct err e = { 0 };
	char text[CLOCK_TEXT];
	int64_t when;

	assert_int_equal(checkpoint_mail_next(&f->desk, &when, &e), 0);
	assert_string_equal(when == INT64_MAX ? "never" : clock_format(when, text), expected);
}

static int64_t letters(struct fixture *f)
{
	int64_t count;

	assert_int_equal(sql_number(f->desk.db, NULL, &count, 0,
	                            "SELECT count(*) FROM outbox WHERE kind = 'checkpoint' AND carrier = 'mail'"),
	                 0);
	return count;
}

// The document of the last letter, as smtp gets it.
static json_t *letter(struct fixture *f)
{
	_json_ json_t *last = outbox_last(f->desk.db, CHECKPOINT_LETTER, NULL), *row = NULL;
	struct err e = { 0 };
	json_t *document;

	row = outbox_get(f->desk.db, json_int(last, "id"), NULL);
	assert_string_equal(json_str(row, "carrier"), "mail");
	document = letter_document(&f->desk, f->templates, row, &e);
	if (!document)
		fail_msg("%s", e.text);
	return document;
}

static void says(const json_t *document, const char *words, bool yes)
{
	if (!strstr(json_str(document, "text"), words) == yes)
		fail_msg("'%s' is %s in:\n%s", words, yes ? "not" : "", json_str(document, "text"));
}

static const char *attached(const json_t *document, size_t i, const char *name)
{
	const json_t *item = json_array_get(json_arr(document, "attachments"), i);

	assert_string_equal(json_str(item, "name"), name);
	return json_str(item, "text");
}

// --- when ------------------------------------------------------------------------------------------------------------

static void is_due_each_day_at_eight(void **state)
{
	struct fixture *f = *state;

	is_due(f, "2026-11-25T07:00:00.000Z"); // after the first entry; Berlin
	at(f, "2026-11-25T07:00:00Z");
	assert_int_equal(mailed(f), 0); // no head is signed
	sign(f);
	assert_int_equal(mailed(f), 1);
	assert_int_equal(letters(f), 2);
	is_due(f, "2026-11-26T07:00:00.000Z");
	assert_int_equal(mailed(f), 0); // none since
	assert_int_equal(letters(f), 2);
	record(f, "message.sent", json_pack("{ss}", "kind", "checkpoint"));
	sign(f);
	at(f, "2026-11-29T20:00:00Z"); // a Sunday evening: the desk was down
	assert_int_equal(mailed(f), 1);
	is_due(f, "2026-11-30T07:00:00.000Z");
}

static void a_restart_does_not_send_it_twice(void **state)
{
	struct fixture *f = *state;

	at(f, "2026-11-25T07:00:00Z");
	sign(f);
	assert_int_equal(mailed(f), 1);
	assert_int_equal(db_commit(f->desk.db, NULL), 0);
	desk_close(&f->desk);
	desk_is_opened(f);
	at(f, "2026-11-25T07:00:01Z");
	assert_int_equal(db_begin(f->desk.db, "test", NULL), 0);
	is_due(f, "2026-11-26T07:00:00.000Z");
}

static void nobody_is_told_where_nothing_is_signed(void **state)
{
	struct fixture *f = *state;
	char *key = f->desk.config.log_key;

	f->desk.config.log_key = NULL;
	is_due(f, "never");
	f->desk.config.log_key = key;
	f->desk.config.has_mail = false;
	is_due(f, "never");
	f->desk.config.has_mail = true;
}

// --- what ------------------------------------------------------------------------------------------------------------

static void the_proof_leads_from_the_last(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *first = NULL, *second = NULL;
	_free_ char *note = NULL, *later = NULL;
	_continuation_ struct continuation c;
	_note_ struct note kept;
	struct checkpoint head;

	sign(f);
	checkpoint_last(f->desk.db, UINT64_MAX, NULL, NULL, &note, NULL);
	assert_int_equal(mailed(f), 1);
	first = letter(f);
	assert_string_equal(attached(first, 0, "checkpoint 2.txt"), note);
	assert_int_equal(json_array_size(json_arr(first, "attachments")), 1);
	says(first, "This is the first of these mails", true);
	says(first, "SINCE THE LAST ONE", false);

	for (int i = 0; i < 1234; i++)
		record(f, "access.refused", json_pack("{ss}", "reason", "unknown"));
	record(f, "message.sent", json_pack("{ss}", "kind", "checkpoint"));
	record(f, "message.sent", json_pack("{ss}", "kind", "review"));
	record(f, "message.failed", NULL);
	sign(f);
	at(f, "2026-11-25T07:00:00Z");
	assert_int_equal(mailed(f), 1);
	second = letter(f);
	says(second, "Refusals", true);
	says(second, "1,234\n", true);
	says(second, "Messages that went out  1\n", true);
	says(second, "Other entries           1\n", true);
	says(second, "2 entries, Tue 24 Nov 2026, 10:00 (Europe/Berlin)", true);
	checkpoint_last(f->desk.db, UINT64_MAX, NULL, NULL, &later, NULL);
	assert_string_equal(attached(second, 0, "checkpoint 1239.txt"), later);
	assert_int_equal(continuation_read(attached(second, 1, "proof from 2 to 1239.txt"),
	                                   strlen(attached(second, 1, "proof from 2 to 1239.txt")), &c, NULL),
	                 0);
	assert_int_equal(note_read(note, strlen(note), &kept, NULL), 0);
	assert_int_equal(checkpoint_read(kept.text, kept.len, &head, NULL), 0);
	assert_int_equal(c.old, head.size);
	assert_true(proof_is_consistent(&c.proof, c.old, &head.root, c.head.size, &c.head.root));
}

// The whole note stands in the text, each line as it is.
static void the_text_has_the_note(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *document = NULL;
	_free_ char *note = NULL;
	char *line, *rest;

	sign(f);
	checkpoint_last(f->desk.db, UINT64_MAX, NULL, NULL, &note, NULL);
	assert_int_equal(mailed(f), 1);
	document = letter(f);
	for (rest = note; (line = strsep(&rest, "\n"));)
		if (*line) {
			_free_ char *whole = text_format("\n  %s\n", line);

			says(document, whole, true);
		}
	assert_string_equal(json_str(json_obj(document, "to"), "address"), "pia@example.com");
}

static void a_quiet_day_is_told(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *document = NULL;

	sign(f);
	assert_int_equal(mailed(f), 1);
	record(f, "message.sent", json_pack("{ss}", "kind", "checkpoint"));
	sign(f);
	assert_int_equal(mailed(f), 1);
	document = letter(f);
	says(document, "Nothing has happened since", true);
}

// --- what is wrong ---------------------------------------------------------------------------------------------------

static void a_log_that_does_not_continue_is_an_alarm(void **state)
{
	struct fixture *f = *state;
	int64_t alarms;

	sign(f);
	assert_int_equal(mailed(f), 1);
	assert_int_equal(sqlite3_exec(f->desk.db->handle,
	                              "UPDATE outbox SET model = json_set(model, '$.root', hex(zeroblob(32)))", 0, 0,
	                              0),
	                 SQLITE_OK);
	record(f, "message.failed", NULL);
	sign(f);
	assert_int_equal(mailed(f), 1);
	assert_int_equal(letters(f), 2); // no more than were there
	assert_true(f->desk.frozen);
	assert_int_equal(
	        sql_number(f->desk.db, NULL, &alarms, 0, "SELECT count(*) FROM alarm WHERE code = 'fork-detected'"), 0);
	assert_int_equal(alarms, 1);
}

static void under_a_new_origin_it_begins_anew(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *document = NULL;

	sign(f);
	assert_int_equal(mailed(f), 1);
	assert_int_equal(sqlite3_exec(f->desk.db->handle,
	                              "UPDATE outbox SET model = json_set(model, '$.origin', 'example.com/old')", 0, 0,
	                              0),
	                 SQLITE_OK);
	record(f, "message.failed", NULL);
	sign(f);
	assert_int_equal(mailed(f), 1);
	document = letter(f);
	says(document, "This is the first of these mails about this log.", true);
	assert_false(f->desk.frozen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_due_each_day_at_eight, setup, teardown),
		cmocka_unit_test_setup_teardown(a_restart_does_not_send_it_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_is_told_where_nothing_is_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_proof_leads_from_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(the_text_has_the_note, setup, teardown),
		cmocka_unit_test_setup_teardown(a_quiet_day_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_log_that_does_not_continue_is_an_alarm, setup, teardown),
		cmocka_unit_test_setup_teardown(under_a_new_origin_it_begins_anew, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

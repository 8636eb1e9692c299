// SPDX-License-Identifier: Apache-2.0
// What people do in Slack, from the envelope to the log: a desk of its own, envelopes as the adapter hands them over,
// and letters posted as it would.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "bot/chat.h"
#include "bot/perform.h"
#include "bot/posting.h"
#include "store/cases.h"
#include "store/checkpoints.h"
#include "store/postings.h"
#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

static const char config_yaml[] =
        "name: Licensing desk\nstate: .\nrun: .\ntemplates: " SOURCE_DIR
        "/templates\npolicy: policy.yaml\npeople: people.yaml\n"
        "tokens: {key: 'file:token.key'}\n"
        "slack: {app_token: 'file:token.key', bot_token: 'file:token.key', channel: C0DESK}\n";
static const char people_yaml[] = "people:\n"
                                  "  - {id: ann, name: Ann, mail: [ann@example.com], slack: U0ANN, groups: [legal]}\n"
                                  "  - {id: bo, name: Bo, mail: [bo@example.com], slack: U0BO, groups: [legal]}\n"
                                  "  - {id: gus, name: Gus, mail: [gus@example.com], slack: U0GUS, groups: [auditor]}\n"
                                  "requesters: [example.com]\n";
static const char policy_yaml[] =
        "catalogue: test/licensing\nversion: 1\n"
        "types:\n"
        "  - {id: oss, title: Open source, when: license IS NOT NULL, needs: [license, component, rationale]}\n"
        "checks:\n"
        "  - {id: ALLOW-1, when: \"license = 'MIT'\", outcome: allow, says: Allowed.}\n"
        "routes:\n"
        "  - {stages: [{name: legal, need: 2, from: [legal]}]}\n"
        "escalation: {remind: [1d], lapse: 20d}\n";

struct fixture {
	char *dir;
	struct serve serve;
	json_t *reply, *follow; // of the last envelope
	int64_t posted;         // letters so far
	int number;             // of the last message in Slack
};

static void write_file(const struct fixture *f, const char *name, const char *text, unsigned mode)
{
	_free_ char *path = text_format("%s/%s", f->dir, name);

	assert_int_equal(file_replace(path, text, strlen(text), mode, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	_free_ char *config = NULL;
	struct err e = { 0 };
	char key[80];

	assert_non_null(f);
	f->dir = state_make();
	snprintf(key, sizeof key, "0 %064d\n", 7);
	write_file(f, "countersign.yaml", config_yaml, 0644);
	write_file(f, "people.yaml", people_yaml, 0644);
	write_file(f, "policy.yaml", policy_yaml, 0644);
	write_file(f, "token.key", key, 0600);
	config = text_format("%s/countersign.yaml", f->dir);
	if (desk_open(&f->serve.desk, config, DB_WRITE, &e) < 0)
		fail_msg("%s", e.text);
	f->serve.templates = templates_open(SOURCE_DIR "/templates", &e);
	assert_non_null(f->serve.templates);
	f->serve.chat.user = text_copy("U0DESK");
	f->serve.chat.team = text_copy("T012");
	f->serve.desk.now = STORY_START;
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	assert_int_equal(desk_publish(&f->serve.desk, &e), 0);
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->reply);
	json_decref(f->follow);
	free(f->serve.chat.user);
	free(f->serve.chat.team);
	templates_close(&f->serve.templates);
	desk_close(&f->serve.desk);
	state_remove(&f->dir);
	free(f);
	return 0;
}

// --- the adapter's part ----------------------------------------------------------------------------------------------

// As courier.c does.
static void record_sent(struct desk *desk, const json_t *row)
{
	struct err e = { 0 };
	json_t *body = json_pack("{sIssssss}", "letter", json_int(row, "id"), "kind", json_str(row, "kind"), "to",
	                         json_str(row, "principal"), "message_id", json_str(row, "message_id"));

	json_t *posted = posting_of(desk->db, json_int(row, "id"), &e);

	if (json_object_size(posted))
		json_put(body, "posted", posted);
	else
		json_decref(posted);
	if (desk_record(desk, "message.sent", "system", "slack", *json_str(row, "case") ? json_str(row, "case") : NULL,
	                body, &e) < 0)
		fail_msg("%s", e.text);
}

static json_t *posted(struct fixture *f, const json_t *row, struct err *e)
{
	if (strcmp(json_str(row, "kind"), "receipt") == 0 && json_object_get(json_obj(row, "place"), "file"))
		return posting_receipt(&f->serve.desk, f->serve.templates, row, "the receipt", e);
	return posting_document(&f->serve.desk, f->serve.templates, row, e);
}

// Every letter that waits is posted: message N is at ts "N.000000" in the conversation with its reader.
static void post(struct fixture *f)
{
	struct desk *desk = &f->serve.desk;
	int64_t due[64];
	struct err e = { 0 };
	int count;

	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	count = outbox_due(desk->db, "slack", INT64_MAX, desk->now, due, LENGTH(due), &e);
	for (int i = 0; i < count; i++) {
		_json_ json_t *row = outbox_get(desk->db, due[i], &e), *document = posted(f, row, &e);
		const char *to = json_str(json_obj(document, "args"), "channel");
		_free_ char *channel = *to == 'U' ? text_format("D%s", to + 1) : text_copy(to);
		_free_ char *ts = text_format("%d.000000", ++f->number);

		if (!document)
			fail_msg("%s: %s", json_str(row, "kind"), e.text);
		assert_int_equal(outbox_sent(desk->db, due[i], &e), 0);
		if (!json_object_get(json_obj(row, "place"), "instead"))
			assert_int_equal(posting_add(desk->db, due[i], channel, ts, &e), 0);
		record_sent(desk, row);
	}
	assert_int_equal(db_commit(desk->db, NULL), 0);
}

static void answered(struct fixture *f, const struct work *w)
{
	if (w->reply) {
		json_decref(f->reply);
		f->reply = w->reply;
	}
	if (w->follow) {
		json_decref(f->follow);
		f->follow = w->follow;
	}
}

// The first transaction, after which it is acknowledged.  `user` is what the adapter looked up, or NULL.  Both are
// taken.
static void keep(struct fixture *f, const char *kind, json_t *payload, json_t *user)
{
	_json_ json_t *envelope = json_pack("{ssso}", "type", kind, "payload", payload);
	_free_ char *text = json_text(envelope);
	struct err e = { 0 };
	struct work w = { .document = memfd_of("envelope", text, strlen(text), &e), .attachments = -1 };

	f->serve.desk.now += CLOCK_MINUTE;
	w.frame.json = json_pack("{sssssssi}", "type", "event", "id", "e-1", "envelope", kind, "connection", 1);
	if (user)
		json_put(w.frame.json, "user", user);
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	if (chat_take(&f->serve, &w, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
	answered(f, &w);
	frame_free(&w.frame);
	close(w.document);
}

// The second, which knows nothing but what the first one stored.
static void decide(struct fixture *f)
{
	struct work w = { .document = -1, .attachments = -1 };
	struct err e = { 0 };

	if (inbox_next(f->serve.desk.db, "slack", 0, &w.row, &e) == 0)
		return;
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	if (chat_decide(&f->serve, &w, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
	answered(f, &w);
	assert_int_equal(inbox_next(f->serve.desk.db, "slack", 0, &w.row, &e), 0);
}

// Both; the number of new entries.
static uint64_t take(struct fixture *f, const char *kind, json_t *payload, json_t *user)
{
	uint64_t size = log_size(f->serve.desk.db), grown;

	json_decref(f->reply);
	json_decref(f->follow);
	f->reply = f->follow = NULL;
	keep(f, kind, payload, user);
	decide(f);
	grown = log_size(f->serve.desk.db) - size;
	post(f);
	return grown;
}

static json_t *person(const char *id)
{
	return json_pack("{ssssss}", "id", id, "team_id", "T012", "name", "x");
}

static json_t *known(const char *id, const char *email)
{
	return json_pack("{ssssssss}", "id", id, "team", "T012", "email", email, "name", "Kim Park");
}

static json_t *message(struct fixture *f, const char *user, const char *text, const char *channel, const char *thread)
{
	_free_ char *ts = text_format("%d.000500", ++f->number);
	json_t *event = json_pack("{ssssssssssss}", "type", "message", "user", user, "text", text, "ts", ts, "channel",
	                          channel, "channel_type", *channel == 'D' ? "im" : "channel");

	if (thread)
		json_put_str(event, "thread_ts", thread);
	return json_pack("{ssssssso}", "type", "event_callback", "team_id", "T012", "event_id", ts, "event", event);
}

static uint64_t say(struct fixture *f, const char *user, const char *text, const char *channel, const char *thread)
{
	return take(f, "events_api", message(f, user, text, channel, thread),
	            strcmp(user, "U0KIM") == 0 ? known(user, "kim@example.com") : NULL);
}

static uint64_t command(struct fixture *f, const char *user, const char *text)
{
	_free_ char *trigger = text_format("t.%d", ++f->number);

	return take(f, "slash_commands",
	            json_pack("{ssssssssss}", "team_id", "T012", "user_id", user, "command", "/countersign", "text",
	                      text, "trigger_id", trigger),
	            strcmp(user, "U0KIM") == 0 ? known(user, "kim@example.com") : NULL);
}

static uint64_t press_at(struct fixture *f, const char *user, const char *action, const char *value, const char *at)
{
	_free_ char *trigger = text_format("t.%d", ++f->number);
	json_t *payload =
	        json_pack("{ss so s{ss} s{ssss} ss s[{ssssss}]}", "type", "block_actions", "user", person(user), "team",
	                  "id", "T012", "container", "channel_id", "D0ANN", "message_ts", "1.0", "trigger_id", trigger,
	                  "actions", "action_id", action, "value", value, "action_ts", at);

	return take(f, "interactive", payload, NULL);
}

static uint64_t press(struct fixture *f, const char *user, const char *action, const char *value)
{
	_free_ char *at = text_format("%d.5", f->number);

	return press_at(f, user, action, value, at);
}

static uint64_t submit(struct fixture *f, const char *user, const char *form, const char *metadata, json_t *values)
{
	_free_ char *id = text_format("V%d", ++f->number);
	json_t *view = json_pack("{ssssssss s{so}}", "id", id, "hash", "h", "callback_id", form, "private_metadata",
	                         metadata, "state", "values", values);

	return take(f, "interactive",
	            json_pack("{sssosos{ss}}", "type", "view_submission", "user", person(user), "view", view, "team",
	                      "id", "T012"),
	            strcmp(user, "U0KIM") == 0 ? known(user, "kim@example.com") : NULL);
}

static json_t *field(const char *name, const char *value)
{
	return json_pack("{s{s{ssss}}}", name, name, "type", "plain_text_input", "value", value);
}

// --- looking ---------------------------------------------------------------------------------------------------------

static json_t *case_now(struct fixture *f, const char *id)
{
	json_t *state = case_load(f->serve.desk.db, id, NULL);

	assert_non_null(state);
	return state;
}

static void state_is(struct fixture *f, const char *id, const char *expected)
{
	_json_ json_t *state = case_now(f, id);

	assert_string_equal(json_str(state, "state"), expected);
}

static size_t votes_on(struct fixture *f, const char *id)
{
	_json_ json_t *state = case_now(f, id);

	return json_array_size(json_arr(json_array_get(json_arr(state, "stages"), 0), "votes"));
}

// The token in the buttons of whoever was asked about the case.
static const char *button(struct fixture *f, const char *id, const char *who, char out[17])
{
	_json_ json_t *asking = postings_asking(f->serve.desk.db, id, NULL);
	json_t *item;
	size_t i;

	*out = '\0';
	json_array_foreach(asking, i, item)
		if (strcmp(json_str(item, "principal"), who) == 0)
			snprintf(out, 17, "%s", json_str(item, "token"));
	return out;
}

static size_t asks(struct fixture *f, const char *id)
{
	_json_ json_t *asking = postings_asking(f->serve.desk.db, id, NULL);

	return json_array_size(asking);
}

static bool last_is(struct fixture *f, const char *type, const char *reason)
{
	struct err e;
	int64_t found;

	assert_int_equal(sql_number(f->serve.desk.db, &e, &found, 0,
	                            "SELECT count(*) FROM entry WHERE leaf ->> '$.type' = ? AND body ->> '$.reason' = ?"
	                            " AND seq >= (SELECT max(seq) FROM entry) - 3",
	                            TEXT(type), TEXT(reason)),
	                 0);
	return found > 0;
}

// The last letter of a kind: where it went, and its model's text.
static json_t *letter_of(struct fixture *f, const char *kind)
{
	int64_t id;

	assert_int_equal(
	        sql_number(f->serve.desk.db, NULL, &id, 0, "SELECT max(id) FROM outbox WHERE kind = ?", TEXT(kind)), 0);
	return outbox_get(f->serve.desk.db, id, NULL);
}

// The log, the tables and the evidence still agree.
static void is_whole(struct fixture *f)
{
	struct verify_result result;
	struct err e = { 0 };

	if (log_verify(f->dir, &result, &e) < 0)
		fail_msg("%s", e.text);
}

static const char request[] = "License: GPL-3.0-only\nComponent: libfoo 2.1\nRationale: subtitles need it";

// A case that Ann and Bo are asked about.
static void open_case(struct fixture *f)
{
	say(f, "U0KIM", request, "D0KIM", NULL);
	state_is(f, "CS-1", "pending");
	assert_int_equal(asks(f, "CS-1"), 2);
}

// --- asking ----------------------------------------------------------------------------------------------------------

static void a_message_becomes_a_case(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *opened = NULL, *received = NULL, *root = NULL;

	open_case(f);
	opened = case_now(f, "CS-1");
	assert_string_equal(json_str(opened, "requester"), "mail:kim@example.com");
	assert_string_equal(json_str(opened, "requester_address"), "slack:U0KIM");
	received = letter_of(f, "received");
	assert_string_equal(json_str(received, "address"), "slack:U0KIM");
	root = letter_of(f, "case");
	assert_string_equal(json_str(root, "address"), "slack:C0DESK");
	is_whole(f);
}

static void what_is_missing_is_asked_for_and_answered_below(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *missing = NULL, *at = NULL;

	say(f, "U0KIM", "License: GPL-3.0-only\nComponent: libfoo 2.1", "D0KIM", NULL);
	state_is(f, "CS-1", "incomplete");
	missing = letter_of(f, "missing");
	at = posting_of(f->serve.desk.db, json_int(missing, "id"), NULL);
	say(f, "U0KIM", "Rationale: subtitles need it", "D0KIM", json_str(at, "ts"));
	state_is(f, "CS-1", "pending");
	assert_int_equal(asks(f, "CS-1"), 2);
}

static void a_form_is_opened_and_sent(void **state)
{
	struct fixture *f = *state;
	json_t *values = json_object();

	command(f, "U0KIM", "");
	assert_string_equal(json_str(json_array_get(f->follow, 0), "method"), "views.open");
	json_object_update_new(values, field("license", "GPL-3.0-only"));
	json_object_update_new(values, field("component", "libfoo"));
	json_object_update_new(values, field("rationale", "subtitles need it"));
	submit(f, "U0KIM", "request", "", values);
	assert_null(f->reply);
	state_is(f, "CS-1", "pending");
}

static void strangers_may_not_ask(void **state)
{
	static const struct {
		const char *user, *team, *known, *reason;
	} table[] = {
		{ "U0X", "T012", NULL, "unknown-sender" },
		{ "U0X", "T012", "{\"id\":\"U0X\",\"email\":\"x@elsewhere.example\"}", "unknown-sender" },
		{ "U0X", "T012", "{\"id\":\"U0X\",\"email\":\"x@example.com\",\"guest\":true}", "foreign-user" },
		{ "U0X", "T012", "{\"id\":\"U0X\",\"email\":\"x@example.com\",\"bot\":true}", "foreign-user" },
		{ "U0X", "T012", "{\"id\":\"U0X\",\"email\":\"x@example.com\",\"deleted\":true}", "foreign-user" },
		{ "U0ANN", "T999", NULL, "foreign-user" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(table); i++) {
		_free_ char *trigger = text_format("x.%zu", i);

		take(f, "slash_commands",
		     json_pack("{ssssssssss}", "team_id", table[i].team, "user_id", table[i].user, "command",
		               "/countersign", "text", request, "trigger_id", trigger),
		     table[i].known ? json_loads(table[i].known, 0, NULL) : NULL);
		assert_true(last_is(f, "access.refused", table[i].reason));
		assert_true(*json_str(f->reply, "text"));
	}
	is_whole(f);
}

static void the_address_of_somebody_listed_makes_nobody_them(void **state)
{
	static const char *const addresses[] = { "Ann@Example.com", "gus@example.com" };
	struct fixture *f = *state;

	open_case(f);
	for (size_t i = 0; i < LENGTH(addresses); i++) {
		_free_ char *trigger = text_format("t.%zu", i);

		take(f, "slash_commands",
		     json_pack("{ssssssssss}", "team_id", "T012", "user_id", "U0OTHER", "command", "/countersign",
		               "text", "show CS-1", "trigger_id", trigger),
		     known("U0OTHER", addresses[i]));
		assert_true(last_is(f, "access.refused", "unknown-sender"));
		assert_null(json_object_get(f->reply, "blocks"));
	}
}

static void what_others_say_in_channels_is_not_kept(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "U0KIM", "lunch?", "C0GEN", NULL), 0);
	assert_int_equal(say(f, "U0KIM", "approve", "C0GEN", "99.000000"), 0);
}

// --- deciding --------------------------------------------------------------------------------------------------------

static void two_approve_and_the_messages_follow(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *decided = NULL;
	char token[17];

	open_case(f);
	press(f, "U0ANN", "approve", button(f, "CS-1", "person:ann", token));
	assert_int_equal(votes_on(f, "CS-1"), 1);
	assert_int_equal(asks(f, "CS-1"), 1);
	press(f, "U0BO", "approve", button(f, "CS-1", "person:bo", token));
	state_is(f, "CS-1", "approved");
	assert_int_equal(asks(f, "CS-1"), 0);
	decided = letter_of(f, "decided");
	assert_string_equal(json_str(json_obj(decided, "model"), "verdict"), "approved");
	is_whole(f);
}

static void what_was_kept_is_decided_after_a_new_start(void **state)
{
	struct fixture *f = *state;
	struct desk *desk = &f->serve.desk;
	_free_ char *config = text_format("%s/countersign.yaml", f->dir);
	int64_t now = desk->now;
	struct err e = { 0 };

	keep(f, "events_api", message(f, "U0KIM", request, "D0KIM", NULL), known("U0KIM", "kim@example.com"));
	desk_close(desk);
	assert_int_equal(desk_open(desk, config, DB_WRITE, &e), 0);
	desk->now = now + CLOCK_MINUTE;
	decide(f);
	state_is(f, "CS-1", "pending");
	decide(f);
	assert_int_equal(votes_on(f, "CS-1"), 0);
	is_whole(f);
}

static void a_press_counts_once_and_for_its_person(void **state)
{
	struct fixture *f = *state;
	char ann[17], bo[17];

	open_case(f);
	button(f, "CS-1", "person:ann", ann);
	button(f, "CS-1", "person:bo", bo);
	press(f, "U0BO", "approve", ann); // foreign
	assert_true(last_is(f, "access.refused", "not-approver"));
	press(f, "U0GUS", "approve", ann);
	assert_true(last_is(f, "access.refused", "not-approver"));
	press(f, "U0ANN", "approve", "0123456789abcdef"); // none of ours
	assert_true(last_is(f, "message.refused", "token-invalid"));
	press(f, "U0ANN", "approve", "' OR 1");
	assert_true(last_is(f, "message.refused", "token-invalid"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	press_at(f, "U0ANN", "approve", ann, "77.1");
	assert_int_equal(press_at(f, "U0ANN", "approve", ann, "77.1"), 0); // the same press again
	press(f, "U0ANN", "approve", ann);                                 // another
	assert_true(last_is(f, "message.refused", "already-recorded"));
	assert_int_equal(votes_on(f, "CS-1"), 1);
	state_is(f, "CS-1", "pending");
	is_whole(f);
}

static void a_change_takes_the_buttons_away(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *received = NULL, *at = NULL;
	char old[17], new[17];

	open_case(f);
	button(f, "CS-1", "person:ann", old);
	received = letter_of(f, "received");
	at = posting_of(f->serve.desk.db, json_int(received, "id"), NULL);
	say(f, "U0KIM", "Component: libfoo 3.0", "D0KIM", json_str(at, "ts"));
	assert_string_not_equal(button(f, "CS-1", "person:ann", new), old);
	assert_int_equal(asks(f, "CS-1"), 2);
	press(f, "U0ANN", "approve", old);
	assert_true(last_is(f, "message.refused", "outdated"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	press(f, "U0ANN", "approve", new);
	assert_int_equal(votes_on(f, "CS-1"), 1);
}

static void an_old_message_is_replaced_by_a_fresh_one(void **state)
{
	struct fixture *f = *state;
	char old[17], new[17];

	open_case(f);
	button(f, "CS-1", "person:ann", old);
	f->serve.desk.now += 15 * CLOCK_DAY;
	press(f, "U0ANN", "approve", old);
	assert_true(last_is(f, "message.refused", "expired"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	assert_int_equal(asks(f, "CS-1"), 2);
	assert_string_not_equal(button(f, "CS-1", "person:ann", new), old);
	press(f, "U0ANN", "approve", new);
	assert_int_equal(votes_on(f, "CS-1"), 1);
}

static void a_reason_is_asked_for_in_a_form(void **state)
{
	struct fixture *f = *state;
	char token[17];
	_free_ char *metadata = NULL;
	const json_t *view;

	open_case(f);
	press(f, "U0ANN", "reject", button(f, "CS-1", "person:ann", token));
	view = json_obj(json_obj(json_array_get(f->follow, 0), "args"), "view");
	metadata = text_format("%s reject", token);
	assert_string_equal(json_str(view, "private_metadata"), metadata);
	assert_int_equal(votes_on(f, "CS-1"), 0);
	submit(f, "U0BO", "reason", metadata, field("reason", "no")); // somebody else's form
	assert_string_equal(json_str(f->reply, "response_action"), "errors");
	submit(f, "U0ANN", "reason", metadata, field("reason", "  "));
	assert_string_equal(json_str(f->reply, "response_action"), "errors");
	f->number--; // the same once more: its answer may have been lost
	assert_int_equal(submit(f, "U0ANN", "reason", metadata, field("reason", "  ")), 0);
	assert_string_equal(json_str(f->reply, "response_action"), "errors");
	assert_true(*json_str(json_obj(f->reply, "errors"), "reason"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	submit(f, "U0ANN", "reason", metadata, field("reason", "the vendor offers a commercial licence\napprove"));
	assert_null(f->reply);
	assert_int_equal(votes_on(f, "CS-1"), 1);
	is_whole(f);
}

static void grounds_are_asked_for_where_the_catalogue_wants_them(void **state)
{
	struct fixture *f = *state;
	_free_ char *metadata = NULL;
	char token[17];

	open_case(f);
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	assert_int_equal(sql_run(f->serve.desk.db, NULL, "UPDATE stage SET grounds = 1"), 0);
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
	press(f, "U0ANN", "approve", button(f, "CS-1", "person:ann", token));
	assert_string_equal(json_str(json_array_get(f->follow, 0), "method"), "views.open");
	assert_int_equal(votes_on(f, "CS-1"), 0);
	command(f, "U0ANN", "approve CS-1");
	assert_true(last_is(f, "message.refused", "reason-required"));
	metadata = text_format("%s approve", token);
	submit(f, "U0ANN", "reason", metadata, field("reason", "the source ships"));
	assert_int_equal(votes_on(f, "CS-1"), 1);
}

static void a_form_holds_no_more_than_a_button(void **state)
{
	static const char *const metadata[] = {
		"", "reject", "0123456789abcdef reject", "0123456789abcdef", "zz reject", "0123456789abcdef withdraw"
	};
	struct fixture *f = *state;

	open_case(f);
	for (size_t i = 0; i < LENGTH(metadata); i++)
		submit(f, "U0ANN", "reason", metadata[i], field("reason", "no"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	state_is(f, "CS-1", "pending");
}

static void a_question_comes_to_the_requester_and_back(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *question = NULL, *at = NULL, *answer = NULL;
	_free_ char *metadata = NULL;
	char token[17];

	open_case(f);
	metadata = text_format("%s ask", button(f, "CS-1", "person:ann", token));
	submit(f, "U0ANN", "reason", metadata, field("reason", "which version?"));
	question = letter_of(f, "comment");
	assert_string_equal(json_str(json_obj(question, "model"), "words"), "which version?");
	assert_int_equal(asks(f, "CS-1"), 2); // still open
	at = posting_of(f->serve.desk.db, json_int(question, "id") - 1, NULL);
	if (!json_object_size(at)) {
		json_decref(at);
		at = posting_of(f->serve.desk.db, json_int(question, "id"), NULL);
	}
	say(f, "U0KIM", "comment: 2.1, as I wrote", "D0KIM", json_str(at, "ts"));
	answer = letter_of(f, "comment");
	assert_string_equal(json_str(json_obj(answer, "model"), "words"), "2.1, as I wrote");
}

static void words_decide_as_buttons_do(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *asking = NULL, *at = NULL;

	open_case(f);
	command(f, "U0ANN", "approve CS-1: on condition that the source ships");
	assert_int_equal(votes_on(f, "CS-1"), 1);
	assert_true(*json_str(f->reply, "text"));
	command(f, "U0GUS", "approve CS-1"); // was not asked
	assert_int_equal(votes_on(f, "CS-1"), 1);
	assert_true(last_is(f, "message.refused", "token-missing"));
	asking = postings_asking(f->serve.desk.db, "CS-1", NULL);
	at = posting_of(f->serve.desk.db, json_int(json_array_get(asking, 0), "letter"), NULL);
	say(f, "U0BO", "I'd approve if the source shipped", json_str(at, "channel"), json_str(at, "ts"));
	assert_int_equal(votes_on(f, "CS-1"), 1);
	say(f, "U0BO", "Approve.", json_str(at, "channel"), json_str(at, "ts"));
	state_is(f, "CS-1", "approved");
	is_whole(f);
}

static void an_edited_row_is_an_alarm_and_no_vote(void **state)
{
	struct fixture *f = *state;
	char token[17];

	open_case(f);
	button(f, "CS-1", "person:ann", token);
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	assert_int_equal(
	        sql_run(f->serve.desk.db, NULL, "UPDATE token SET principal = 'person:gus', address = 'slack:U0GUS'"),
	        0);
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
	press(f, "U0GUS", "approve", token);
	assert_true(last_is(f, "message.refused", "token-invalid"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
}

static void a_frozen_desk_decides_nothing(void **state)
{
	struct fixture *f = *state;
	char token[17];

	open_case(f);
	button(f, "CS-1", "person:ann", token);
	f->serve.desk.frozen = true;
	press(f, "U0ANN", "approve", token);
	assert_true(last_is(f, "message.parked", "frozen"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
}

// --- talking and looking up ------------------------------------------------------------------------------------------

static void the_thread_in_the_channel_comments_and_decides_nothing(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *root = NULL, *at = NULL, *comment = NULL;

	open_case(f);
	root = letter_of(f, "case");
	at = posting_of(f->serve.desk.db, json_int(root, "id"), NULL);
	say(f, "U0ANN", "approve", "C0DESK", json_str(at, "ts"));
	assert_int_equal(votes_on(f, "CS-1"), 0);
	comment = letter_of(f, "comment");
	assert_string_equal(json_str(json_obj(comment, "model"), "words"), "approve");
}

static void reminders_are_one_message(void **state)
{
	struct fixture *f = *state;
	struct desk *desk = &f->serve.desk;
	struct err e = { 0 };
	int64_t new_ones, changes;

	open_case(f);
	for (int i = 1; i <= 3; i++) {
		struct order order = { .kind = ORDER_TIMER,
			               .actor = "system",
			               .name = "",
			               .address = "",
			               .via = "system",
			               .message = -1,
			               .code = "",
			               .timer = "remind",
			               .timer_number = i };
		struct performed done;
		struct refusal refusal;

		assert_int_equal(db_begin(desk->db, "test", NULL), 0);
		assert_int_equal(perform(desk, "CS-1", &order, NULL, &done, &refusal, &e), DECIDED);
		assert_int_equal(db_commit(desk->db, NULL), 0);
		post(f);
	}
	assert_int_equal(
	        sql_number(desk->db, NULL, &new_ones, 0,
	                   "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND place ->> '$.below' IS NOT NULL"),
	        0);
	assert_int_equal(
	        sql_number(desk->db, NULL, &changes, 0,
	                   "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND place ->> '$.instead' IS NOT NULL"),
	        0);
	assert_int_equal(new_ones, 2); // one for each person
	assert_int_equal(changes, 4);
}

static void questions_are_answered_for_the_asker_alone(void **state)
{
	struct fixture *f = *state;

	open_case(f);
	command(f, "U0GUS", "show CS-1");
	assert_string_equal(json_str(f->reply, "response_type"), "ephemeral");
	assert_true(json_array_size(json_arr(f->reply, "blocks")) > 1);
	command(f, "U0GUS", "find license:GPL-*");
	assert_true(json_array_size(json_arr(f->reply, "blocks")) > 0);
	command(f, "U0GUS", "history CS-1");
	assert_non_null(f->reply);
	command(f, "U0GUS", "shwo CS-1");
	assert_non_null(f->reply);
	take(f, "slash_commands",
	     json_pack("{ssssssssss}", "team_id", "T012", "user_id", "U0LEE", "command", "/countersign", "text",
	               "show CS-1", "trigger_id", "t"),
	     known("U0LEE", "lee@example.com"));
	assert_true(last_is(f, "access.refused", "not-yours"));
}

static void the_home_tab_is_shown_and_not_kept(void **state)
{
	struct fixture *f = *state;
	json_t *event = json_pack("{ssssss}", "type", "app_home_opened", "user", "U0ANN", "tab", "home");

	open_case(f);
	assert_int_equal(take(f, "events_api",
	                      json_pack("{ssssso}", "type", "event_callback", "event_id", "Ev1", "event", event), NULL),
	                 0);
	assert_string_equal(json_str(json_array_get(f->follow, 0), "method"), "views.publish");
}

static void files_are_fetched_and_become_evidence(void **state)
{
	struct fixture *f = *state;
	struct desk *desk = &f->serve.desk;
	_json_ json_t *row = NULL, *after = NULL;
	struct err e = { 0 };
	struct work w = { .attachments = -1 };
	json_t *event =
	        json_pack("{ssssssssssss s[{ssssss}]}", "type", "message", "user", "U0KIM", "text", request, "ts",
	                  "5.5", "channel", "D0KIM", "channel_type", "im", "files", "url_private",
	                  "https://files.slack.com/x/offer.pdf", "name", "offer.pdf", "mimetype", "application/pdf");

	take(f, "events_api",
	     json_pack("{ssssssso}", "type", "event_callback", "team_id", "T012", "event_id", "Ev1", "event", event),
	     known("U0KIM", "kim@example.com"));
	row = letter_of(f, "file");
	w.document = memfd_of("file", "%PDF", 4, &e);
	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	assert_int_equal(chat_file(&f->serve, row, &w, &e), 0);
	assert_int_equal(db_commit(desk->db, NULL), 0);
	close(w.document);
	after = case_now(f, "CS-1");
	assert_int_equal(json_array_size(json_arr(after, "evidence")), 1);
	is_whole(f);
}

static void a_message_that_was_overtaken_on_its_way_asks_nothing(void **state)
{
	struct fixture *f = *state;
	struct desk *desk = &f->serve.desk;
	_json_ json_t *review = NULL, *change = NULL;
	struct err e = { 0 };

	open_case(f);
	review = letter_of(f, "review");
	json_put_str(review, "state", "failed"); // as posting_settle() left it while the adapter had it in hand
	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	assert_int_equal(posting_arrived(desk, review, "D0BO", "99.000000", &e), 0);
	assert_int_equal(db_commit(desk->db, NULL), 0);
	assert_int_equal(asks(f, "CS-1"), 1);
	change = letter_of(f, "review");
	assert_int_equal(json_int(json_obj(change, "place"), "instead"), json_int(review, "id"));
	assert_true(*json_str(json_obj(change, "model"), "settled"));
}

static void what_slack_cannot_deliver_is_settled(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *root = NULL, *review = NULL;
	struct err e = { 0 };

	open_case(f);
	root = letter_of(f, "case");
	review = letter_of(f, "review");
	assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
	assert_int_equal(posting_otherwise(&f->serve.desk, root, &e), 1);   // the channel's: nothing elsewhere
	assert_int_equal(posting_otherwise(&f->serve.desk, review, &e), 0); // this desk has no mail
	assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
}

static void who_asked_in_slack_is_found_by_address(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *query;
		bool found;
	} queries[] = {
		{ "find requester:kim@example.com", true },
		{ "find requester:Bo@Example.com", true },
		{ "find requester:ann@example.com", false },
	};

	open_case(f);
	say(f, "U0BO", request, "D0BO", NULL);
	for (size_t i = 0; i < LENGTH(queries); i++) {
		_free_ char *text = NULL;

		command(f, "U0GUS", queries[i].query);
		text = json_text(f->reply);
		if (!strstr(text, i == 0 ? "CS-1" : "CS-2") == queries[i].found)
			fail_msg("%s: %s", queries[i].query, text);
	}
}

// --- receipts --------------------------------------------------------------------------------------------------------

// Ann approves, on a desk whose heads are signed.  What says so, and the receipt that goes with it.
static void approve_for_a_receipt(struct fixture *f, json_t **recorded, json_t **receipt)
{
	char token[17];

	f->serve.desk.config.log_key = text_copy("file:log.key");
	open_case(f);
	press(f, "U0ANN", "approve", button(f, "CS-1", "person:ann", token));
	*recorded = letter_of(f, "recorded");
	*receipt = letter_of(f, "receipt");
}

static void a_receipt_follows_as_a_file(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *recorded = NULL, *receipt = NULL, *document = NULL, *at = NULL;
	const json_t *args;

	approve_for_a_receipt(f, &recorded, &receipt);
	assert_true(json_bool(json_obj(recorded, "model"), "receipt"));
	document = posted(f, receipt, NULL);
	at = posting_of(f->serve.desk.db, json_int(recorded, "id"), NULL);
	args = json_obj(document, "args");
	assert_string_equal(json_str(document, "method"), "upload");
	assert_string_equal(json_str(args, "channel"), json_str(at, "channel"));
	assert_string_equal(json_str(args, "thread_ts"), json_str(at, "ts"));
	assert_non_null(strstr(json_str(args, "filename"), "CS-1 entry "));
	assert_string_equal(json_str(args, "text"), "the receipt");
	assert_non_null(strstr(json_str(args, "comment"), "The receipt of your answer on CS-1, log entry "));
	is_whole(f);
}

// This desk has no mail.
static void a_receipt_that_slack_refuses_is_told_of(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *recorded = NULL, *receipt = NULL, *message = NULL, *document = NULL;
	struct desk *desk = &f->serve.desk;
	struct err e = { 0 };

	approve_for_a_receipt(f, &recorded, &receipt);
	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	assert_int_equal(posting_otherwise(desk, receipt, &e), 1);
	assert_int_equal(db_commit(desk->db, NULL), 0);
	message = letter_of(f, "receipt");
	assert_int_not_equal(json_int(message, "id"), json_int(receipt, "id"));
	document = posted(f, message, &e);
	assert_string_equal(json_str(document, "method"), "chat.postMessage");
	assert_non_null(strstr(json_str(json_obj(document, "args"), "text"), "Slack did not take the receipt"));
	assert_int_equal(posting_otherwise(desk, message, &e), 0); // then it is an alarm
}

static void a_letter_that_goes_by_mail_takes_its_receipt_with_it(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *recorded = NULL, *receipt = NULL, *after = NULL;
	struct desk *desk = &f->serve.desk;
	struct err e = { 0 };

	approve_for_a_receipt(f, &recorded, &receipt);
	desk->config.has_mail = true;
	desk->config.mail.domain = text_copy("example.com");
	desk->config.mail.address = text_copy("licensing@example.com");
	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	assert_int_equal(posting_otherwise(desk, recorded, &e), 1);
	after = outbox_head(desk->db, json_int(receipt, "id"), &e);
	assert_string_equal(json_str(after, "state"), "failed");
	json_decref(recorded);
	recorded = letter_of(f, "recorded");
	assert_string_equal(json_str(recorded, "carrier"), "mail");
	// And a receipt alone comes with that letter.
	assert_int_equal(posting_otherwise(desk, receipt, &e), 1);
	json_decref(after);
	after = letter_of(f, "recorded");
	assert_int_not_equal(json_int(after, "id"), json_int(recorded, "id"));
	assert_string_equal(json_str(after, "address"), "ann@example.com");
	assert_int_equal(db_commit(desk->db, NULL), 0);
}

static void a_message_below_one_that_never_was_is_given_up(void **state)
{
	static const struct {
		const char *state;
		int code;
	} cases[] = { { "queued", EX_TEMPFAIL }, { "failed", EX_UNAVAILABLE } };
	struct fixture *f = *state;
	_json_ json_t *recorded = NULL, *receipt = NULL;
	struct db *db = f->serve.desk.db;

	approve_for_a_receipt(f, &recorded, &receipt);
	assert_int_equal(sqlite3_exec(db->handle, "DELETE FROM posting", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *sql =
		        text_format("UPDATE outbox SET state = '%s' WHERE kind = 'recorded'", cases[i].state);
		struct err e = { 0 };

		assert_int_equal(sqlite3_exec(db->handle, sql, NULL, NULL, NULL), SQLITE_OK);
		assert_null(posted(f, receipt, &e));
		assert_int_equal(e.code, cases[i].code);
	}
}

static void messages_show_the_signed_head(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *recorded = NULL, *receipt = NULL, *document = NULL;
	_free_ char *text = NULL;
	struct desk *desk = &f->serve.desk;
	struct digest root = { { 0x3f, 0x9c, [9] = 0xab, [10] = 0xff } };

	approve_for_a_receipt(f, &recorded, &receipt);
	document = posted(f, recorded, NULL);
	text = json_text(document);
	assert_null(strstr(text, "signed"));
	assert_int_equal(db_begin(desk->db, "test", NULL), 0);
	assert_int_equal(checkpoint_add(desk->db, 1234567, &root, "note", NULL), 0);
	json_decref(document);
	document = posted(f, recorded, NULL);
	free(text);
	text = json_text(document);
	if (!strstr(text, "Log: 1,234,567 entries, signed \xc2\xb7 root `3f9c00000000000000ab\xe2\x80\xa6`"))
		fail_msg("%s", text);
	assert_int_equal(db_commit(desk->db, NULL), 0);
}

// --- what is broken --------------------------------------------------------------------------------------------------

static void broken_envelopes_are_parked(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "{}", "{\"payload\":1}", "{\"payload\":{}}", "{\"payload\":{\"user_id\":7}}", "\xff\xfe"
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = { 0 }, why = { 0 };
		struct work w = { .document = memfd_of("envelope", texts[i], strlen(texts[i]), &e), .attachments = -1 };

		_free_ char *id = text_format("e-%zu", i);

		w.frame.json = json_pack("{ssss}", "envelope", "slash_commands", "id", id);
		assert_int_equal(db_begin(f->serve.desk.db, "test", NULL), 0);
		assert_int_equal(chat_take(&f->serve, &w, &why), -1);
		assert_int_equal(chat_park(&f->serve, &w, &why, &e), 0);
		assert_int_equal(db_commit(f->serve.desk.db, NULL), 0);
		frame_free(&w.frame);
		close(w.document);
	}
	is_whole(f);
}

#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DESK(a_message_becomes_a_case),
		WITH_DESK(what_is_missing_is_asked_for_and_answered_below),
		WITH_DESK(a_form_is_opened_and_sent),
		WITH_DESK(strangers_may_not_ask),
		WITH_DESK(the_address_of_somebody_listed_makes_nobody_them),
		WITH_DESK(what_others_say_in_channels_is_not_kept),
		WITH_DESK(two_approve_and_the_messages_follow),
		WITH_DESK(what_was_kept_is_decided_after_a_new_start),
		WITH_DESK(a_press_counts_once_and_for_its_person),
		WITH_DESK(a_change_takes_the_buttons_away),
		WITH_DESK(an_old_message_is_replaced_by_a_fresh_one),
		WITH_DESK(a_reason_is_asked_for_in_a_form),
		WITH_DESK(grounds_are_asked_for_where_the_catalogue_wants_them),
		WITH_DESK(a_form_holds_no_more_than_a_button),
		WITH_DESK(a_question_comes_to_the_requester_and_back),
		WITH_DESK(words_decide_as_buttons_do),
		WITH_DESK(an_edited_row_is_an_alarm_and_no_vote),
		WITH_DESK(a_frozen_desk_decides_nothing),
		WITH_DESK(the_thread_in_the_channel_comments_and_decides_nothing),
		WITH_DESK(reminders_are_one_message),
		WITH_DESK(questions_are_answered_for_the_asker_alone),
		WITH_DESK(the_home_tab_is_shown_and_not_kept),
		WITH_DESK(files_are_fetched_and_become_evidence),
		WITH_DESK(a_message_that_was_overtaken_on_its_way_asks_nothing),
		WITH_DESK(who_asked_in_slack_is_found_by_address),
		WITH_DESK(a_receipt_follows_as_a_file),
		WITH_DESK(a_receipt_that_slack_refuses_is_told_of),
		WITH_DESK(a_letter_that_goes_by_mail_takes_its_receipt_with_it),
		WITH_DESK(a_message_below_one_that_never_was_is_given_up),
		WITH_DESK(messages_show_the_signed_head),
		WITH_DESK(what_slack_cannot_deliver_is_settled),
		WITH_DESK(broken_envelopes_are_parked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

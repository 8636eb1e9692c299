// SPDX-License-Identifier: Apache-2.0
// The core's side of slack: what people write and press comes in and is durable before it is acknowledged, and is
// decided about after that, in order; letters that go by Slack are handed over, and what became of them is recorded.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/chat.h"
#include "bot/courier.h"
#include "bot/posting.h"
#include "bot/receipt_letter.h"
#include "bot/refusing.h"
#include "bot/slack_account.h"
#include "bot/work.h"
#include "store/postings.h"

#define GROUP_MAX 64 // envelopes that are decided about in one transaction

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	*secrets = slack_secrets(&s->desk.config, e);
	if (!*secrets)
		return -1;
	*config = slack_config(&s->desk.config, s->desk.people);
	return 0;
}

// --- letters out -----------------------------------------------------------------------------------------------------

static json_t *document(struct serve *s, const json_t *row, struct err *e)
{
	bool receipt =
	        strcmp(json_str(row, "kind"), RECEIPT_LETTER) == 0 && json_object_get(json_obj(row, "place"), "file");
	_free_ char *text = receipt ? receipt_of_letter(s, row, e) : NULL;

	if (!receipt)
		return posting_document(&s->desk, s->templates, row, e);
	return text ? posting_receipt(&s->desk, s->templates, row, text, e) : NULL;
}

static int posted(struct serve *s, const json_t *row, struct work *w, struct err *e)
{
	const json_t *place = json_obj(row, "place"), *frame = w->frame.json;

	if (json_object_get(place, "fetch"))
		return chat_file(s, row, w, e);
	// What changed another message, or was for one person's eyes alone, is no message to come back to.
	if (json_object_get(place, "instead") || json_object_get(place, "user") || !*json_str(frame, "ts"))
		return 0;
	return posting_arrived(&s->desk, row, json_str(frame, "channel"), json_str(frame, "ts"), e);
}

static int otherwise(struct serve *s, const json_t *row, struct err *e)
{
	return posting_otherwise(&s->desk, row, e);
}

const struct courier courier_slack = {
	.carrier = "slack",
	.hand = BY_SLACK,
	.document = document,
	.sent = posted,
	.instead = otherwise,
};

static int record_outcome(struct serve *s, struct work *w, struct err *e)
{
	return courier_record(s, &courier_slack, w, e);
}

static void letter_done(struct serve *s, struct work *w)
{
	courier_put_down(s, &courier_slack, w);
}

static const struct work_kind outcome = { "what became of a message", record_outcome, NULL, letter_done, letter_done };

// --- what people write and press -------------------------------------------------------------------------------------

static void tell(struct serve *s, const struct work *w, const char *type, json_t *reply)
{
	_json_ json_t *frame = json_object();

	json_put_str(frame, "type", type);
	json_put_str(frame, "id", json_str(w->frame.json, "id"));
	if (reply)
		json_put(frame, "reply", json_incref(reply));
	adapter_send(s->slack, frame, NULL, 0);
}

static void tell_done(struct serve *s, struct work *w)
{
	tell(s, w, "done", w->reply);
	chat_follow(s, w);
}

// Nothing was stored, so nothing is acknowledged and Slack sends it again; whoever pressed is told meanwhile.
static void not_stored(struct serve *s, struct work *w)
{
	tell(s, w, "drop", NULL);
	chat_not_stored(s, w);
}

static const struct work_kind envelope = { "what somebody did in Slack", chat_take, chat_park, tell_done, not_stored };

// --- what was kept is decided about ----------------------------------------------------------------------------------

static void follow_up(struct serve *s, struct work *w)
{
	chat_follow(s, w);
}

// It is fed again, from the store.
static void come_back(struct serve *s, struct work *w)
{
	if (s->chat.fed >= w->row.id)
		s->chat.fed = w->row.id - 1;
}

static const struct work_kind kept = { "what somebody did in Slack", chat_decide, chat_give_up, follow_up, come_back };

// What was kept before the core ended is among it: it waits until the adapter has said who we are.
static int take_up(struct serve *s, struct err *e)
{
	int found = 1;

	for (int n = 0; s->chat.team && n < GROUP_MAX; n++) {
		struct work w = { .kind = &kept, .document = -1, .attachments = -1 };

		found = inbox_next(s->desk.db, "slack", s->chat.fed, &w.row, e);
		if (found <= 0)
			break;
		s->chat.fed = w.row.id;
		work_queue(s, &w);
	}
	return found < 0 ? -1 : 0;
}

void chatting_feed(struct serve *s)
{
	struct err e = { 0 };

	if (take_up(s, &e) < 0) {
		serve_fail(s, &e);
		return;
	}
	courier_feed(s, &courier_slack);
}

// --- notices ---------------------------------------------------------------------------------------------------------

static int record_notice(struct serve *s, struct work *w, struct err *e)
{
	_free_ char *code = text_format("slack-%s", json_str(w->frame.json, "code"));

	return raise_alarm(&s->desk, code, json_str(w->frame.json, "text"), "See the log of the service.", e);
}

static const struct work_kind notice = { "a notice", record_notice, NULL, NULL, NULL };

// A notice that matters to the record; the rest is for the operator's log.
static bool is_alarming(const char *code)
{
	return strcmp(code, "token") == 0 || strcmp(code, "scope") == 0 || strcmp(code, "link_disabled") == 0;
}

// --- frames ----------------------------------------------------------------------------------------------------------

static const struct json_key user_keys[] = {
	{ "id", 'S', 64 },     { "team", 's', 64 }, { "email", 's', 320 }, { "name", 's', 256 },
	{ "deleted", 'b', 0 }, { "bot", 'b', 0 },   { "guest", 'b', 0 },   { 0 },
};

static int check_event(const json_t *f, const char *kind, struct err *e)
{
	static const struct json_key envelope_keys[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 255 },
		{ "kind", 'S', 0 },
		{ "envelope", 'S', 32 },
		{ "connection", 'i', 0 },
		{ "user", 'o', 0 },
		{ 0 },
	};
	static const struct json_key self_keys[] = {
		{ "type", 'S', 0 },    { "id", 'S', 64 },
		{ "kind", 'S', 0 },    { "user_id", 'S', 64 },
		{ "bot_id", 's', 64 }, { "team_id", 's', 64 },
		{ "team", 's', 256 },  { "url", 's', 512 },
		{ "scopes", 'a', 0 },  { 0 },
	};
	static const struct json_key note_keys[] = {
		{ "type", 'S', 0 },  { "id", 'S', 512 },    { "kind", 'S', 0 },
		{ "code", 'S', 64 }, { "text", 'S', 2048 }, { 0 },
	};

	if (strcmp(kind, "envelope") == 0) {
		if (json_check(f, envelope_keys, "slack", e) < 0)
			return -1;
		return json_obj(f, "user") ? json_check(json_obj(f, "user"), user_keys, "slack: user", e) : 0;
	}
	return json_check(f, strcmp(kind, "self") == 0 ? self_keys : note_keys, "slack", e);
}

static int check_answer(const struct serve *s, const json_t *f, struct err *e)
{
	static const struct json_key sent[] = {
		{ "type", 'S', 0 }, { "id", 'S', 32 },   { "channel", 's', 64 }, { "ts", 's', 64 },
		{ "view", 'o', 0 }, { "file", 's', 64 }, { "bytes", 'i', 0 },    { 0 },
	};
	static const struct json_key failed[] = {
		{ "type", 'S', 0 },      { "id", 'S', 32 },         { "why", 'S', 2048 },  { "error", 's', 256 },
		{ "permanent", 'B', 0 }, { "retry_after", 'i', 0 }, { "unknown", 'b', 0 }, { 0 },
	};

	if (json_check(f, strcmp(json_str(f, "type"), "sent") == 0 ? sent : failed, "slack", e) < 0)
		return -1;
	if (!courier_has(s, &courier_slack, json_str(f, "id")) && !chat_asked(json_str(f, "id")))
		return err_set(e, EX_PROTOCOL, "it speaks of something that it was not asked for");
	return 0;
}

static void take_self(struct serve *s, const json_t *f)
{
	free(s->chat.user);
	free(s->chat.team);
	s->chat.user = text_copy(json_str(f, "user_id"));
	s->chat.team = text_copy(json_str(f, "team_id"));
	log_info("slack: this desk is %s in %s", json_str(f, "user_id"), json_str(f, "team"));
	work_wake(s);
}

static void queue(struct serve *s, struct frame *f, const struct work_kind *kind)
{
	struct work w = { .kind = kind, .document = frame_take_fd(f, 0), .attachments = -1 };

	w.frame = *f;
	*f = (struct frame){ 0 };
	work_queue(s, &w);
}

static void take_event(struct serve *s, struct frame *f)
{
	const char *kind = json_str(f->json, "kind");

	if (strcmp(kind, "self") == 0) {
		take_self(s, f->json);
	} else if (strcmp(kind, "notice") == 0) {
		log_warning("slack: %s", json_str(f->json, "text"));
		if (is_alarming(json_str(f->json, "code")))
			queue(s, f, &notice);
	} else {
		queue(s, f, &envelope);
	}
}

static void take_frame(struct serve *s, struct frame *f)
{
	bool is_event = strcmp(json_str(f->json, "type"), "event") == 0;
	struct err e = { 0 };

	if ((is_event ? check_event(f->json, json_str(f->json, "kind"), &e) : check_answer(s, f->json, &e)) < 0 ||
	    (strcmp(json_str(f->json, "kind"), "envelope") == 0 && f->fd_count != 1)) {
		log_error("slack broke the rules (%s); it is killed",
		          *e.text ? e.text : "an envelope without its bytes");
		adapter_kill(s->slack);
	} else if (is_event) {
		take_event(s, f);
	} else if (chat_asked(json_str(f->json, "id"))) {
		chat_answered(s, f->json);
	} else {
		queue(s, f, &outcome);
	}
}

static void ready(struct serve *s)
{
	work_wake(s);
}

static void gone(struct serve *s)
{
	s->sending[BY_SLACK].count = 0; // whatever it had is still queued in the outbox
}

const struct channel_kind chatting = { "slack", configure, ready, take_frame, gone };

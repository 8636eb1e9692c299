// SPDX-License-Identifier: Apache-2.0
#include "bot/chat.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/binding.h"
#include "bot/chat_parts.h"
#include "bot/refusing.h"
#include "store/blob.h"
#include "store/inbox.h"
#include "store/log.h"

#define ENVELOPE_MAX (16U << 20) // bytes
#define ASKED "ask/"

static void chat_free(struct chat *c)
{
	incoming_free(&c->in);
	free(c->from);
	json_decref(c->document);
	json_decref(c->place);
	json_decref(c->token);
}
#define _chat_ __attribute__((cleanup(chat_free)))

static bool is(const struct chat *c, const char *type)
{
	return strcmp(json_str(c->event ? c->event : c->payload, "type"), type) == 0;
}

// --- reading ---------------------------------------------------------------------------------------------------------

static const char *user_of(const struct chat *c)
{
	if (c->event)
		return json_str(c->event, "user");
	if (strcmp(c->envelope, "slash_commands") == 0)
		return json_str(c->payload, "user_id");
	return json_str(json_obj(c->payload, "user"), "id");
}

static enum answering answering_of(const struct chat *c)
{
	if (strcmp(c->envelope, "slash_commands") == 0)
		return ANSWER_AT_ONCE;
	return is(c, "view_submission") ? ANSWER_IN_FORM : ANSWER_BY_LETTER;
}

// `kind` and `account` come from the adapter, with the envelope.
static int begin(struct chat *c, const char *kind, const json_t *account, const json_t *envelope, struct err *e)
{
	c->envelope = kind;
	c->account = account;
	c->payload = json_obj(envelope, "payload");
	c->event = strcmp(c->envelope, "events_api") == 0 ? json_obj(c->payload, "event") : NULL;
	c->user = user_of(c);
	if (!c->payload || !*c->user)
		return err_set(e, EX_DATAERR, "an envelope without a payload, or of nobody");
	c->in = (struct incoming){
		.desk = &c->s->desk,
		.via = "slack",
		.answering = answering_of(c),
		.field = form_field(json_str(json_obj(c->payload, "view"), "callback_id")),
		.templates = c->s->templates,
		.row = &c->w->row,
		.attachments = -1,
	};
	return 0;
}

void chat_say(struct chat *c, const char *subject, const char *text)
{
	_free_ char *own = chat_text(text, c->s->chat.user);

	json_decref(c->document);
	c->document = json_object();
	json_put_str(c->document, "subject", subject);
	json_put_str(c->document, "own", own);
	c->in.document = c->document;
}

// --- keeping ---------------------------------------------------------------------------------------------------------

static json_t *detail_of(const struct chat *c)
{
	json_t *detail = json_object();

	json_put_str(detail, "channel", "slack");
	json_put_str(detail, "envelope", c->envelope);
	json_put_str(detail, "user", c->user);
	json_put_str(detail, "team", json_str_or_null(json_obj(c->payload, "team"), "id"));
	if (c->account)
		json_put(detail, "account", json_copy((json_t *)c->account));
	return detail;
}

static int keep(struct chat *c, const char *key, const struct buf *bytes, enum arrived *arrived, struct err *e)
{
	_json_ json_t *detail = detail_of(c);
	const struct arrival arrival = { key, "slack", buf_text(bytes), bytes->len, c->s->desk.now, detail };

	return inbox_take(c->s->desk.db, &arrival, c->s->desk.now, arrived, &c->w->row, e);
}

enum step chat_done(struct chat *c, struct err *e)
{
	return inbox_done(c->s->desk.db, c->w->row.id, NULL, e) < 0 ? STEP_ERROR : STEP_DONE;
}

enum step chat_ignore(struct chat *c, const char *code, struct err *e)
{
	return set_aside(&c->in, "message.ignored", code, NULL, NULL, e);
}

// --- whose it is -----------------------------------------------------------------------------------------------------

static enum step refuse_binding(struct chat *c, const char *code, const char *reason, struct err *e)
{
	return say_no(&c->in,
	              &(struct no){ .type = strcmp(code, "not-approver") == 0 ? "access.refused" : "message.refused",
	                            .code = code,
	                            .reason = reason,
	                            .next = "Write 'open' to see what waits for you." },
	              e);
}

enum step chat_bind(struct chat *c, const char *token, struct err *e)
{
	struct incoming *in = &c->in;
	uint8_t id[TOKEN_ID_SIZE];
	int found = hex_decode(token, id, sizeof id) < 0
	                    ? 0
	                    : token_find(in->desk->db, id, &in->token, &in->token_holder, e);

	if (found < 0)
		return STEP_ERROR;
	if (!found)
		return refuse_binding(c, "token-invalid", "This button is none that this desk made.", e);
	if (!binding_whole(in->desk, &in->token)) {
		if (raise_alarm(in->desk, "token-row-altered", "What a button is bound to was altered in the database.",
		                "Run 'countersign log verify' and find out who can write to the database.", e) < 0)
			return STEP_ERROR;
		return refuse_binding(c, "token-invalid", "This button is none that this desk made.", e);
	}
	if (strcmp(in->token.address, c->from) != 0)
		return refuse_binding(c, "not-approver", "Somebody else was asked to decide here, not you.", e);
	in->bound = true;
	return STEP_ON;
}

// --- deciding --------------------------------------------------------------------------------------------------------

static enum step dispatch(struct chat *c, struct err *e)
{
	if (strcmp(c->envelope, "slash_commands") == 0)
		return chat_command(c, e);
	if (c->event)
		return is(c, "message") || is(c, "app_mention") ? chat_message(c, e) : chat_ignore(c, "no-request", e);
	if (is(c, "block_actions"))
		return chat_click(c, e);
	if (is(c, "view_submission"))
		return chat_submit(c, e);
	if (is(c, "shortcut") || is(c, "message_action"))
		return chat_shortcut(c, e);
	return chat_ignore(c, "unknown-interaction", e);
}

// On a log that replies contradict nothing is decided.
static enum step hold_back(struct chat *c, struct err *e)
{
	if (!c->s->desk.frozen)
		return STEP_ON;
	answer_plainly(&c->in, "This desk is frozen: its log needs to be looked at first.");
	return set_aside(&c->in, "message.parked", "frozen", NULL, NULL, e);
}

static int conclude(struct chat *c, struct err *e)
{
	enum step step = hold_back(c, e);

	if (step == STEP_ON)
		step = chat_identify(c, e);
	if (step == STEP_ON)
		step = dispatch(c, e);
	if (step == STEP_ON)
		panic("an envelope came to nothing");
	if (step == STEP_ERROR)
		return -1;
	json_decref(c->w->reply);
	c->w->reply = c->in.reply ? json_incref(c->in.reply) : NULL;
	return c->in.reply ? inbox_answer(c->s->desk.db, c->w->row.id, c->in.reply, e) : 0;
}

// It was done; perhaps its answer was lost.
static int answer_again(struct chat *c, const char *key, struct err *e)
{
	json_t *reply = inbox_answered(c->s->desk.db, key, e);

	if (json_is_object(reply))
		c->w->reply = reply;
	return reply ? 0 : -1;
}

// The Home tab is shown when somebody opens it: nothing is asked of the desk, so nothing is kept.
static int show_home(struct chat *c, struct err *e)
{
	struct incoming *in = &c->in;

	if (!c->event || !is(c, "app_home_opened") || strcmp(json_str(c->event, "tab"), "home") != 0)
		return 0;
	in->person = people_by_slack(in->desk->people, c->user);
	if (!in->person)
		return 0;
	in->principal = text_format("person:%s", in->person->id);
	return chat_publish_home(c, NULL, e);
}

int chat_take(struct serve *s, struct work *w, struct err *e)
{
	const json_t *frame = w->frame.json;
	_buf_ struct buf bytes = BUF(ENVELOPE_MAX);
	_json_ json_t *envelope = NULL;
	_chat_ struct chat c = { .s = s, .w = w };
	_free_ char *key = NULL;
	enum arrived arrived;

	if (fd_read(w->document, "an envelope", &bytes, e) < 0)
		return -1;
	envelope = json_read(buf_text(&bytes), bytes.len, e);
	if (!envelope || begin(&c, json_str(frame, "envelope"), json_obj(frame, "user"), envelope, e) < 0)
		return -1;
	key = chat_key(&c);
	if (!key)
		return show_home(&c, e);
	if (keep(&c, key, &bytes, &arrived, e) < 0)
		return -1;
	if (arrived != ARRIVED_NEW)
		return answer_again(&c, key, e);
	return c.in.answering == ANSWER_BY_LETTER ? 0 : conclude(&c, e);
}

int chat_decide(struct serve *s, struct work *w, struct err *e)
{
	_buf_ struct buf bytes = BUF(ENVELOPE_MAX);
	_json_ json_t *envelope = NULL, *received = NULL;
	const json_t *body;
	_chat_ struct chat c = { .s = s, .w = w };
	int fresh = inbox_is_new(s->desk.db, w->row.id, e);

	if (fresh <= 0)
		return fresh; // fed twice after a full disk: once is enough
	received = log_entry(s->desk.db, (uint64_t)w->row.seq, e);
	if (!received || blob_get(s->desk.db, &w->row.sha256, &bytes, e) < 0)
		return -1;
	envelope = json_read(buf_text(&bytes), bytes.len, e);
	body = json_obj(received, "body");
	if (!envelope || begin(&c, json_str(body, "envelope"), json_obj(body, "account"), envelope, e) < 0)
		return -1;
	return conclude(&c, e);
}

static int set_down(struct serve *s, struct work *w, const char *code, const char *why, struct err *e)
{
	struct incoming in = { .desk = &s->desk, .via = "slack", .row = &w->row, .attachments = -1 };

	return set_aside(&in, "message.parked", code, NULL, why, e) == STEP_DONE ? 0 : -1;
}

int chat_park(struct serve *s, struct work *w, const struct err *why, struct err *e)
{
	_buf_ struct buf bytes = BUF(ENVELOPE_MAX);
	_free_ char *key = text_format("slack/envelope/%s", json_str(w->frame.json, "id"));
	_chat_ struct chat c = { .s = s, .w = w, .envelope = json_str(w->frame.json, "envelope"), .user = "" };
	enum arrived arrived;

	if (fd_read(w->document, "an envelope", &bytes, e) < 0 || keep(&c, key, &bytes, &arrived, e) < 0)
		return -1;
	return arrived == ARRIVED_NEW ? set_down(s, w, "not-understood", why->text, e) : 0;
}

int chat_give_up(struct serve *s, struct work *w, const struct err *why, struct err *e)
{
	return set_down(s, w, "internal", why->text, e);
}

// --- what follows ----------------------------------------------------------------------------------------------------

void chat_ask(struct work *w, const char *method, json_t *args)
{
	json_t *ask = json_object();

	json_put_str(ask, "method", method);
	json_put(ask, "args", args);
	if (!w->follow)
		w->follow = json_array();
	json_add(w->follow, ask);
}

static void send_ask(struct serve *s, const json_t *ask)
{
	_json_ json_t *frame = json_object();
	_free_ char *text = json_text(ask), *id = text_format(ASKED "%lld", (long long)++s->chat.last);
	struct err e = { 0 };
	_close_ int fd = memfd_of("ask", text, strlen(text), &e);

	if (fd < 0) {
		log_error("slack: %s", e.text);
		return;
	}
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	adapter_send(s->slack, frame, &fd, 1);
}

void chat_follow(struct serve *s, struct work *w)
{
	json_t *ask;
	size_t i;

	json_array_foreach(w->follow, i, ask)
		send_ask(s, ask);
}

bool chat_asked(const char *id)
{
	return text_starts(id, ASKED);
}

void chat_answered(struct serve *s, const json_t *frame)
{
	(void)s;
	if (strcmp(json_str(frame, "type"), "failed") == 0)
		log_warning("slack: a form or a page was not shown: %s", json_str(frame, "why"));
}

void chat_not_stored(struct serve *s, struct work *w)
{
	_buf_ struct buf bytes = BUF(ENVELOPE_MAX);
	_json_ json_t *envelope = NULL;
	const char *url;
	json_t *args, *body;
	struct err e = { 0 };

	if (fd_read(w->document, "an envelope", &bytes, &e) < 0)
		return;
	envelope = json_read(buf_text(&bytes), bytes.len, &e);
	url = json_str(json_obj(envelope, "payload"), "response_url");
	if (!*url)
		return;
	args = json_object();
	body = json_object();
	json_put_str(body, "response_type", "ephemeral");
	json_put_bool(body, "replace_original", false);
	json_put_str(body, "text", "This was not stored; nothing was decided. Try again in a moment.");
	json_put_str(args, "url", url);
	json_put(args, "body", body);
	chat_ask(w, "respond", args);
	chat_follow(s, w);
}

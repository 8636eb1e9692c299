// SPDX-License-Identifier: Apache-2.0
// The core's side of smtp: letters that are due go out, what became of them is logged.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/letter.h"
#include "bot/mailbox.h"
#include "bot/refusing.h"
#include "bot/work.h"
#include "store/outbox.h"

#define TRIES_MAX 30 // then a letter counts as undeliverable

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	const struct mailbox *m = &s->desk.config.mail.smtp;

	*secrets = mailbox_secrets(m, s->desk.config.dir, e);
	if (!*secrets)
		return err_prefix(e, "mail.smtp");
	*config = mailbox_config(m);
	json_put_str(*config, "domain", s->desk.config.mail.domain);
	return 0;
}

static bool in_hand(const struct serve *s, int64_t id)
{
	for (size_t i = 0; i < s->sending.count; i++)
		if (s->sending.ids[i] == id)
			return true;
	return false;
}

static void put_down(struct serve *s, int64_t id)
{
	for (size_t i = 0; i < s->sending.count; i++)
		if (s->sending.ids[i] == id) {
			s->sending.ids[i] = s->sending.ids[--s->sending.count];
			return;
		}
}

static int send_letter(struct serve *s, int64_t letter, struct err *e)
{
	_json_ json_t *row = outbox_get(s->desk.db, letter, e);
	_json_ json_t *document = row ? letter_document(&s->desk, s->templates, row, e) : NULL;
	_json_ json_t *frame = json_object();
	_free_ char *text = document ? json_text(document) : NULL;
	_close_ int fd = text ? memfd_of("letter", text, strlen(text), e) : -1;
	char id[32];

	if (fd < 0)
		return -1;
	snprintf(id, sizeof id, "%lld", (long long)letter);
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	s->sending.ids[s->sending.count++] = letter;
	adapter_send(s->smtp, frame, &fd, 1);
	return 0;
}

// What the adapter, or the template, said of a letter.  `row` is NULL when there is no such letter.
static int record(struct serve *s, const char *type, const json_t *row, const char *detail, struct err *e)
{
	json_t *body = json_object();

	json_put_int(body, "letter", json_int(row, "id"));
	json_put_str(body, "kind", json_str(row, "kind"));
	json_put_str(body, "to", json_str(row, "principal"));
	json_put_str(body, "message_id", json_str(row, "message_id"));
	json_put_str(body, "detail", detail);
	return desk_record(&s->desk, type, "system", "mail", *json_str(row, "case") ? json_str(row, "case") : NULL,
	                   body, e);
}

// 1, 2, 4 ... minutes, at most an hour; or what the server asked for.
static int64_t back_off(int64_t tries, int64_t retry_after)
{
	int64_t pause = tries < 6 ? CLOCK_MINUTE << tries : CLOCK_HOUR;

	return retry_after > 0 ? retry_after * CLOCK_SECOND : pause;
}

static int give_up_letter(struct serve *s, const json_t *row, const char *why, struct err *e)
{
	if (outbox_failed(s->desk.db, json_int(row, "id"), why, e) < 0 || record(s, "message.failed", row, why, e) < 0)
		return -1;
	if (strcmp(json_str(row, "kind"), "alarm") == 0) // no alarm about an alarm that cannot be delivered
		return 0;
	return raise_alarm(&s->desk, "letter-failed", "A letter of this desk was refused for good.",
	                   "See 'countersign status' and check the address in people.yaml.", e);
}

static int record_outcome(struct serve *s, struct work *w, struct err *e)
{
	const json_t *f = w->frame.json;
	int64_t id = strtoll(json_str(f, "id"), NULL, 10);
	_json_ json_t *row = outbox_head(s->desk.db, id, e);
	const char *why = json_str(f, "why");

	if (!row)
		return -1;
	if (strcmp(json_str(f, "type"), "sent") == 0)
		return outbox_sent(s->desk.db, id, e) < 0 ? -1
		                                          : record(s, "message.sent", row, json_str(f, "response"), e);
	log_warning("letter %lld (%s) was not sent: %s", (long long)id, json_str(row, "kind"), why);
	if (json_bool(f, "permanent") || json_int(row, "tries") + 1 >= TRIES_MAX)
		return give_up_letter(s, row, why, e);
	return outbox_retry(s->desk.db, id, s->desk.now + back_off(json_int(row, "tries"), json_int(f, "retry_after")),
	                    why, e);
}

static void letter_done(struct serve *s, struct work *w)
{
	put_down(s, strtoll(json_str(w->frame.json, "id"), NULL, 10));
}

static const struct work_kind outcome = { "what became of a letter", record_outcome, NULL, letter_done, letter_done };

static void take_frame(struct serve *s, struct frame *f)
{
	static const struct json_key sent[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 32 },
		{ "response", 's', 2048 },
		{ 0 },
	};
	static const struct json_key failed[] = {
		{ "type", 'S', 0 },        { "id", 'S', 32 },     { "why", 'S', 2048 },      { "permanent", 'B', 0 },
		{ "retry_after", 'i', 0 }, { "unknown", 'b', 0 }, { "response", 's', 2048 }, { 0 },
	};
	bool was_sent = strcmp(json_str(f->json, "type"), "sent") == 0;
	struct work w = { .kind = &outcome, .document = -1, .attachments = -1 };
	struct err e = { 0 };

	if (strcmp(json_str(f->json, "kind"), "notice") == 0) {
		log_warning("smtp: %s", json_str(f->json, "text"));
		return;
	}
	if (json_check(f->json, was_sent ? sent : failed, "smtp", &e) < 0 ||
	    !in_hand(s, strtoll(json_str(f->json, "id"), NULL, 10))) {
		log_error("smtp broke the rules (%s); it is killed",
		          *e.text ? e.text : "it speaks of a letter it was not given");
		adapter_kill(s->smtp);
		return;
	}
	w.frame = *f;
	*f = (struct frame){ 0 };
	work_queue(s, &w);
}

// A letter that cannot be made is a fault of ours: it waits, and the operator hears of it.
static int record_unmade(struct serve *s, struct work *w, struct err *e)
{
	const char *why = json_str(w->frame.json, "why");
	int64_t id = json_int(w->frame.json, "id");
	_json_ json_t *row = outbox_head(s->desk.db, id, e);

	if (!row || outbox_retry(s->desk.db, id, s->desk.now + CLOCK_HOUR, why, e) < 0)
		return -1;
	if (json_int(row, "tries") > 0 || strcmp(json_str(row, "kind"), "alarm") == 0)
		return 0;
	return raise_alarm(&s->desk, "letter-unmade", why, "It is tried again every hour; see 'countersign status'.",
	                   e);
}

static const struct work_kind unmade = { "a letter that could not be made", record_unmade, NULL, NULL, NULL };

static void queue_unmade(struct serve *s, int64_t id, const char *why)
{
	struct work w = { .kind = &unmade, .document = -1, .attachments = -1 };

	log_error("letter %lld cannot be made: %s", (long long)id, why);
	w.frame.json = json_object();
	json_put_int(w.frame.json, "id", id);
	json_put_str(w.frame.json, "why", why);
	work_queue(s, &w);
}

void sending_feed(struct serve *s)
{
	int64_t due[2 * SENDING_MAX]; // those in hand are still due
	struct err e = { 0 };
	int count;

	if (!adapter_ready(s->smtp) || s->sending.count >= SENDING_MAX)
		return;
	count = outbox_due(s->desk.db, s->desk.now, due, SENDING_MAX + s->sending.count, &e);
	if (count < 0) {
		serve_fail(s, &e);
		return;
	}
	for (int i = 0; i < count && s->sending.count < SENDING_MAX; i++)
		if (!in_hand(s, due[i]) && send_letter(s, due[i], &e) < 0)
			queue_unmade(s, due[i], e.text);
}

static void ready(struct serve *s)
{
	work_wake(s);
}

static void gone(struct serve *s)
{
	s->sending.count = 0; // whatever it had is still queued in the outbox, under the same Message-ID
}

const struct channel_kind sending = { "smtp", configure, ready, take_frame, gone };

// SPDX-License-Identifier: Apache-2.0
// The core's side of mime: stored mails are handed to the worker in order, what it read is decided on.  A mail that
// kills it three times, or takes too long, is parked.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/document.h"
#include "bot/intake.h"
#include "bot/work.h"
#include "store/blob.h"

#define LIMIT_MS 10000 // for one mail, by the wall: a busy machine is no reason to park it
#define TRIES_MAX 3
#define DOCUMENT_MAX (8U << 20)

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	(void)e;
	*config = json_object();
	json_put(*config, "authserv", json_incref(s->desk.config.mail.authserv));
	json_put(*config, "hosts", json_incref(s->desk.config.mail.hosts));
	json_put_str(*config, "address", s->desk.config.mail.address);
	*secrets = json_object();
	return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
	struct serve *s = data;

	(void)source, (void)usec;
	log_error("mime has taken more than %d s for mail %lld; it is killed", LIMIT_MS / 1000,
	          (long long)s->reading.hands[0].row.id);
	adapter_kill(s->mime);
	return 0;
}

// The clock runs for the oldest mail in hand: that is the one it works on.
static void set_limit(struct serve *s)
{
	s->reading.limit = sd_event_source_disable_unref(s->reading.limit);
	if (s->reading.count && sd_event_add_time_relative(s->event, &s->reading.limit, CLOCK_MONOTONIC,
	                                                   LIMIT_MS * 1000, 0, on_limit, s) < 0)
		panic("cannot set a timer");
}

static void take_first(struct serve *s, struct work *w)
{
	const struct reading_hand *first = s->reading.hands;

	w->row = first->row;
	w->document = first->document;
	w->attachments = first->attachments;
	s->reading.count--;
	memmove(s->reading.hands, s->reading.hands + 1, s->reading.count * sizeof s->reading.hands[0]);
	set_limit(s);
}

static json_t *read_document(int fd, struct err *e)
{
	_buf_ struct buf text = BUF(DOCUMENT_MAX);
	_json_ json_t *document = NULL;

	if (fd_read(fd, "the document", &text, e) < 0)
		return NULL;
	document = json_read(buf_text(&text), text.len, e);
	return document && document_check(document, e) == 0 ? steal_ptr(document) : NULL;
}

static int decide(struct serve *s, struct work *w, struct err *e)
{
	const json_t *f = w->frame.json;
	_json_ json_t *document = NULL;
	struct err why = { 0 };
	int fresh = inbox_is_new(s->desk.db, w->row.id, e);

	if (fresh <= 0)
		return fresh; // fed twice after a full disk: once is enough
	if (strcmp(json_str(f, "type"), "failed") == 0)
		return intake_park(&s->desk, &w->row, *json_str(f, "code") ? json_str(f, "code") : "mime-error",
		                   json_str(f, "why"), e);
	document = read_document(w->document, &why);
	if (!document)
		return intake_park(&s->desk, &w->row, "mime-answer", why.text, e);
	return intake(&s->desk, &w->row, document, w->attachments, e);
}

static int park(struct serve *s, struct work *w, const struct err *why, struct err *e)
{
	return intake_park(&s->desk, &w->row, "internal", why->text, e);
}

// It is fed again, from the store.
static void come_back(struct serve *s, struct work *w)
{
	if (s->reading.last >= w->row.id)
		s->reading.last = w->row.id - 1;
}

static const struct work_kind read_mail = { "a mail that was read", decide, park, NULL, come_back };

static void take_frame(struct serve *s, struct frame *f)
{
	static const struct json_key answer[] = {
		{ "type", 'S', 0 },        { "id", 'S', 32 },         { "document", 'i', 0 },
		{ "attachments", 'i', 0 }, { "code", 's', 64 },       { "why", 's', 1024 },
		{ "permanent", 'b', 0 },   { "retry_after", 'i', 0 }, { 0 },
	};
	struct work w = { .kind = &read_mail, .document = -1, .attachments = -1 };
	struct err e = { 0 };
	char id[32];

	snprintf(id, sizeof id, "%lld", s->reading.count ? (long long)s->reading.hands[0].row.id : -1LL);
	if (json_check(f->json, answer, "mime", &e) < 0 || strcmp(json_str(f->json, "id"), id) != 0) {
		log_error("mime broke the rules (%s); it is killed", *e.text ? e.text : "it answered out of turn");
		adapter_kill(s->mime);
		return;
	}
	take_first(s, &w);
	w.frame = *f;
	*f = (struct frame){ 0 };
	work_queue(s, &w);
}

static int hand_over(struct serve *s, const struct inbox_row *row, struct err *e)
{
	_buf_ struct buf bytes = BUF((size_t)s->desk.config.mail.max_size);
	_close_ int raw = -1, document = -1, attachments = -1;
	_json_ json_t *frame = json_object();
	char id[32];

	if (blob_get(s->desk.db, &row->sha256, &bytes, e) < 0)
		return -1;
	raw = memfd_of("mail", buf_text(&bytes), bytes.len, e);
	document = raw < 0 ? -1 : memfd_of("document", NULL, 0, e);
	attachments = document < 0 ? -1 : memfd_of("attachments", NULL, 0, e);
	if (attachments < 0)
		return -1;
	snprintf(id, sizeof id, "%lld", (long long)row->id);
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	adapter_send(s->mime, frame, (int[]){ raw, document, attachments }, 3);
	s->reading.hands[s->reading.count++] =
	        (struct reading_hand){ *row, steal_fd(&document), steal_fd(&attachments) };
	s->reading.last = row->id;
	if (s->reading.count == 1)
		set_limit(s);
	return 0;
}

void reading_feed(struct serve *s)
{
	struct err e = { 0 };

	while (!s->desk.frozen && adapter_ready(s->mime) && s->reading.count < READING_MAX) {
		struct inbox_row row;
		int found = inbox_next(s->desk.db, "mail", s->reading.last, &row, &e);

		if (found == 0)
			return;
		if (found < 0 || hand_over(s, &row, &e) < 0) {
			serve_fail(s, &e);
			return;
		}
	}
}

static int count_try(struct serve *s, struct work *w, struct err *e)
{
	if (w->row.tries + 1 >= TRIES_MAX)
		return intake_park(&s->desk, &w->row, "mime-crash", "The parser died over it three times.", e);
	return inbox_tried(s->desk.db, w->row.id, e);
}

static const struct work_kind tried = { "a mail that the parser died over", count_try, NULL, NULL, NULL };

static void ready(struct serve *s)
{
	work_wake(s);
}

// The oldest mail in hand is the one it died over; all of them are fed again.
static void gone(struct serve *s)
{
	if (s->reading.count) {
		struct work w = { .kind = &tried, .row = s->reading.hands[0].row, .document = -1, .attachments = -1 };

		s->reading.last = s->reading.hands[0].row.id - 1;
		if (!s->stopping)
			work_queue(s, &w);
	}
	for (size_t i = 0; i < s->reading.count; i++) {
		close(s->reading.hands[i].document);
		close(s->reading.hands[i].attachments);
	}
	s->reading.count = 0;
	set_limit(s);
}

const struct channel_kind reading = { "mime", configure, ready, take_frame, gone };

// SPDX-License-Identifier: Apache-2.0
#include "bot/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/letter_seals.h"
#include "bot/refusing.h"
#include "bot/work.h"
#include "store/outbox.h"
#include "store/postings.h"

#define TRIES_MAX 30 // then a letter counts as undeliverable
#define NOT_YET (2 * CLOCK_SECOND)

static struct adapter *adapter_of(struct serve *s, const struct courier *c)
{
	return c->hand == BY_MAIL ? s->smtp : s->slack;
}

static int64_t number_of(const char *id)
{
	return strtoll(id, NULL, 10);
}

static bool in_hand(const struct hands *h, int64_t id)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->ids[i] == id)
			return true;
	return false;
}

bool courier_has(const struct serve *s, const struct courier *c, const char *id)
{
	return in_hand(&s->sending[c->hand], number_of(id));
}

void courier_put_down(struct serve *s, const struct courier *c, const struct work *w)
{
	struct hands *h = &s->sending[c->hand];
	int64_t id = number_of(json_str(w->frame.json, "id"));

	for (size_t i = 0; i < h->count; i++)
		if (h->ids[i] == id) {
			h->ids[i] = h->ids[--h->count];
			return;
		}
}

// --- handing over ----------------------------------------------------------------------------------------------------

static int hand_over(struct serve *s, const struct courier *c, int64_t letter, struct err *e)
{
	_json_ json_t *row = letter_seal_check(&s->desk, letter, e) < 0 ? NULL : outbox_get(s->desk.db, letter, e);
	_json_ json_t *document = row ? c->document(s, row, e) : NULL;
	_json_ json_t *frame = json_object();
	_free_ char *text = document ? json_text(document) : NULL;
	_close_ int fd = text ? memfd_of("letter", text, strlen(text), e) : -1;
	struct hands *h = &s->sending[c->hand];
	char id[32];

	if (fd < 0)
		return -1;
	snprintf(id, sizeof id, "%lld", (long long)letter);
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	h->ids[h->count++] = letter;
	adapter_send(adapter_of(s, c), frame, &fd, 1);
	return 0;
}

// --- what became of it -----------------------------------------------------------------------------------------------

// What the adapter said of a letter.
static int record(struct serve *s, const struct courier *c, const char *type, const json_t *row, const char *detail,
                  const json_t *posted, struct err *e)
{
	json_t *body = json_object();

	json_put_int(body, "letter", json_int(row, "id"));
	json_put_str(body, "kind", json_str(row, "kind"));
	json_put_str(body, "to", json_str(row, "principal"));
	json_put_str(body, "message_id", json_str(row, "message_id"));
	json_put_str(body, "detail", detail);
	if (json_object_size(posted))
		json_put(body, "posted", json_deep_copy(posted));
	return desk_record(&s->desk, type, "system", c->carrier, *json_str(row, "case") ? json_str(row, "case") : NULL,
	                   body, e);
}

// 1, 2, 4 ... minutes, at most an hour; or what the server asked for.
static int64_t back_off(int64_t tries, int64_t retry_after)
{
	int64_t pause = tries < 6 ? CLOCK_MINUTE << tries : CLOCK_HOUR;

	return retry_after > 0 ? retry_after * CLOCK_SECOND : pause;
}

static int give_up(struct serve *s, const struct courier *c, const json_t *row, const char *why, struct err *e)
{
	int instead;

	if (outbox_failed(s->desk.db, json_int(row, "id"), why, e) < 0 ||
	    record(s, c, "message.failed", row, why, NULL, e) < 0)
		return -1;
	instead = c->instead ? c->instead(s, row, e) : 0;
	if (instead != 0)
		return instead < 0 ? -1 : 0;
	if (strcmp(json_str(row, "kind"), "alarm") == 0) // no alarm about an alarm that cannot be delivered
		return 0;
	return raise_alarm(&s->desk, "letter-failed", "A letter of this desk was refused for good.",
	                   "See 'countersign status' and check the address in people.yaml.", e);
}

int courier_record(struct serve *s, const struct courier *c, struct work *w, struct err *e)
{
	const json_t *f = w->frame.json;
	int64_t id = number_of(json_str(f, "id"));
	_json_ json_t *row = outbox_head(s->desk.db, id, e), *posted = NULL;
	const char *why = json_str(f, "why");

	if (!row)
		return -1;
	if (strcmp(json_str(f, "type"), "sent") == 0) {
		if (outbox_sent(s->desk.db, id, e) < 0 || (c->sent && c->sent(s, row, w, e) < 0))
			return -1;
		posted = posting_of(s->desk.db, id, e);
		return posted ? record(s, c, "message.sent", row, json_str(f, "response"), posted, e) : -1;
	}
	log_warning("letter %lld (%s) was not sent: %s", (long long)id, json_str(row, "kind"), why);
	if (json_bool(f, "permanent") || json_int(row, "tries") + 1 >= TRIES_MAX)
		return give_up(s, c, row, why, e);
	return outbox_retry(s->desk.db, id, s->desk.now + back_off(json_int(row, "tries"), json_int(f, "retry_after")),
	                    why, e);
}

// --- what is due -----------------------------------------------------------------------------------------------------

// What it waits for mostly comes soon: another message that is sent, the signer's first word.
static int64_t not_yet(const struct serve *s, const json_t *row)
{
	int64_t pause = (s->desk.now - json_int(row, "created")) / 4;

	return pause < NOT_YET ? NOT_YET : pause > CLOCK_MINUTE ? CLOCK_MINUTE : pause;
}

// A letter that cannot be made is a fault of ours: it waits, and the operator hears of it.
static int record_unmade(struct serve *s, struct work *w, struct err *e)
{
	const char *why = json_str(w->frame.json, "why");
	int64_t id = json_int(w->frame.json, "id"), code = json_int(w->frame.json, "code");
	_json_ json_t *row = outbox_head(s->desk.db, id, e);

	if (!row)
		return -1;
	if (code == EX_TEMPFAIL)
		return outbox_wait(s->desk.db, id, s->desk.now + not_yet(s, row), why, e);
	if (code == EX_UNAVAILABLE)
		return give_up(s, strcmp(json_str(row, "carrier"), "slack") == 0 ? &courier_slack : &courier_mail, row,
		               why, e);
	if (outbox_retry(s->desk.db, id, s->desk.now + CLOCK_HOUR, why, e) < 0)
		return -1;
	if (json_int(row, "tries") > 0 || strcmp(json_str(row, "kind"), "alarm") == 0)
		return 0;
	return raise_alarm(&s->desk, "letter-unmade", why, "It is tried again every hour; see 'countersign status'.",
	                   e);
}

static const struct work_kind unmade = { "a letter that could not be made", record_unmade, NULL, NULL, NULL };

static void queue_unmade(struct serve *s, int64_t id, const struct err *why)
{
	struct work w = { .kind = &unmade, .document = -1, .attachments = -1 };

	if (why->code != EX_TEMPFAIL)
		log_error("letter %lld cannot be made: %s", (long long)id, why->text);
	w.frame.json = json_object();
	json_put_int(w.frame.json, "id", id);
	json_put_int(w.frame.json, "code", why->code);
	json_put_str(w.frame.json, "why", why->text);
	work_queue(s, &w);
}

void courier_feed(struct serve *s, const struct courier *c)
{
	struct hands *h = &s->sending[c->hand];
	int64_t due[2 * SENDING_MAX]; // those in hand are still due
	struct err e = { 0 };
	int count;

	if (!adapter_ready(adapter_of(s, c)) || h->count >= SENDING_MAX)
		return;
	count = outbox_due(s->desk.db, c->carrier, signing_covers(s), s->desk.now, due, SENDING_MAX + h->count, &e);
	if (count < 0) {
		serve_fail(s, &e);
		return;
	}
	for (int i = 0; i < count && h->count < SENDING_MAX; i++)
		if (!in_hand(h, due[i]) && hand_over(s, c, due[i], &e) < 0)
			queue_unmade(s, due[i], &e);
}

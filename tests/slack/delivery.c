// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/ack.h"
#include "tests/slack/emulator.h"
#include "tests/slack/envelope.h"

void deliveries_init(struct deliveries *d)
{
	*d = (struct deliveries){ .by_id = json_object(), .acks = json_array() };
	TAILQ_INIT(&d->held);
	TAILQ_INIT(&d->sent);
	for (size_t i = 0; i < DELIVERY_ATTEMPTS; i++)
		TAILQ_INIT(&d->paused[i]);
}

void deliveries_free(struct deliveries *d)
{
	for (size_t i = 0; i < d->count; i++) {
		json_decref(d->list[i]->payload);
		json_decref(d->list[i]->ack);
		free(d->list[i]);
	}
	free(d->list);
	json_decref(d->by_id);
	json_decref(d->acks);
}

static struct delivery_queue *queue_of(struct deliveries *d, const struct delivery *one)
{
	switch (one->state) {
	case DELIVERY_HELD:
		return &d->held;
	case DELIVERY_SENT:
		return &d->sent;
	case DELIVERY_PAUSED:
		return &d->paused[one->attempt];
	case DELIVERY_ACKED:
	case DELIVERY_LOST:
		return NULL;
	}
	return NULL;
}

static void move(struct deliveries *d, struct delivery *one, enum delivery_state state)
{
	struct delivery_queue *queue = queue_of(d, one);

	if (queue)
		TAILQ_REMOVE(queue, one, entry);
	one->state = state;
	queue = queue_of(d, one);
	if (queue)
		TAILQ_INSERT_TAIL(queue, one, entry);
}

static void name(struct deliveries *d, const struct delivery *one, size_t place)
{
	json_put_int(d->by_id, one->id, (int64_t)place);
}

static struct delivery *add(struct deliveries *d, const char *type, json_t *payload, bool accepts)
{
	struct delivery *one = calloc(1, sizeof *one);

	if (d->count == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 1024;
		d->list = realloc(d->list, d->cap * sizeof *d->list);
	}
	if (!one || !d->list)
		panic("no memory");
	one->type = type;
	one->payload = payload;
	one->accepts = accepts;
	one->made = clock_monotonic();
	one->state = DELIVERY_HELD;
	d->list[d->count++] = one;
	TAILQ_INSERT_TAIL(&d->held, one, entry);
	return one;
}

// Puts it on a connection; false when there is none.
static bool send_on(struct emulator *m, struct delivery *one)
{
	struct link *link = links_next(&m->links);
	_free_ char *text = link ? envelope_text(one) : NULL;

	if (!link)
		return false;
	one->connection = link->number;
	one->sent = clock_monotonic();
	one->due = one->sent + m->settings.ack_ms;
	one->sends++;
	link_send(link, text, strlen(text), one);
	if (m->settings.duplicate > 0) {
		m->settings.duplicate--;
		one->sends++;
		link_send(link, text, strlen(text), one);
	}
	return true;
}

static void try_send(struct emulator *m, struct delivery *one)
{
	move(&m->deliveries, one, send_on(m, one) ? DELIVERY_SENT : DELIVERY_HELD);
}

struct delivery *deliver(struct emulator *m, const char *type, json_t *payload, bool accepts)
{
	struct delivery *one = add(&m->deliveries, type, payload, accepts);

	envelope_name(one);
	memcpy(one->origin, one->id, sizeof one->origin);
	name(&m->deliveries, one, m->deliveries.count - 1);
	try_send(m, one);
	return one;
}

struct delivery *deliver_raw(struct emulator *m, json_t *envelope)
{
	struct delivery *one = add(&m->deliveries, "", envelope, json_bool(envelope, "accepts_response_payload"));
	const char *id = json_str(envelope, "envelope_id");

	memcpy(one->id, id, strnlen(id, sizeof one->id - 1));
	memcpy(one->origin, one->id, sizeof one->origin);
	if (*id)
		name(&m->deliveries, one, m->deliveries.count - 1);
	try_send(m, one);
	if (!*id) // nothing can acknowledge it
		move(&m->deliveries, one, DELIVERY_LOST);
	return one;
}

struct delivery *delivery_find(const struct deliveries *d, const char *id)
{
	json_t *place = id ? json_object_get(d->by_id, id) : NULL;

	return place ? d->list[json_integer_value(place)] : NULL;
}

int delivery_repeat(struct emulator *m, struct delivery *one)
{
	return send_on(m, one) ? 0 : -1;
}

// An event that the app did not get when it was due is a retry, under a new id.
static void rename_event(struct emulator *m, struct delivery *one)
{
	json_t *place = json_object_get(m->deliveries.by_id, one->id);

	if (strcmp(one->type, "events_api") != 0)
		return;
	envelope_name(one);
	name(&m->deliveries, one, (size_t)json_integer_value(place));
}

void deliveries_open(struct emulator *m)
{
	struct delivery *one;

	while ((one = TAILQ_FIRST(&m->deliveries.held)) && links_next(&m->links)) {
		if (!one->sends && !one->attempt && clock_monotonic() - one->made >= m->settings.ack_ms) {
			one->attempt = 1;
			rename_event(m, one);
		}
		try_send(m, one);
	}
}

void deliveries_closed(struct emulator *m, const struct link *link)
{
	struct delivery *one, *next;

	for (one = TAILQ_FIRST(&m->deliveries.sent); one; one = next) {
		next = TAILQ_NEXT(one, entry);
		if (one->connection != link->number)
			continue;
		move(&m->deliveries, one, m->settings.redeliver ? DELIVERY_HELD : DELIVERY_LOST);
	}
	deliveries_open(m);
}

void deliveries_take(struct emulator *m, const struct link *link, const json_t *message)
{
	const char *id = json_str(message, "envelope_id");
	struct delivery *one = delivery_find(&m->deliveries, id);
	bool first = one && one->state != DELIVERY_ACKED;

	json_t *ack = ack_record(m, link, id, one, first, json_object_get(message, "payload"));

	if (first) {
		one->ack = json_incref(ack);
		move(&m->deliveries, one, DELIVERY_ACKED);
		m->deliveries.acked++;
	}
}

// After an attempt that was not acknowledged: at once, after one minute, after five.
static int64_t pause_before(const struct emulator *m, unsigned attempt)
{
	static const int64_t minutes[DELIVERY_ATTEMPTS] = { 0, 0, 1, 5 };

	return minutes[attempt] * CLOCK_MINUTE * m->settings.retry_permille / 1000;
}

static void overdue(struct emulator *m, struct delivery *one, int64_t now)
{
	if (one->attempt + 1 >= DELIVERY_ATTEMPTS || !m->settings.redeliver) {
		m->deliveries.lost++;
		move(&m->deliveries, one, DELIVERY_LOST);
		return;
	}
	TAILQ_REMOVE(&m->deliveries.sent, one, entry);
	one->attempt++;
	one->due = now + pause_before(m, one->attempt);
	one->state = DELIVERY_PAUSED;
	TAILQ_INSERT_TAIL(&m->deliveries.paused[one->attempt], one, entry);
}

void deliveries_tick(struct emulator *m, int64_t now)
{
	struct delivery *one;

	while ((one = TAILQ_FIRST(&m->deliveries.sent)) && one->due <= now)
		overdue(m, one, now);
	for (size_t i = 0; i < DELIVERY_ATTEMPTS; i++)
		while ((one = TAILQ_FIRST(&m->deliveries.paused[i])) && one->due <= now) {
			rename_event(m, one);
			m->deliveries.again++;
			try_send(m, one);
		}
}

json_t *delivery_show(const struct delivery *one)
{
	static const char *const states[] = { "held", "sent", "paused", "acked", "lost" };
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "envelope", one->id, "origin", one->origin,
	                        "type", one->type, "state", states[one->state], "attempt", (int)one->attempt, "sends",
	                        (int)one->sends, "connection", (int)one->connection);

	if (one->ack)
		json_put(out, "ack", json_incref(one->ack));
	return out;
}

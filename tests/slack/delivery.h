// SPDX-License-Identifier: Apache-2.0
// Envelopes on their way: sent on one of the connections, acknowledged or sent again.
//
// What is not acknowledged within three seconds is sent again at once, then after 1 and 5 minutes (times a scale): an
// event under a new envelope_id with its retry_attempt, everything else as it was.  What was under way on a connection
// that broke, or came up while there was none, is sent as soon as there is one.
#ifndef SLACK_DELIVERY_H
#define SLACK_DELIVERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct emulator;
struct link;

#define DELIVERY_ATTEMPTS 4
#define ENVELOPE_ID_SIZE 256

enum delivery_state {
	DELIVERY_HELD,   // there is no connection, or all have enough to do
	DELIVERY_SENT,   // until its ack is due
	DELIVERY_PAUSED, // until it is sent again
	DELIVERY_ACKED,
	DELIVERY_LOST, // given up
};

struct delivery {
	TAILQ_ENTRY(delivery) entry; // of the queue that its state and attempt belong to
	enum delivery_state state;
	char id[ENVELOPE_ID_SIZE];     // as it was sent last
	char origin[ENVELOPE_ID_SIZE]; // as it was sent first
	const char *type;              // a literal, or "" for a raw one
	bool accepts;                  // a payload in the ack
	json_t *payload;               // of a raw one: the whole envelope
	unsigned attempt;              // retry_attempt
	unsigned sends;
	unsigned connection; // number of the one that it was sent on last
	int64_t due;         // monotonic: when its ack is, or when it is sent again
	int64_t sent;        // monotonic, the last time
	int64_t sent_us;     // when that was written, in microseconds
	int64_t made;
	json_t *ack; // the first one, as the list of acks has it
};

TAILQ_HEAD(delivery_queue, delivery);

struct deliveries {
	struct delivery **list; // all there were
	size_t count, cap;
	json_t *by_id;                                   // envelope_id: place in the list
	struct delivery_queue held;                      // in the order in which they came up
	struct delivery_queue sent;                      // in the order of `due`: all wait equally long
	struct delivery_queue paused[DELIVERY_ATTEMPTS]; // by the attempt that comes next; each in the order of `due`
	json_t *acks; // all acks there were: {envelope, origin, type, connection, elsewhere, again, ms, us, at_ms,
	              // payload?, trouble?}
	uint64_t acked, lost, again;
};

void deliveries_init(struct deliveries *d);
void deliveries_free(struct deliveries *d);

// Sends a payload (taken) on a connection, or as soon as there is one.  Borrowed, and stays.
struct delivery *deliver(struct emulator *m, const char *type, json_t *payload, bool accepts);

// Sends an envelope (taken) as it is; it counts as any other when it has an envelope_id.
struct delivery *deliver_raw(struct emulator *m, json_t *envelope);

// Any of the ids that it went by; NULL when there is none.
struct delivery *delivery_find(const struct deliveries *d, const char *id);

// Sends one once more, whatever has become of it; -1 when there is no connection.
int delivery_repeat(struct emulator *m, struct delivery *one);

// A connection is ready for more: sends what is held.  A connection is gone: what was under way there is held.
void deliveries_open(struct emulator *m);
void deliveries_closed(struct emulator *m, const struct link *link);

// What came over a connection from the app.
void deliveries_take(struct emulator *m, const struct link *link, const json_t *message);

// Sends again what is due.
void deliveries_tick(struct emulator *m, int64_t now);

// How it stands with one: {envelope, origin, type, state, attempt, sends, connection, ack?}
json_t *delivery_show(const struct delivery *one);

#endif

// SPDX-License-Identifier: Apache-2.0
// The connections of Socket Mode: tickets, hello, frames in and out, and everything that can go wrong with them.
#ifndef SLACK_LINK_H
#define SLACK_LINK_H

#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"

struct delivery;
struct emulator;

#define TICKET_SIZE 40
#define LINK_MESSAGE_MAX (1U << 20) // of what the app says
#define LINK_QUEUE_MAX 256          // frames: what would be more waits, so that a break costs no more than these

struct frame {
	TAILQ_ENTRY(frame) entry;
	bool ping, binary;
	struct delivery *delivery; // whose envelope it is, or NULL
	size_t len, sent;
	unsigned char data[];
};

struct link {
	TAILQ_ENTRY(link) entry;
	struct emulator *emulator;
	struct lws *wsi;
	unsigned number;
	bool ready;                        // has had its hello
	bool silent;                       // nothing is read, nothing is written
	bool ending;                       // is closed when everything is written
	int code;                          // with which it is closed
	int64_t opened, ping_due, end_due; // monotonic; end_due 0: never
	struct buf incoming;
	unsigned queued; // frames
	TAILQ_HEAD(frame_queue, frame) frames;
};

struct links {
	TAILQ_HEAD(link_list, link) list;
	json_t *tickets; // {made_ms, used}
	unsigned open;   // how many there are
	unsigned last_number;
	json_t *history; // {number, event, at_ms, ...}
};

void links_init(struct links *l);
void links_free(struct links *l);

// A new ticket, good for one connection.
void links_ticket(struct emulator *m, char out[TICKET_SIZE]);

// What lws says about a connection that speaks websocket.
int link_event(struct emulator *m, struct link **link, struct lws *wsi, enum lws_callback_reasons reason, void *in,
               size_t len);

// The connection whose turn it is; NULL when none is ready for more.
struct link *links_next(struct links *l);
struct link *links_find(const struct links *l, unsigned number);

// Sends a text message; `d` is told when it was written (NULL for none).
void link_send(struct link *link, const char *text, size_t len, struct delivery *d);
void link_send_binary(struct link *link, const char *bytes, size_t len);
void link_ping(struct link *link);

// Closes it with a code after what is to be written.
void link_close(struct link *link, int code);
// Breaks it: with `reset` by a TCP reset, else by a FIN without close frames.
void link_break(struct link *link, bool reset);
// From now on nothing is read or written; or again.
void link_silence(struct link *link, bool silent);
// Says `disconnect` with this reason; the connection is closed `close_ms` later, or stays when that is negative.
void link_disconnect(struct link *link, const char *reason, int64_t close_ms);

// Says hello (it does so by itself unless the setting "hello" is 0); from then on it is used.
void link_hello(struct link *link);

// Pings and closes what is due.
void links_tick(struct emulator *m, int64_t now);

// Notes that something happened to a connection, for the list of its history.
void link_note(struct link *link, const char *event, const char *detail);

#endif

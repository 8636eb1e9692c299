// SPDX-License-Identifier: Apache-2.0
// Group commit: what the channels hand in is queued, and one transaction does all that waits.  Nobody is told that
// anything is done before the commit.
#ifndef BOT_WORK_H
#define BOT_WORK_H

#include <jansson.h>
#include <sys/queue.h>

#include "base/frame.h"
#include "bot/serve.h"
#include "store/inbox.h"

struct work;

struct work_kind {
	const char *name;
	// Inside the transaction.  -1: this item alone is undone and `spoil` is tried, if there is one.
	int (*perform)(struct serve *s, struct work *w, struct err *e);
	int (*spoil)(struct serve *s, struct work *w, const struct err *why, struct err *e); // or NULL
	// After the commit: tell whoever waits.
	void (*after)(struct serve *s, struct work *w); // or NULL
	// When the transaction had to be given up and the core goes on: whoever waits is told to try again.
	void (*abandoned)(struct serve *s, struct work *w); // or NULL
};

struct work {
	STAILQ_ENTRY(work) next;
	const struct work_kind *kind;
	struct frame frame;        // what came: owned
	struct inbox_row row;      // the mail it is about, if any
	int document, attachments; // descriptors from the mime worker, or -1; owned
	struct client *client;     // who asked on the control socket, or NULL
	json_t *reply;             // for them; owned
	json_t *follow;            // what slack is asked for afterwards, see chat.h; owned
};

// Queues one item; `w` may be copied and is taken over with everything in it.
void work_queue(struct serve *s, const struct work *w);

// The same for what nobody waits for by the millisecond: it goes with the next transaction, which comes within a blink
// while there is work, and has one of its own only when there is none.
void work_queue_soon(struct serve *s, const struct work *w);

// Has work_run() called soon, although nothing new waits.
void work_wake(struct serve *s);

// Does all that waits, timers included, and starts what follows from it.  Called by the event loop when nothing more
// urgent is to be done.
void work_run(struct serve *s);

#endif

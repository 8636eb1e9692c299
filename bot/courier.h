// SPDX-License-Identifier: Apache-2.0
// Letters go out: those that are due are handed to their carrier's adapter, and what it says became of each is
// recorded.  What differs between carriers is one table each.
#ifndef BOT_COURIER_H
#define BOT_COURIER_H

#include <jansson.h>

#include "bot/serve.h"

struct work;

struct courier {
	const char *carrier; // as in the outbox
	enum carrier hand;   // serve.h: what its adapter has in hand
	// The document that the adapter is given for a letter (outbox_get()); NULL on error, EX_TEMPFAIL: not yet,
	// EX_UNAVAILABLE: never.
	json_t *(*document)(struct serve *s, const json_t *row, struct err *e);
	// After it was sent, in the transaction that records it; or NULL.
	int (*sent)(struct serve *s, const json_t *row, struct work *w, struct err *e);
	// It cannot be delivered for good: 1 when it goes another way, 0 when it does not, -1.  Or NULL.
	int (*instead)(struct serve *s, const json_t *row, struct err *e);
};

extern const struct courier courier_mail, courier_slack; // sending.c, chatting.c

// Hands the adapter what is due, as far as it has hands free.
void courier_feed(struct serve *s, const struct courier *c);

// May the adapter speak of this letter?
bool courier_has(const struct serve *s, const struct courier *c, const char *id);

// Records `sent` or `failed` within the transaction; `w` is the frame's.  And when that is done or given up.
int courier_record(struct serve *s, const struct courier *c, struct work *w, struct err *e);
void courier_put_down(struct serve *s, const struct courier *c, const struct work *w);

#endif

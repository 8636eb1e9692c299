// SPDX-License-Identifier: Apache-2.0
// Letters that go by Slack: what the adapter is asked to do for one, and how messages that no longer hold are changed.
#ifndef BOT_POSTING_H
#define BOT_POSTING_H

#include <jansson.h>

#include "bot/desk.h"
#include "bot/render.h"

// {"method","args"} for an outbox row (as outbox_get() gives it).  NULL on error; EX_TEMPFAIL while the message that it
// belongs to has not been sent, EX_UNAVAILABLE when it never will be.
json_t *posting_document(struct desk *desk, struct templates *templates, const json_t *row, struct err *e);

// The same for a receipt: a file below the message that says "recorded".
json_t *posting_receipt(struct desk *desk, struct templates *templates, const json_t *row, const char *receipt,
                        struct err *e);

// A letter has become a message there; `row` is its head as it was before.  If it was overtaken while the adapter had
// it in hand, the message is changed at once.
int posting_arrived(struct desk *desk, const json_t *row, const char *channel, const char *ts, struct err *e);

// What Slack refused for good goes by mail, with a token for that address: 1; 0 when there is no address to write to;
// -1.  In place of a receipt whose owner has none, a message says who can make it.
int posting_otherwise(struct desk *desk, const json_t *head, struct err *e);

// Takes the buttons away from the messages about a case that ask for a decision: all, or those of one principal only.
// `why` is a sentence for whoever reads them.
int postings_settle(struct desk *desk, const json_t *state, const char *principal, const char *why, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Mail, and envelopes of Slack, as they came.  A row is there, durably, before the channel is told that it is safe; it
// stays 'new' until a transaction has decided what it means: the next one, unless Slack waits for the answer.
#ifndef STORE_INBOX_H
#define STORE_INBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/blob.h"
#include "store/db.h"

// What a channel handed over.
struct arrival {
	const char *channel_id; // unique to the channel: account, folder, UIDVALIDITY, UID
	const char *via;        // "mail", "slack"
	const void *data;
	size_t len;
	int64_t at;           // INTERNALDATE, or when it came
	const json_t *detail; // more for the entry's body: account, folder, uid, ...; may be NULL
};

enum arrived {
	ARRIVED_NEW,
	ARRIVED_AGAIN,     // the channel told of it before: nothing was done
	ARRIVED_DUPLICATE, // the same bytes under another id: kept as an entry, not to be looked at again
};

struct inbox_row {
	int64_t id;
	int64_t seq; // its message.received
	struct digest sha256;
	int64_t at;
	int64_t tries;
};

// Keeps the bytes and appends message.received, inside the open transaction.  `row` is filled unless it came AGAIN.
// 0, or -1.
int inbox_take(struct db *db, const struct arrival *arrival, int64_t now, enum arrived *outcome, struct inbox_row *row,
               struct err *e);

// The first row of a channel after `after` that is still new: 1, 0 when there is none, -1.
int inbox_next(struct db *db, const char *via, int64_t after, struct inbox_row *out, struct err *e);
// The bytes of the mail with this Message-ID, if it is one of the last thousand and was read: 1, 0, -1.
int inbox_recent(struct db *db, const char *message_id, struct digest *sha256, struct err *e);
// Did another mail than this row's bring the same Message-ID?  1, 0, -1.
int inbox_has_message_id(struct db *db, const char *message_id, int64_t but, struct err *e);
// How many of the last thousand came since then and were set aside as our own coming back.
int inbox_loops(struct db *db, int64_t since, int64_t *count, struct err *e);
// Is nothing decided about it yet?  1, 0, -1.
int inbox_is_new(struct db *db, int64_t id, struct err *e);
int inbox_done(struct db *db, int64_t id, const char *message_id, struct err *e);
// What whoever sent it was answered with at once; a duplicate gets the same.  JSON null when there is nothing, NULL on
// error.
int inbox_answer(struct db *db, int64_t id, const json_t *reply, struct err *e);
json_t *inbox_answered(struct db *db, const char *channel_id, struct err *e);
int inbox_tried(struct db *db, int64_t id, struct err *e);
// Mails that could not be read or believed, and wait for somebody to look at them.
int inbox_parked(struct db *db, int64_t *count, struct err *e);
int inbox_waiting(struct db *db, int64_t *count, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Letters to go out, and what their reply tokens are bound to.  A row is made in the transaction that causes it; it
// holds what the template is filled with and the token's id, never the token itself.
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include <jansson.h>
#include <stdint.h>

#include "base/digest.h"
#include "store/db.h"

#define TOKEN_ID_SIZE 8
#define TOKEN_SEAL_SIZE 17

// A reply token's binding (DESIGN 8).  Texts are the caller's when adding; they live in `row` when read.
struct token_row {
	uint8_t id[TOKEN_ID_SIZE];
	int64_t purpose;
	const char *case_id; // "" for an answer that is about no case
	int64_t version;
	struct digest content;
	const char *principal;
	const char *address;
	int64_t expires;               // seconds since 1970
	uint8_t seal[TOKEN_SEAL_SIZE]; // token_seal()
	int64_t used;                  // the entry it decided, or -1
};

struct letter {
	const char *carrier; // "mail", "slack"
	const char *kind;    // the template
	const json_t *place; // Slack: see store/postings.h; NULL: to the person
	const char *message_id;
	const char *in_reply_to; // or NULL
	const json_t *references;
	const json_t *model;
	struct token_row token; // also says to whom, at which address, about which case
};

int outbox_add(struct db *db, const struct letter *letter, int64_t now, int64_t *id, struct err *e);

// Another letter like one that is there, with the same token, for another place.
int outbox_again(struct db *db, int64_t letter, const json_t *place, const json_t *model, int64_t now, struct err *e);

// The ids of at most `max` letters of a carrier that are due, oldest first; how many, or -1.  `covered`: the size of
// the newest signed head, INT64_MAX when nothing is signed; what tells of later entries waits, but for alarms.
int outbox_due(struct db *db, const char *carrier, int64_t covered, int64_t now, int64_t *ids, size_t max,
               struct err *e);

// One letter, whatever its state; NULL with EX_NOINPUT when there is none:
// {"id","carrier","state","kind","case","principal","address","place"?,"token":
// hex,"message_id","in_reply_to"?,"tries",
//  "created": ms,"references":[],"model":{}}.  The head is the same without the last two, which are most of it.
json_t *outbox_get(struct db *db, int64_t id, struct err *e);
json_t *outbox_head(struct db *db, int64_t id, struct err *e);

// When the next letter of a carrier is due; INT64_MAX when none waits.
int outbox_next_time(struct db *db, const char *carrier, int64_t covered, int64_t *when, struct err *e);

int outbox_sent(struct db *db, int64_t id, struct err *e);
int outbox_retry(struct db *db, int64_t id, int64_t next, const char *problem, struct err *e);
// It could not be tried yet: that is no try.
int outbox_wait(struct db *db, int64_t id, int64_t next, const char *why, struct err *e);
int outbox_failed(struct db *db, int64_t id, const char *problem, struct err *e);

// The letter with this Message-ID: its id, or 0.
int outbox_find(struct db *db, const char *message_id, int64_t *id, struct err *e);

// The last letter of a kind: {"id","created": ms,"model"}; {} when there was none.
json_t *outbox_last(struct db *db, const char *kind, struct err *e);

// What the first letter about a case to an address was, {"kind","title": of the case then}; {} when there was none.
json_t *outbox_first(struct db *db, const char *case_id, const char *address, struct err *e);

// The first and the last Message-ID sent about a case to an address, oldest first, as a JSON list (may be empty).
json_t *outbox_thread(struct db *db, const char *case_id, const char *address, struct err *e);

// The last version of a case that somebody was shown by a letter; 0 when none.
int outbox_shown(struct db *db, const char *case_id, const char *principal, int64_t *version, struct err *e);

// How many letters of a kind went to an address since then.
int outbox_count(struct db *db, const char *kind, const char *address, int64_t since, int64_t *count, struct err *e);
int outbox_waiting(struct db *db, int64_t *count, struct err *e);

// A token's binding: 1, 0 when there is none, -1.  Its texts belong to *holder (new reference).
int token_find(struct db *db, const uint8_t id[TOKEN_ID_SIZE], struct token_row *out, json_t **holder, struct err *e);
int token_use(struct db *db, const uint8_t id[TOKEN_ID_SIZE], uint64_t seq, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// What a letter became in Slack: a message in a channel, that can be changed later.
//
// A letter's place (outbox.place) says where in Slack it goes, when it is not a message to the person alone:
//   {"channel","thread"?}              into a conversation, below the message `thread` (its ts)
//   {"channel","user","thread"?}       there, for this user's eyes alone; Slack keeps no such message
//   {"below": letter}                  below what another letter became
//   {"instead": letter}                what another letter became is changed into this
//   {"file": name,"channel","thread"?} as a text file
//   {"fetch": url,"name","type"}       nowhere: a file that somebody shared is fetched
#ifndef STORE_POSTINGS_H
#define STORE_POSTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

int posting_add(struct db *db, int64_t letter, const char *channel, const char *ts, struct err *e);

// Where a letter's message is: {"channel","ts"}, {} when it became none (yet).  NULL on error.
json_t *posting_of(struct db *db, int64_t letter, struct err *e);

// The letter that a message is: its id and the token it carries (hex), {"letter","token","case","kind"}; {} when it is
// none of ours.  NULL on error.
json_t *posting_at(struct db *db, const char *channel, const char *ts, struct err *e);

// The letters in Slack about a case that still ask for a decision, sent or not, oldest first:
// [{"letter","principal","kind","token": hex,"version","sent": bool}].  NULL on error.
json_t *postings_asking(struct db *db, const char *case_id, struct err *e);

// It asks nothing any more.  A letter that was not sent yet will not be.
int posting_settle(struct db *db, int64_t letter, struct err *e);

// The first letter that stands below another one's message: its id, or 0.
int posting_below(struct db *db, int64_t letter, int64_t *below, struct err *e);

// The first letter of a kind in a conversation about a case, whatever its state: its id, or 0.
int posting_first(struct db *db, const char *case_id, const char *kind, const char *address, int64_t *letter,
                  struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The log of record (DESIGN 3): appending entries, reading them, the root of their tree.  Appending an entry also
// applies it to the projections, so that the two cannot part.
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <jansson.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/digest.h"
#include "store/db.h"

#define LEAF_MAX 65536

// What a leaf says.  Texts live as long as what they were read from.
struct entry {
	uint64_t seq;
	int64_t time;
	const char *type;  // "vote.cast"
	const char *actor; // "person:ann", "system"; "mail" of who is not listed: "mail:kim@example.com" is in the body
	const char *via;   // "mail", "cli", "system"
	const char *case_id; // or NULL
	int64_t version;     // of the case, or 0
};

// Reads where the log stands; part of opening the database.
int log_load(struct db *db, struct err *e);

uint64_t log_size(const struct db *db);
int64_t log_time(const struct db *db); // of the last entry; 0 when there is none
struct digest log_root(const struct db *db);

// The root as it was at `size` (at most log_size), from stored hashes.
int log_root_at(struct db *db, uint64_t size, struct digest *root, struct err *e);

// Appends one entry and applies it, inside the open transaction.  `event` is {"type","actor","via","case"?,"version"?,
// "body"}; the address of an actor who is not listed goes into the body, see store/erase.h.  `now` is raised to the
// last entry's time when it is earlier: time never goes back.  `seq` may be NULL. After -1 the transaction must be
// rolled back.
int log_append(struct db *db, const json_t *event, int64_t now, uint64_t *seq, struct err *e);

// Appends an entry whose bytes are given, as a journal has them: the same leaf, so the same tree.  Its number and time
// must be able to stand here, and the body be the one that the leaf commits to (EX_DATAERR).  No body (a length of 0):
// it was erased, as a later entry says.
int log_append_exact(struct db *db, struct piece leaf, const uint8_t salt[SALT_SIZE], struct piece body, struct err *e);

// An event for log_append(); `body` is taken (NULL: empty).  case_id may be NULL, version 0.
json_t *event_new(const char *type, const char *actor, const char *via, const char *case_id, int64_t version,
                  json_t *body);

// Reads a leaf's fields; `leaf` is what the texts point into.  -1 when it is not one of ours.
int entry_read(const json_t *leaf, struct entry *out, struct err *e);

// A case's entries, oldest first: leaf fields plus the body under "body" (DESIGN 9), null when it was erased; "actor"
// is the body's, when that says more.  New reference; NULL on error.
json_t *log_history(struct db *db, const char *case_id, struct err *e);

// How many entries a case has.
int log_count(struct db *db, const char *case_id, uint64_t *count, struct err *e);

// One entry in the same form; NULL with EX_NOINPUT when there is none.
json_t *log_entry(struct db *db, uint64_t seq, struct err *e);

#endif

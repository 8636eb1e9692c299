// SPDX-License-Identifier: Apache-2.0
// Erasing: the bodies of entries and everything else that holds what they said, by an entry `body.erased` that names
// what goes and who wanted it.  Leaves, and so every proof, receipt and checkpoint, stay as they are.
//
// What an erasure comes to follows from its entry alone, whether or not the bodies are still there, so that it is the
// same when it happens, when the journal is replayed into an older copy, and when `log verify` replays a log that has
// them no more:
//   an entry     keeps its leaf; an erased one does to the tables only what its leaf says (store/apply_erased.c)
//   a case       keeps a row with its number, state, times, version, risk, and a requester ''; and its votes
//   a message    is 'erased'; its row of the inbox keeps id, way and entry
//   a letter     keeps its number; its reply token is no more
//   evidence     is gone from the database at once, its files after the commit
//
// The body of body.erased: {"case"|"person","entries":[seq],"evidence":[hex],"letters":[id],"tokens":[hex],
// "messages":[[id in the inbox, seq]],"cases":[{"case","state","opened": ms,"closed": ms|null,"version","catalogue",
// "risk"}],"request"?: seq of its erasure.asked,"asked","confirmed","catalogue"?: version,"why"}.
#ifndef STORE_ERASE_H
#define STORE_ERASE_H

#include <jansson.h>
#include <stdbool.h>

#include "store/log.h"

// The actor in the leaf of an entry of somebody who is not listed: a leaf is for ever, so their address is in the body,
// under "actor".
#define ACTOR_BY_MAIL "mail"

struct erase_subject {
	const json_t *cases;      // ids of cases, or NULL
	const char *case_id;      // one case, or NULL; with neither it is a person
	const json_t *principals; // of the person: "person:ann" and "mail:ADDRESS" for each address
	const json_t *addresses;  // theirs in lower case, when they are not listed; empty for who is
};

// What an erasure would take, from what is held now; inside a transaction, but nothing is changed:
//   "body":     as above, without who and why; "entries" is empty when there is nothing
//   "obstacle": {"kind","case"} when it may not be now: "open", "in-force", "rests" (a case that is not over rests on
//               one of these), "touched" (one that they had a hand in is open), "archived" (or is in the archive),
//               "letter" (one waits to be sent), "hold"; the case may be ''
//   "kept":     how many entries about the same stay, because they show who decided
//   "shared":   how much evidence stays, because another case rests on it
//   "leaves":   how many leaves, of an older version of this program, name the address for ever
json_t *erase_find(struct db *db, const struct erase_subject *subject, struct err *e);

// Applies a body.erased; for store/apply.c.  Outside a replay it also leaves a mark on disk, before the commit, that
// there is something to finish.
int apply_body_erased(struct db *db, const struct entry *entry, const json_t *body, struct err *e);

// Applies an entry whose own body is gone; for store/apply.c.
int apply_erased(struct db *db, const struct entry *entry, struct err *e);

// After the commit: files of evidence, archived bundles, what the journal holds, what the write-ahead log holds.  May
// be done again at any time: what a kill left is finished by the next start.  erase_waits(): is there anything to
// finish?
// erase_leave_mark(): part of applying entry `seq`, which leaves something.
int erase_leave_mark(struct db *db, uint64_t seq, struct err *e);
bool erase_waits(const struct db *db);
int erase_finish(struct db *db, struct err *e);

// Was the case erased?  {"case","at": time,"asked","confirmed","why","entry","catalogue"?}; JSON null when it was not;
// NULL on error.
json_t *erased_view(struct db *db, const char *case_id, struct err *e);

// What was asked for about a subject since then and not yet carried out, oldest first: [{"entry","person","at","why"}].
json_t *erasures_asked(struct db *db, const char *subject, int64_t since, struct err *e);

// The backups that were made so far, oldest first: [{"backup","at"}].
json_t *backups_made(struct db *db, struct err *e);

#endif

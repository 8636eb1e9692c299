// SPDX-License-Identifier: Apache-2.0
// Receipts: a proof in a file (base/tlog_proof.h) whose extra data is the entry itself, so that whoever holds one can
// check it alone, on a machine that never saw the bot.  The extra data is canonical JSON:
//
//   {"body": TEXT, "key": VKEY, "keys": [TEXT], "leaf": TEXT, "salt": HEX64}
//
// `leaf` is what the log's tree holds, `body` and `salt` what the leaf commits to (left out together when the body was
// erased, or has no room in a file of this kind), `key` the one that signed the checkpoint.  Nothing vouches for `key`:
// whoever made a false receipt would have put a key of their own.  So it must be compared with the one that the
// organisation publishes.
// `keys`, when the log's key was changed, is what leads from its first key to that one (bot/succession.h): so the
// receipt holds as well for whoever knows a key from before.
#ifndef BOT_RECEIPT_H
#define BOT_RECEIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/checkpoint.h"
#include "base/epochs.h"
#include "base/note.h"
#include "store/log.h"

// The receipt of an entry, with the newest checkpoint, which must count under the keys of the log (base/epochs.h) that
// `key` is one of.  `key` NULL: none is named, and the signature is not looked at.  EX_TEMPFAIL when no checkpoint
// covers the entry yet.  The caller frees.
char *receipt_make(struct db *db, uint64_t seq, const struct note_key *key, struct err *e);

struct receipt {
	json_t *leaf; // owned; what `entry` points into
	json_t *body; // owned; NULL: it was left out
	struct entry entry;
	struct note_key key;    // under which it holds
	struct note_key signer; // who signed its head: that key, or one that the log's other keys lead to
	struct epochs keys;     // the log's, as far as known; with `key` among them
	bool pinned;            // the caller's, not the receipt's own
	struct checkpoint head;
	char *proof_key; // the key that it names, or NULL; owned
};

// Does it hold, under the caller's key or (NULL) under its own?  -1 with EX_DATAERR says what does not, EX_USAGE that
// there is no key.  `out` is valid for receipt_free() either way.
int receipt_check(const char *text, size_t len, const struct note_key *pinned, struct receipt *out, struct err *e);
// The same with keys of the log that another, later receipt of it has proven: a receipt knows nothing of a key that
// came after it.  `known` NULL: its own.
int receipt_check_among(const char *text, size_t len, const struct note_key *pinned, const struct epochs *known,
                        struct receipt *out, struct err *e);
void receipt_free(struct receipt *r);
#define _receipt_ __attribute__((cleanup(receipt_free)))

// What it says, as JSON (countersign(1)), and in words.  New reference; the caller frees.
json_t *receipt_view(const struct receipt *r);
char *receipt_words(const struct receipt *r);

#endif

// SPDX-License-Identifier: Apache-2.0
// The signer's keys, and which of them sign what: a pure decision.  One key signs; the head that introduces its
// successor is signed by both, and nothing after it by the old one.  The mark says whose turn it is, so no start with
// an old configuration brings an old key back.
#ifndef ADAPTERS_SIGNER_KEYRING_H
#define ADAPTERS_SIGNER_KEYRING_H

#include <stdbool.h>

#include "adapters/signer/signing.h"

struct keyring {
	struct note_signer key, next; // log.key and log.next
	bool has_next;
};

// `next` may be NULL, or the same as `key`.  `origin` is what both must be named after.
int keyring_read(const char *key, const char *next, const char *origin, struct keyring *out, struct err *e);
void keyring_wipe(struct keyring *keys);

// The one whose turn it is after that mark; NULL (EX_CONFIG) when it is not here.
const struct note_signer *keyring_active(const struct keyring *keys, const struct mark *mark, struct err *e);

// What becomes the mark, and who signs it.
struct decision {
	struct mark mark;
	const struct note_signer *signer, *other; // `other` NULL: one alone
};

// SIGN_ON: decision->mark must be durable before anybody signs.
enum verdict keyring_decide(const struct keyring *keys, const struct mark *mark, const struct request *request,
                            struct decision *decision, struct err *why);

// After a head that one key signed alone: the key before it counts for nothing any more, and is wiped.
void keyring_settle(struct keyring *keys, const struct mark *mark);

#endif

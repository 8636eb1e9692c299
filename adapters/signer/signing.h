// SPDX-License-Identifier: Apache-2.0
// What the signer signs, and what never: a pure decision about the head that was signed last and the one that is to be.
// No files, no frames, no clock.
#ifndef ADAPTERS_SIGNER_SIGNING_H
#define ADAPTERS_SIGNER_SIGNING_H

#include <jansson.h>
#include <stdint.h>

#include "adapters/signer/mark.h"
#include "base/err.h"
#include "base/note.h"
#include "base/proof.h"

// What the core asks for: a head, and the proof that it continues the one of size `old`.
struct request {
	struct head head;
	uint64_t old;
	struct proof proof;
	const char *next; // the verifier key of the successor that this head introduces, or NULL; the frame's
};

// Takes a `send` frame apart.  -1 (EX_PROTOCOL) when it is not one of the signer's.
int request_read(const json_t *frame, struct request *out, struct err *e);

enum verdict {
	SIGN_ON,         // it continues the mark: becomes the mark, then is signed
	SIGN_AGAIN,      // it is the mark: signed again, whatever proof came with it
	REFUSE_FORK,     // it does not continue the mark
	REFUSE_ROLLBACK, // it is smaller than the mark
	REFUSE_TIME,     // its last entry is older than the mark's
	REFUSE_MARK,     // the proof is not from the mark's size: ask again, with one that is
	REFUSE_KEY,      // a key that the head needs is not here
};

// `why` gets the sentence of a refusal.
enum verdict signing_decide(const struct head *mark, const struct request *request, struct err *why);

// The code of a refusal in `failed`; NULL when it is none.
const char *verdict_code(enum verdict verdict);

// The head as a signed checkpoint, whose origin is the key's name; `other` (may be NULL) signs it as well.  Always the
// same for the same head.  The caller frees; NULL with an error.
char *signing_note(const struct note_signer *key, const struct note_signer *other, const struct head *head,
                   struct err *e);

#endif

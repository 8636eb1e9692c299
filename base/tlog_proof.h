// SPDX-License-Identifier: Apache-2.0
// A proof that fits into a file (c2sp.org/tlog-proof@v1): index, inclusion proof, checkpoint, and optional data of
// ours.
#ifndef BASE_TLOG_PROOF_H
#define BASE_TLOG_PROOF_H

#include "base/checkpoint.h"
#include "base/note.h"
#include "base/proof.h"

#define TLOG_PROOF_MAX (1 << 18) // bytes

struct tlog_proof {
	char *extra; // the bytes of the `extra` line, and a NUL; NULL: there is none.  Nothing vouches for them.  Owned
	size_t extra_len;
	uint64_t index;
	struct proof proof;
	char *note; // the signed checkpoint as it stands; owned
};

// The note in it is well-formed then, but not verified.
int tlog_proof_read(const char *bytes, size_t len, struct tlog_proof *out, struct err *e);
char *tlog_proof_text(const struct tlog_proof *p); // the caller frees
void tlog_proof_free(struct tlog_proof *p);
#define _tlog_proof_ __attribute__((cleanup(tlog_proof_free)))

// Does it prove this leaf, under this key of the log whose origin is the key's name?  `head` (may be NULL) is set.  0,
// or -1 with a sentence that says what does not.
int tlog_proof_check(const struct tlog_proof *p, const void *leaf, size_t leaf_len, const struct note_key *key,
                     struct checkpoint *head, struct err *e);

#endif

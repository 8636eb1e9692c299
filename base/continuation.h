// SPDX-License-Identifier: Apache-2.0
// A checkpoint with the proof that its log continues an older one, as text (the request of c2sp.org/tlog-witness):
// "old SIZE", a hash in base64 on each line, an empty line, the signed note.
#ifndef BASE_CONTINUATION_H
#define BASE_CONTINUATION_H

#include "base/checkpoint.h"
#include "base/note.h"
#include "base/proof.h"

#define CONTINUATION_FIRST "old "
#define CONTINUATION_LINES_MAX 63 // of the proof (tlog-witness)
#define CONTINUATION_MAX (25 + CONTINUATION_LINES_MAX * 45 + 1 + NOTE_MAX)

struct continuation {
	uint64_t old;
	struct proof proof;
	struct note note;
	struct checkpoint head;
};

// Well-formed is all that it is then: neither proof nor signature is checked.  `out` is valid for continuation_free()
// either way.
int continuation_read(const char *bytes, size_t len, struct continuation *out, struct err *e);
void continuation_free(struct continuation *c);
#define _continuation_ __attribute__((cleanup(continuation_free)))

// The caller frees.
char *continuation_text(uint64_t old, const struct proof *proof, const char *note);

#endif

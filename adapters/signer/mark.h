// SPDX-License-Identifier: Apache-2.0
// The signer's mark: the largest head that it may have signed, and whose turn it is after that one.  One file, one line
// of canonical JSON, replaced whole.  It is all that the signer remembers, so a mark that cannot be read is never taken
// for none.
#ifndef ADAPTERS_SIGNER_MARK_H
#define ADAPTERS_SIGNER_MARK_H

#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/note.h"

#define HEAD_MAX (1ULL << 53) // of sizes and times: what canonical JSON can say

// A head of the log.
struct head {
	uint64_t size;
	struct digest root;
	int64_t time; // of its last entry, ms since 1970; 0 for the empty log
};

struct head head_of_nothing(void);

#define MARK_KEY (NOTE_NAME_MAX + 64) // of a verifier key's text

struct mark {
	struct head head;
	char key[MARK_KEY]; // the verifier key that alone signs from here on; "": whichever the signer has
	char old[MARK_KEY]; // the key that `key` replaces by this head, which both sign; "": none
};

// Takes the folder of the mark for this process alone, until the descriptor is closed: two signers with one mark could
// sign two histories.  The descriptor, or -1.
int mark_lock(const char *path, struct err *e);

// The mark; of head_of_nothing(), without keys, when there is no file.  -1 when there is one that cannot be read, is no
// file, could be written by others, or holds anything but what mark_replace() writes.
int mark_read(const char *path, struct mark *out, struct err *e);

// Durable when it returns 0.  After -1 the file is the old or the new mark, never a mix.
int mark_replace(const char *path, const struct mark *mark, struct err *e);

#endif

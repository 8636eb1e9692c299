// SPDX-License-Identifier: Apache-2.0
// Checkpoints that somebody kept - a signed note, a receipt or a proof that holds one, a mail to which one of these is
// attached - against the log as it is today.
#ifndef BOT_KEPT_H
#define BOT_KEPT_H

#include "base/checkpoint.h"
#include "base/continuation.h"
#include "base/note.h"
#include "store/db.h"

struct config;

struct kept {
	char *name; // the file's
	struct note note;
	struct checkpoint head;
};

// `out` is valid for kept_free() either way.  Line ends that a mail program changed to CR LF are put right.
int kept_read(const char *path, struct kept *out, struct err *e);
// The same for a proof that a log continues (base/continuation.h).
int kept_read_continuation(const char *path, struct continuation *out, struct err *e);
void kept_free(struct kept *k);
#define _kept_ __attribute__((cleanup(kept_free)))

enum kept_verdict {
	KEPT_HOLDS,
	KEPT_OTHER_LOG, // its origin is not ours
	KEPT_UNSIGNED,  // not by the log's key
	KEPT_ROLLBACK,  // the log is shorter now
	KEPT_FORK,      // the log had another root at that size
	KEPT_DAMAGED,   // today's log has no root of that size
};
const char *kept_word(enum kept_verdict verdict); // "fork"

// Is it of this log, and signed by its key?  `unchecked` is 1 when the key is not known, and `e` says why.  -1 with
// another error than EX_DATAERR when that could not be found out; any other answer but KEPT_HOLDS fills `e`.
int kept_judge_signature(const struct kept *k, const struct config *config, enum kept_verdict *verdict, bool *unchecked,
                         struct err *e);

// Does today's log continue it?  The root is computed from the entries themselves.
int kept_judge(const struct kept *k, struct db *db, enum kept_verdict *verdict, struct err *e);

#endif

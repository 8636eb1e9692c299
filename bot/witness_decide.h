// SPDX-License-Identifier: Apache-2.0
// What a witness answers to add-checkpoint (c2sp.org/tlog-witness): a pure function of what it has cosigned, the bytes
// of the request and the time.  No file, no socket: whoever calls keeps `next` before the answer leaves.
#ifndef BOT_WITNESS_DECIDE_H
#define BOT_WITNESS_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/continuation.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/note.h"

#define WITNESS_KEYS_MAX 8    // of one log: its own and those that it is changing to
#define WITNESS_TEXT_MAX 4096 // bytes of a checkpoint's text, extension lines and all
#define WITNESS_REQUEST_MAX CONTINUATION_MAX

// The head of a log that was cosigned last.  `time` is what the cosignature said: seconds since 1970, 0 for none yet.
struct witness_mark {
	uint64_t size;
	struct digest root;
	uint64_t time;
};

struct witness_log {
	char origin[NOTE_NAME_MAX + 1];
	struct note_key keys[WITNESS_KEYS_MAX];
	size_t key_count;
	struct witness_mark mark;
};

struct witness {
	struct note_signer signer; // of algorithm NOTE_COSIGNATURE
	struct witness_log *logs;
	size_t count;
};

// The statuses of tlog-witness.
enum witness_status {
	WITNESS_COSIGNED = 200,
	WITNESS_MALFORMED = 400,
	WITNESS_UNSIGNED = 403,
	WITNESS_UNKNOWN = 404,
	WITNESS_CONFLICT = 409,
	WITNESS_UNPROVEN = 422,
};

struct witness_answer {
	enum witness_status status;
	char *body;               // cosignature; the size that is known (409); or a sentence.  Owned
	size_t log;               // 200, and 409 of a fork: which of the logs
	struct witness_mark next; // 200: the log's mark from here on, once `kept` is
	bool fork;                // 409: the log's own key signs another root of the size that was cosigned
	char *kept; // 200: the cosigned checkpoint, to be kept durably before the body leaves; of a fork, the
	            // other checkpoint, which proves it.  Owned
};

// `now` in seconds since 1970.  0, or -1 when the cosignature cannot be made.
int witness_decide(const struct witness *w, const char *bytes, size_t len, uint64_t now, struct witness_answer *out,
                   struct err *e);
void witness_answer_free(struct witness_answer *a);
#define _witness_answer_ __attribute__((cleanup(witness_answer_free)))

// The log of that origin, or NULL.
struct witness_log *witness_log_of(const struct witness *w, const char *origin);

// Wipes the key, frees the logs.
void witness_free(struct witness *w);

#endif

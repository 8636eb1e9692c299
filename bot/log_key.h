// SPDX-License-Identifier: Apache-2.0
// The key that verifies the log's heads, for whoever reads: from `log.public`, or from the secret key where the caller
// may read that.
#ifndef BOT_LOG_KEY_H
#define BOT_LOG_KEY_H

#include "base/err.h"
#include "base/note.h"

struct config;

// 1; 0 when it is not known, and `why` says why not; -1 with an error when what is configured is wrong.
int log_key_find(const struct config *config, struct note_key *out, struct err *why);

#endif

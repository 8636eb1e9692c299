// SPDX-License-Identifier: Apache-2.0
// The keys that verify the log's heads, for whoever reads: one from `log.public`, or from the secret key where the
// caller may read that; and those that came before and after it, as the log says.
#ifndef BOT_LOG_KEY_H
#define BOT_LOG_KEY_H

#include "base/epochs.h"
#include "base/err.h"
#include "base/note.h"

struct config;
struct db;

// 1; 0 when it is not known, and `why` says why not; -1 with an error when what is configured is wrong.
int log_key_find(const struct config *config, struct note_key *out, struct err *why);

// The same, with the sizes of heads for which each key counts (store/rotations.h).
int log_keys_find(const struct config *config, struct db *db, struct epochs *out, struct err *why);

#endif

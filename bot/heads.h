// SPDX-License-Identifier: Apache-2.0
// The part of `log verify` that needs the log's public keys: is every checkpoint that is kept what its row says, and
// signed by the key whose epoch covers its size?
#ifndef BOT_HEADS_H
#define BOT_HEADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct config;

struct heads_result {
	uint64_t count;   // of checkpoints that are good
	uint64_t earlier; // of them, those from before a restore that gave the log a new origin: their key is another
	uint64_t keys;    // that the log has had
	uint64_t unintroduced; // of them, those whose first head, which two keys signed, is not kept
	bool unchecked;        // the key is not known: signatures were not looked at
	struct err why;        // it is not
};

// -1 with EX_DATAERR names the first row that is not good.
int heads_check(const struct config *config, struct heads_result *out, struct err *e);

#endif

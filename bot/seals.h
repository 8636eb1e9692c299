// SPDX-License-Identifier: Apache-2.0
// The part of `log verify` that needs the token key: are letters, and what each reply token
// is bound to, as we wrote them?
#ifndef BOT_SEALS_H
#define BOT_SEALS_H

#include <stdint.h>

#include "base/err.h"

struct config;

// 0 when all are; -1 with EX_DATAERR naming the first row that is not, or another code when it could not be looked at:
// who may read the database need not be who may read the key.  `unknown`: how many were sealed by a key that is not in
// the configuration any more; a reply to one of those raises an alarm.
int seals_check(const struct config *config, uint64_t *unknown, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The part of `log verify` that needs the token key: is what each reply token is bound to as we wrote it?
#ifndef BOT_SEALS_H
#define BOT_SEALS_H

#include "base/err.h"

struct config;

// 0 when all are; -1 with EX_DATAERR naming the first row that is not, or another code when it could not be looked at:
// who may read the database need not be who may read the key.
int seals_check(const struct config *config, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// A new key for the log's heads: key.rotated, by an administrator.  The signer must have the successor already; the
// head that follows is signed by both (signing.c).
#ifndef BOT_ROTATING_H
#define BOT_ROTATING_H

#include "base/err.h"

struct serve;
struct work;

// A caller's request (bot/client.h), inside the open transaction.
int rotating_request(struct serve *s, struct work *w, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Carrying out an order: decide, append, tell.  Everything inside the open transaction.
#ifndef BOT_PERFORM_H
#define BOT_PERFORM_H

#include <stdint.h>

#include "bot/case.h"
#include "bot/desk.h"

struct performed {
	char case_id[32];
	int64_t first; // number of the first entry that it made
};

// `case_id` is NULL for ORDER_OPEN.  `answers`: Message-ID of the mail that the order came by, or NULL.
// DECIDED: the events are appended and the letters written.  DECIDED_NOT: nothing was.
enum decided perform(struct desk *desk, const char *case_id, const struct order *order, const char *answers,
                     struct performed *out, struct refusal *refusal, struct err *e);

#endif

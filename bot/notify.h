// SPDX-License-Identifier: Apache-2.0
// Who is told what when something happened to a case: one function per entry type that somebody should hear of.
#ifndef BOT_NOTIFY_H
#define BOT_NOTIFY_H

#include <jansson.h>

#include "bot/desk.h"

struct happened {
	struct desk *desk;
	const json_t *event;  // as appended, with its number under "seq"
	const json_t *state;  // the case afterwards, or NULL
	const json_t *events; // all of this transaction for the case
	const char *actor;    // whose order it was
	const char *answers;  // Message-ID of the mail that it came by, or NULL
};

// What a newer catalogue changes for the case, when that is why it happened: {"from","to","says"}; else NULL. Borrowed.
json_t *notify_policy(const struct happened *h);

// Puts the letters into the outbox, inside the open transaction.
int notify(const struct happened *h, struct err *e);

#endif

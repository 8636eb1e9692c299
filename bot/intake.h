// SPDX-License-Identifier: Apache-2.0
// What a mail means: the second transaction of its life (DESIGN 2, step 4).
#ifndef BOT_INTAKE_H
#define BOT_INTAKE_H

#include <jansson.h>

#include "bot/desk.h"
#include "store/inbox.h"

// Decides what becomes of a stored mail, inside the open transaction: orders are carried out, answers and refusals
// written, the row is marked done.  `document` is the mime worker's, `attachments` a descriptor of the attachments'
// bytes (or -1).  -1: the transaction must be given up; nothing is wrong with the mail.
int intake(struct desk *desk, const struct inbox_row *row, const json_t *document, int attachments, struct err *e);

// The same for a mail that the mime worker could not or would not read: it is parked, kept and shown to operators.
int intake_park(struct desk *desk, const struct inbox_row *row, const char *code, const char *why, struct err *e);

#endif

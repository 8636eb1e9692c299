// SPDX-License-Identifier: Apache-2.0
// Every day at eight, by the clock of the catalogue's hours, auditors are mailed the newest signed head of the log,
// with the proof that it continues the one that they were mailed last.  Also when nothing has happened: a mail that
// does not come says that something is wrong.  What was mailed last stands in the outbox.
#ifndef BOT_CHECKPOINT_MAIL_H
#define BOT_CHECKPOINT_MAIL_H

#include <stdint.h>

#include "bot/desk.h"

#define CHECKPOINT_LETTER "checkpoint"

// When the next one is due, which may be past; INT64_MAX when nothing is signed or no auditor has an address.  Looks
// through the outbox: remember it.
int checkpoint_mail_next(const struct desk *desk, int64_t *when, struct err *e);

// Writes it, due or not, within the open transaction: 1; 0 when no head was signed since the last; -1.  A log that does
// not continue what was mailed last is an alarm, and freezes the desk.
int checkpoint_mail_write(struct desk *desk, struct err *e);

#endif

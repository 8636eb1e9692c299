// SPDX-License-Identifier: Apache-2.0
// Alarms by whoever is not in a transaction: what a signer or a witness said outside of one.
#ifndef BOT_ALARMING_H
#define BOT_ALARMING_H

struct serve;

// Logs it, and has it raised by the next transaction.  `next`: what to do about it.
void alarm_later(struct serve *s, const char *code, const char *text, const char *next);

// The same for a log that is not the one that it should be: at once nothing more is decided on this copy; reading goes
// on.  A desk that is frozen already keeps its first alarm.
void freeze_desk(struct serve *s, const char *code, const char *text);

#endif

// SPDX-License-Identifier: Apache-2.0
// Alarms, for whoever finds something wrong.
#ifndef BOT_REFUSING_H
#define BOT_REFUSING_H

#include "bot/desk.h"

// alarm.raised, and a letter to administrators and auditors; inside the open transaction.
int raise_alarm(struct desk *desk, const char *code, const char *text, const char *next, struct err *e);

// Some refusals are worth an alarm: an alarm, when `code` is one of them.
int alarm_of_refusal(struct desk *desk, const char *code, const char *name, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The core looks at its own log: at the end of it when it starts, at a random part of it every hour.  What it finds
// altered is an alarm, log-damaged, and freezes the desk.
#ifndef BOT_SELFCHECK_H
#define BOT_SELFCHECK_H

#include <stdbool.h>

#include "base/err.h"

struct desk;
struct serve;

// Looks now, within the open transaction: at the last entries, or at some chosen by chance.  A finding is no error: the
// alarm is raised.
int selfcheck_look(struct desk *desk, bool last, struct err *e);

// From the start of the loop on: now, and then every hour of the desk's clock.
int selfcheck_begin(struct serve *s, struct err *e);
void selfcheck_end(struct serve *s);

#endif

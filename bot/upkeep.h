// SPDX-License-Identifier: Apache-2.0
// What the machine's own services tell the core through the control socket: a backup was made, something failed.
#ifndef BOT_UPKEEP_H
#define BOT_UPKEEP_H

#include "base/err.h"

struct serve;
struct work;

// {"verb":"backed-up","source":NAME,"size","root","manifest"}: backup.made.  Answers {"ok":true,"entry"}.
int upkeep_backed_up(struct serve *s, struct work *w, struct err *e);

// {"verb":"alarm","what":"backup-failed","text"}: an alarm to administrators and auditors.
int upkeep_alarm(struct serve *s, struct work *w, struct err *e);

#endif

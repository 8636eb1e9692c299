// SPDX-License-Identifier: Apache-2.0
// Nothing can be stored, because a disk is full: the core stays up, reads, and tries again.  What comes in is not
// acknowledged: mail stays on the server, Slack and callers are told to try again.
#ifndef BOT_STUCK_H
#define BOT_STUCK_H

#include <jansson.h>

#include "base/err.h"

struct serve;

// A transaction was given up; `why` names the disk.
void stuck_begin(struct serve *s, const struct err *why);

// One was stored: when it could not be before, an alarm says from when until when.
void stuck_end(struct serve *s);

// {"since": ms,"since_text","text"}; new reference.  Only while it is so.
json_t *stuck_view(const struct serve *s);

#endif

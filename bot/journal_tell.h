// SPDX-License-Identifier: Apache-2.0
// What the core says about the leaf journal when it starts.
#ifndef BOT_JOURNAL_TELL_H
#define BOT_JOURNAL_TELL_H

#include "base/err.h"

struct desk;

// Within the open transaction: an alarm when the journal was damaged or lacks what the database has; a log line when
// the end of a commit that nobody was told of was cut off.
int journal_tell(struct desk *desk, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// After a publication: what is under review is judged anew by the catalogue in force, and grants that it judges
// otherwise than the one before are reviewed again.  In portions, one transaction each; how far it has come is a row,
// so that it goes on after a crash.
#ifndef BOT_POLICY_APPLY_H
#define BOT_POLICY_APPLY_H

#include <stdbool.h>

#include "bot/desk.h"

// Does the next portion inside the open transaction; a catalogue.applied entry says what came of it.  0, or -1.
int policy_apply(struct desk *desk, struct err *e);

// Is there more to do?  1, 0, -1.
int policy_applying(const struct desk *desk, struct err *e);

#endif

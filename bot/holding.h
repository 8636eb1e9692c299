// SPDX-License-Identifier: Apache-2.0
// A legal hold on a case or a person: as long as it stands, nothing about them is archived or erased.
#ifndef BOT_HOLDING_H
#define BOT_HOLDING_H

#include "bot/case.h"
#include "bot/erasing.h"

// Sets or ends one, inside the open transaction; for auditors and administrators.
enum decided holding_order(struct desk *desk, const struct person *person, const struct retained *what, bool set,
                           const char *why, struct refusal *refusal, struct err *e);

// [{"subject": case or name,"at","who": name,"why"}] of those that stand: all, or those that keep one case (by itself
// or by its requester).  New reference; NULL on error.
json_t *holding_view(const struct desk *desk, const char *case_id, const char *requester, struct err *e);

#endif

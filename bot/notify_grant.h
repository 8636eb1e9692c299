// SPDX-License-Identifier: Apache-2.0
// Letters about what was granted, for notify.c.
#ifndef BOT_NOTIFY_GRANT_H
#define BOT_NOTIFY_GRANT_H

#include "bot/notify.h"

// reminder.sent of kind "expiry": to the requester, who may renew it, and to those who approved it.
int notify_ending(const struct happened *h, struct err *e);

// Adds "conditions", what it grants as "granted" and, for what was answered with a grant, "rests_on" to the model of a
// decision; for a renewal the case that it renews as "renews" {"of","until"?}.
void notify_grounds(const struct happened *h, json_t *model);

// Has it ended after it was renewed?  Then nothing ends for anybody.
bool notify_is_moot(const struct happened *h);

#endif

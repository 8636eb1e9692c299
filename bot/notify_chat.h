// SPDX-License-Identifier: Apache-2.0
// What happens to a case, as Slack shows it: messages that asked for a decision lose their buttons when it is no longer
// asked for, a reminder is one message that is changed, and each case has a thread in the desk's channel.
#ifndef BOT_NOTIFY_CHAT_H
#define BOT_NOTIFY_CHAT_H

#include "bot/notify.h"

// Before and after whoever is concerned is written to, in the same transaction.
int notify_chat_before(const struct happened *h, struct err *e);
int notify_chat_after(const struct happened *h, struct err *e);

// Tells whoever decided that it is recorded, wherever they are told; in Slack the receipt follows, when heads are
// signed. `model` is taken.
int notify_recorded(const struct happened *h, const char *principal, json_t *model, struct err *e);

// Reminds this person below the message that asked them in Slack: 1; 0 when none of theirs asks; -1.
int notify_chat_remind(struct desk *desk, const json_t *state, const char *principal, const char *because,
                       struct err *e);

#endif

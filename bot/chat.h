// SPDX-License-Identifier: Apache-2.0
// What people do in Slack, like a mail: an envelope is kept in one transaction, acknowledged, and decided about in the
// next.  Only what Slack wants answered with the acknowledgement, a command or a form, is kept and decided in one.  Who
// the person is, is looked up here; a button, a name, a form: none alone decides.
#ifndef BOT_CHAT_H
#define BOT_CHAT_H

#include <stdbool.h>

#include "bot/work.h"

// Of a work item whose frame is an envelope's: keeps it, and decides if that must be at once.  w->reply is what the
// acknowledgement carries, w->follow what Slack is asked for once that is done (forms, the Home tab).
int chat_take(struct serve *s, struct work *w, struct err *e);

// The same for one that makes no sense: kept, and shown to operators.
int chat_park(struct serve *s, struct work *w, const struct err *why, struct err *e);

// Of a work item whose row is an envelope's that was kept: decides.  chat_give_up: it cannot be done.
int chat_decide(struct serve *s, struct work *w, struct err *e);
int chat_give_up(struct serve *s, struct work *w, const struct err *why, struct err *e);

// A file that somebody shared is here, its bytes in w->document: it becomes evidence of its case.
int chat_file(struct serve *s, const json_t *row, struct work *w, struct err *e);

// After the commit: asks for what follows.  Forms are no letters: one that is lost is asked for again.
void chat_follow(struct serve *s, struct work *w);
bool chat_asked(const char *id);
void chat_answered(struct serve *s, const json_t *frame);

// Tells whoever pressed that it was not stored.
void chat_not_stored(struct serve *s, struct work *w);

#endif

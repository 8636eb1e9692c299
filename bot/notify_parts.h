// SPDX-License-Identifier: Apache-2.0
// What the files that tell people share.  Private to bot/notify*.c.
#ifndef BOT_NOTIFY_PARTS_H
#define BOT_NOTIFY_PARTS_H

#include "base/json.h"
#include "bot/notify.h"

static inline const json_t *happened_body(const struct happened *h)
{
	return json_object_get(h->event, "body");
}

// A letter about the case to its requester; to anybody concerned.  `model` is taken.
int tell_requester(const struct happened *h, const char *kind, json_t *model, struct err *e);
int tell_person(const struct happened *h, const char *principal, const char *kind, json_t *model, struct err *e);

// What the letters "comment" and "decided" are filled with.  New references.
json_t *comment_model(const struct happened *h);
json_t *decided_model(const struct happened *h);

// Who was asked in any stage, each once: principals.  New reference.
json_t *concerned(const json_t *state);

// What a newer catalogue changes for the case, when that is why it happened: {"from","to","says"}; else NULL. Borrowed.
json_t *notify_policy(const struct happened *h);
// Adds it to a model as "policy".
void notify_put_policy(const struct happened *h, json_t *model);

// case.commented: a question goes to the requester, an answer to whoever asked, a comment to everybody else concerned.
int notify_comment(const struct happened *h, struct err *e);

#endif

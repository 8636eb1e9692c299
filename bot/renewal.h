// SPDX-License-Identifier: Apache-2.0
// Asking to renew: what stands behind the command, and what whoever decides about it is shown.
#ifndef BOT_RENEWAL_H
#define BOT_RENEWAL_H

#include <jansson.h>

#include "bot/desk.h"

// What a renewal changes, from the words behind the command and from tables (NULL: none): read as a reply is, see
// request.h; "until" and a day alone will do.  New reference.
json_t *renewal_read(const struct desk *desk, const char *text, const json_t *pairs);

// What the case changes against the one that it renews, and what that one grants:
// {"of":
// case,"title","state","until"?,"conditions"?,"granted":[{"text"}],"grounds":[{"name","verdict","at_text","why"}],
//  "by_policy","difference":[{"title","old","new"}]}; JSON null for a case that renews none.  NULL on error.
json_t *renewal_view(struct desk *desk, const json_t *state, struct err *e);

#endif

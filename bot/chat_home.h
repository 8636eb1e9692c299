// SPDX-License-Identifier: Apache-2.0
// The App Home of somebody who is listed: what waits for their decision, what they asked for, and, for auditors and
// administrators, a search.
#ifndef BOT_CHAT_HOME_H
#define BOT_CHAT_HOME_H

#include <jansson.h>

#include "base/err.h"

struct desk;
struct templates;

// The value of a case's buttons, borrowed until the next call; NULL when the case has none for this person.
typedef const char *home_token(void *data, const char *case_id);

// A view of type "home" from templates/slack/home.json.  Of each list the newest ten.  `principal` is "person:ann".
// `query` is what was searched for, as `find` takes it, or NULL; one that cannot be read is told in the view, one of
// somebody who may not search is not looked at.  Elements, by action_id:
//   new             button: a new request
//   approve reject  buttons of a case that waits, value: the token
//   show            button of any case, value: its id
//   find            input of the block "search"
// NULL on error.
json_t *chat_home(struct desk *desk, struct templates *t, const char *principal, const char *query, home_token *token,
                  void *data, struct err *e);

#endif

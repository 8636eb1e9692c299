// SPDX-License-Identifier: Apache-2.0
// The Home tab of somebody who is listed: what waits for them, with buttons, and what they asked for.
#include <string.h>

#include "bot/chat_home.h"
#include "bot/chat_parts.h"
#include "store/postings.h"

// The buttons of a case are those of the message that asked this person: its token.
static const char *token_for(void *data, const char *case_id)
{
	struct chat *c = data;
	struct err e;
	_json_ json_t *asking = postings_asking(c->s->desk.db, case_id, &e);

	for (size_t i = json_array_size(asking); i-- > 0;) {
		const json_t *item = json_array_get(asking, i);

		if (strcmp(json_str(item, "principal"), c->in.principal) == 0) {
			json_decref(c->token);
			c->token = json_incref(json_object_get(item, "token"));
			return json_string_value(c->token);
		}
	}
	return NULL;
}

int chat_publish_home(struct chat *c, const char *query, struct err *e)
{
	json_t *args, *view;

	if (query && record_query(&c->in, "find", NULL, query, e) < 0)
		return -1;
	view = chat_home(&c->s->desk, c->s->templates, c->in.principal, query, token_for, c, e);

	if (!view)
		return -1;
	args = json_object();
	json_put_str(args, "user_id", c->user);
	json_put(args, "view", view);
	chat_ask(c->w, "views.publish", args);
	return 0;
}

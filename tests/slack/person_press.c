// SPDX-License-Identifier: Apache-2.0
// A person presses a button or chooses from a menu, in a message, a modal or the Home tab.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/blocks.h"
#include "tests/slack/emulator.h"
#include "tests/slack/person.h"
#include "tests/slack/state.h"
#include "tests/slack/verbs.h"

// Where something is pressed.
struct place {
	json_t *channel, *message; // or
	json_t *view;              //
	json_t *block, *element;
};

static bool visible(const json_t *message, const char *user)
{
	const char *only = json_str_or_null(message, "for");

	return !only || !strcmp(only, user);
}

// The newest message of a conversation that has it; so that older ones can be meant, an ask may name the ts.
static void search(const json_t *messages, const json_t *ask, struct place *p)
{
	const char *ts, *action = json_str(ask, "action"), *newest = json_str(p->message, "ts");
	json_t *message, *block, *element;

	json_object_foreach((json_t *)messages, ts, message) {
		if (strcmp(ts, newest) <= 0 || !visible(message, json_str(ask, "user")))
			continue;
		element = blocks_find(json_arr(message, "blocks"), action, json_str_or_null(ask, "block"),
		                      json_str_or_null(ask, "value"), &block);
		if (!element)
			continue;
		newest = ts;
		p->message = message;
		p->block = block;
		p->element = element;
	}
}

static void find_in_message(struct emulator *m, const json_t *ask, struct place *p)
{
	const char *id = json_str_or_null(ask, "channel"), *ts = json_str_or_null(ask, "ts");

	p->channel =
	        id ? workspace_find_channel(&m->workspace, id) : workspace_dm(&m->workspace, json_str(ask, "user"));
	if (!ts) {
		search(json_obj(p->channel, "messages"), ask, p);
		search(json_obj(p->channel, "ephemeral"), ask, p);
		return;
	}
	p->message = channel_message(p->channel, ts);
	p->element = blocks_find(json_arr(p->message, "blocks"), json_str(ask, "action"),
	                         json_str_or_null(ask, "block"), json_str_or_null(ask, "value"), &p->block);
}

static int find(struct emulator *m, const json_t *ask, struct place *p, struct err *e)
{
	const char *in = json_str(ask, "in"), *user = json_str(ask, "user");

	*p = (struct place){ 0 };
	if (!strcmp(in, "home") || !strcmp(in, "modal")) {
		p->view = *in == 'h' ? view_home(&m->views, user) : view_top(&m->views, user);
		p->element = blocks_find(json_arr(p->view, "blocks"), json_str(ask, "action"),
		                         json_str_or_null(ask, "block"), json_str_or_null(ask, "value"), &p->block);
	} else {
		find_in_message(m, ask, p);
	}
	if (!p->element)
		return err_set(e, EX_NOINPUT, "%s sees nothing with the action \"%s\" there", user,
		               json_str(ask, "action"));
	return 0;
}

static json_t *action_of(struct emulator *m, const struct place *p, const json_t *ask)
{
	json_t *action = state_of(p->element, json_object_get(ask, "input"));
	char ts[TS_SIZE];

	json_put_str(action, "action_id", json_str(p->element, "action_id"));
	json_put_str(action, "block_id", json_str(p->block, "block_id"));
	json_put_str(action, "action_ts", workspace_ts(&m->workspace, ts));
	if (!strcmp(json_str(p->element, "type"), "button")) {
		json_put(action, "text", json_incref(json_object_get(p->element, "text")));
		json_put_str(action, "value", json_str_or_null(p->element, "value"));
		json_put_str(action, "style", json_str_or_null(p->element, "style"));
	}
	return action;
}

static void put_message(struct emulator *m, json_t *payload, const struct place *p, const char *user)
{
	const char *channel = json_str(p->channel, "id"), *ts = json_str(p->message, "ts");
	bool ephemeral = json_object_get(p->message, "for");
	_free_ char *url = hook_new(m, channel, user, ts);

	json_put(payload, "container",
	         json_pack("{s:s, s:s, s:s, s:b}", "type", "message", "message_ts", ts, "channel_id", channel,
	                   "is_ephemeral", ephemeral));
	json_put(payload, "channel", json_pack("{s:s, s:s}", "id", channel, "name", json_str(p->channel, "name")));
	if (!ephemeral)
		json_put(payload, "message", json_incref(p->message));
	json_put_str(payload, "response_url", url);
	json_put(payload, "state", json_pack("{s:{}}", "values"));
}

// {"user", "action", "block"?, "value"?, "channel"? (else the person's own with the bot), "ts"? (else the newest that
// has it), "in"?: "modal" or "home", "input"?: what is typed or chosen}
json_t *person_press(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e);
	struct place p;

	if (!user || find(m, ask, &p, e) < 0)
		return NULL;
	json_t *payload = person_payload(m, "block_actions", user, p.view);

	if (p.view)
		json_put(payload, "container",
		         json_pack("{s:s, s:s}", "type", "view", "view_id", json_str(p.view, "id")));
	else
		put_message(m, payload, &p, json_str(user, "id"));
	json_put(payload, "actions", json_pack("[o]", action_of(m, &p, ask)));
	if (p.view)
		json_put(json_obj(payload, "view"), "state", state_of_view(p.view, json_obj(ask, "values")));
	return person_answer(deliver(m, "interactive", payload, false));
}

// SPDX-License-Identifier: Apache-2.0
// What makes two envelopes the same thing (Slack delivers at least once): a retry is a new envelope with the same
// event; a message comes as two events when it mentions us; a click is its person, its moment and its message.
#include <string.h>

#include "base/text.h"
#include "bot/chat_parts.h"
#include "store/postings.h"

static const char *const unkept[] = { "app_home_opened", "app_uninstalled", "tokens_revoked", NULL };

static bool is_direct(const struct chat *c)
{
	return strcmp(json_str(c->event, "channel_type"), "im") == 0;
}

// Channels are full of what others say to each other.
static bool is_said_to_us(const struct chat *c)
{
	struct err e;
	_json_ json_t *at = NULL;

	if (is_direct(c) || strcmp(json_str(c->event, "type"), "app_mention") == 0)
		return true;
	at = posting_at(c->s->desk.db, json_str(c->event, "channel"), json_str(c->event, "thread_ts"), &e);
	return at && json_object_size(at);
}

static char *event_key(const struct chat *c)
{
	const char *type = json_str(c->event, "type");

	for (size_t i = 0; unkept[i]; i++)
		if (strcmp(type, unkept[i]) == 0)
			return NULL;
	if (strcmp(type, "message") != 0 && strcmp(type, "app_mention") != 0)
		return text_format("slack/event/%s", json_str(c->payload, "event_id"));
	if (!is_said_to_us(c))
		return NULL;
	return text_format("slack/message/%s/%s", json_str(c->event, "channel"), json_str(c->event, "ts"));
}

static char *interactive_key(const struct chat *c)
{
	const char *type = json_str(c->payload, "type"), *trigger = json_str(c->payload, "trigger_id");
	const json_t *view = json_obj(c->payload, "view"), *container = json_obj(c->payload, "container");
	const json_t *action = json_array_get(json_arr(c->payload, "actions"), 0);

	if (strcmp(type, "view_closed") == 0)
		return NULL;
	// Sent once more after an error, a form is the same view with the same hash.
	if (strcmp(type, "view_submission") == 0)
		return text_format("slack/form/%s/%s/%s", c->user, json_str(view, "id"),
		                   *trigger ? trigger : json_str(view, "hash"));
	if (strcmp(type, "block_actions") == 0)
		return text_format("slack/click/%s/%s/%s%s", c->user, json_str(action, "action_ts"),
		                   json_str(container, "message_ts"), json_str(container, "view_id"));
	return text_format("slack/%s/%s", type, trigger);
}

char *chat_key(const struct chat *c)
{
	if (c->event)
		return event_key(c);
	if (strcmp(c->envelope, "interactive") == 0)
		return interactive_key(c);
	return text_format("slack/command/%s", json_str(c->payload, "trigger_id"));
}

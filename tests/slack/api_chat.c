// SPDX-License-Identifier: Apache-2.0
// chat.postMessage, chat.postEphemeral, chat.update, chat.delete.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/emulator.h"
#include "tests/slack/limits.h"
#include "tests/slack/messages.h"

#define TEXT_MAX 40000 // of a new message, which is cut
#define UPDATE_TEXT_MAX 4000

// The conversation that is meant, or NULL and why not.  A person's id stands for the conversation with them.
static json_t *target(struct emulator *m, const struct call *c, bool people, json_t **refusal)
{
	const char *id = call_text(c, "channel");
	json_t *channel = id && people && (id[0] == 'U' || id[0] == 'W') ? workspace_dm(&m->workspace, id)
	                                                                 : workspace_find_channel(&m->workspace, id);
	const char *why = NULL;

	if (!channel)
		why = "channel_not_found";
	else if (!channel_has(channel, BOT_USER))
		why = strcmp(json_str(channel, "kind"), "group") != 0 ? "not_in_channel" : "channel_not_found";
	else if (json_bool(channel, "archived"))
		why = "is_archived";
	*refusal = why ? api_error(why) : NULL;
	return why ? NULL : channel;
}

// The blocks of a call (NULL when there are none), or a refusal.
static json_t *blocks_of(const struct call *c, json_t **refusal)
{
	json_t *blocks, *errors;

	*refusal = NULL;
	if (call_json(c, "blocks", &blocks) < 0 || (blocks && !json_is_array(blocks))) {
		json_decref(blocks);
		*refusal = api_error("invalid_blocks_format");
		return NULL;
	}
	if (!blocks)
		return NULL;
	errors = limits_message(blocks);
	if (errors)
		*refusal = api_refuse("invalid_blocks", errors);
	else if (limits_text_too_long(blocks))
		*refusal = api_error("msg_blocks_too_long");
	if (*refusal) {
		json_decref(blocks);
		return NULL;
	}
	return blocks;
}

static json_t *answer(const json_t *channel, json_t *message)
{
	json_t *out = api_ok();

	json_put_str(out, "channel", json_str(channel, "id"));
	json_put_str(out, "ts", json_str(message, "ts"));
	json_put(out, "message", message);
	return out;
}

// A message of the bot from the arguments, or NULL and a refusal.
static json_t *compose(struct emulator *m, const struct call *c, json_t *channel, json_t **refusal)
{
	json_t *blocks = blocks_of(c, refusal), *metadata, *message;
	const char *text = call_text(c, "text"), *thread = call_text(c, "thread_ts");

	if (*refusal)
		return NULL;
	if (!text && !blocks)
		*refusal = api_error("no_text");
	else if (thread && !channel_message(channel, thread))
		*refusal = api_error("thread_not_found");
	else if (call_json(c, "metadata", &metadata) < 0)
		*refusal = api_error("invalid_metadata_format");
	if (*refusal) {
		json_decref(blocks);
		return NULL;
	}
	_free_ char *cut = text ? text_copy_n(text, utf8_prefix(text, TEXT_MAX)) : NULL;

	message = message_of_bot(m, cut, blocks, thread);
	if (metadata)
		json_put(message, "metadata", metadata);
	return message;
}

json_t *chat_post_message(struct emulator *m, const struct call *c)
{
	json_t *refusal, *channel = target(m, c, true, &refusal);
	json_t *message = channel ? compose(m, c, channel, &refusal) : NULL;

	if (!message)
		return refusal;
	message_post(m, channel, json_incref(message));
	return answer(channel, message);
}

json_t *chat_post_ephemeral(struct emulator *m, const struct call *c)
{
	const char *user = call_text(c, "user");
	json_t *refusal, *channel = target(m, c, true, &refusal), *out;
	json_t *message = channel ? compose(m, c, channel, &refusal) : NULL;

	if (!message)
		return refusal;
	if (!channel_has(channel, user)) {
		json_decref(message);
		return api_error("user_not_in_channel");
	}
	json_put_str(message, "for", user);
	out = api_ok();
	json_put_str(out, "message_ts", json_str(message, "ts"));
	channel_put(channel, message);
	return out;
}

// The bot's own message that is meant, or NULL and a refusal.
static json_t *own_message(const json_t *channel, const struct call *c, const char *not_ours, json_t **refusal)
{
	json_t *message = json_obj(json_obj(channel, "messages"), call_text(c, "ts") ? call_text(c, "ts") : "");

	if (!message)
		*refusal = api_error("message_not_found");
	else if (strcmp(json_str(message, "user"), BOT_USER) != 0)
		*refusal = api_error(not_ours);
	return *refusal ? NULL : message;
}

// Text alone takes the blocks away; neither text nor blocks is an error.
json_t *chat_update(struct emulator *m, const struct call *c)
{
	json_t *refusal, *channel = target(m, c, false, &refusal), *message, *now;
	const json_t *old = channel ? own_message(channel, c, "cant_update_message", &refusal) : NULL;
	const char *text = call_text(c, "text");

	if (!old)
		return refusal;
	if (text && limits_length(text) > UPDATE_TEXT_MAX)
		return api_error("msg_too_long");
	message = compose(m, c, channel, &refusal);
	if (!message)
		return refusal;
	now = json_copy((json_t *)old);
	json_put(now, "edited", json_pack("{s:s, s:O}", "user", BOT_USER, "ts", json_object_get(message, "ts")));
	json_object_del(now, "blocks");
	json_put_str(message, "ts", json_str(old, "ts"));
	json_object_update(now, message);
	json_decref(message);
	message_change(m, channel, json_incref(now));
	json_t *out = answer(channel, now);

	json_put_str(out, "text", json_str(now, "text"));
	return out;
}

json_t *chat_delete(struct emulator *m, const struct call *c)
{
	json_t *refusal, *channel = target(m, c, false, &refusal), *out;

	if (!channel || !own_message(channel, c, "cant_delete_message", &refusal))
		return refusal;
	out = api_ok();
	json_put_str(out, "channel", json_str(channel, "id"));
	json_put_str(out, "ts", call_text(c, "ts"));
	message_delete(m, channel, call_text(c, "ts"));
	return out;
}

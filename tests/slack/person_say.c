// SPDX-License-Identifier: Apache-2.0
// A person writes: a message, a change of it, a command, a shortcut.
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/emulator.h"
#include "tests/slack/events.h"
#include "tests/slack/files.h"
#include "tests/slack/person.h"
#include "tests/slack/verbs.h"

// As Slack hands it on: what is typed is escaped, "@bot" becomes the mention.  "raw" is taken as it is.
static char *typed_text(const json_t *ask)
{
	struct buf out = BUF(1 << 20);
	const char *text = json_str(ask, "text"), *at;

	if (json_object_get(ask, "raw"))
		return text_copy(json_str(ask, "raw"));
	while ((at = strstr(text, "@bot"))) {
		escape_text(&out, ESCAPE_MRKDWN, text, (size_t)(at - text));
		buf_puts(&out, "<@" BOT_USER ">");
		text = at + strlen("@bot");
	}
	escape_text(&out, ESCAPE_MRKDWN, text, strlen(text));
	return out.data ? buf_steal(&out) : text_copy("");
}

static json_t *channel_of(struct emulator *m, const json_t *ask, struct err *e)
{
	const char *id = json_str_or_null(ask, "channel");
	json_t *channel =
	        id ? workspace_find_channel(&m->workspace, id) : workspace_dm(&m->workspace, json_str(ask, "user"));

	if (!channel)
		err_set(e, EX_USAGE, "there is no channel \"%s\"", id ? id : "");
	return channel;
}

// The files of an ask, as the message shows them; NULL and an error, or an empty list.
static json_t *files_of(struct emulator *m, const json_t *ask, struct err *e)
{
	_json_ json_t *out = json_array();
	json_t *given;
	size_t i;

	json_array_foreach(json_arr(ask, "files"), i, given) {
		json_t *file = files_add(m, json_str(ask, "user"), given, e);

		if (!file)
			return NULL;
		json_add(out, json_incref(file));
	}
	return steal_ptr(out);
}

// What Slack's own editor makes of a message, beside its text.
static json_t *rich_text(struct emulator *m, const char *text)
{
	char id[ID_SIZE];
	json_t *words = *text ? json_pack("[{s:s, s:s}]", "type", "text", "text", text) : json_array();

	return json_pack("[{s:s, s:s, s:[{s:s, s:o}]}]", "type", "rich_text", "block_id",
	                 workspace_id(&m->workspace, 'b', id), "elements", "type", "rich_text_section", "elements",
	                 words);
}

static json_t *written(struct emulator *m, const json_t *user, const json_t *ask, json_t *files)
{
	char ts[TS_SIZE], id[ID_SIZE];
	_free_ char *text = typed_text(ask);
	json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "message", "user", json_str(user, "id"),
	                            "text", text, "ts", workspace_ts(&m->workspace, ts), "client_msg_id",
	                            workspace_id(&m->workspace, 'M', id), "team", json_str(user, "team_id"));

	json_put(message, "blocks", rich_text(m, json_str(ask, "text")));
	json_put_str(message, "thread_ts", json_str_or_null(ask, "thread_ts"));
	json_put_str(message, "subtype", json_array_size(files) ? "file_share" : json_str_or_null(ask, "subtype"));
	if (json_array_size(files))
		json_put(message, "files", json_incref(files));
	return message;
}

// The event of a message, or the one of the same message that says that the bot is mentioned.
static struct delivery *tell(struct emulator *m, const json_t *channel, const json_t *message, bool mention)
{
	json_t *event = json_copy((json_t *)message);

	json_put_str(event, "channel", json_str(channel, "id"));
	json_put_str(event, "event_ts", json_str(message, "ts"));
	if (mention)
		json_put_str(event, "type", "app_mention");
	else
		json_put_str(event, "channel_type", json_str(channel, "kind"));
	return event_send(m, event);
}

// {"user", "text" or "raw", "channel"? (else the person's own with the bot), "thread_ts"?, "files"?, "subtype"?}
json_t *person_say(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e);
	json_t *channel = user ? channel_of(m, ask, e) : NULL;
	_json_ json_t *files = channel ? files_of(m, ask, e) : NULL;

	if (!files)
		return NULL;
	json_t *message = written(m, user, ask, files), *out = json_object();

	channel_put(channel, message);
	if (event_wanted(m, channel))
		json_put_str(out, "envelope", tell(m, channel, message, false)->id);
	if (!channel_is_im(channel) && strstr(json_str(message, "text"), "<@" BOT_USER) &&
	    scopes_have(&m->scopes, "app_mentions:read"))
		json_put_str(out, "mention", tell(m, channel, message, true)->id);
	json_put_str(out, "channel", json_str(channel, "id"));
	json_put_str(out, "ts", json_str(message, "ts"));
	return out;
}

static json_t *hidden_event(struct emulator *m, const json_t *channel, const char *subtype)
{
	char ts[TS_SIZE];
	json_t *event = json_pack("{s:s, s:s, s:b, s:s, s:s}", "type", "message", "subtype", subtype, "hidden", 1,
	                          "channel", json_str(channel, "id"), "channel_type", json_str(channel, "kind"));

	json_put_str(event, "ts", workspace_ts(&m->workspace, ts));
	json_put_str(event, "event_ts", ts);
	return event;
}

// {"user", "ts", "text" or "raw", "channel"?}
json_t *person_edit(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *channel = channel_of(m, ask, e), *old = channel_message(channel, json_str(ask, "ts"));

	if (!old) {
		err_set(e, EX_NOINPUT, "there is no message %s", json_str(ask, "ts"));
		return NULL;
	}
	_free_ char *text = typed_text(ask);
	json_t *event = hidden_event(m, channel, "message_changed"), *now = json_copy(old);

	json_put_str(now, "text", text);
	json_put(now, "edited", json_pack("{s:s, s:s}", "user", json_str(old, "user"), "ts", json_str(event, "ts")));
	json_put(event, "message", json_incref(now));
	json_put(event, "previous_message", json_incref(old));
	channel_put(channel, now);
	return person_answer(event_send(m, event));
}

// {"ts", "channel"? or "user"}: of whoever it is.
json_t *person_delete(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *channel = channel_of(m, ask, e), *old = channel_message(channel, json_str(ask, "ts"));

	if (!old) {
		err_set(e, EX_NOINPUT, "there is no message %s", json_str(ask, "ts"));
		return NULL;
	}
	json_t *event = hidden_event(m, channel, "message_deleted");

	json_put_str(event, "deleted_ts", json_str(old, "ts"));
	json_put(event, "previous_message", json_incref(old));
	json_object_del(json_obj(channel, "messages"), json_str(ask, "ts"));
	return person_answer(event_send(m, event));
}

// {"user", "command", "text"?, "channel"?}; it is sent from channels that the bot is not in, too.
json_t *person_command(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e), *channel = user ? channel_of(m, ask, e) : NULL;
	char trigger[TRIGGER_SIZE];

	if (!channel)
		return NULL;
	const char *id = json_str(user, "id"), *place = json_str(channel, "id");
	_free_ char *url = hook_new(m, place, id, NULL);
	_free_ char *text = typed_text(ask);
	json_t *payload =
	        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "token", "x", "team_id",
	                  json_str(user, "team_id"), "team_domain", TEAM_DOMAIN, "channel_id", place, "channel_name",
	                  json_str(channel, "name"), "user_id", id, "user_name", json_str(user, "name"), "command",
	                  json_str(ask, "command"), "text", text, "api_app_id", APP_ID, "is_enterprise_install",
	                  "false", "response_url", url, "trigger_id", view_trigger(m, id, NULL, trigger));

	return person_answer(deliver(m, "slash_commands", payload, true));
}

static void put_message(struct emulator *m, json_t *payload, const json_t *channel, json_t *message)
{
	const char *ts = json_str(message, "ts");
	_free_ char *url = hook_new(m, json_str(channel, "id"), json_str(json_obj(payload, "user"), "id"), ts);

	json_put_str(payload, "message_ts", ts);
	json_put(payload, "message", json_incref(message));
	json_put(payload, "channel",
	         json_pack("{s:s, s:s}", "id", json_str(channel, "id"), "name", json_str(channel, "name")));
	json_put_str(payload, "response_url", url);
}

// {"user", "callback", "ts"? and "channel"?: of a message}
json_t *person_shortcut(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e), *channel = user ? channel_of(m, ask, e) : NULL;
	json_t *message = channel_message(channel, json_str_or_null(ask, "ts"));
	char ts[TS_SIZE];

	if (!channel)
		return NULL;
	if (json_object_get(ask, "ts") && !message) {
		err_set(e, EX_NOINPUT, "there is no message %s", json_str(ask, "ts"));
		return NULL;
	}
	json_t *payload = person_payload(m, message ? "message_action" : "shortcut", user, NULL);

	json_put_str(payload, "callback_id", json_str(ask, "callback"));
	json_put_str(payload, "action_ts", workspace_ts(&m->workspace, ts));
	if (message)
		put_message(m, payload, channel, message);
	return person_answer(deliver(m, "interactive", payload, false));
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/messages.h"

#include <string.h>

#include "base/json.h"
#include "tests/slack/blocks.h"
#include "tests/slack/emulator.h"
#include "tests/slack/events.h"

json_t *message_of_bot(struct emulator *m, const char *text, json_t *blocks, const char *thread_ts)
{
	json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "message", "user", BOT_USER, "bot_id",
	                            BOT_ID, "app_id", APP_ID, "team", TEAM_ID, "text", text ? text : "");
	char ts[TS_SIZE];

	json_put_str(message, "ts", workspace_ts(&m->workspace, ts));
	json_put_str(message, "thread_ts", thread_ts);
	if (blocks) {
		blocks_fill(blocks, &m->workspace);
		json_put(message, "blocks", blocks);
	}
	return message;
}

static void echo(struct emulator *m, const json_t *channel, json_t *event)
{
	json_put_str(event, "channel", json_str(channel, "id"));
	json_put_str(event, "channel_type", json_str(channel, "kind"));
	if (!m->settings.echo || !event_wanted(m, channel))
		json_decref(event);
	else
		event_send(m, event);
}

void message_post(struct emulator *m, json_t *channel, json_t *message)
{
	json_t *event = json_copy(message);

	channel_put(channel, message);
	json_put_str(event, "event_ts", json_str(message, "ts"));
	echo(m, channel, event);
}

static json_t *hidden(struct emulator *m, const char *subtype)
{
	json_t *event = json_pack("{s:s, s:s, s:b}", "type", "message", "subtype", subtype, "hidden", 1);
	char ts[TS_SIZE];

	json_put_str(event, "ts", workspace_ts(&m->workspace, ts));
	json_put_str(event, "event_ts", ts);
	return event;
}

void message_change(struct emulator *m, json_t *channel, json_t *message)
{
	json_t *event = hidden(m, "message_changed");

	json_put(event, "message", json_incref(message));
	json_put(event, "previous_message", json_incref(channel_message(channel, json_str(message, "ts"))));
	channel_put(channel, message);
	echo(m, channel, event);
}

void message_delete(struct emulator *m, json_t *channel, const char *ts)
{
	json_t *event = hidden(m, "message_deleted");

	json_put_str(event, "deleted_ts", ts);
	json_put(event, "previous_message", json_incref(channel_message(channel, ts)));
	json_object_del(json_obj(channel, "messages"), ts);
	echo(m, channel, event);
}

json_t *message_seen(const json_t *channel, const json_t *message)
{
	static const char *const copied[] = { "ts", "text", "thread_ts", "edited", "blocks", "files", "metadata" };
	json_t *out = json_object(), *blocks = json_arr(message, "blocks");
	struct buf shown = BUF(1 << 20);

	for (size_t i = 0; i < LENGTH(copied); i++)
		if (json_object_get(message, copied[i]))
			json_put(out, copied[i], json_incref(json_object_get(message, copied[i])));
	json_put_str(out, "channel", json_str(channel, "id"));
	json_put_str(out, "from", json_str(message, "user"));
	json_put_bool(out, "ephemeral", json_object_get(message, "for"));
	if (blocks && !strcmp(json_str(message, "user"), BOT_USER))
		blocks_shown(blocks, &shown);
	else
		text_shown(json_str(message, "text"), &shown);
	json_put_str(out, "shown", buf_text(&shown));
	json_put(out, "buttons", blocks_buttons(blocks));
	buf_free(&shown);
	return out;
}

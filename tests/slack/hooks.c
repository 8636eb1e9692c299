// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/hooks.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/emulator.h"
#include "tests/slack/http.h"
#include "tests/slack/limits.h"
#include "tests/slack/messages.h"

void hooks_init(struct hooks *h)
{
	*h = (struct hooks){ json_object(), json_array() };
}

void hooks_free(struct hooks *h)
{
	json_decref(h->by_id);
	json_decref(h->called);
}

char *hook_new(struct emulator *m, const char *channel, const char *user, const char *ts)
{
	char id[ID_SIZE];
	json_t *hook = json_pack("{s:s, s:s, s:I, s:i}", "channel", channel, "user", user, "made_ms",
	                         (json_int_t)clock_real(), "uses", 0);

	json_put_str(hook, "ts", ts);
	json_put(m->hooks.by_id, workspace_id(&m->workspace, 'H', id), hook);
	return text_format("%s://127.0.0.1:%d/hooks/%s", m->options.cert ? "https" : "http", m->port, id);
}

static const char *refusal(const struct emulator *m, const json_t *hook, const json_t *body)
{
	if (!hook)
		return "no_service";
	if (clock_real() - json_int(hook, "made_ms") > m->settings.hook_ms)
		return "expired_url";
	if (json_int(hook, "uses") >= m->settings.hook_uses)
		return "used_url";
	return json_is_object(body) ? NULL : "invalid_payload";
}

static void post(struct emulator *m, json_t *channel, const json_t *hook, const json_t *body)
{
	json_t *blocks = json_arr(body, "blocks");
	json_t *message = message_of_bot(m, json_str(body, "text"), blocks ? json_deep_copy(blocks) : NULL,
	                                 json_str_or_null(body, "thread_ts"));

	if (strcmp(json_str(body, "response_type"), "in_channel") != 0)
		json_put_str(message, "for", json_str(hook, "user"));
	channel_put(channel, message);
}

static void replace(struct emulator *m, json_t *channel, const json_t *old, const json_t *body)
{
	json_t *now = json_copy((json_t *)old), *blocks = json_arr(body, "blocks");

	json_put_str(now, "text", json_str(body, "text"));
	json_object_del(now, "blocks");
	if (blocks)
		json_put(now, "blocks", json_deep_copy(blocks));
	if (json_object_get(now, "for"))
		channel_put(channel, now);
	else
		message_change(m, channel, now);
}

static void act(struct emulator *m, const json_t *hook, const json_t *body)
{
	json_t *channel = workspace_find_channel(&m->workspace, json_str(hook, "channel"));
	json_t *old = channel_message(channel, json_str(hook, "ts"));

	if (!channel)
		return;
	if (old && json_bool(body, "delete_original")) {
		json_object_del(json_obj(channel, json_object_get(old, "for") ? "ephemeral" : "messages"),
		                json_str(hook, "ts"));
		return;
	}
	if (old && json_bool(body, "replace_original"))
		replace(m, channel, old, body);
	else
		post(m, channel, hook, body);
}

void hooks_answer(struct emulator *m, const struct request *r, const char *id, struct answer *a)
{
	json_t *hook = json_obj(m->hooks.by_id, id);
	_json_ json_t *body = json_read(buf_text(&r->body), r->body.len, NULL);
	const char *why = refusal(m, hook, body);
	_json_ json_t *errors = !why && json_arr(body, "blocks") ? limits_message(json_arr(body, "blocks")) : NULL;

	if (errors)
		why = "invalid_blocks";
	if (why)
		a->status = 404;
	buf_puts(&a->body, why ? why : "ok");
	json_add(m->hooks.called, json_pack("{s:s, s:O?, s:I, s:i}", "id", id, "body", body, "at_ms",
	                                    (json_int_t)clock_real(), "status", a->status));
	if (why)
		return;
	json_put_int(hook, "uses", json_int(hook, "uses") + 1);
	act(m, hook, body);
}

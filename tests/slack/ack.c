// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/ack.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/slack/emulator.h"
#include "tests/slack/limits.h"
#include "tests/slack/messages.h"

// The answer to a command, which only its writer sees unless it is meant for all.
static const char *show_answer(struct emulator *m, const json_t *command, const json_t *payload)
{
	json_t *channel = workspace_find_channel(&m->workspace, json_str(command, "channel_id"));
	json_t *blocks = json_arr(payload, "blocks"), *message;
	_json_ json_t *errors = blocks ? limits_message(blocks) : NULL;

	if (!json_object_size(payload))
		return NULL;
	if (errors)
		return "its blocks are not valid";
	if (!blocks && !*json_str(payload, "text"))
		return "it has neither text nor blocks";
	message = message_of_bot(m, json_str(payload, "text"), blocks ? json_deep_copy(blocks) : NULL, NULL);
	if (strcmp(json_str(payload, "response_type"), "in_channel") != 0)
		json_put_str(message, "for", json_str(command, "user_id"));
	channel_put(channel, message);
	return NULL;
}

static const char *take_effect(struct emulator *m, const struct delivery *one, const json_t *payload)
{
	const char *kind = json_str(one->payload, "type");

	if (!strcmp(one->type, "slash_commands"))
		return show_answer(m, one->payload, payload);
	if (!strcmp(one->type, "interactive") && !strcmp(kind, "view_submission"))
		return view_submitted(m, json_str(json_obj(one->payload, "user"), "id"),
		                      json_str(json_obj(one->payload, "view"), "id"), payload);
	return json_object_size(payload) && *one->type && !one->accepts ? "it has a payload that is not accepted"
	                                                                : NULL;
}

json_t *ack_record(struct emulator *m, const struct link *link, const char *id, const struct delivery *one, bool first,
                   const json_t *payload)
{
	json_t *ack = json_pack("{s:s, s:i, s:I, s:b, s:b, s:b}", "envelope", id, "connection", (int)link->number,
	                        "at_ms", (json_int_t)clock_real(), "known", one != NULL, "again", one && !first,
	                        "elsewhere", one && one->connection != link->number);

	if (one) {
		json_put_str(ack, "origin", one->origin);
		json_put_str(ack, "type", one->type);
		json_put_int(ack, "ms", clock_monotonic() - one->sent);
		json_put_int(ack, "us", lws_now_usecs() - one->sent_us);
	}
	if (payload)
		json_put(ack, "payload", json_incref((json_t *)payload));
	if (first)
		json_put_str(ack, "trouble", take_effect(m, one, payload));
	json_add(m->deliveries.acks, ack);
	return ack;
}

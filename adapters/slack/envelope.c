// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"

static void read_hello(const json_t *message, struct envelope *out)
{
	out->kind = ENVELOPE_HELLO;
	out->connections = json_int(message, "num_connections");
	out->seconds = json_int(json_obj(message, "debug_info"), "approximate_connection_time");
}

static void read_disconnect(const json_t *message, struct envelope *out)
{
	const char *reason = json_str(message, "reason");

	out->kind = ENVELOPE_DISCONNECT;
	if (strcmp(reason, "link_disabled") == 0)
		out->reason = REASON_LINK_DISABLED;
	else if (strcmp(reason, "too_many_websockets") == 0)
		out->reason = REASON_TOO_MANY;
}

// Edits, deletions, joins and the rest are no requests; these are, with a file or shown in the channel as well.
static bool is_speech(const json_t *event)
{
	static const char *const wanted[] = { "", "file_share", "thread_broadcast" };
	const char *subtype = json_str(event, "subtype");

	for (size_t i = 0; i < LENGTH(wanted); i++)
		if (strcmp(subtype, wanted[i]) == 0)
			return true;
	return false;
}

static bool is_wanted_event(const json_t *payload, struct envelope *out)
{
	const json_t *event = json_obj(payload, "event");

	if (strcmp(json_str(payload, "type"), "app_rate_limited") == 0) {
		out->rate_limited = true;
		return false;
	}
	if (!event || *json_str(event, "bot_id"))
		return false;
	return strcmp(json_str(event, "type"), "message") != 0 || is_speech(event);
}

// A slash command is flat, an event has its user inside, an interaction has an object.
static const char *actor(const json_t *payload)
{
	const json_t *event = json_obj(payload, "event");
	const char *const places[] = { json_str(json_obj(payload, "user"), "id"), json_str(payload, "user_id"),
		                       json_str(event, "user"), json_str(json_obj(event, "user"), "id") };

	for (size_t i = 0; i < LENGTH(places); i++)
		if (*places[i])
			return places[i];
	return "";
}

static void read_payload(const json_t *message, const char *self, struct envelope *out)
{
	const json_t *payload = json_obj(message, "payload");
	const char *user = actor(payload);
	bool wanted = strcmp(out->type, "events_api") != 0 || is_wanted_event(payload, out);

	out->payload_wanted = json_bool(message, "accepts_response_payload");
	if (strlen(user) <= USER_ID_MAX)
		snprintf(out->user, sizeof out->user, "%s", user);
	if (*self && strcmp(out->user, self) == 0)
		wanted = false;
	out->kind = wanted ? ENVELOPE_HAND_OVER : ENVELOPE_ACKNOWLEDGE;
}

static const char *known_type(const char *type)
{
	static const char *const types[] = { "events_api", "interactive", "slash_commands" };

	for (size_t i = 0; i < LENGTH(types); i++)
		if (strcmp(type, types[i]) == 0)
			return types[i];
	return NULL;
}

void envelope_read(const char *text, size_t len, const char *self, struct envelope *out)
{
	_json_ json_t *message = json_read(text, len, NULL);
	const char *type = json_str(message, "type"), *id = json_str(message, "envelope_id");

	*out = (struct envelope){ 0 };
	if (strcmp(type, "hello") == 0) {
		read_hello(message, out);
	} else if (strcmp(type, "disconnect") == 0) {
		read_disconnect(message, out);
	} else if ((out->type = known_type(type)) && *id && strlen(id) <= ENVELOPE_ID_MAX) {
		snprintf(out->id, sizeof out->id, "%s", id);
		read_payload(message, self, out);
	}
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/events.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/slack/emulator.h"

bool event_wanted(const struct emulator *m, const json_t *channel)
{
	const char *kind = json_str(channel, "kind");
	const char *scope = !strcmp(kind, "im")      ? "im:history"
	                    : !strcmp(kind, "group") ? "groups:history"
	                                             : "channels:history";

	return channel_has(channel, BOT_USER) && scopes_have(&m->scopes, scope);
}

struct delivery *event_send(struct emulator *m, json_t *event)
{
	char id[ID_SIZE];
	json_t *payload = json_pack("{s:s, s:s, s:s, s:n, s:s, s:s, s:I, s:b}", "token", "x", "team_id", TEAM_ID,
	                            "context_team_id", TEAM_ID, "context_enterprise_id", "api_app_id", APP_ID, "type",
	                            "event_callback", "event_time", (json_int_t)(clock_real() / CLOCK_SECOND),
	                            "is_ext_shared_channel", 0);

	workspace_id(&m->workspace, 'E', id);
	id[1] = 'v';
	json_put_str(payload, "event_id", id);
	json_put(payload, "authorizations",
	         json_pack("[{s:n, s:s, s:s, s:b, s:b}]", "enterprise_id", "team_id", TEAM_ID, "user_id", BOT_USER,
	                   "is_bot", 1, "is_enterprise_install", 0));
	json_put_str(payload, "event_context", "4-emulated");
	json_put(payload, "event", event);
	return deliver(m, "events_api", payload, false);
}

// SPDX-License-Identifier: Apache-2.0
// apps.connections.open and auth.test.
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/emulator.h"

json_t *apps_connections_open(struct emulator *m, const struct call *c)
{
	json_t *out = api_ok();
	char ticket[TICKET_SIZE];

	links_ticket(m, ticket);
	_free_ char *url = text_format("%s://%s/link/?ticket=%s&app_id=%s", m->options.cert ? "wss" : "ws", c->host,
	                               ticket, APP_ID);

	json_put_str(out, "url", url);
	return out;
}

json_t *auth_test(struct emulator *m, const struct call *c)
{
	json_t *out = api_ok();

	(void)m;
	(void)c;
	json_put_str(out, "url", "https://" TEAM_DOMAIN ".slack.com/");
	json_put_str(out, "team", TEAM_NAME);
	json_put_str(out, "team_id", TEAM_ID);
	json_put_str(out, "user", BOT_NAME);
	json_put_str(out, "user_id", BOT_USER);
	json_put_str(out, "bot_id", BOT_ID);
	json_put_bool(out, "is_enterprise_install", false);
	return out;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/slack_account.h"

#include "base/json.h"
#include "base/secret.h"

const struct slack_scope slack_scopes[] = {
	{ "chat:write", "the desk cannot write to anybody" },
	{ "commands", "/countersign and the shortcuts do nothing" },
	{ "im:write", "no conversation can be begun with an approver" },
	{ "im:history", "what people write to the desk does not arrive" },
	{ "app_mentions:read", "mentions in channels do not arrive" },
	{ "users:read", "deactivated people and guests cannot be told apart" },
	{ "users:read.email", "people who are not listed cannot ask: their address is not known" },
	{ "files:read", "shared files do not become evidence" },
	{ "files:write", "long answers cannot be sent as a file" },
	{ "channels:history", "comments in a case's thread do not arrive" },
	{ "groups:history", "comments in a case's thread in a private channel do not arrive" },
	{ NULL, NULL },
};

// Whoever is listed needs no looking up.
json_t *slack_config(const struct config *config, const struct people *people)
{
	json_t *out = json_object(), *listed = json_array();

	for (size_t i = 0; people && i < people_count(people); i++)
		if (people_at(people, i)->slack)
			json_add_str(listed, people_at(people, i)->slack);
	json_put_str(out, "api", config->slack.api);
	json_put_str(out, "ca", config->slack.ca);
	json_put(out, "listed", listed);
	return out;
}

static int put_token(const struct config *config, const char *reference, const char *key, json_t *secrets,
                     struct err *e)
{
	_secret_ char *token = secret_load(reference, config->dir, NULL, e);

	if (!token)
		return err_prefix(e, "slack.%s", key);
	json_put_str(secrets, key, token);
	return 0;
}

json_t *slack_secrets(const struct config *config, struct err *e)
{
	_json_ json_t *secrets = json_object();

	if (put_token(config, config->slack.app_token, "app_token", secrets, e) < 0 ||
	    put_token(config, config->slack.bot_token, "bot_token", secrets, e) < 0)
		return NULL;
	return steal_ptr(secrets);
}

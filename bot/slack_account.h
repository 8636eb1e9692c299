// SPDX-License-Identifier: Apache-2.0
// The desk's account in Slack: what its adapter is configured with, and what the app must be allowed.
#ifndef BOT_SLACK_ACCOUNT_H
#define BOT_SLACK_ACCOUNT_H

#include <jansson.h>

#include "bot/config.h"
#include "bot/people.h"

// {"api","ca","listed"}
json_t *slack_config(const struct config *config, const struct people *people);

// {"app_token","bot_token"}; NULL on error.
json_t *slack_secrets(const struct config *config, struct err *e);

// The scopes that the bot token needs, as in templates/slack/manifest.yaml; ends with a NULL scope.
struct slack_scope {
	const char *scope;
	const char *without; // "people cannot be told apart": what does not work without it
};
extern const struct slack_scope slack_scopes[];

#endif

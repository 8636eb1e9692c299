// SPDX-License-Identifier: Apache-2.0
// What `configure` says, checked: where Slack is, by which tokens, how soon a silent connection counts as dead.
#ifndef ADAPTERS_SLACK_SETTINGS_H
#define ADAPTERS_SLACK_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct settings {
	char *api;       // "https://slack.com/api/"; ends in a slash
	char *host;      // of `api`, in lower case
	bool plain;      // http: then the address connected to must be this machine's, and so must that of the sockets
	bool loopback;   // `host` is this machine by its name: a test or a demonstration
	char *ca;        // file of trusted certificates; "" = the system's
	json_t *listed;  // ids of users that the core knows
	uint16_t ping;   // seconds after which a quiet connection is asked whether it lives
	uint16_t dead;   // seconds after which a silent one is given up
	char *app_token; // opens sockets; a secret
	char *bot_token; // does everything else; a secret
};

// The keys of `config` and of `secrets`, for channel_open().
extern const struct json_key settings_keys[];
extern const struct json_key secret_keys[];

// 0, or -1 (EX_CONFIG) with the sentence for the operator, which never holds a token.
int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e);
void settings_free(struct settings *s);

#endif

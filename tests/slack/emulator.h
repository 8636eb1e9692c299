// SPDX-License-Identifier: Apache-2.0
// The emulator's parts in one place, as every handler is given them.
#ifndef SLACK_EMULATOR_H
#define SLACK_EMULATOR_H

#include <jansson.h>
#include <libwebsockets.h>

#include "tests/slack/delivery.h"
#include "tests/slack/faults.h"
#include "tests/slack/hooks.h"
#include "tests/slack/link.h"
#include "tests/slack/options.h"
#include "tests/slack/rates.h"
#include "tests/slack/scopes.h"
#include "tests/slack/settings.h"
#include "tests/slack/views.h"
#include "tests/slack/workspace.h"

struct emulator {
	struct options options;
	struct settings settings;
	struct lws_context *context;
	struct lws_vhost *vhost;
	lws_sorted_usec_list_t tick;
	int port;
	struct workspace workspace;
	struct views views;
	struct hooks hooks;
	struct scopes scopes;
	struct faults faults;
	struct rates rates;
	struct links links;
	struct deliveries deliveries;
	json_t *calls; // of the Web API, in their order: {method, args, at_ms, token, ok, error, status}
};

#endif

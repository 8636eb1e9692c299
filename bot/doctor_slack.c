// SPDX-License-Identifier: Apache-2.0
#include "bot/doctor_slack.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "bot/doctor_adapter.h"
#include "bot/slack_account.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define LOOK_AGAIN 200    // ms: a log line wakes nobody
#define CONNECTED ": up;" // in the adapter's log line once a socket greeted it

static void look_at_scopes(const json_t *granted, struct report *r)
{
	bool complete = true;

	for (const struct slack_scope *s = slack_scopes; s->scope; s++) {
		if (json_has_str(granted, s->scope))
			continue;
		complete = false;
		report_failed(r, EX_NOPERM, "slack scopes",
		              "%s is missing: %s. Add it under OAuth & Permissions and install the app again.",
		              s->scope, s->without);
	}
	if (complete)
		report_ok(r, "slack scopes", "The app may do all that the desk needs.");
}

// The bot token has answered, and so has the socket that the app token opens; or what was wrong instead.
static void look_at(struct helper *h, struct report *r)
{
	int64_t end = clock_monotonic() + PATIENCE;
	bool known = false;

	while (!known || !helper_logged(h, CONNECTED)) {
		_frame_ struct frame f = { 0 };
		enum helper_news news = helper_next(h, clock_monotonic() + LOOK_AGAIN, &f);

		if (news == HELPER_LATE && clock_monotonic() < end)
			continue;
		if (news != HELPER_FRAME) {
			_free_ char *last = helper_last_words(h);

			report_failed(r, EX_UNAVAILABLE, known ? "slack socket" : "slack", "%s", last);
			return;
		}
		if (strcmp(json_str(f.json, "kind"), "notice") == 0) {
			report_failed(r, EX_UNAVAILABLE, "slack", "%s", json_str(f.json, "text"));
			return;
		}
		if (strcmp(json_str(f.json, "kind"), "self") != 0)
			continue;
		known = true;
		report_ok(r, "slack", "The desk is %s in %s.", json_str(f.json, "user_id"), json_str(f.json, "team"));
		look_at_scopes(json_arr(f.json, "scopes"), r);
	}
	report_ok(r, "slack socket", "What people do in Slack arrives.");
}

void doctor_slack(const struct config *config, struct report *r)
{
	struct helper h = HELPER;
	struct err e = { 0 };
	json_t *secrets = slack_secrets(config, &e);

	if (!secrets)
		report_failed(r, EX_CONFIG, "slack", "%s", e.text);
	else if (helper_start(&h, "slack", slack_config(config, NULL), secrets, &e) < 0)
		report_failed(r, EX_UNAVAILABLE, "slack", "%s", e.text);
	else
		look_at(&h, r);
	helper_stop(&h);
}

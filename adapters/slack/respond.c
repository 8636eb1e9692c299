// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "adapters/slack/calls.h"
#include "adapters/slack/errand.h"
#include "adapters/slack/peer.h"
#include "base/json.h"
#include "base/text.h"

static void on_answer(void *data, const struct answer *answer)
{
	struct errand *errand = data;

	if (answer->ok)
		errand_sent(errand, NULL);
	else
		errand_failed(errand, answer);
}

void respond_start(struct errand *errand)
{
	static const struct json_key keys[] = { { "url", 'S', 2048 }, { "body", 'O', 0 }, { 0 } };
	const char *url = json_str(errand->args, "url");
	struct err e = { 0 };
	char *body;

	if (json_check(errand->args, keys, "respond", &e) < 0) {
		errand_refused(errand, "invalid_arguments", e.text);
		return;
	}
	if (!peer_may_be_answered(errand->settings, url)) {
		errand_refused(errand, "not-slack", "respond: the address is not Slack's, nothing was sent there");
		return;
	}
	body = json_text(json_obj(errand->args, "body"));
	calls_add(errand->calls, &(struct call){ .method = METHOD_RESPOND,
	                                         .url = text_copy(url),
	                                         .content_type = CALL_JSON,
	                                         .body = body,
	                                         .len = strlen(body),
	                                         .fd = -1,
	                                         .deadline = errand->deadline,
	                                         .done = on_answer,
	                                         .data = errand });
}

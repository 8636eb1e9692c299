// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "adapters/slack/calls.h"
#include "adapters/slack/errand.h"
#include "adapters/slack/peer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { SIZE_MAX_BYTES = 256 << 20 };

// A token without the scope files:read gets the page of a login, with status 200.
static bool is_login_page(const struct errand *errand)
{
	const char *url = json_str(errand->args, "url");
	char head[16] = "";

	return pread(errand->fd, head, sizeof head - 1, 0) > 0 && text_starts_fold(head, "<!doctype html") &&
	       !strstr(url, ".htm");
}

static void on_bytes(void *data, const struct answer *answer)
{
	struct errand *errand = data;
	json_t *more;

	if (!answer->ok) {
		errand_failed(errand, answer);
	} else if (is_login_page(errand)) {
		errand_refused(
		        errand, "missing_scope",
		        "download: Slack gave a login page instead of the file: the app may lack the scope files:read");
	} else {
		more = json_object();
		json_put_int(more, "bytes", (int64_t)answer->bytes);
		errand_sent(errand, more);
	}
}

void download_start(struct errand *errand)
{
	static const struct json_key keys[] = { { "url", 'S', 4096 }, { "size_max", 'I', SIZE_MAX_BYTES }, { 0 } };
	const char *url = json_str(errand->args, "url");
	struct err e = { 0 };

	if (json_check(errand->args, keys, "download", &e) < 0) {
		errand_refused(errand, "invalid_arguments", e.text);
	} else if (!peer_may_have_token(errand->settings, url)) {
		errand_refused(errand, "not-slack",
		               "download: the file is not at Slack's, the token is not shown there");
	} else if ((errand->fd = memfd_of("download", NULL, 0, &e)) < 0) {
		errand_refused(errand, "no-room", e.text);
	} else {
		calls_add(errand->calls, &(struct call){ .method = METHOD_DOWNLOAD,
		                                         .bearer = BEARER_BOT,
		                                         .url = text_copy(url),
		                                         .fd = errand->fd,
		                                         .max = (size_t)json_int(errand->args, "size_max"),
		                                         .deadline = errand->deadline,
		                                         .done = on_bytes,
		                                         .data = errand });
	}
}

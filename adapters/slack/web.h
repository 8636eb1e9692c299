// SPDX-License-Identifier: Apache-2.0
// HTTPS through libcurl on the loop: requests that run side by side over connections that are kept warm.  No
// redirects, no proxy, no cookies.  Whether and when to ask is calls.h's business.
#ifndef ADAPTERS_SLACK_WEB_H
#define ADAPTERS_SLACK_WEB_H

#include <stddef.h>
#include <uv.h>

#include "adapters/slack/answer.h"
#include "base/err.h"

struct settings;
struct web;

// Everything must live until the answer.
struct request {
	const char *url;
	const char *bearer;       // a token, or NULL
	const char *content_type; // of the body
	const char *body;         // NULL: GET
	size_t len;
	int fd;       // where the answer's bytes go; -1: into memory
	size_t max;   // bytes that the answer may have
	long timeout; // ms
};

// Called once for each request, from the loop or web_close(), never from inside web_start().
typedef void web_done(void *data, const struct response *r);

// `settings` must outlive it.  NULL on error.
struct web *web_new(uv_loop_t *loop, const struct settings *settings, struct err *e);

// -1: out of memory, or not a URL; then `done` is not called.
int web_start(struct web *w, const struct request *request, web_done *done, void *data);

// Ends everything, each with CURLE_ABORTED_BY_CALLBACK; its handles close when the loop runs next.  Then web_free().
void web_close(struct web *w);
void web_free(struct web **w);

#endif

// SPDX-License-Identifier: Apache-2.0
// HTTP as the emulator sees it: a request that has come whole, and its answer.  Between them and libwebsockets stands
// http.c, which knows nothing of Slack.
#ifndef SLACK_HTTP_H
#define SLACK_HTTP_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define HTTP_BODY_MAX (64U << 20)
#define HTTP_HEADER_MAX 1024

struct emulator;

struct request {
	bool post;
	char path[HTTP_HEADER_MAX];
	char query[HTTP_HEADER_MAX];
	char authorization[HTTP_HEADER_MAX];
	char type[HTTP_HEADER_MAX];
	char host[HTTP_HEADER_MAX];
	struct buf body;
};

struct answer {
	int status;
	const char *type; // a literal
	struct buf head;  // further header lines, each with CR LF
	struct buf body;
	int64_t delay_ms; // to wait before it is sent
	bool hangup;      // the connection is closed instead
};

// One request and its answer on one connection.
struct exchange {
	struct emulator *emulator;
	struct lws *wsi;
	lws_sorted_usec_list_t timer;
	struct request request;
	struct answer answer;
	bool answered;
};

// Is it HTTP that lws speaks of?
bool http_reason(enum lws_callback_reasons reason);

// What lws says about a connection that speaks HTTP.  `exchange` is where the connection keeps its state, NULL at
// first.
int http_event(struct emulator *m, struct exchange **exchange, struct lws *wsi, enum lws_callback_reasons reason,
               void *in, size_t len);

#endif

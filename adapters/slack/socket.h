// SPDX-License-Identifier: Apache-2.0
// One websocket to Slack, from the name lookup to its end: verified TLS, a deadline until `hello`, pings, whole
// messages, text out in order, an end that never takes long.  Which sockets there are is sockets.h's business.
#ifndef ADAPTERS_SLACK_SOCKET_H
#define ADAPTERS_SLACK_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"

struct settings;
struct socket;

// What all sockets share: the libwebsockets context on the loop.  NULL on error.
struct ground;
struct ground *ground_new(uv_loop_t *loop, const struct settings *settings, struct err *e);
// Ends the sockets that are left, without a word; its handles close when the loop runs next.  Then ground_free().
void ground_close(struct ground *g);
void ground_free(struct ground **g);

struct socket_owner {
	void (*message)(void *data, struct socket *s, const char *text, size_t len);
	// The last call: afterwards the socket is not the owner's.  `why` is a sentence.
	void (*gone)(void *data, struct socket *s, const char *why);
	void *data;
};

// `url` is used once and not kept.  `owner` must outlive the socket.  NULL when it is not a URL for us.
struct socket *socket_open(struct ground *g, const char *url, const struct socket_owner *owner, struct err *e);

// The connection works: the deadline for `hello` is met.
void socket_greeted(struct socket *s);

// Queues a text, which it takes over.
void socket_write(struct socket *s, char *text);

// Closes it in order, after what is queued, within a second.  `gone` follows.
void socket_close(struct socket *s);

#endif

// SPDX-License-Identifier: Apache-2.0
// What sockets stand on: libwebsockets on the loop, with the certificates that are trusted.  Only for socket.c.
#ifndef ADAPTERS_SLACK_GROUND_H
#define ADAPTERS_SLACK_GROUND_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct settings;
struct socket;

#define GROUND_PROTOCOL "slack"

struct ground {
	struct lws_context *context;
	uv_loop_t *loop;
	const struct settings *settings;
	struct lws_protocols protocols[2];
	lws_retry_bo_t policy; // when a quiet connection is pinged, when a silent one is given up
	struct socket *sockets;
	unsigned attempts; // of connecting: another address of the same name each time
};

// What libwebsockets tells of a socket (socket.c).
int socket_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif

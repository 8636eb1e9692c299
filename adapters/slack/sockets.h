// SPDX-License-Identifier: Apache-2.0
// The connections to Slack: two at any time, so that the end of one is nobody's loss.  The only place that opens,
// replaces and gives up sockets.
#ifndef ADAPTERS_SLACK_SOCKETS_H
#define ADAPTERS_SLACK_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapters/slack/envelope.h"
#include "base/err.h"

struct calls;
struct core;
struct ground;
struct sockets;

struct sockets_user {
	// A whole message of the socket `number`.
	void (*message)(void *data, int64_t number, const char *text, size_t len);
	// How many envelopes of it are not acknowledged yet.
	size_t (*waiting)(void *data, int64_t number);
	// It is gone, and so is what it brought.
	void (*gone)(void *data, int64_t number);
	void *data;
};

// Everything must outlive it.  Connects when the loop runs.  NULL on error.
struct sockets *sockets_new(uv_loop_t *loop, struct ground *ground, struct calls *calls, struct core *core,
                            const struct sockets_user *user, struct err *e);

// What the message was, where it concerns the connection itself.
void sockets_hello(struct sockets *s, int64_t number, const struct envelope *hello);
void sockets_disconnect(struct sockets *s, int64_t number, enum disconnect_reason reason);

// Writes on the socket that has this number; when it is gone nothing happens.  Takes the text over.
void sockets_write(struct sockets *s, int64_t number, char *text);

// Closes all in order, opens none any more.
void sockets_stop(struct sockets *s);
// Are all gone?
bool sockets_ended(const struct sockets *s);

// Its handle closes when the loop runs next.  After ground_close(); then sockets_free().
void sockets_close(struct sockets *s);
void sockets_free(struct sockets **s);

#endif

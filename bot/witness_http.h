// SPDX-License-Identifier: Apache-2.0
// The HTTP server of a witness, over libwebsockets: takes POST /add-checkpoint whole and bounded, hands it on, writes
// the answer.  It bears slow and many clients: whoever takes too long is cut off, and when all places are taken the
// one who has been here longest without a whole request makes room.  Knows nothing of checkpoints.
#ifndef BOT_WITNESS_HTTP_H
#define BOT_WITNESS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct witness_reply {
	int status;
	const char *type; // Content-Type
	char *body;       // owned by whoever writes it
};

// Answers a whole request.  -1: nothing may leave, and the server ends with the error.
typedef int witness_handler(void *data, const char *bytes, size_t len, struct witness_reply *out, struct err *e);

struct witness_http {
	const char *host; // an address of this machine
	int port;
	size_t body_max; // bytes
	witness_handler *handle;
	void *data;
	void (*ready)(void *data); // once it listens
};

// Serves until SIGTERM or SIGINT, which the caller has blocked: 0; or -1.
int witness_http_run(const struct witness_http *h, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The control socket: a stream of JSON objects, one a line, each {"verb": ...}; each is answered by one line, in order,
// {"ok":true, ...} or {"ok":false,"error":sentence}.  Asks may be sent without waiting for answers.
#ifndef SLACK_CONTROL_H
#define SLACK_CONTROL_H

#include <libwebsockets.h>

#include "base/err.h"

#define CONTROL_PROTOCOL "control"
#define CONTROL_LINE_MAX (64U << 20)

struct control;
struct emulator;

// Listens at the path (which is replaced).  0, or -1.
int control_listen(struct emulator *m, const char *path, struct err *e);

// What lws reports about the listening socket and about clients.  `client` is where one keeps its state.
int control_event(struct emulator *m, struct control **client, struct lws *wsi, enum lws_callback_reasons reason);

#endif

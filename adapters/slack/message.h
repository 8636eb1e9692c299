// SPDX-License-Identifier: Apache-2.0
// One message of a websocket, put together from the pieces that libwebsockets hands out: it cuts even a message that
// came in one frame, and sets no limit on its length.
#ifndef ADAPTERS_SLACK_MESSAGE_H
#define ADAPTERS_SLACK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define MESSAGE_MAX (16UL << 20)

struct message {
	struct buf bytes;
	bool binary; // Slack sends none: to be passed over
};

enum message_state {
	MESSAGE_PART,      // more is to come
	MESSAGE_WHOLE,     // `bytes` has it until the next piece
	MESSAGE_TOO_LARGE, // more than MESSAGE_MAX: give the connection up
};

struct message message_new(void);
void message_free(struct message *m);

// `first` and `last`: is the piece where the message begins, is it where it ends?
enum message_state message_add(struct message *m, const void *piece, size_t len, bool first, bool last, bool binary);

#endif

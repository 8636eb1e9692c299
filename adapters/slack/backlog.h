// SPDX-License-Identifier: Apache-2.0
// What came while the core had enough in hand, in the order in which it came.  Reading goes on meanwhile: on a
// connection that is not read no answer to our pings is seen, so a core that takes its time would cost the connection.
#ifndef ADAPTERS_SLACK_BACKLOG_H
#define ADAPTERS_SLACK_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKLOG_BYTES ((size_t)8 << 20) // some thousands of presses; an envelope is 1 to 4 KB

struct late;

struct backlog {
	struct late *first, **end;
	size_t bytes;
};

void backlog_init(struct backlog *b);
void backlog_free(struct backlog *b);

// Keeps a copy of the text.  false when there is no room.
bool backlog_add(struct backlog *b, int64_t connection, const char *text, size_t len);

// The oldest, which is the caller's to free; NULL when there is none.
char *backlog_take(struct backlog *b, int64_t *connection, size_t *len);

// How many came by that connection.
size_t backlog_count(const struct backlog *b, int64_t connection);

#endif

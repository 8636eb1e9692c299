// SPDX-License-Identifier: Apache-2.0
// Waiting for the server or the channel, by IDLE (RFC 2177) where the server has it.  Written on libetpan's stream
// rather than by its mailimap_idle(), which blocks for good when something comes before "+ idling", and whose callers
// poll a descriptor while the news is already in the stream's buffer.
#ifndef ADAPTERS_IMAP_IDLE_H
#define ADAPTERS_IMAP_IDLE_H

#include <stdint.h>

#include "adapters/imap/session.h"

enum idle_news {
	IDLE_MAIL,    // the server said something that may mean mail: search
	IDLE_CHANNEL, // a frame waits
	IDLE_TIME,    // `time` is over
};

// Waits at most `time` ms.  0, or -1 when the session is over.
int idle_wait(struct session *s, int64_t time, enum idle_news *news, struct err *e);

// What one line means while a command is under way.
enum idle_line {
	LINE_NOTHING,  // an untagged line that brings no mail
	LINE_MAIL,     // EXISTS or RECENT (or FETCH, EXPUNGE: harmless to search after)
	LINE_CONTINUE, // "+ ..."
	LINE_BYE,
	LINE_OK,  // tagged
	LINE_END, // tagged, not OK
	LINE_BROKEN,
};
enum idle_line idle_read(const char *line, const char *tag);

#endif

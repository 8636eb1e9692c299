// SPDX-License-Identifier: Apache-2.0
// Makes text from outside harmless where it is going to stand.  Whatever the place: bytes that are not UTF-8, control
// characters, line separators of Unicode and characters that turn the direction of writing around (U+202A to U+202E,
// U+2066 to U+2069) are shown as U+FFFD, and CR LF counts as one line end.
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

enum escape {
	ESCAPE_PLAIN,  // text/plain and terminals: a tab becomes four spaces, line ends stay
	ESCAPE_HTML,   // elements and quoted attributes: & < > " ' as entities, a line end as <br>
	ESCAPE_HEADER, // one line: line ends and tabs become spaces
	ESCAPE_URL,    // RFC 3986: everything but unreserved characters as %XX, a line end as %0D%0A
	ESCAPE_MRKDWN, // Slack: & < > as entities, so that no text becomes a mention or a link
};

// Adds `len` bytes of text to `out`; -1 when they did not fit.
int escape_text(struct buf *out, enum escape how, const char *text, size_t len);

#endif

// SPDX-License-Identifier: Apache-2.0
// A person's own words told from what their mail program put around them: quotes, the line or block that introduces a
// quote, signatures.  Only what is left may hold a command.  When in doubt a line is not the person's own.
#ifndef MIME_OWN_H
#define MIME_OWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct own {
	bool quote_first; // something quoted stands before the first own line
	bool forwarded;   // a forwarded message is quoted
};

// Adds the own lines of `text` (UTF-8, LF) to `out`, blank lines at both ends left out.
void own_words(const char *text, struct buf *out, struct own *found);

// How many bytes of blanks `text` begins with: ASCII blanks, NBSP, BOM.
size_t own_blanks(const char *text);

#endif

// SPDX-License-Identifier: Apache-2.0
// Text in the making: HTML's white space and blocks become lines.  Breaks and blanks are only owed until the next
// character comes, so that blocks inside blocks do not pile up empty lines.
#ifndef MIME_SHEET_H
#define MIME_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct sheet {
	struct buf text;
	unsigned breaks; // owed line ends
	bool space;      // an owed blank
	bool written;    // the line has characters
	unsigned quoted; // "> " before each line, this many times
};

#define SHEET(maximum) ((struct sheet){ .text = BUF(maximum) })

// White space runs together, unless `preformatted`.
void sheet_add(struct sheet *sheet, const char *text, size_t len, bool preformatted);
// Ends the line if it has characters; 2 leaves an empty line as well.
void sheet_break(struct sheet *sheet, unsigned breaks);
// <br>: ends the line even if it is empty.
void sheet_newline(struct sheet *sheet);
// A cell's distance from the one before.
void sheet_tab(struct sheet *sheet);

#endif

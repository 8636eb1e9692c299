// SPDX-License-Identifier: Apache-2.0
// Lays out plain text for people with a fixed-width font (mutt, a terminal): columns that line up, prose that is
// wrapped, no heaps of empty lines.  Templates can thus be written without counting blanks.
#ifndef BOT_LAYOUT_H
#define BOT_LAYOUT_H

#include <stddef.h>

#include "base/buf.h"

#define LAYOUT_WIDTH 76

// Adds `text` to `out`:
//   - within neighbouring lines that hold tabs, what follows a tab begins in the same column (a cell wider than 28
//     columns does not push the others);
//   - a line wider than LAYOUT_WIDTH is broken at blanks and goes on below where its last column, its bullet ("- ") or
//     its quotation marks ("| ", "> ") began; a word is never cut, so that links stay whole, nor is a line that begins
//     with a dash, as signatures of notes do;
//   - several empty lines become one; none at the beginning and the end.
// Returns -1 when it did not fit.
int layout_plain(const char *text, struct buf *out);

#endif

// SPDX-License-Identifier: Apache-2.0
// What of a person's text is running text of their own: the rest is cut out, or masked where it stands in a sentence.
#ifndef BOT_PROSE_MASK_H
#define BOT_PROSE_MASK_H

#define PROSE_MASK '\x01'

// A new text in which the lines of a paragraph are joined by blanks and "\n" parts paragraphs and bullets.  Left out
// are code (indented, fenced), quoted lines, and all from a closing formula near the end on; the bytes of URLs,
// addresses, host names, code in backticks and quoted speech of three words or more are PROSE_MASK.
char *prose_mask(const char *text);

#endif

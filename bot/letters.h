// SPDX-License-Identifier: Apache-2.0
// Letters as they look: folds text so that words can be compared whatever the accents, and so that look-alikes and
// invisible characters can be seen through.  For recognising, never for deciding: what is folded is not what was
// written.
#ifndef BOT_LETTERS_H
#define BOT_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

// The character at *p, and steps over it; 0 at the end; U+FFFD (one byte on) for invalid UTF-8.
uint32_t letter_next(const char **p);

// Does it show nothing (zero width, joiners, variation selectors), or turn the direction of the text?
bool letter_invisible(uint32_t c);

// A new text: ASCII in lower case; accents, full-width, mathematical and look-alike Cyrillic and Greek letters as the
// ASCII letter; digits of other scripts as ASCII digits; invisible characters dropped; no-break space as space; all
// other characters as they are.
char *letters_skeleton(const char *text);

// A new text: only accents and case folded, look-alikes not ("Begr\u00fcndung" -> "begrundung", "Stra\u00dfe" ->
// "strasse").
char *letters_plain(const char *text);

// Is `a` the word `b` but for one slip: a letter more, less or other, or two swapped?
bool letters_one_slip(const char *a, const char *b);

#endif

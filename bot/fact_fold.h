// SPDX-License-Identifier: Apache-2.0
// Small readings of words that the fact modules share.
#ifndef BOT_FACT_FOLD_H
#define BOT_FACT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

// A new text for comparing: no accents, lower case; blanks, "-", "_", "/" and apostrophes are one blank between words;
// none at the ends; "?" and emphasis ("*", "`") dropped.
char *fold_words(const char *text);

// Are they the same when both are folded?  False when either is empty.
bool fold_same(const char *a, const char *b);

// A new text without control bytes and invisible or direction-changing characters, and without blanks at its ends. Runs
// of blanks become one; line ends too unless `several`, which keeps at most one empty line in a row.
char *clean_words(const char *words, bool several);

// A new text without what is not UTF-8.
char *valid_words(const char *words);

// Nothing said: empty, or a placeholder such as "-", "...", "n/a", "tbd".
bool words_empty(const char *words);

#endif

// SPDX-License-Identifier: Apache-2.0
// "did you mean ...?": the known word that a misspelt one was meant to be.
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

// The word of `words` (ending with NULL) nearest to `word`, or NULL when none is near enough to be meant.
const char *text_nearest(const char *word, const char *const *words);

#endif

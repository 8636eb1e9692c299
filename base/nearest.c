// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <string.h>

#define WORD_MAX 32 // longer words are not compared: nobody misspells those into each other

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

// Levenshtein's distance; both words are shorter than WORD_MAX.
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t above = row[j + 1];

			row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
			diagonal = above;
		}
	}
	return row[width];
}

const char *text_nearest(const char *word, const char *const *words)
{
	size_t length = strlen(word), best = length / 3 + 2;
	const char *found = NULL;

	if (length >= WORD_MAX)
		return NULL;
	for (; *words; words++) {
		size_t d = strlen(*words) < WORD_MAX ? distance(word, *words) : best;

		if (d < best && d < strlen(*words)) {
			best = d;
			found = *words;
		}
	}
	return found;
}

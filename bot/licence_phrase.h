// SPDX-License-Identifier: Apache-2.0
// Words of running text as the names of licences are compared: ASCII letters in lower case, a word ends where letters
// and digits meet ("GPLv3" is "gpl v 3"), "licence" is "license", and blanks, hyphens, quotes and a comma between words
// make no difference. Private to bot/licence*.c.
#ifndef BOT_LICENCE_PHRASE_H
#define BOT_LICENCE_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PHRASE_MAX 120

// The words read so far, one blank between them, and where the last one ends in the text.
struct phrase {
	char words[PHRASE_MAX + 1];
	size_t len, end;
};

// Adds the next word of the text (from p->end on); false when something else stands there, or too many words did.
bool phrase_read(struct phrase *p, const char *text);

// Does a word begin, or end, at this byte?  Letters beyond ASCII are letters, CJK and punctuation are not.
bool word_begins(const char *text, size_t at);
bool word_ends(const char *text, size_t at);

// Where what stands between words ends: blanks and one line end.
size_t skip_blanks(const char *text, size_t at);

// Phrases and a number (not 0) for each.
struct phrases {
	struct phrase_slot {
		char *words;
		uint32_t value;
	} * slots;
	size_t size;
	size_t count;
};

void phrases_init(struct phrases *table, size_t most);
void phrases_free(struct phrases *table);
// The place for the number of a phrase, which is 0 when it is new; NULL when the text is not made of words.
uint32_t *phrases_place(struct phrases *table, const char *text);
// The number of what has been read; 0 when it is none of the table.
uint32_t phrases_find(const struct phrases *table, const struct phrase *p);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "bot/licence_phrase.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/text.h"

enum letter { LETTER_NONE, LETTER_DIGIT, LETTER_LETTER };

// What the character at `at` is; *len is its length.
static enum letter letter_at(const char *text, size_t *len)
{
	unsigned char c = (unsigned char)*text;

	*len = 1;
	if (text_is_digit((char)c))
		return LETTER_DIGIT;
	if (c < 0x80)
		return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? LETTER_LETTER : LETTER_NONE;
	*len = utf8_sequence(text, strnlen(text, 4));
	if (*len == 0)
		*len = 1;
	// U+00C0 to U+1FFF: the letters of the alphabets, from Latin with accents to Greek with more of them.
	return (c >= 0xc3 && c < 0xe1) || (c == 0xe1 && *len == 3) ? LETTER_LETTER : LETTER_NONE;
}

static enum letter letter_before(const char *text, size_t at)
{
	size_t len;

	if (at == 0)
		return LETTER_NONE;
	for (at--; at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80;)
		at--;
	return letter_at(text + at, &len);
}

bool word_begins(const char *text, size_t at)
{
	return letter_before(text, at) == LETTER_NONE;
}

bool word_ends(const char *text, size_t at)
{
	size_t len;

	return letter_at(text + at, &len) == LETTER_NONE;
}

size_t skip_blanks(const char *text, size_t at)
{
	bool line = false;

	for (;; at++) {
		if (text[at] == '\xc2' && text[at + 1] == '\xa0')
			at++;
		else if (text[at] == '\n' && !line)
			line = true;
		else if (text[at] != ' ' && text[at] != '\t' && text[at] != '\r')
			return at;
	}
}

// Blanks, then at most one of the signs that may stand within a name, and blanks.  Quotes go with either.
static size_t skip_between(const char *text, size_t at)
{
	at = skip_blanks(text, at);
	at += text[at] == '"';
	if (text[at] == '-' || text[at] == '_')
		return at + 1;
	if (strncmp(text + at, "\xe2\x80\x90", 3) == 0 || strncmp(text + at, "\xe2\x80\x91", 3) == 0) // U+2010, U+2011
		return at + 3;
	if (text[at] == ',' && skip_blanks(text, at + 1) > at + 1)
		at = skip_blanks(text, at + 1);
	at = skip_blanks(text, at);
	return at + (text[at] == '"');
}

// A number goes on behind a dot when a digit follows; the v of "GPLv3" is a word of its own.
static size_t word_length(const char *word)
{
	size_t len, at = 0;
	enum letter kind = letter_at(word, &len);

	if (kind == LETTER_NONE)
		return 0;
	while (letter_at(word + at, &len) == kind ||
	       (kind == LETTER_DIGIT && word[at] == '.' && text_is_digit(word[at + 1])))
		at += word[at] == '.' ? 1 : len;
	if (kind == LETTER_LETTER && at > 1 && (word[at - 1] | 0x20) == 'v' && text_is_digit(word[at]))
		at--;
	return at;
}

// In lower case, which for letters beyond ASCII means U+00C0 to U+00DE.
static void copy_lower(char *out, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i], before = i ? (unsigned char)word[i - 1] : 0;

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		else if (before == 0xc3 && c >= 0x80 && c <= 0x9e)
			c = (unsigned char)(c + 0x20);
		out[i] = (char)c;
	}
}

// "licence", "licences" and "licenced" are the same word with another letter.
static void spell_license(char *words, size_t len)
{
	static const char *const british[] = { "licence", "licences", "licenced" };

	for (size_t i = 0; i < LENGTH(british); i++) {
		size_t length = strlen(british[i]);
		char *word = words + len - length;

		if (len >= length && strcmp(word, british[i]) == 0 && (word == words || word[-1] == ' '))
			word[5] = 's';
	}
}

bool phrase_read(struct phrase *p, const char *text)
{
	size_t at = p->len ? skip_between(text, p->end) : p->end, len = word_length(text + at);

	if (len == 0 || p->len + 1 + len > PHRASE_MAX)
		return false;
	if (p->len)
		p->words[p->len++] = ' ';
	copy_lower(p->words + p->len, text + at, len);
	p->len += len;
	p->words[p->len] = '\0';
	p->end = at + len;
	spell_license(p->words, p->len);
	return true;
}

// --- tables ---

void phrases_init(struct phrases *table, size_t most)
{
	table->size = 2 * most + 1;
	table->count = 0;
	table->slots = calloc(table->size, sizeof *table->slots);
	if (!table->slots)
		panic("out of memory");
}

void phrases_free(struct phrases *table)
{
	for (size_t i = 0; i < table->size; i++)
		free(table->slots[i].words);
	free(table->slots);
}

// FNV-1a.
static struct phrase_slot *slot_of(const struct phrases *table, const struct phrase *p)
{
	uint32_t hash = 2166136261u;
	size_t slot;

	for (size_t i = 0; i < p->len; i++)
		hash = (hash ^ (uint8_t)p->words[i]) * 16777619u;
	for (slot = hash % table->size; table->slots[slot].words; slot = (slot + 1) % table->size)
		if (strcmp(table->slots[slot].words, p->words) == 0)
			break;
	return &table->slots[slot];
}

uint32_t *phrases_place(struct phrases *table, const char *text)
{
	struct phrase p = { .len = 0 };
	struct phrase_slot *slot;

	while (phrase_read(&p, text))
		;
	if (p.len == 0 || text[p.end])
		return NULL;
	slot = slot_of(table, &p);
	if (!slot->words) {
		if (++table->count >= table->size)
			panic("more phrases than were announced");
		slot->words = text_copy(p.words);
	}
	return &slot->value;
}

uint32_t phrases_find(const struct phrases *table, const struct phrase *p)
{
	return slot_of(table, p)->value;
}

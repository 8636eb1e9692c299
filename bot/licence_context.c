// SPDX-License-Identifier: Apache-2.0
#include "bot/licence_context.h"

#include <string.h>

#include "base/text.h"
#include "bot/licence_parts.h"

#define CHUNK_MAX 256 // bytes of an address that are looked at on either side
#define WORDS_BEFORE 6

bool licence_may_begin(const char *text, size_t at)
{
	static const char no[] = "./@_-\\#$%&+=~*";
	char before = at ? text[at - 1] : ' ';

	if (text[at] == '(')
		return true;
	if (word_ends(text, at) || !word_begins(text, at))
		return false;
	return !strchr(no, before) || before == '=' || (before == '*' && at > 1);
}

// --- addresses ---

static bool ends_chunk(char c)
{
	return !c || strchr(" \t\r\n<>()[]{}\"',;|", c);
}

// "name.md", "example.org": a dot between a letter or digit and a letter.
static bool has_dotted_name(const char *chunk, size_t len)
{
	for (size_t i = 1; i + 1 < len; i++)
		if (chunk[i] == '.' && !word_ends(chunk, i - 1) &&
		    ((chunk[i + 1] | 0x20) >= 'a' && (chunk[i + 1] | 0x20) <= 'z'))
			return true;
	return false;
}

static bool holds(const char *chunk, size_t len, const char *what)
{
	return memmem(chunk, len, what, strlen(what)) != NULL;
}

size_t address_end(const char *text, size_t at)
{
	size_t begin = at, end = at;
	const char *chunk;

	while (begin > 0 && at - begin < CHUNK_MAX && !ends_chunk(text[begin - 1]))
		begin--;
	while (end - at < CHUNK_MAX && !ends_chunk(text[end]))
		end++;
	chunk = text + begin;
	if (holds(chunk, end - begin, "://") || holds(chunk, end - begin, "@") || text_starts_fold(chunk, "www.") ||
	    has_dotted_name(chunk, end - begin))
		return end > at ? end : at + 1;
	return 0;
}

// --- words around ---

// What the single word [begin, end) can be.
static unsigned kinds_of(const struct licences *l, const char *text, size_t begin, size_t end)
{
	struct phrase p = { .end = begin };

	return phrase_read(&p, text) && p.end == end ? phrases_find(&l->names->words, &p) : 0;
}

// The word before *at, which moves to its beginning; 0 when another sentence or nothing stands there.
static unsigned word_before(const struct licences *l, const char *text, size_t *at)
{
	size_t end = *at, begin;

	while (end > 0 && strchr(" \t\r\n:=\"'`*-", text[end - 1])) {
		if (text[end - 1] == '\n' && end > 1 && (text[end - 2] == '\n' || text[end - 2] == '\r'))
			return 0;
		end--;
	}
	// Typographic quotes, apostrophes and dashes.
	while (end > 2 && memcmp(text + end - 3, "\xe2\x80", 2) == 0)
		end -= 3;
	begin = end;
	while (begin > 0 && !word_begins(text, begin))
		begin--;
	if (begin == end)
		return 0;
	*at = begin;
	return kinds_of(l, text, begin, end);
}

// Which of LICENCE, UNDER and IS are led up to the name by nothing but small words.
static unsigned leads(const struct licences *l, const char *text, size_t begin)
{
	unsigned seen = 0;

	for (size_t i = 0, at = begin; i < WORDS_BEFORE; i++) {
		unsigned kinds = word_before(l, text, &at);

		if (kinds & WORD_LICENCE)
			return seen | WORD_LICENCE;
		if (!(kinds & (WORD_UNDER | WORD_IS | WORD_ARTICLE | WORD_TERMS)))
			return seen;
		seen |= kinds & (WORD_UNDER | WORD_IS);
	}
	return seen;
}

static size_t skip_to_word(const char *text, size_t at)
{
	at = skip_blanks(text, at);
	while (text[at] && strchr("-\"'`*", text[at]))
		at++;
	return skip_blanks(text, at);
}

// "It is MIT.", "it is MIT, and ...": nothing that MIT could be the first part of follows.
static bool clause_ends(const struct licences *l, const char *text, size_t end)
{
	size_t at = skip_blanks(text, end);

	return !text[at] || strchr(".,;:!?)\n", text[at]) || licence_word(l, text, at, WORD_AND | WORD_OR) > 0;
}

static bool in_brackets(const char *text, size_t begin, size_t end)
{
	return begin > 0 && text[begin - 1] == '(' && (text[end] == ')' || text[end] == ',' || text[end] == ';');
}

// Letters and other names that go on behind the end: "gpl.txt", "GPL-compatible", "MIT_HOME".
static bool goes_on(const struct licences *l, const char *text, size_t end)
{
	char c = text[end];

	if (!word_ends(text, end) || c == '@' || c == '_' || c == '/' || c == '\\')
		return true;
	if ((c == '.' || c == ':') && !word_ends(text, end + 1))
		return true;
	return c == '-' && !word_ends(text, end + 1) && !licence_word(l, text, end + 1, WORD_LICENCE | WORD_THING);
}

bool licence_ends(const struct licences *l, const char *text, size_t end)
{
	return !goes_on(l, text, end) && !licence_word(l, text, skip_to_word(text, end), WORD_LIKE);
}

bool licence_fits(const struct licences *l, const char *text, size_t begin, size_t end, enum licence_need need)
{
	size_t next = skip_to_word(text, end);
	unsigned lead;
	bool capital = text[begin] >= 'A' && text[begin] <= 'Z';

	if (!licence_ends(l, text, end))
		return false;
	if (need == NEED_NOTHING)
		return true;
	if (licence_word(l, text, next, WORD_OTHER))
		return false;
	if (need == NEED_ITSELF)
		return true;
	// "mit Lizenz" is German for "with a licence"; "mit license" is not.
	if (licence_word(l, text, next, WORD_LICENCE) &&
	    (need != NEED_SHORT || capital || text_starts_fold(text + next, "licens")))
		return true;
	lead = leads(l, text, begin);
	if (need == NEED_ALWAYS)
		return lead & WORD_LICENCE;
	if (!capital)
		return false;
	return (lead & (WORD_LICENCE | WORD_UNDER)) || ((lead & WORD_IS) && clause_ends(l, text, end)) ||
	       in_brackets(text, begin, end);
}

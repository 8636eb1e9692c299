// SPDX-License-Identifier: Apache-2.0
#include "bot/prose_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/letters.h"
#include "bot/prose_mask.h"
#include "bot/prose_quiet.h"

#define SENTENCE_WORDS 150 // nobody's sentence is longer; the readers look at whole sentences again and again

// --- words ---

static bool is_mark(char c)
{
	return c && strchr("()[]{},;:!?\"<>|", c);
}

// Typographic marks of three bytes as the ASCII mark they stand for; 0 for anything else.
static char wide_mark(const char *p)
{
	static const struct {
		const char *bytes;
		char mark;
	} marks[] = {
		{ "\xe2\x80\x9c", '"' }, { "\xe2\x80\x9d", '"' }, { "\xe2\x80\x9e", '"' }, { "\xe2\x80\x93", ',' },
		{ "\xe2\x80\x94", ',' }, { "\xe2\x80\xa6", '.' }, { "\xe3\x80\x82", '.' }, { "\xe3\x80\x81", ',' },
		{ "\xef\xbc\x9a", ':' }, { "\xef\xbc\x88", '(' }, { "\xef\xbc\x89", ')' }, { "\xef\xbc\x8c", ',' },
	};

	for (size_t i = 0; i < LENGTH(marks); i++)
		if (text_starts(p, marks[i].bytes))
			return marks[i].mark;
	return 0;
}

// The mark at *p, or 0; steps over it.  Blanks are no marks.
static char take_mark(const char **p)
{
	char mark = wide_mark(*p);

	if (mark)
		*p += 3;
	else if (is_mark(**p))
		mark = *(*p)++;
	else if (text_starts(*p, "\xc2\xab") || text_starts(*p, "\xc2\xbb") || text_starts(*p, "\xc2\xbf")) {
		mark = '"';
		*p += 2;
	}
	return mark == '[' || mark == '{' ? '(' : mark == ']' || mark == '}' ? ')' : mark;
}

// "left-pad@1.3.0" is two words.
static bool is_version_mark(const char *p)
{
	return *p == '@' && (text_is_digit(p[1]) || (p[1] == 'v' && text_is_digit(p[2])));
}

// Where the word at p ends: at a blank, or at a mark that does not stand inside a number ("12,500", "12:30").
static const char *word_end(const char *p)
{
	const char *from = p;

	while (*p && !text_is_space(*p) && !text_starts(p, "\xc2\xa0") && !wide_mark(p)) {
		bool inside = p > from && (*p == ',' || *p == ':') && text_is_digit(p[-1]) && text_is_digit(p[1]);

		if ((is_mark(*p) && !inside) || is_version_mark(p))
			break;
		p++;
	}
	return p;
}

static char *plain_word(const char *from, size_t len)
{
	_free_ char *copy = text_copy_n(from, len);
	char *plain, *to;

	if (strchr(copy, PROSE_MASK))
		return text_copy("");
	plain = to = letters_plain(copy);
	for (const char *p = plain; *p;) {
		bool apostrophe = text_starts(p, "\xe2\x80\x99");

		*to++ = apostrophe ? '\'' : *p;
		p += apostrophe ? 3 : 1;
	}
	*to = '\0';
	return plain;
}

static bool is_abbreviation(const char *plain)
{
	static const char *const known[] = { "e.g", "i.e",  "z.b",  "ca",  "approx", "no",  "nr", "ver", "v",   "vs",
		                             "etc", "incl", "p.ex", "d.h", "bzw",    "inc", "dr", "mr",  "mrs", "art" };

	for (size_t i = 0; i < LENGTH(known); i++)
		if (strcmp(plain, known[i]) == 0)
			return true;
	return false;
}

struct cutting {
	struct prose *out;
	size_t room, sentence, clause;
	size_t words; // of the sentence so far
	char before;
};

static void next_clause(struct cutting *c)
{
	c->clause++;
}

static void next_sentence(struct cutting *c)
{
	c->sentence++;
	c->clause++;
	c->words = 0;
}

static struct word *add_word(struct cutting *c, const char *from, const char *to)
{
	struct prose *p = c->out;
	struct word *w;

	if (p->count == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		p->words = realloc(p->words, c->room * sizeof *p->words);
		if (!p->words)
			panic("prose: out of memory");
	}
	w = &p->words[p->count++];
	*w = (struct word){ .begin = (size_t)(from - p->text), .end = (size_t)(to - p->text), .before = c->before };
	w->plain = plain_word(from, (size_t)(to - from));
	c->before = 0;
	return w;
}

// A word with the full stops behind it cut off; these end the sentence unless it goes on in lower case.
static const char *take_word(struct cutting *c, const char *p)
{
	const char *end = word_end(p), *stop = end;
	struct word *w;

	while (stop > p && (stop[-1] == '.' || stop[-1] == '*' || stop[-1] == '\''))
		stop--;
	if (stop == p) // "..." alone
		return end;
	while (p < stop && (*p == '*' || *p == '\''))
		p++;
	if (++c->words > SENTENCE_WORDS)
		next_sentence(c);
	w = add_word(c, p, stop);
	w->sentence = c->sentence;
	w->clause = c->clause;
	if (stop < end && strchr(".", *stop) && !is_abbreviation(w->plain)) {
		const char *next = end;

		while (*next == ' ')
			next++;
		w->after = '.';
		if (!(*next >= 'a' && *next <= 'z') || next == end)
			next_sentence(c);
		else
			next_clause(c);
	}
	return end;
}

static void take_separator(struct cutting *c, char mark)
{
	struct word *last = c->out->count ? &c->out->words[c->out->count - 1] : NULL;

	if (last && !last->after && mark != '(')
		last->after = mark;
	if (mark == '(' || mark == '"')
		c->before = mark;
	if (mark == '!' || mark == '?')
		next_sentence(c);
	else if (strchr(",;:|", mark)) // what stands in brackets is of the clause around it
		next_clause(c);
}

static void cut(struct prose *out)
{
	struct cutting c = { .out = out };

	for (const char *p = out->text; *p;) {
		char mark;

		if (*p == '\n') {
			next_sentence(&c);
			c.before = 0;
			p++;
		} else if (text_is_space(*p)) {
			p++;
		} else if (text_starts(p, "\xc2\xa0")) {
			p += 2;
		} else if ((*p == '-' || *p == '/') && (text_is_space(p[1]) || !p[1])) {
			next_clause(&c); // a dash between words
			p++;
		} else if (is_version_mark(p)) {
			p++;
		} else if ((mark = take_mark(&p))) {
			take_separator(&c, mark);
		} else {
			p = take_word(&c, p);
		}
	}
}

void prose_split(const char *text, struct prose *out)
{
	*out = (struct prose){ .text = prose_mask(text) };
	cut(out);
	prose_hush(out);
}

void prose_free(struct prose *prose)
{
	for (size_t i = 0; i < prose->count; i++)
		free(prose->words[i].plain);
	free(prose->words);
	free(prose->text);
	*prose = (struct prose){ 0 };
}

// --- phrases ---

// Does the word of a phrase, `len` bytes, mean this one?
static bool means(const char *plain, const char *word, size_t len)
{
	if (len && word[len - 1] == '*')
		return strncmp(plain, word, len - 1) == 0 && *plain;
	return strncmp(plain, word, len) == 0 && !plain[len];
}

// How many words the phrase from `word` to `end` has, when it begins at word i; 0 when it does not.
static size_t match_phrase(const struct prose *p, size_t i, const char *word, const char *end)
{
	size_t n = 0;

	while (word < end) {
		size_t size = strcspn(word, " |");

		if (i + n >= p->count || p->words[i + n].sentence != p->words[i].sentence ||
		    !means(p->words[i + n].plain, word, size))
			return 0;
		n++;
		word += size + (word[size] == ' ');
	}
	return n;
}

size_t phrase_at(const struct prose *p, size_t i, const char *phrases)
{
	char first = i < p->count ? *p->words[i].plain : '\0';
	size_t longest = 0;

	for (const char *from = phrases; *from && first;) {
		const char *end = strchrnul(from, '|');
		size_t n = *from == first ? match_phrase(p, i, from, end) : 0;

		longest = n > longest ? n : longest;
		from = end + (*end == '|');
	}
	return longest;
}

size_t phrase_find(const struct prose *p, size_t from, size_t to, const char *phrases)
{
	while (from < to && !phrase_at(p, from, phrases))
		from++;
	return from;
}

size_t prose_name_at(const struct prose *p, size_t i, const char *name)
{
	_free_ char *folded = fold_words(name);
	const char *at = folded;

	for (size_t n = 0; i + n < p->count && *at; n++) {
		const char *plain = p->words[i + n].plain;

		if (p->words[i + n].sentence != p->words[i].sentence || !*plain)
			return 0;
		for (; *plain; plain++, at++)
			if (*at != (strchr("-_/'", *plain) ? ' ' : *plain))
				return 0;
		if (!*at)
			return n + 1;
		if (*at++ != ' ')
			return 0;
	}
	return 0;
}

struct range prose_sentence(const struct prose *p, size_t i)
{
	struct range r = { i, i + 1 };

	while (r.from > 0 && p->words[r.from - 1].sentence == p->words[i].sentence)
		r.from--;
	while (r.to < p->count && p->words[r.to].sentence == p->words[i].sentence)
		r.to++;
	return r;
}

struct range prose_clause(const struct prose *p, size_t i)
{
	struct range r = { i, i + 1 };

	while (r.from > 0 && p->words[r.from - 1].clause == p->words[i].clause)
		r.from--;
	while (r.to < p->count && p->words[r.to].clause == p->words[i].clause)
		r.to++;
	return r;
}

char *prose_words(const struct prose *p, size_t from, size_t to)
{
	if (from >= to)
		return text_copy("");
	return text_copy_n(p->text + p->words[from].begin, p->words[to - 1].end - p->words[from].begin);
}

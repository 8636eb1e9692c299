// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_fold.h"

#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "bot/letters.h"

// The next character as it counts for comparing: 0 = nothing, ' ' = a blank.
static char folded(const char **p)
{
	char c = *(*p)++;

	if (c == '\xc2' && **p == '\xa0') { // no-break space
		(*p)++;
		return ' ';
	}
	if (c == '\xe2' &&
	    (text_starts(*p, "\x80\x99") || text_starts(*p, "\x80\x90") || text_starts(*p, "\x80\x91"))) {
		*p += 2; // an apostrophe, hyphens
		return ' ';
	}
	if (text_is_space(c) || c == '-' || c == '_' || c == '/' || c == '\'')
		return ' ';
	return c == '?' || c == '*' || c == '`' ? '\0' : c;
}

char *fold_words(const char *text)
{
	char *plain = letters_plain(text), *to = plain;

	for (const char *p = plain; *p;) {
		char c = folded(&p);

		if (c == ' ' && (to == plain || to[-1] == ' '))
			continue;
		if (c)
			*to++ = c;
	}
	if (to > plain && to[-1] == ' ')
		to--;
	*to = '\0';
	return plain;
}

bool fold_same(const char *a, const char *b)
{
	_free_ char *x = fold_words(a), *y = fold_words(b);

	return *x && strcmp(x, y) == 0;
}

// Adds what blanks there were: a line end or two, or one blank.
static void add_gap(struct buf *out, bool blank, size_t line_ends, bool several)
{
	if (out->len == 0)
		return;
	if (several && line_ends)
		buf_puts(out, line_ends > 1 ? "\n\n" : "\n");
	else if (blank || line_ends)
		buf_putc(out, ' ');
}

char *clean_words(const char *words, bool several)
{
	struct buf out = BUF(strlen(words) + 1);
	bool blank = false;
	size_t line_ends = 0;
	uint32_t c;

	for (const char *p = words, *from = p; (c = letter_next(&p)); from = p) {
		if (c == '\n') {
			line_ends++;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x2028 || c == 0x2029) {
			blank = true;
		} else if (c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0xfffd && !letter_invisible(c)) {
			add_gap(&out, blank, line_ends, several);
			buf_add(&out, from, (size_t)(p - from));
			blank = false;
			line_ends = 0;
		}
	}
	if (out.full)
		panic("cleaned words are longer than they were");
	return buf_steal(&out);
}

char *valid_words(const char *words)
{
	char *copy = text_copy(words), *to = copy;

	if (utf8_valid(words, strlen(words)))
		return copy;
	for (const char *p = copy, *from = p; *p; from = p)
		if (letter_next(&p) != 0xfffd) {
			memmove(to, from, (size_t)(p - from));
			to += p - from;
		}
	*to = '\0';
	return copy;
}

bool words_empty(const char *words)
{
	static const char *const nothing[] = { "n/a", "n.a.", "n. a.", "tbd", "tba", "tbc", "?", "??", "???" };
	_free_ char *clean = clean_words(words, false);

	if (clean[strspn(clean, "-._ *`\xe2\x80\xa6\x93\x94")] == '\0') // also the ellipsis and long dashes
		return true;
	for (size_t i = 0; i < LENGTH(nothing); i++)
		if (text_same(clean, nothing[i]))
			return true;
	return false;
}

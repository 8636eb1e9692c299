// SPDX-License-Identifier: Apache-2.0
#include "bot/grammar_line.h"

#include <string.h>

#include "base/text.h"

#define NBSP "\xc2\xa0"
#define BOM "\xef\xbb\xbf"

const char *grammar_skip_blanks(const char *p)
{
	for (;;) {
		if (*p == ' ' || *p == '\t' || *p == '\r')
			p++;
		else if (text_starts(p, NBSP))
			p += 2;
		else if (text_starts(p, BOM))
			p += 3;
		else
			return p;
	}
}

static size_t trimmed_length(const char *from, const char *to)
{
	for (;;) {
		size_t len = (size_t)(to - from);

		if (len && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
			to--;
		else if (len >= 2 && memcmp(to - 2, NBSP, 2) == 0)
			to -= 2;
		else if (len >= 3 && memcmp(to - 3, BOM, 3) == 0)
			to -= 3;
		else
			return len;
	}
}

// The next line that is not blank, trimmed: its beginning and length; steps *p behind it.  NULL when there is none.
static const char *next_line(const char **p, size_t *len)
{
	while (**p) {
		const char *end = *p + strcspn(*p, "\n"), *from = grammar_skip_blanks(*p);

		*p = *end ? end + 1 : end;
		if (from >= end)
			continue;
		*len = trimmed_length(from, end);
		return from;
	}
	return NULL;
}

// A copy in which no-break spaces are blanks.
static char *copy_line(const char *from, size_t len)
{
	char *line = text_copy_n(from, len), *to = line;

	for (const char *p = line; *p; p++) {
		bool wide = text_starts(p, NBSP);

		*to++ = wide ? ' ' : *p;
		p += wide;
	}
	*to = '\0';
	return line;
}

static void split_head(struct grammar_line *out, const char *end)
{
	const char *p = out->line;

	while (p < end) {
		size_t len = 0;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		while (p + len < end && p[len] != ' ' && p[len] != '\t')
			len++;
		if (!len)
			break;
		if (out->count == GRAMMAR_WORDS || len >= GRAMMAR_WORD) {
			out->count = GRAMMAR_WORDS + 1;
			return;
		}
		memcpy(out->words[out->count], p, len);
		out->words[out->count++][len] = '\0';
		p += len;
	}
}

bool grammar_line_read(const char *own, struct grammar_line *out)
{
	const char *below = own, *from, *end;
	size_t len;

	memset(out, 0, sizeof *out);
	from = next_line(&below, &len);
	if (!from)
		return false;
	out->line = copy_line(from, len);
	out->below = below;
	while (next_line(&below, &len))
		out->lines_below++;
	end = out->line + strcspn(out->line, ":");
	out->after_colon = *end ? end + 1 : NULL;
	if (!*end && end > out->line && end[-1] == '.')
		end--;
	split_head(out, end);
	return true;
}

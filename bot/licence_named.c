// SPDX-License-Identifier: Apache-2.0
// What a person wrote into a field for the licence.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "bot/expression.h"
#include "bot/licence_context.h"
#include "bot/licence_names.h"
#include "bot/licence_parts.h"

#define WORDS_MAX 2048 // bytes of a field

// Words that may stand around a name without changing what is said.
#define LIGHT (WORD_LICENCE | WORD_ARTICLE | WORD_UNDER | WORD_TERMS | WORD_IS | WORD_VERSION)

// Adds the licence, operator or parenthesis at *at, or passes over what says nothing; false at anything else.
static bool take_piece(const struct licences *l, const char *text, size_t *at, struct buf *out)
{
	struct licence_match match;
	bool clear;
	size_t end;

	if (strchr("()", text[*at])) {
		buf_printf(out, " %c ", text[(*at)++]);
		return true;
	}
	if (strchr("\"'.:*-", text[*at])) {
		++*at;
		return true;
	}
	if (licence_match(l, text, *at, &match)) {
		clear = match.expression && licence_ends(l, text, match.end);
		if (clear)
			buf_printf(out, " (%s) ", match.expression);
		free(match.expression);
		*at = match.end;
		return clear;
	}
	end = licence_word(l, text, *at, WORD_AND | WORD_OR);
	if (end) {
		buf_puts(out, licence_word(l, text, *at, WORD_OR) == end ? " OR " : " AND ");
		*at = end;
		return text[end] != '/';
	}
	end = licence_word(l, text, *at, LIGHT);
	*at = end ? end : *at;
	return end > 0;
}

char *licence_named(const struct licences *l, const char *words)
{
	char *expression = expression_normal(l, words, NULL);
	_buf_ struct buf out = BUF(64 * WORDS_MAX);

	if (expression || strlen(words) > WORDS_MAX)
		return expression;
	for (size_t at = skip_blanks(words, 0); words[at]; at = skip_blanks(words, at))
		if (words[at] == '\n')
			at++;
		else if (!take_piece(l, words, &at, &out))
			return NULL;
	return out.full ? NULL : expression_normal(l, buf_text(&out), NULL);
}

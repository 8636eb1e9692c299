// SPDX-License-Identifier: Apache-2.0
// The exception that is named behind a licence: "WITH Classpath-exception-2.0", "with the classpath exception".
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/licence_names.h"
#include "bot/licence_parts.h"

// "with the classpath exception": where it ends, and the id (NULL when it is not known).  0 when none follows.
static size_t match_exception(const struct licences *l, const char *text, size_t at, const char **id)
{
	size_t end, noun;
	uint32_t value;

	*id = NULL;
	at = licence_skip(text, at);
	end = licence_word(l, text, at, WORD_WITH);
	if (!end && text[at] == '+')
		end = at + 1;
	if (!end)
		return 0;
	end += text[end] == '/';
	at = licence_skip_words(l, text, end, WORD_ARTICLE);
	at = skip_blanks(text, at);
	value = phrases_longest(&l->names->exceptions, text, at, &end);
	noun = value ? licence_word(l, text, licence_skip(text, end), WORD_EXCEPTION) : 0;
	if (noun || (value && l->names->additions[value - 1].alone)) {
		*id = l->names->additions[value - 1].id;
		return noun ? noun : end;
	}
	// One that is not known: up to four words before the noun.
	for (size_t i = 0; i < 4; i++) {
		struct phrase p = { .end = skip_blanks(text, at) };

		if (!phrase_read(&p, text))
			return 0;
		noun = licence_word(l, text, licence_skip(text, p.end), WORD_EXCEPTION);
		if (noun)
			return noun;
		at = p.end;
	}
	return 0;
}

// "WITH Classpath-exception-2.0", by id.
static bool take_exception_id(const struct licences *l, const char *text, size_t at, struct licence_match *m)
{
	_free_ char *whole = NULL, *normal = NULL;
	size_t len;

	at = skip_blanks(text, at);
	if (!text_starts_fold(text + at, "WITH") || !word_ends(text, at + 4))
		return false;
	at = skip_blanks(text, at + 4);
	for (len = strspn(text + at, LICENCE_ID_CHARACTERS); len > 0 && strchr(".-:", text[at + len - 1]); len--)
		;
	if (len == 0 || len > EXPRESSION_ID || !word_ends(text, at + len))
		return false;
	whole = text_format("%s WITH %.*s", m->expression, (int)len, text + at);
	normal = expression_normal(l, whole, NULL);
	if (!normal)
		return false;
	free(m->expression);
	m->expression = steal_ptr(normal);
	m->end = at + len;
	return true;
}

void licence_take_exception(const struct licences *l, const char *text, struct licence_match *m)
{
	_free_ char *licence = NULL, *whole = NULL;
	const char *id;
	size_t end, at = m->end;

	if (!m->expression || strstr(m->expression, " OR ") || take_exception_id(l, text, m->end, m))
		return;
	at = licence_skip_words(l, text, at, WORD_LICENCE);
	end = match_exception(l, text, at, &id);
	if (!end)
		return;
	m->end = end;
	m->need = NEED_NOTHING;
	licence = steal_ptr(m->expression);
	whole = id ? text_format("%s WITH %s", licence, id) : NULL;
	m->expression = whole ? expression_normal(l, whole, NULL) : NULL;
}

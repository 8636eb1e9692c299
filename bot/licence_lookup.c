// SPDX-License-Identifier: Apache-2.0
// Looking up the words of a text in the tables of names.json.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/licence_names.h"
#include "bot/licence_parts.h"

#define WORDS_MAX 14 // of one phrase

uint32_t phrases_longest(const struct phrases *table, const char *text, size_t at, size_t *end)
{
	struct phrase p = { .end = at };
	uint32_t found = 0;

	for (size_t i = 0; i < WORDS_MAX && phrase_read(&p, text); i++) {
		uint32_t value = phrases_find(table, &p);

		if (value) {
			found = value;
			*end = p.end;
		}
	}
	return found;
}

size_t licence_word(const struct licences *l, const char *text, size_t at, unsigned kinds)
{
	struct phrase p = { .end = at };
	size_t end = 0;

	for (size_t i = 0; i < WORDS_MAX && phrase_read(&p, text); i++)
		if ((word_ends(text, p.end) || text_is_digit(text[p.end])) &&
		    (phrases_find(&l->names->words, &p) & kinds))
			end = p.end;
	return end;
}

size_t licence_skip(const char *text, size_t at)
{
	at = skip_blanks(text, at);
	if (text[at] == ',' || text[at] == '(' || text[at] == '-' || text[at] == '_')
		at++;
	return skip_blanks(text, at);
}

size_t licence_skip_words(const struct licences *l, const char *text, size_t at, unsigned kinds)
{
	for (size_t end; (end = licence_word(l, text, licence_skip(text, at), kinds)) > 0;)
		at = end;
	return at;
}

char *licence_choices(const struct licences *l, const char *name)
{
	_buf_ struct buf out = BUF(1024);
	size_t end = 0, i;
	uint32_t value = phrases_longest(&l->names->names, name, 0, &end);
	json_t *id;

	if (!value || value >= LICENCE_LISTED || name[end] || json_array_size(l->names->list[value - 1].ids) < 2)
		return NULL;
	json_array_foreach(l->names->list[value - 1].ids, i, id)
		buf_printf(&out, "%s%s", i ? ", " : "", json_string_value(id));
	return buf_steal(&out);
}

// SPDX-License-Identifier: Apache-2.0
// Conditions as they stand in a catalogue, and what is said about a word that nobody knows.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/versions.h"
#include "bot/catalogue_parts.h"

int catalogue_unknown(struct reading *r, const json_t *value, const char *what, const char *word,
                      const char *const *words)
{
	const char *near = text_nearest(word, words);

	if (near)
		return yaml_error(r->y, value, r->e, "no %s '%.64s' - did you mean '%s'?", what, word, near);
	return yaml_error(r->y, value, r->e, "no %s '%.64s'", what, word);
}

int catalogue_word(struct reading *r, const json_t *value, const char *what, const char *const *words)
{
	_buf_ struct buf all = BUF(1000);
	const char *word = json_string_value(value);
	int i = 0;

	for (; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
		buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
	}
	if (text_nearest(word, words))
		return catalogue_unknown(r, value, what, word, words);
	return yaml_error(r->y, value, r->e, "no %s '%.64s'; there are %s", what, word, buf_text(&all));
}

static int check_family(struct reading *r, const json_t *when, const char *word)
{
	const json_t *families = r->c->families;
	size_t count = 0, builtin = 0;
	const char *name;
	json_t *family;

	if (json_object_get(families, word))
		return 0;
	while (licence_families[builtin])
		if (strcmp(licence_families[builtin++], word) == 0)
			return 0;
	_free_ const char **names = calloc(json_object_size(families) + builtin + 1, sizeof *names);

	if (!names)
		panic("out of memory");
	json_object_foreach((json_t *)families, name, family)
		names[count++] = name;
	for (size_t i = 0; i < builtin; i++)
		names[count++] = licence_families[i];
	return catalogue_unknown(r, when, "family", word, names);
}

static int check_exception(struct reading *r, const json_t *when, const char *word)
{
	const char *near;

	if (licence_find_exception(r->c->licences, word))
		return 0;
	near = licence_nearest_exception(r->c->licences, word);
	return catalogue_unknown(r, when, "exception", word, (const char *const[]){ near, NULL });
}

static int check_range(struct reading *r, const json_t *when, const char *word)
{
	if (versions_readable(word))
		return 0;
	return yaml_error(r->y, when, r->e,
	                  "no range of versions '%.64s'; write it like '>=1.2 <2', '1.x' or '2.1 - 2.4'", word);
}

static const struct {
	const char *function;
	int (*check)(struct reading *r, const json_t *when, const char *word);
} words_of[] = {
	{ "family", check_family },
	{ "licensable", check_family },
	{ "exception", check_exception },
	{ "version_in", check_range },
};

// Which function's arguments open at `at`; LENGTH(words_of) when none of ours do.
static size_t function_at(const char *text, const char *at)
{
	const char *end = at, *begin;
	size_t i = 0;

	while (end > text && text_is_space(end[-1]))
		end--;
	begin = end;
	while (begin > text && (begin[-1] == '_' || ((begin[-1] | 0x20) >= 'a' && (begin[-1] | 0x20) <= 'z')))
		begin--;
	_free_ char *name = text_copy_n(begin, (size_t)(end - begin));

	while (i < LENGTH(words_of) && !text_same(words_of[i].function, name))
		i++;
	return i;
}

// Where the parenthesis that opens at `at` closes; NULL when it does not.
static const char *closing(const char *at)
{
	int depth = 0;
	bool quoted = false;

	for (; *at; at++) {
		quoted = quoted != (*at == '\'');
		if (quoted)
			continue;
		depth += (*at == '(') - (*at == ')');
		if (depth == 0)
			return at;
	}
	return NULL;
}

// The text that stands last before a closing parenthesis; NULL when none does.
static char *last_text(const char *open, const char *close)
{
	const char *begin;

	do
		close--;
	while (close > open && text_is_space(*close));
	begin = *close == '\'' ? memrchr(open, '\'', (size_t)(close - open)) : NULL;
	return begin ? text_copy_n(begin + 1, (size_t)(close - begin - 1)) : NULL;
}

// A family, an exception or a range is named as a text, so SQLite would only find out that there is none when a case
// comes: look for family(..., 'NAME') and the like in the condition.
static int check_words(struct reading *r, const json_t *when)
{
	const char *text = json_string_value(when);

	for (const char *at = strchr(text, '('); at; at = strchr(at + 1, '(')) {
		size_t i = function_at(text, at);
		const char *close = i < LENGTH(words_of) ? closing(at) : NULL;
		_free_ char *word = close ? last_text(at, close) : NULL;

		if (word && words_of[i].check(r, when, word) < 0)
			return -1;
	}
	return 0;
}

int catalogue_take_condition(struct reading *r, const json_t *when, struct condition **out)
{
	struct err why;

	if (condition_prepare(r->c->conditions, json_string_value(when), out, &why) < 0)
		return yaml_error(r->y, when, r->e, "%s", why.text);
	return check_words(r, when);
}

int catalogue_take_when(struct reading *r, json_t *object, struct condition **out)
{
	const json_t *when = json_object_get(object, "when");

	return when ? catalogue_take_condition(r, when, out) : 0;
}

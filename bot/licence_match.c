// SPDX-License-Identifier: Apache-2.0
// The licence that is named at a place in a text: an identifier or a name, then its version and "or later".
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/licence_names.h"
#include "bot/licence_parts.h"

// --- identifiers ---

// "MPL-2.0" can be nothing else, "Ruby" and "Python-2.0" can.
static bool is_careful(const struct licences *l, const char *id)
{
	const char *digit = id;
	json_t *pattern;
	size_t i;

	json_array_foreach(json_arr(l->names->file, "careful"), i, pattern) {
		const char *prefix = json_string_value(pattern);

		if (prefix && *prefix && strncmp(id, prefix, strlen(prefix) - 1) == 0)
			return true;
	}
	if (text_starts_fold(id, "LicenseRef-") || text_starts_fold(id, "DocumentRef-"))
		return false;
	while ((digit = strchr(digit, '-')))
		if (text_is_digit(*++digit))
			return false;
	return true;
}

// The longest identifier that begins at `at` and ends where a word does.
static bool match_id(const struct licences *l, const char *text, size_t at, struct licence_match *out)
{
	size_t len = strspn(text + at, LICENCE_ID_CHARACTERS);

	for (len = len < EXPRESSION_ID ? len : EXPRESSION_ID; len > 0; len--) {
		char last = text[at + len - 1];
		_free_ char *id = NULL;
		_expression_ struct expression *x = NULL;

		if (last == '.' || last == '-' || last == ':' || (last != '+' && !word_ends(text, at + len)))
			continue;
		id = text_copy_n(text + at, len);
		x = expression_parse(l, id, NULL);
		if (!x || expression_kind(x) != EXPRESSION_TERM)
			continue;
		*out = (struct licence_match){ .end = at + len, .expression = expression_text(x) };
		// A short one counts as the list spells it.
		if (is_careful(l, id))
			out->need = NEED_ALWAYS;
		return out->need == NEED_NOTHING || strncmp(out->expression, id, len) == 0;
	}
	return false;
}

// --- names ---

// "2.0.0" is "2", and so on.
static size_t significant(const char *version)
{
	size_t len = strlen(version);

	while (len > 2 && version[len - 1] == '0' && version[len - 2] == '.')
		len -= 2;
	return len;
}

static const char *id_of_version(const json_t *ids, const char *version)
{
	size_t len = significant(version), i;
	json_t *id;

	json_array_foreach(ids, i, id) {
		const char *own = strrchr(json_string_value(id), '-') + 1;

		if (significant(own) == len && strncmp(own, version, len) == 0)
			return json_string_value(id);
	}
	return NULL;
}

// The id whose version stands at *at, which moves behind it: "2.0", "1.3c".
static const char *take_number(const json_t *ids, const char *text, size_t *at)
{
	size_t len = strspn(text + *at, "0123456789.");
	_free_ char *version = NULL;
	const char *id;

	while (len > 0 && text[*at + len - 1] == '.')
		len--;
	if (len > 0 && (text[*at + len] | 0x20) >= 'a' && (text[*at + len] | 0x20) <= 'z')
		len++;
	if (len == 0 || !word_ends(text, *at + len))
		return NULL;
	version = text_lower(text_copy_n(text + *at, len));
	id = id_of_version(ids, version);
	if (id)
		*at += len;
	return id;
}

// "License, Version 2.0" behind a name: the id, or NULL when no version of its follows; then *end stays.
static const char *take_version(const struct licences *l, const json_t *ids, const char *text, size_t *end)
{
	size_t at = licence_skip_words(l, text, *end, WORD_LICENCE | WORD_STATUTE), word;
	const char *id;
	bool bracket;

	bracket = text[skip_blanks(text, at)] == '(';
	at = licence_skip(text, at);
	word = licence_word(l, text, at, WORD_VERSION);
	if (word) {
		at = skip_blanks(text, word);
		at += text[at] == '.';
		at = skip_blanks(text, at);
	}
	id = take_number(ids, text, &at);
	if (!id)
		return NULL;
	*end = at + (bracket && text[at] == ')');
	return id;
}

// '+', "or later", "only" behind a version: the id with '+' or without.
static char *take_later(const struct licences *l, const char *id, const char *text, size_t *end)
{
	size_t at = *end, word;

	if (text[at] == '+') {
		*end = at + 1;
		return text_format("%s+", id);
	}
	at = licence_skip_words(l, text, at, WORD_STATUTE);
	at = licence_skip(text, at);
	word = licence_word(l, text, at, WORD_LATER | WORD_ONLY);
	if (!word) {
		// "or (at your option) any later version"
		static const char option[] = "or (at your option) any later version";

		word = text_starts_fold(text + at, option) ? at + strlen(option) : 0;
	}
	if (!word)
		return text_copy(id);
	*end = word + (text[at - 1] == '(' && text[word] == ')');
	return text_format("%s%s", id, licence_word(l, text, at, WORD_ONLY) == word ? "" : "+");
}

// "version 2 or 3": both are offered.
static char *take_alternatives(const struct licences *l, const json_t *ids, char *first, const char *text, size_t *end)
{
	_free_ char *one = first;
	size_t at = licence_word(l, text, skip_blanks(text, *end), WORD_OR), word;
	const char *id;

	if (!at)
		return steal_ptr(one);
	at = skip_blanks(text, at);
	word = licence_word(l, text, at, WORD_VERSION);
	if (word)
		at = skip_blanks(text, word);
	id = take_number(ids, text, &at);
	if (!id)
		return steal_ptr(one);
	*end = at;
	return text_format("%s OR %s", one, id);
}

// What the list calls a licence, or what people call it with its version.
static bool match_name(const struct licences *l, const char *text, size_t at, struct licence_match *out)
{
	size_t end = at;
	uint32_t value = phrases_longest(&l->names->names, text, at, &end);
	const struct licence_name *name = value && value < LICENCE_LISTED ? &l->names->list[value - 1] : NULL;
	const char *id;
	_free_ char *written = NULL;

	if (!value)
		return false;
	*out = (struct licence_match){ .end = end };
	if (name) {
		id = take_version(l, name->ids, text, &end);
		out->need = id ? name->version_need : name->alone_need;
		if (!id)
			id = name->alone;
	} else {
		id = l->licences.entries[value - LICENCE_LISTED].id;
		out->need = is_careful(l, id) ? NEED_ALWAYS : NEED_NOTHING;
	}
	if (!word_ends(text, end))
		return false;
	if (id) {
		written = take_later(l, id, text, &end);
		if (name && end > out->end)
			written = take_alternatives(l, name->ids, steal_ptr(written), text, &end);
		out->expression = expression_normal(l, written, NULL);
	}
	out->end = end;
	return true;
}

// --- all of it ---

bool licence_match(const struct licences *l, const char *text, size_t at, struct licence_match *out)
{
	struct licence_match id = { 0 }, name = { 0 };
	bool by_id = match_id(l, text, at, &id), by_name = match_name(l, text, at, &name);

	if (!by_id)
		free(id.expression);
	if (!by_id && !by_name)
		return false;
	if (by_id && by_name && id.end == name.end && name.need < id.need)
		id.need = name.need;
	if (by_id && (!by_name || id.end >= name.end)) {
		if (by_name)
			free(name.expression);
		*out = id;
	} else {
		if (by_id)
			free(id.expression);
		*out = name;
	}
	licence_take_exception(l, text, out);
	return true;
}

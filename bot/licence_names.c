// SPDX-License-Identifier: Apache-2.0
// Reading names.json into tables of phrases.
#include "bot/licence_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/licence_parts.h"

static const struct {
	const char *name;
	enum licence_word kind;
} kinds[] = {
	{ "licence", WORD_LICENCE }, { "version", WORD_VERSION }, { "later", WORD_LATER },
	{ "only", WORD_ONLY },       { "with", WORD_WITH },       { "exception", WORD_EXCEPTION },
	{ "and", WORD_AND },         { "or", WORD_OR },           { "under", WORD_UNDER },
	{ "is", WORD_IS },           { "article", WORD_ARTICLE }, { "terms", WORD_TERMS },
	{ "statute", WORD_STATUTE }, { "like", WORD_LIKE },       { "other", WORD_OTHER },
	{ "thing", WORD_THING },
};

static size_t phrase_count(const json_t *list)
{
	size_t i, count = 0;
	json_t *entry;

	json_array_foreach(list, i, entry)
		count += json_array_size(json_arr(entry, "names"));
	return count;
}

static int take_words(struct licence_names *n, json_t *words, struct err *e)
{
	size_t count = 0, i;
	const char *name;
	json_t *phrases, *phrase;

	json_object_foreach(words, name, phrases)
		count += json_array_size(phrases);
	phrases_init(&n->words, count);
	json_object_foreach(words, name, phrases) {
		size_t kind = 0;

		while (kind < LENGTH(kinds) && strcmp(kinds[kind].name, name) != 0)
			kind++;
		if (kind == LENGTH(kinds))
			return err_set(e, EX_CONFIG, "no words are called '%.64s'", name);
		json_array_foreach(phrases, i, phrase) {
			uint32_t *place =
			        json_is_string(phrase) ? phrases_place(&n->words, json_string_value(phrase)) : NULL;

			if (!place)
				return err_set(e, EX_CONFIG, "member %zu of '%s' is no phrase", i + 1, name);
			*place |= kinds[kind].kind;
		}
	}
	return 0;
}

// Each phrase of `names` gets the number, which no other has.
static int take_phrases(struct phrases *table, const json_t *names, size_t number, struct err *e)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		uint32_t *place = json_is_string(name) ? phrases_place(table, json_string_value(name)) : NULL;

		if (!place || *place)
			return err_set(e, EX_CONFIG, "'%.64s' is no phrase, or stands there twice",
			               json_is_string(name) ? json_string_value(name) : "");
		*place = (uint32_t)number;
	}
	return 0;
}

static int take_need(const char *text, struct licence_name *out, struct err *e)
{
	if (strcmp(text, "short") == 0)
		out->alone_need = out->version_need = NEED_SHORT;
	else if (strcmp(text, "unversioned") == 0)
		*out = (struct licence_name){ out->ids, out->alone, NEED_ALWAYS, NEED_ITSELF };
	else if (strcmp(text, "always") == 0)
		out->alone_need = out->version_need = NEED_ALWAYS;
	else if (*text)
		return err_set(e, EX_CONFIG, "no need is called '%.64s'", text);
	return 0;
}

// Ids of versions are on the list and end with them; what stands alone is an expression.
static int check_ids(const struct licences *l, const struct licence_name *name, struct err *e)
{
	json_t *id;
	size_t i;

	json_array_foreach(name->ids, i, id) {
		const char *text = json_is_string(id) ? json_string_value(id) : "";

		if (!licence_find(l, text) || !strchr(text, '-'))
			return err_set(e, EX_CONFIG, "no licence with a version is called '%.64s'", text);
	}
	if (name->alone && expression_check(l, name->alone, NULL) < 0)
		return err_set(e, EX_CONFIG, "'%.64s' is no licence", name->alone);
	return 0;
}

static int take_names(struct licence_names *n, const struct licences *l, const json_t *list, struct err *e)
{
	json_t *entry;
	size_t i;

	n->list = calloc(json_array_size(list) + 1, sizeof *n->list);
	if (!n->list)
		panic("out of memory");
	json_array_foreach(list, i, entry) {
		struct licence_name *name = &n->list[i];

		name->ids = json_arr(entry, "ids");
		name->alone = json_str_or_null(entry, "alone");
		if (check_ids(l, name, e) < 0 || take_need(json_str(entry, "needs"), name, e) < 0 ||
		    take_phrases(&n->names, json_arr(entry, "names"), i + 1, e) < 0)
			return -1;
		n->count = i + 1;
	}
	return 0;
}

static int take_exceptions(struct licence_names *n, const struct licences *l, const json_t *list, struct err *e)
{
	json_t *entry;
	size_t i;

	phrases_init(&n->exceptions, phrase_count(list));
	n->additions = calloc(json_array_size(list) + 1, sizeof *n->additions);
	if (!n->additions)
		panic("out of memory");
	json_array_foreach(list, i, entry) {
		n->additions[i] = (struct licence_addition){ json_str(entry, "id"), json_bool(entry, "alone") };
		if (!licence_find_exception(l, n->additions[i].id))
			return err_set(e, EX_CONFIG, "no exception is called '%.64s'", n->additions[i].id);
		if (take_phrases(&n->exceptions, json_arr(entry, "names"), i + 1, e) < 0)
			return -1;
	}
	return 0;
}

// The names of the list count too if they are long enough to mean nothing else ("Fair License" is not); our own table
// comes first, and a current id before the deprecated one.
static void take_listed(struct licence_names *n, const struct licences *l)
{
	const struct licence *entries = l->licences.entries;

	for (size_t i = 0; i < l->licences.count; i++) {
		const char *blank = strchr(entries[i].name, ' ');
		uint32_t *place = blank && strchr(blank + 1, ' ') ? phrases_place(&n->names, entries[i].name) : NULL;

		if (place && (*place == 0 || (*place >= LICENCE_LISTED && entries[*place - LICENCE_LISTED].deprecated)))
			*place = LICENCE_LISTED + (uint32_t)i;
	}
}

static int take_file(struct licence_names *n, const struct licences *l, struct err *e)
{
	const json_t *names = json_arr(n->file, "names");
	json_t *entry;
	size_t i;

	phrases_init(&n->names, phrase_count(names) + l->licences.count);
	if (take_words(n, json_obj(n->file, "words"), e) < 0 || take_names(n, l, names, e) < 0 ||
	    take_exceptions(n, l, json_arr(n->file, "exceptions"), e) < 0)
		return -1;
	take_listed(n, l);
	// The tables have what they need of it.
	json_object_del(n->file, "words");
	json_array_foreach(names, i, entry)
		json_object_del(entry, "names");
	return 0;
}

struct licence_names *licence_names_load(const struct licences *l, const char *templates, struct err *e)
{
	struct licence_names *n = calloc(1, sizeof *n);

	if (!n)
		panic("out of memory");
	n->file = licences_file(templates, "names.json", e);
	if (n->file && take_file(n, l, e) == 0)
		return n;
	if (n->file)
		err_prefix(e, "%s/licences/names.json", templates);
	licence_names_free(&n);
	return NULL;
}

void licence_names_free(struct licence_names **names)
{
	struct licence_names *n = *names;

	if (!n)
		return;
	phrases_free(&n->words);
	phrases_free(&n->names);
	phrases_free(&n->exceptions);
	free(n->additions);
	free(n->list);
	json_decref(n->file);
	free(n);
	*names = NULL;
}

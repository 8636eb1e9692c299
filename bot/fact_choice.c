// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_choice.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"
#include "bot/prose_text.h"

static int by_length(const void *a, const void *b)
{
	const char *x = ((const struct choice_name *)a)->name, *y = ((const struct choice_name *)b)->name;
	size_t m = strlen(x), n = strlen(y);

	return m < n ? 1 : m > n ? -1 : strcmp(x, y);
}

size_t choice_names(const json_t *own, struct choice_name out[CHOICE_NAMES_MAX])
{
	json_t *value, *others;
	const char *of;
	size_t i, count = 0;

	json_array_foreach(json_arr(own, "values"), i, value)
		if (count < CHOICE_NAMES_MAX && json_is_string(value))
			out[count++] = (struct choice_name){ json_string_value(value), json_string_value(value) };
	json_object_foreach(json_obj(own, "also"), of, others)
		json_array_foreach(others, i, value)
			if (count < CHOICE_NAMES_MAX && json_is_string(value))
				out[count++] = (struct choice_name){ of, json_string_value(value) };
	qsort(out, count, sizeof out[0], by_length);
	return count;
}

static const char *find_whole(const struct choice_name *names, size_t count, const char *words)
{
	for (size_t i = 0; i < count; i++)
		if (fold_same(names[i].name, words))
			return names[i].value;
	return NULL;
}

// Is it undenied, and no part of another name ("Widget 2", "open source")?
static bool is_free(const struct prose *p, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		if (p->words[i].quiet || p->words[i].taken)
			return false;
	if (from + n < p->count && !p->words[from + n - 1].after && text_is_digit(*p->words[from + n].plain))
		return false;
	return from == 0 || !phrase_at(p, from - 1, "open|non|ex|un");
}

// The only value among the words, or NULL.
static const char *find_contained(const struct choice_name *names, size_t count, const char *words)
{
	_prose_ struct prose p;
	const char *found = NULL;
	bool several = false;

	prose_split(words, &p);
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < p.count; i++) {
			size_t n = prose_name_at(&p, i, names[k].name);

			if (!n || !is_free(&p, i, n))
				continue;
			for (size_t w = i; w < i + n; w++)
				p.words[w].taken = true;
			several |= found && strcmp(found, names[k].value) != 0;
			found = names[k].value;
		}
	return several ? NULL : found;
}

static const char *find_exact(const struct choice_name *names, size_t count, const char *words)
{
	_free_ char *copy = text_copy(words);
	char *bracket = strpbrk(copy, "([");
	const char *value = find_whole(names, count, copy);

	if (value || !bracket || bracket == copy)
		return value;
	*bracket = '\0';
	return find_whole(names, count, copy);
}

const char *choice_exact(const json_t *own, const char *words)
{
	struct choice_name names[CHOICE_NAMES_MAX];

	return find_exact(names, choice_names(own, names), words);
}

const char *choice_of(const json_t *own, const char *words)
{
	struct choice_name names[CHOICE_NAMES_MAX];
	size_t count = choice_names(own, names);
	const char *value = find_exact(names, count, words);

	return value ? value : find_contained(names, count, words);
}

int choice_unknown(const json_t *own, const char *name, const char *words, struct err *e)
{
	const char *values[128] = { NULL };
	char hint[FACT_HINT];
	const char *near;
	_json_ json_t *facts = json_pack("{s:O}", name, own);
	json_t *value;
	size_t i, count = 0;

	json_array_foreach(json_arr(own, "values"), i, value)
		if (json_is_string(value) && count < LENGTH(values) - 1)
			values[count++] = json_string_value(value);
	near = text_nearest(words, values);
	return err_set(e, EX_DATAERR, "it must be %s%s%s%s", fact_hint(facts, name, hint),
	               near ? " - did you mean " : "", near ? near : "", near ? "?" : "");
}

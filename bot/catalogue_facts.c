// SPDX-License-Identifier: Apache-2.0
// What a catalogue declares about facts, and the names that conditions may therefore use.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/facts.h"

// Columns that are no facts: the requester cannot state them.
static const char type_column[] = "type";

int catalogue_check_name(struct reading *r, json_t *object, const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (len == 0 || len > 32 || name[len] || name[0] < 'a')
		return yaml_error_key(r->y, object, name, r->e,
		                      "a name here has 1 to 32 of the characters a-z, 0-9 and '_', a letter first");
	if (strcmp(name, type_column) == 0)
		return yaml_error_key(r->y, object, name, r->e, "'%s' is a name of the catalogue's own", name);
	return 0;
}

// Each value once, whatever its case: people write it as they like.
static int check_values(struct reading *r, const json_t *values)
{
	for (size_t i = 0; i < json_array_size(values); i++)
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(json_string_value(json_array_get(values, i)),
			               json_string_value(json_array_get(values, k))) == 0)
				return yaml_error(r->y, json_array_get(values, i), r->e,
				                  "this value stands here twice");
	return 0;
}

static int check_bounds(struct reading *r, json_t *fact, bool number)
{
	json_t *min = json_object_get(fact, "min"), *max = json_object_get(fact, "max");

	if ((min || max) && !number)
		return yaml_error(r->y, min ? min : max, r->e, "'%s' is for a number", min ? "min" : "max");
	if (min && max && json_integer_value(min) > json_integer_value(max))
		return yaml_error(r->y, max, r->e, "'max' must not be less than 'min'");
	return 0;
}

static int check_also(struct reading *r, json_t *fact)
{
	json_t *values = json_arr(fact, "values"), *also = json_obj(fact, "also"), *words;
	const char *value;

	if (also && !values)
		return yaml_error(r->y, also, r->e, "'also' is for a choice or choices");
	json_object_foreach(also, value, words)
		if (!json_has_str(values, value))
			return yaml_error_key(r->y, also, value, r->e, "'%.64s' is not one of the values", value);
	return 0;
}

static int check_fact(struct reading *r, json_t *fact)
{
	static const char *const kinds[] = { "text",   "number",  "money",  "date", "duration",
		                             "choice", "choices", "person", NULL };
	json_t *kind = json_object_get(fact, "kind"), *values = json_arr(fact, "values");
	const char *word = json_string_value(kind);

	if (catalogue_word(r, kind, "kind", kinds) < 0)
		return -1;
	if (text_starts(word, "choice") != (values != NULL))
		return yaml_error(r->y, values ? values : fact, r->e,
		                  values ? "'values' are for a choice or choices" : "'values' is missing");
	if (check_values(r, values) < 0 || check_also(r, fact) < 0)
		return -1;
	return check_bounds(r, fact, strcmp(word, "number") == 0);
}

static void add_name(struct reading *r, const char *name)
{
	if (!json_has_str(r->columns, name))
		json_add_str(r->columns, name);
}

// The names so far are the facts'.
static void keep_names(struct reading *r)
{
	size_t count = json_array_size(r->columns);

	r->names = calloc(count + 1, sizeof *r->names);
	if (!r->names)
		panic("out of memory");
	for (size_t i = 0; i < count; i++)
		r->names[i] = json_string_value(json_array_get(r->columns, i));
}

// Of each fact that is money a second column.
static int add_currencies(struct reading *r, json_t *facts)
{
	for (const char **name = r->names; *name; name++) {
		_free_ char *currency = NULL;

		if (fact_kind(r->c->facts, *name) != FACT_MONEY)
			continue;
		currency = text_format("%s_currency", *name);
		if (json_has_str(r->columns, currency))
			return yaml_error_key(r->y, facts, currency, r->e, "'%s' is the currency of '%s'", currency,
			                      *name);
		json_add_str(r->c->currencies, currency);
	}
	json_array_extend(r->columns, r->c->currencies);
	return 0;
}

int catalogue_take_facts(struct reading *r, json_t *facts)
{
	const char *name;
	json_t *fact;

	for (const struct fact *f = facts_builtin; f->name; f++)
		add_name(r, f->name);
	json_object_foreach(facts, name, fact) {
		if (catalogue_check_name(r, facts, name) < 0 || check_fact(r, fact) < 0)
			return -1;
		add_name(r, name);
		json_put(r->c->facts, name, json_deep_copy(fact));
	}
	keep_names(r);
	if (add_currencies(r, facts) < 0)
		return -1;
	add_name(r, type_column);
	return 0;
}

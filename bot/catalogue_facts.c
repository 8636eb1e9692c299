// SPDX-License-Identifier: Apache-2.0
// What a catalogue declares about facts, and the names that conditions may therefore use.
#include <string.h>

#include "base/json.h"
#include "bot/catalogue_parts.h"
#include "bot/facts.h"

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

// Columns that are no facts: the requester cannot state them.
static const char *const reserved[] = { "type", "spend_currency", NULL };

static int check_name(struct reading *r, json_t *facts, const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (len == 0 || len > 32 || name[len] || name[0] < 'a')
		return yaml_error_key(r->y, facts, name, r->e,
		                      "a fact's name has 1 to 32 of the characters a-z, 0-9 and '_', a letter first");
	if (is_one_of(name, reserved))
		return yaml_error_key(r->y, facts, name, r->e, "'%s' is a name of the catalogue's own", name);
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

static int check_fact(struct reading *r, json_t *fact)
{
	static const char *const kinds[] = { "text", "number", "date", "choice", "choices", NULL };
	json_t *kind = json_object_get(fact, "kind"), *values = json_arr(fact, "values"),
	       *also = json_obj(fact, "also");
	const char *word = json_string_value(kind), *value;
	json_t *words;

	if (!is_one_of(word, kinds))
		return yaml_error(r->y, kind, r->e, "'kind' must be one of text, number, date, choice, choices");
	if ((strncmp(word, "choice", 6) == 0) != (values != NULL))
		return yaml_error(r->y, values ? values : fact, r->e,
		                  values ? "'values' are for a choice or choices" : "'values' is missing");
	if (check_values(r, values) < 0)
		return -1;
	json_object_foreach(also, value, words)
		if (!json_has_str(values, value))
			return yaml_error_key(r->y, also, value, r->e, "'%.64s' is not one of the values", value);
	return 0;
}

static void add_name(struct reading *r, const char *name)
{
	if (!json_has_str(r->columns, name))
		json_add_str(r->columns, name);
}

int catalogue_take_facts(struct reading *r, json_t *facts)
{
	const char *name;
	json_t *fact;
	size_t count;

	for (const struct fact *f = facts_builtin; f->name; f++)
		add_name(r, f->name);
	json_object_foreach(facts, name, fact) {
		if (check_name(r, facts, name) < 0 || check_fact(r, fact) < 0)
			return -1;
		add_name(r, name);
		json_put(r->c->facts, name, json_deep_copy(fact));
	}
	count = json_array_size(r->columns);
	r->names = calloc(count + 1, sizeof *r->names);
	if (!r->names)
		panic("out of memory");
	for (size_t i = 0; i < count; i++)
		r->names[i] = json_string_value(json_array_get(r->columns, i));
	for (size_t i = 0; reserved[i]; i++)
		add_name(r, reserved[i]);
	add_name(r, "risk");
	return 0;
}

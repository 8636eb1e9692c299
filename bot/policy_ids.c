// SPDX-License-Identifier: Apache-2.0
// Names in a catalogue that nobody has - a value that the fact cannot take, a licence that is on no list, somebody who
// is not listed - and names that it declares and never uses.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/expression.h"
#include "bot/facts.h"
#include "bot/policy_check.h"
#include "bot/policy_words.h"

// While going through the conditions.
struct ids {
	const struct policy *p;
	json_t *warnings, *used; // names, and families as "'name'"
};

static const char *nearest_of(const json_t *list, const char *word)
{
	_free_ const char **names = calloc(json_array_size(list) + 1, sizeof *names);

	if (!names)
		panic("out of memory");
	for (size_t i = 0; i < json_array_size(list); i++)
		names[i] = json_string_value(json_array_get(list, i));
	return text_nearest(word, names);
}

static void warn_value(const struct ids *k, const json_t *when, const char *column, const char *word, const char *near)
{
	policy_warn(k->p, k->warnings, when, "unknown-value", "%s is never '%.64s'%s%s%s", column, word,
	            near ? " - did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void check_licence(const struct ids *k, const json_t *when, const char *word)
{
	_free_ char *normal = expression_normal(k->p->licences, word, NULL);

	if (!normal)
		warn_value(k, when, "license", word, licence_nearest(k->p->licences, word));
	else if (strcmp(normal, word) != 0)
		warn_value(k, when, "license", word, normal);
}

static void check_person(const struct ids *k, const json_t *when, const char *column, const char *word)
{
	if (text_starts(word, "mail:") ||
	    (text_starts(word, "person:") && people_find(k->p->people, word + strlen("person:"))))
		return;
	_free_ char *id = people_find(k->p->people, word) ? text_format("person:%s", word) : NULL;

	warn_value(k, when, column, word, id);
}

static void check_type(const struct ids *k, const json_t *when, const char *word)
{
	_json_ json_t *types = json_array();

	for (size_t i = 0; i < k->p->catalogue->type_count; i++)
		json_add_str(types, k->p->catalogue->types[i].id);
	if (!json_has_str(types, word))
		warn_value(k, when, "type", word, nearest_of(types, word));
}

// A text that a column is compared with as a whole.
static void check_text(const struct ids *k, const json_t *when, const json_t *text)
{
	const json_t *facts = catalogue_facts(k->p->catalogue);
	const char *column = json_str(text, "column"), *word = json_str(text, "text"), *op = json_str(text, "op");
	const json_t *values = json_arr(json_obj(facts, column), "values");
	int64_t at;

	if (*json_str(text, "call") || strcmp(op, "like") == 0 || strcmp(op, "glob") == 0 || !*op || !*word)
		return;
	if (strcmp(column, "type") == 0)
		check_type(k, when, word);
	else if (json_has_str(k->p->catalogue->currencies, column)) {
		if (strlen(word) != 3 || strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
			warn_value(k, when, column, word, NULL);
	} else if (fact_kind(facts, column) == FACT_CHOICE && !json_has_str(values, word))
		warn_value(k, when, column, word, nearest_of(values, word));
	else if (fact_kind(facts, column) == FACT_LICENCE && strpbrk(op, "=i"))
		check_licence(k, when, word);
	else if (fact_kind(facts, column) == FACT_PERSON)
		check_person(k, when, column, word);
	else if (fact_kind(facts, column) == FACT_DATE && (strlen(word) != 10 || clock_parse(word, &at) < 0))
		policy_warn(k->p, k->warnings, when, "unknown-value",
		            "%s is never '%.64s'; a day is written 2027-03-31", column, word);
}

static void check_condition(const struct ids *k, const json_t *when)
{
	_json_ json_t *words = json_is_string(when) ? policy_words(json_string_value(when)) : NULL;
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(words, "names"), i, item)
		json_put_bool(k->used, json_string_value(item), true);
	json_array_foreach(json_arr(words, "texts"), i, item) {
		_free_ char *quoted = text_format("'%s'", json_str(item, "text"));

		json_put_bool(k->used, quoted, true);
		check_text(k, when, item);
	}
}

static void use_all(const struct ids *k, const json_t *names)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		if (json_is_object(name))
			check_condition(k, json_object_get(name, "when"));
		json_put_bool(k->used, json_is_object(name) ? json_str(name, "fact") : json_string_value(name), true);
	}
}

static void check_conditions(const struct ids *k, const json_t *root)
{
	static const char *const sections[] = { "types", "checks", "routes" };
	json_t *rule, *value;
	const char *name;
	size_t i;

	for (size_t s = 0; s < LENGTH(sections); s++)
		json_array_foreach(json_arr(root, sections[s]), i, rule) {
			check_condition(k, json_object_get(rule, "when"));
			use_all(k, json_arr(rule, "needs"));
		}
	json_object_foreach(json_obj(root, "thresholds"), name, value)
		check_condition(k, value);
}

static void check_used(const struct ids *k, const json_t *root)
{
	const char *name;
	json_t *value;

	json_put_bool(k->used, "beneficiary", true); // by the desk: whoever gains from a case does not decide it
	json_object_foreach(json_obj(root, "facts"), name, value) {
		_free_ char *currency = text_format("%s_currency", name);

		if (!fact_find(name) && !json_object_get(k->used, name) && !json_object_get(k->used, currency))
			policy_warn(k->p, k->warnings, value, "fact-unused",
			            "no type or check needs '%s', and no condition reads it", name);
	}
	json_object_foreach(json_obj(root, "families"), name, value) {
		_free_ char *quoted = text_format("'%s'", name);

		if (!json_object_get(k->used, quoted))
			policy_warn(k->p, k->warnings, value, "family-unused", "no condition asks for the family '%s'",
			            name);
	}
	json_object_foreach(json_obj(root, "thresholds"), name, value)
		if (!json_object_get(k->used, name))
			policy_warn(k->p, k->warnings, value, "threshold-unused", "nothing asks for the threshold '%s'",
			            name);
}

void policy_check_ids(const struct policy *p, json_t *warnings)
{
	_json_ json_t *used = json_object();
	struct ids k = { p, warnings, used };
	const json_t *root = yaml_json(p->file);

	check_conditions(&k, root);
	check_used(&k, root);
}

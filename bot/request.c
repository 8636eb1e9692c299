// SPDX-License-Identifier: Apache-2.0
#include "bot/request.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/desk.h"
#include "bot/expression.h"
#include "bot/fact_fold.h"
#include "bot/fact_form.h"
#include "bot/fact_join.h"
#include "bot/fact_person.h"
#include "bot/facts.h"
#include "bot/licence.h"
#include "bot/prose.h"
#include "bot/sbom.h"

// --- prose ---

static bool is_problem(const json_t *reading, const char *name)
{
	json_t *problem;
	size_t i;

	json_array_foreach(json_arr(reading, "problems"), i, problem)
		if (strcmp(json_str(problem, "name"), name) == 0)
			return true;
	return false;
}

// What prose says of a component counts for the one that was stated only when
// it is the same one.
static bool is_of_another(const json_t *reading, const json_t *prose, const char *name)
{
	const char *stated = json_str_or_null(json_obj(reading, "facts"), "component");
	const char *read = json_str_or_null(json_obj(prose, "facts"), "component");

	if (strcmp(name, "version") != 0 && strcmp(name, "license") != 0)
		return false;
	if (json_array_size(json_arr(reading, "components")))
		return true;
	return stated && read ? !fold_same(stated, read) : stated != NULL && strcmp(name, "version") == 0;
}

static bool is_open(const json_t *reading, const json_t *prose, const char *name)
{
	return !json_object_get(json_obj(reading, "facts"), name) && !is_problem(reading, name) &&
	       !is_of_another(reading, prose, name);
}

static void merge(json_t *reading, const json_t *prose, bool reply)
{
	_json_ json_t *open = json_object();
	const char *name;
	json_t *value, *problem;
	size_t i;

	json_object_foreach(json_obj(prose, "facts"), name, value)
		if (is_open(reading, prose, name))
			json_put(open, name, json_incref(value));
	json_array_foreach(json_arr(prose, "problems"), i, problem)
		if (!reply && is_open(reading, prose, json_str(problem, "name")))
			json_array_append(json_arr(reading, "problems"), problem);
	if (json_object_get(open, "component") && json_arr(prose, "components"))
		json_put(reading, "components", json_deep_copy(json_arr(prose, "components")));
	json_object_foreach(open, name, value) {
		json_put(json_obj(reading, "facts"), name, json_incref(value));
		json_put_str(json_obj(reading, "origin"), name, "inferred");
		json_put_str(json_obj(reading, "words"), name, json_str(json_obj(prose, "words"), name));
	}
}

// The text of table cells stands among the own words too; it is not running
// text.
static char *without_tables(const char *text, const json_t *pairs)
{
	char *copy = text_copy(text);
	json_t *pair;
	size_t i, k;

	json_array_foreach(pairs, i, pair) {
		for (k = 0; k < 2; k++) {
			const char *cell = json_string_value(json_array_get(pair, k));
			char *at = cell && *cell ? strstr(copy, cell) : NULL;

			if (at && (at == copy || at[-1] == '\n' || at[-1] == ' ' || at[-1] == '\t'))
				memset(at, '\n', strlen(cell));
		}
	}
	return copy;
}

static void add_prose(const struct request_rules *rules, json_t *reading, const char *subject, const json_t *pairs,
                      bool reply)
{
	_free_ char *text = without_tables(json_str(reading, "rest"), pairs);
	_json_ json_t *prose = prose_read(rules->declared, rules->licences, subject_words(subject), text, rules->now);

	merge(reading, prose, reply);
}

// --- SBOMs ---

static bool names_component(const json_t *list, const char *name)
{
	json_t *component;
	size_t i;

	json_array_foreach(list, i, component)
		if (fold_same(json_str(component, "component"), name))
			return true;
	return false;
}

static void forget(json_t *reading, const char *name)
{
	if (strcmp(json_str(json_obj(reading, "origin"), name), "inferred") != 0)
		return;
	json_object_del(json_obj(reading, "facts"), name);
	json_object_del(json_obj(reading, "origin"), name);
	json_object_del(json_obj(reading, "words"), name);
}

// A list of components says more than a name that prose drops; unless the name is one of them, it gives way.
static void add_sboms(const struct request_rules *rules, const json_t *document, json_t *reading)
{
	_json_ json_t *list = sbom_components(document);
	const char *component = json_str(json_obj(reading, "facts"), "component");

	if (json_array_size(list) && strcmp(json_str(json_obj(reading, "origin"), "component"), "inferred") == 0 &&
	    !names_component(list, component)) {
		forget(reading, "component");
		forget(reading, "version");
		json_object_del(reading, "components");
	}
	sbom_complete(rules->declared, document, rules->now, reading);
}

// --- licences ---

// As an expression in the right spelling, or NULL when it cannot be read.
static char *read_licence(const struct licences *l, const char *words)
{
	char *normal = expression_normal(l, words, NULL);

	return normal ? normal : licence_named(l, words);
}

static void settle_licence(const struct licences *l, json_t *object)
{
	const char *words = json_str_or_null(object, "license");
	_free_ char *licence = words ? read_licence(l, words) : NULL;

	if (licence)
		json_put_str(object, "license", licence);
}

// The expression of all components is built anew from theirs, unless the
// licence was stated apart.
static void settle_licences(const struct request_rules *rules, json_t *reading)
{
	json_t *facts = json_obj(reading, "facts"), *components = json_arr(reading, "components"), *component;
	_free_ char *before = components ? components_licence(components, NULL) : NULL, *after = NULL;
	bool joined = before && strcmp(before, json_str(facts, "license")) == 0;
	size_t i;

	if (!rules->licences || fact_kind(rules->declared, "license") != FACT_LICENCE)
		return;
	json_array_foreach(components, i, component)
		settle_licence(rules->licences, component);
	after = joined ? components_licence(components, NULL) : NULL;
	if (after)
		json_put_str(facts, "license", after);
	settle_licence(rules->licences, facts);
}

json_t *request_of(const struct request_rules *rules, const json_t *document, bool reply)
{
	const char *subject = reply ? "" : json_str(document, "subject");
	const json_t *pairs = json_arr(document, "pairs");
	json_t *reading = facts_read(rules->declared, subject, json_str(document, "own"), pairs, rules->now);

	facts_form(rules->declared, json_obj(document, "form"), rules->now, reading);
	if (*json_str(document, "own")) // a subject alone asks for nothing
		add_prose(rules, reading, subject, pairs, reply);
	add_sboms(rules, document, reading);
	settle_licences(rules, reading);
	if (rules->people)
		fact_persons(rules->declared, rules->people, reading);
	return reading;
}

json_t *request_read(const struct desk *desk, const json_t *document, bool reply)
{
	const struct request_rules rules = {
		.declared = catalogue_facts(desk->catalogue),
		.licences = desk->licences,
		.people = desk->people,
		.now = desk->now,
	};

	return request_of(&rules, document, reply);
}

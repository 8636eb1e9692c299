// SPDX-License-Identifier: Apache-2.0
#include "bot/sbom.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/fact_join.h"
#include "bot/facts.h"

#define STATE_ALL "state one licence expression for all components, or send the SBOM corrected"
#define STATE_FEWER "state one licence expression for all, or send a smaller SBOM"

static bool has_equal(const json_t *list, const json_t *wanted)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_equal(item, wanted))
			return true;
	return false;
}

json_t *sbom_components(const json_t *document)
{
	json_t *out = json_array(), *sbom, *component;
	size_t i, k;

	json_array_foreach(json_arr(document, "sboms"), i, sbom)
		json_array_foreach(json_arr(sbom, "components"), k, component)
			if (json_array_size(out) < FACT_COMPONENTS_MAX && !has_equal(out, component))
				json_add(out, json_deep_copy(component));
	return out;
}

// --- problems ---

static void add_problem(json_t *problems, const char *name, const char *words, const char *why)
{
	json_add(problems, json_pack("{s:s,s:s,s:s}", "name", name, "words", words, "why", why));
}

json_t *sbom_problems(const json_t *document)
{
	_json_ json_t *components = sbom_components(document);
	bool some = json_array_size(components) > 0;
	const char *name = some ? "license" : "component";
	json_t *out = json_array(), *sbom;
	size_t i, all = 0;

	json_array_foreach(json_arr(document, "sboms"), i, sbom) {
		const char *file = json_str(sbom, "name"), *why = json_str_or_null(sbom, "problem");

		all += json_array_size(json_arr(sbom, "components"));
		if (why) {
			_free_ char *whole = text_format(
			        "%s; %s", why, some ? STATE_ALL : "name the component, or send the file corrected");

			add_problem(out, name, file, whole);
		}
		if (json_bool(sbom, "cut")) {
			_free_ char *many = text_format("%s lists %lld components, and a case takes %d: " STATE_FEWER,
			                                *file ? file : "the SBOM", (long long)json_int(sbom, "count"),
			                                FACT_COMPONENTS_MAX);

			add_problem(out, "license", file, many);
		}
	}
	if (json_array_size(components) == FACT_COMPONENTS_MAX && all > FACT_COMPONENTS_MAX && !json_array_size(out))
		add_problem(out, "license", "",
		            "the SBOMs list more than 200 components together, and a case takes 200: " STATE_FEWER);
	return out;
}

// --- into a reading ---

struct completing {
	const json_t *declared;
	int64_t now;
	json_t *reading; // and its parts:
	json_t *facts, *origin, *words, *problems;
	bool open; // a problem leaves open what licence all components need
};

static bool is_inferred(const struct completing *c, const char *name)
{
	return strcmp(json_str(c->origin, name), "inferred") == 0;
}

static void put_fact(struct completing *c, const char *name, const char *words)
{
	struct err e = { 0 };
	json_t *value;

	if (!words || (json_object_get(c->facts, name) && !is_inferred(c, name)))
		return;
	if (fact_value(c->declared, name, words, c->now, &value, &e) < 0) {
		add_problem(c->problems, name, "", e.text);
		return;
	}
	json_put(c->facts, name, value);
	json_put_str(c->origin, name, "sbom");
	json_put_str(c->words, name, words);
}

static void put_one(struct completing *c, const json_t *component)
{
	put_fact(c, "component", json_str_or_null(component, "component"));
	put_fact(c, "version", json_str_or_null(component, "version"));
	if (!c->open)
		put_fact(c, "license", json_str_or_null(component, "license"));
}

static void forget_inferred(struct completing *c, const char *name)
{
	if (!is_inferred(c, name))
		return;
	json_object_del(c->facts, name);
	json_object_del(c->origin, name);
	json_object_del(c->words, name);
}

static void put_several(struct completing *c, json_t *components)
{
	_free_ char *names = components_names(components), *licence = NULL;
	struct err e = { 0 };

	put_fact(c, "component", names);
	// What prose said about a version or a licence was hardly said about each of them.
	forget_inferred(c, "version");
	forget_inferred(c, "license");
	json_put(c->reading, "components", json_incref(components));
	if (c->open)
		return;
	licence = components_licence(components, &e);
	if (licence)
		put_fact(c, "license", licence);
	else if (!json_object_get(c->facts, "license")) {
		_free_ char *why = text_format("%s; " STATE_ALL, e.text);

		add_problem(c->problems, "license", "", why);
	}
}

// The one component of that name (and version, where the mail says one), or NULL: borrowed.
static const json_t *find_named(const struct completing *c, const json_t *components)
{
	const char *name = json_str(c->facts, "component"), *version = json_str(c->facts, "version");
	const json_t *found = NULL;
	json_t *component;
	size_t i;

	json_array_foreach(components, i, component) {
		if (!fold_same(json_str(component, "component"), name) ||
		    (*version && strcmp(json_str(component, "version"), version) != 0))
			continue;
		if (found)
			return NULL;
		found = component;
	}
	return found;
}

static void fill_in(struct completing *c, const json_t *components)
{
	const json_t *found = json_arr(c->reading, "components") ? NULL : find_named(c, components);
	const char *const names[] = { "version", "license" };

	for (size_t i = 0; found && i < LENGTH(names); i++)
		if (!json_object_get(c->facts, names[i]))
			put_fact(c, names[i], json_str_or_null(found, names[i]));
}

void sbom_complete(const json_t *declared, const json_t *document, int64_t now, json_t *reading)
{
	_json_ json_t *components = sbom_components(document), *problems = sbom_problems(document);
	struct completing c = {
		.declared = declared,
		.now = now,
		.reading = reading,
		.facts = json_obj(reading, "facts"),
		.origin = json_obj(reading, "origin"),
		.words = json_obj(reading, "words"),
		.problems = json_arr(reading, "problems"),
		.open = json_array_size(problems) > 0,
	};

	json_array_extend(c.problems, problems);
	if (json_object_get(c.facts, "component"))
		fill_in(&c, components);
	else if (json_array_size(components) == 1)
		put_one(&c, json_array_get(components, 0));
	else if (json_array_size(components) > 1)
		put_several(&c, components);
}

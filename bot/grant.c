// SPDX-License-Identifier: Apache-2.0
#include "bot/grant.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/versions.h"
#include "bot/facts.h"

#define NEAR_MAX 2 // things that a grant may lack and still be worth naming

// What limits a grant only when it is named, and what must be the same.
static const char *const limits[] = { "product", "region" };
static const char *const sames[] = { "channel", "vendor", "clause" };
static const char *const never[] = { "quantity", "spend" };

// --- making one ------------------------------------------------------------------------------------------------------

json_t *asked_components(const struct asked *asked)
{
	json_t *names = json_array(), *component;
	size_t i;

	json_array_foreach(asked->components, i, component)
		json_add_str(names, json_str(component, "component"));
	if (json_array_size(names) == 0 && *json_str(asked->facts, "component"))
		json_add_str(names, json_str(asked->facts, "component"));
	return names;
}

static json_t *granted_component(const json_t *component, const char *licence)
{
	json_t *out = json_object();
	_free_ char *versions = versions_line(json_str(component, "version"));

	json_put_str(out, "component", json_str(component, "component"));
	json_put_str(out, "versions", versions);
	json_put_str(out, "license", licence);
	return out;
}

static void put_components(json_t *grant, const struct asked *asked)
{
	json_t *list = json_array(), *component;
	size_t i;

	json_array_foreach(asked->components, i, component)
		json_add(list, granted_component(component, json_str_or_null(component, "license")));
	if (json_array_size(list) == 0 && *json_str(asked->facts, "component"))
		json_add(list, granted_component(asked->facts, NULL));
	json_put(grant, "components", list);
}

// What the catalogue declares beyond the built-in facts narrows a grant, unless it is prose or names a person.
static bool narrows(const json_t *declared, const char *name)
{
	enum fact_kind kind = fact_kind(declared, name);

	return !fact_find(name) && kind != FACT_TEXT && kind != FACT_PERSON;
}

static void copy_facts(json_t *to, const json_t *facts, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_get(facts, names[i]);

		if (value)
			json_put(to, names[i], json_deep_copy(value));
	}
}

json_t *grant_of(const struct asked *asked)
{
	json_t *grant = json_object(), *more = json_object(), *value;
	const char *name;

	json_put_str(grant, "license", json_str_or_null(asked->facts, "license"));
	copy_facts(grant, asked->facts, limits, LENGTH(limits));
	copy_facts(grant, asked->facts, sames, 1);
	copy_facts(more, asked->facts, sames + 1, LENGTH(sames) - 1);
	json_object_foreach((json_t *)asked->declared, name, value) {
		if (narrows(asked->declared, name))
			copy_facts(more, asked->facts, &name, 1);
	}
	if (json_object_size(more))
		json_put(grant, "facts", more);
	else
		json_decref(more);
	json_put_int(grant, "risk", asked->risk);
	put_components(grant, asked);
	return grant;
}

// --- comparing -------------------------------------------------------------------------------------------------------

static void differ(json_t *list, const char *name, const char *granted, const char *asked)
{
	json_t *item = json_object();

	json_put_str(item, "name", name);
	json_put_str(item, "granted", granted);
	json_put_str(item, "asked", asked);
	json_add(list, item);
}

static void differ_values(json_t *list, const char *name, const json_t *granted, const json_t *asked)
{
	_free_ char *a = granted ? fact_text(granted) : text_copy("");
	_free_ char *b = asked ? fact_text(asked) : text_copy("");

	differ(list, name, a, b);
}

static bool same_value(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return text_same(json_string_value(a), json_string_value(b));
	return json_equal(a, b);
}

// Is all of `asked` in `granted`?  Lists are sets.
static bool within(const json_t *asked, const json_t *granted)
{
	json_t *value;
	size_t i;

	if (!asked || !granted || json_is_array(asked) != json_is_array(granted))
		return !asked && !granted;
	if (!json_is_array(asked))
		return same_value(asked, granted);
	json_array_foreach(asked, i, value) {
		if (!json_has_str(granted, json_string_value(value)))
			return false;
	}
	return json_array_size(asked) > 0;
}

static bool is_everything(const json_t *value)
{
	static const char *const words[] = {
		"",           "all",       "any",        "every", "all products", "any product", "all regions",
		"any region", "worldwide", "world-wide", "global"
	};
	const char *text = json_is_string(value) ? json_string_value(value) : NULL;

	for (size_t i = 0; text && i < LENGTH(words); i++)
		if (text_same(text, words[i]))
			return true;
	return !value;
}

static void compare_limits(json_t *list, const json_t *grant, const json_t *facts)
{
	for (size_t i = 0; i < LENGTH(limits); i++) {
		const json_t *granted = json_object_get(grant, limits[i]), *asked = json_object_get(facts, limits[i]);

		if (!is_everything(granted) && (is_everything(asked) || !within(asked, granted)))
			differ_values(list, limits[i], granted, asked);
	}
}

static void compare_sames(json_t *list, const json_t *grant, const struct asked *asked)
{
	const json_t *more = json_obj(grant, "facts");
	json_t *value;
	const char *name;

	for (size_t i = 0; i < LENGTH(sames); i++) {
		const json_t *granted = json_object_get(i ? more : grant, sames[i]);

		if (!within(json_object_get(asked->facts, sames[i]), granted))
			differ_values(list, sames[i], granted, json_object_get(asked->facts, sames[i]));
	}
	json_object_foreach((json_t *)asked->declared, name, value) {
		if (narrows(asked->declared, name) &&
		    !within(json_object_get(asked->facts, name), json_object_get(more, name)))
			differ_values(list, name, json_object_get(more, name), json_object_get(asked->facts, name));
	}
	for (size_t i = 0; i < LENGTH(never); i++)
		if (json_object_get(asked->facts, never[i]))
			differ_values(list, never[i], NULL, json_object_get(asked->facts, never[i]));
}

static void compare_end(json_t *list, const json_t *grant, const json_t *facts, int64_t now)
{
	const char *until = json_str_or_null(grant, "until"), *wanted = json_str(facts, "expires");
	int64_t end;

	if (!until || clock_parse(until, &end) < 0)
		return;
	if (end + CLOCK_DAY <= now || strcmp(wanted, until) > 0)
		differ(list, "expires", until, wanted);
}

json_t *grant_differences(const json_t *grant, const struct asked *asked, const json_t *component, int64_t now)
{
	const json_t *what = component ? component : asked->facts;
	const char *licence = json_str(json_object_get(what, "license") ? what : asked->facts, "license");
	const char *versions = json_str(grant, "versions"), *version = json_str(what, "version");
	json_t *list = json_array();

	if (!*json_str(what, "component") || !text_same(json_str(what, "component"), json_str(grant, "component")))
		differ(list, "component", json_str(grant, "component"), json_str(what, "component"));
	if (!*licence || !licence_covered(json_str(grant, "license"), licence))
		differ(list, "license", json_str(grant, "license"), licence);
	if (!versions_within(version, versions))
		differ(list, "version", versions, version);
	compare_limits(list, grant, asked->facts);
	compare_sames(list, grant, asked);
	compare_end(list, grant, asked->facts, now);
	if (asked->risk > json_int(grant, "risk")) {
		_free_ char *then = text_format("%lld", (long long)json_int(grant, "risk"));
		_free_ char *today = text_format("%lld", (long long)asked->risk);

		differ(list, "risk", then, today);
	}
	return list;
}

bool grant_covers(const json_t *grant, const struct asked *asked, const json_t *component, int64_t now)
{
	_json_ json_t *differences = grant_differences(grant, asked, component, now);

	return json_array_size(differences) == 0;
}

// --- choosing --------------------------------------------------------------------------------------------------------

static bool is_longer(const json_t *grant, const json_t *than)
{
	const char *a = json_str_or_null(grant, "until"), *b = json_str_or_null(than, "until");

	return !than || (b && (!a || strcmp(a, b) > 0));
}

static void remember_near(json_t **near, const json_t *grant, json_t *differs)
{
	size_t least = *near ? json_array_size(json_arr(*near, "differs")) : NEAR_MAX + 1;
	json_t *item;
	size_t i;

	json_array_foreach(differs, i, item) {
		const char *name = json_str(item, "name");

		if (strcmp(name, "component") == 0 || strcmp(name, "license") == 0)
			return;
	}
	if (json_array_size(differs) >= least)
		return;
	json_decref(*near);
	*near = json_deep_copy(grant);
	json_put(*near, "differs", json_incref(differs));
}

// The longest that covers the component, or NULL; then `near` has the one that lacks least, if it has none yet.
static const json_t *choose_one(const json_t *candidates, const struct asked *asked, const json_t *component,
                                const char *without, int64_t now, json_t **near)
{
	_json_ json_t *nearest = NULL;
	const json_t *best = NULL;
	json_t *grant;
	size_t i;

	json_array_foreach(candidates, i, grant) {
		_json_ json_t *differs = NULL;

		if (without && strcmp(without, json_str(grant, "case")) == 0)
			continue;
		differs = grant_differences(grant, asked, component, now);
		if (json_array_size(differs) > 0)
			remember_near(&nearest, grant, differs);
		else if (is_longer(grant, best))
			best = grant;
	}
	if (!best && !*near)
		*near = steal_ptr(nearest);
	return best;
}

static bool add_chosen(json_t *chosen, const json_t *grant)
{
	json_t *other;
	size_t i;

	if (!grant)
		return false;
	json_array_foreach(chosen, i, other) {
		if (strcmp(json_str(other, "case"), json_str(grant, "case")) == 0)
			return true;
	}
	json_add(chosen, json_deep_copy(grant));
	return true;
}

json_t *grants_choose(const json_t *candidates, const struct asked *asked, const char *without, int64_t now,
                      json_t **near)
{
	_json_ json_t *chosen = json_array();
	json_t *component;
	bool all = true;
	size_t i;

	*near = NULL;
	json_array_foreach(asked->components, i, component)
		all &= add_chosen(chosen, choose_one(candidates, asked, component, without, now, near));
	if (json_array_size(asked->components) == 0)
		all = add_chosen(chosen, choose_one(candidates, asked, NULL, without, now, near));
	return all ? steal_ptr(chosen) : NULL;
}

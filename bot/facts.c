// SPDX-License-Identifier: Apache-2.0
#include "bot/facts.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_components.h"
#include "bot/fact_fold.h"
#include "bot/fact_join.h"
#include "bot/fact_lines.h"

#define PROBLEMS_MAX 64
#define SUBJECT_MAX 1000
#define TITLE_LONG 70 // bytes of components and licences from which on a title names the first two
#define PAIRS_MAX 1024

// The reading of one request: what facts_read() returns, in parts.
struct reading {
	const json_t *declared;
	int64_t now;
	json_t *facts, *origin, *words, *components, *problems;
	json_t *seen; // names that a better source has spoken about; not returned
};

static void problem(struct reading *r, const char *name, const char *words, const char *why)
{
	_free_ char *shown = text_copy_n(words, utf8_prefix(words, 200)), *clean = clean_words(shown, false);

	if (json_array_size(r->problems) < PROBLEMS_MAX)
		json_add(r->problems, json_pack("{s:s,s:s,s:s}", "name", name, "words", clean, "why", why));
}

static void add_fact(struct reading *r, const char *name, const char *words, const char *origin)
{
	json_t *value;
	struct err e = { 0 };
	_free_ char *clean = NULL;

	if (fact_value(r->declared, name, words, r->now, &value, &e) < 0) {
		problem(r, name, words, e.text);
		return;
	}
	clean = clean_words(words, true);
	json_put(r->facts, name, value);
	json_put_str(r->origin, name, origin);
	json_put_str(r->words, name, clean);
}

// --- components ---

static void add_component_fact(struct reading *r, json_t *group, const char *name, const char *origin)
{
	const char *words = json_str_or_null(group, name);

	if (words && !json_object_get(r->seen, name))
		add_fact(r, name, words, origin);
}

// Checks the three values of one of several components in place; a bad one is a problem and is dropped.
static void check_component(struct reading *r, json_t *group)
{
	static const char *const names[] = { "component", "version", "license" };

	for (size_t i = 0; i < LENGTH(names); i++) {
		_free_ char *words = json_object_get(group, names[i]) ? text_copy(json_str(group, names[i])) : NULL;
		json_t *value;
		struct err e = { 0 };

		if (!words)
			continue;
		if (fact_value(r->declared, names[i], words, r->now, &value, &e) == 0) {
			json_put(group, names[i], value);
			continue;
		}
		problem(r, names[i], words, e.text);
		json_object_del(group, names[i]);
	}
}

static void join_licences(struct reading *r, const json_t *groups, const char *origin)
{
	struct err e = { 0 };
	_free_ char *licence = components_licence(groups, &e);

	if (licence)
		add_fact(r, "license", licence, origin);
	else
		problem(r, "license", "", e.text);
}

static void join_names(struct reading *r, const json_t *groups, const char *origin)
{
	_free_ char *names = components_names(groups);

	add_fact(r, "component", names, origin);
}

static void read_components(struct reading *r, const json_t *entries, const char *origin)
{
	const char *conflict;
	_json_ json_t *groups = components_group(entries, &conflict);
	json_t *group;
	size_t i;

	if (json_array_size(groups) == 0)
		return;
	if (json_array_size(groups) > 1 && json_object_get(r->seen, "component"))
		return;
	if (json_array_size(groups) == 1) {
		group = json_array_get(groups, 0);
		if (conflict) {
			problem(r, conflict, json_str(group, conflict), "it was given twice, with different words");
			json_object_del(group, conflict);
		}
		add_component_fact(r, group, "component", origin);
		add_component_fact(r, group, "version", origin);
		add_component_fact(r, group, "license", origin);
		return;
	}
	if (json_array_size(groups) > FACT_COMPONENTS_MAX) {
		problem(r, "component", "", "there are more than 200 components; attach an SBOM");
		return;
	}
	json_array_foreach(groups, i, group)
		check_component(r, group);
	if (conflict)
		problem(r, conflict, "", "there are more licences than components");
	else
		join_licences(r, groups, origin);
	join_names(r, groups, origin);
	r->components = steal_ptr(groups);
}

// --- all others ---

static bool is_component_name(const char *name)
{
	return strcmp(name, "component") == 0 || strcmp(name, "version") == 0 || strcmp(name, "license") == 0;
}

// Lists and paragraphs that were given in several places are put together; NULL when two values contradict.
static char *join_words(const json_t *declared, const char *name, const char *before, const char *words)
{
	const struct fact *fact = fact_find(name);
	enum fact_kind kind = fact_kind(declared, name);

	if (kind == FACT_LIST || kind == FACT_CHOICES)
		return text_format("%s; %s", before, words);
	if (fold_same(before, words))
		return text_copy(before);
	return fact && fact->several ? text_format("%s\n\n%s", before, words) : NULL;
}

// One text for each name: {name: words}; null where two contradict.
static json_t *collect(struct reading *r, const json_t *entries)
{
	json_t *out = json_object(), *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		const char *name = json_string_value(json_array_get(entry, 0));
		const char *words = json_string_value(json_array_get(entry, 1));
		json_t *before = json_object_get(out, name);
		_free_ char *joined = NULL;

		if (is_component_name(name) || words_empty(words) || json_is_null(before))
			continue;
		joined = before ? join_words(r->declared, name, json_string_value(before), words) : text_copy(words);
		if (joined) {
			json_put_str(out, name, joined);
			continue;
		}
		problem(r, name, words, "it was given twice, with different words");
		json_object_set_new(out, name, json_null());
	}
	return out;
}

static void read_entries(struct reading *r, const json_t *entries, const char *origin)
{
	_json_ json_t *texts = collect(r, entries);
	const char *name;
	json_t *words, *entry;
	size_t i;

	read_components(r, entries, origin);
	json_object_foreach(texts, name, words)
		if (json_is_string(words) && !json_object_get(r->seen, name))
			add_fact(r, name, json_string_value(words), origin);
	json_array_foreach(entries, i, entry)
		if (!words_empty(json_string_value(json_array_get(entry, 1))))
			json_put_bool(r->seen, json_string_value(json_array_get(entry, 0)), true);
}

// --- the three sources ---

static json_t *table_entries(const json_t *declared, const json_t *pairs)
{
	json_t *out = json_array(), *pair;
	size_t i;

	json_array_foreach(pairs, i, pair) {
		const char *label = json_string_value(json_array_get(pair, 0));
		const char *words = json_string_value(json_array_get(pair, 1));
		_free_ char *line = label ? text_format("%.*s:", (int)utf8_prefix(label, 190), label) : NULL;
		const char *rest, *name = line ? fact_of_line(declared, line, &rest) : NULL;

		if (name && words && json_array_size(out) < PAIRS_MAX)
			json_add(out, json_pack("[s,s]", name, words));
	}
	return out;
}

const char *subject_words(const char *subject)
{
	static const char *const prefixes[] = { "re:",  "aw:", "fw:",  "fwd:", "wg:", "tr:", "sv:",    "antw:",
		                                "rif:", "r:",  "res:", "enc:", "rv:", "i:",  "doorst:" };
	bool again = true;

	while (again) {
		again = false;
		while (text_is_space(*subject))
			subject++;
		for (size_t i = 0; i < LENGTH(prefixes) && !again; i++)
			if (text_starts_fold(subject, prefixes[i])) {
				subject += strlen(prefixes[i]);
				again = true;
			}
		if (*subject == '[' && strchr(subject, ']')) {
			subject = strchr(subject, ']') + 1;
			again = true;
		}
	}
	return subject;
}

// "License: MIT; Component: zlib"
static json_t *subject_entries(const json_t *declared, const char *subject)
{
	json_t *out = json_array();
	_free_ char *copy = text_copy_n(subject, utf8_prefix(subject, SUBJECT_MAX));

	for (const char *p = subject_words(copy); *p;) {
		size_t len = strcspn(p, ";|");
		_free_ char *part = text_copy_n(p, len);
		const char *value, *name = fact_of_line(declared, part, &value);

		if (name)
			json_add(out, json_pack("[s,s]", name, value));
		p += len + (p[len] != '\0');
	}
	return out;
}

json_t *facts_read(const json_t *declared, const char *subject, const char *own, const json_t *pairs, int64_t now)
{
	struct reading r = { .declared = declared, .now = now };
	_free_ char *valid = valid_words(own), *valid_subject = valid_words(subject ? subject : "");
	struct buf rest = BUF(2 * strlen(valid) + 16);
	_json_ json_t *lines = fact_lines(declared, valid, &rest), *table = table_entries(declared, pairs);
	_json_ json_t *from_subject = subject_entries(declared, valid_subject);
	_free_ char *text = buf_steal(&rest);
	_json_ json_t *seen = json_object();
	json_t *out;

	r.facts = json_object();
	r.origin = json_object();
	r.words = json_object();
	r.problems = json_array();
	r.seen = seen;
	read_entries(&r, lines, "line");
	read_entries(&r, table, "table");
	read_entries(&r, from_subject, "subject");
	out = json_pack("{s:o,s:o,s:o,s:o,s:s}", "facts", r.facts, "origin", r.origin, "words", r.words, "problems",
	                r.problems, "rest", text_trim(text));
	if (!out)
		panic("facts_read: out of memory");
	if (r.components)
		json_put(out, "components", r.components);
	return out;
}

// --- a title ---

// The first two of many, and that there are others.
static char *first_of(const char *list, const char *between)
{
	const char *second = strstr(list, between), *third = second ? strstr(second + strlen(between), between) : NULL;

	_free_ char *first = text_copy_n(list, third ? (size_t)(third - list) : 0);

	return third && text_brackets_close(first) ? text_format("%s and others", first) : text_copy(list);
}

char *facts_title(const json_t *facts, const char *subject)
{
	const char *licence = json_str(facts, "license"), *component = json_str(facts, "component");
	const char *product = json_str(facts, "product"), *vendor = json_str(facts, "vendor");
	const char *clause = json_str(facts, "clause");
	_free_ char *title = NULL, *clean = NULL, *names = NULL, *licences = NULL;
	size_t len;

	if (strlen(component) + strlen(licence) > TITLE_LONG) {
		names = first_of(component, ", ");
		licences = first_of(licence, " AND ");
		component = names;
		licence = licences;
	}
	if (*component && *licence)
		title = text_format("%s for %s%s%s", licence, component, *json_str(facts, "version") ? " " : "",
		                    json_str(facts, "version"));
	else if (*component)
		title = text_format("%s%s%s", component, *json_str(facts, "version") ? " " : "",
		                    json_str(facts, "version"));
	else if (*clause)
		title = text_format("%s%s%s", vendor, *vendor ? ", " : "", clause);
	else if (*licence)
		title = text_copy(licence);
	else
		title = text_copy(subject ? subject_words(subject) : "");
	if (*product && (*component || *clause || *licence)) {
		char *whole = text_format("%s in %s", title, product);

		free(title);
		title = whole;
	}
	clean = clean_words(title, false);
	if (!*clean)
		return text_copy("Licence request");
	len = utf8_prefix(clean, FACT_TITLE_MAX);
	return clean[len] ? text_format("%.*s...", (int)utf8_prefix(clean, FACT_TITLE_MAX - 3), clean)
	                  : text_copy(clean);
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_components.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"

// --- one item ---

static bool is_version(const char *word)
{
	if ((*word == 'v' || *word == 'V') && text_is_digit(word[1]))
		return true;
	return text_is_digit(*word) && !strpbrk(word, "()");
}

// Does it read like a licence?  "MIT", "Apache 2.0", "GPL-2.0-only OR MIT", but not "logging" or "the C library".
static bool is_licence(const char *text)
{
	const char *last = strrchr(text, ' ');
	bool capital = text[strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0';

	if (!*text || !capital || text_is_digit(*text))
		return false;
	return expression_check(NULL, text, NULL) == 0 || (last && is_version(last + 1) && strchr(text, ' ') == last) ||
	       text_starts_fold(text, "licen");
}

// The bracket that the last character closes, or NULL.
static char *opening_bracket(char *item)
{
	size_t i = strlen(item);
	int depth = 0;

	if (i == 0 || item[i - 1] != ')')
		return NULL;
	while (i-- > 0) {
		depth += (item[i] == ')') - (item[i] == '(');
		if (depth == 0)
			return i > 0 ? item + i : NULL;
	}
	return NULL;
}

static bool take_licence(char *from, char *text, json_t *out)
{
	_free_ char *copy = text_copy(text);
	char *licence = text_trim(copy);

	if (!is_licence(licence))
		return false;
	json_put_str(out, "license", licence);
	*from = '\0';
	return true;
}

// Cuts a licence off the end: "(MIT)", ": MIT", " - MIT", " under MIT", ", MIT".
static void cut_licence(char *item, json_t *out)
{
	static const char *const marks[] = { " under the ", " under ", " - ", ": ", ", " };
	char *bracket = opening_bracket(item);

	if (bracket) {
		_free_ char *inner = text_copy_n(bracket + 1, strlen(bracket) - 2);

		take_licence(bracket, inner, out);
		return;
	}
	for (size_t i = 0; i < LENGTH(marks); i++) {
		char *found = strstr(item, marks[i]);

		if (found && found > item && take_licence(found, found + strlen(marks[i]), out))
			return;
	}
}

// Cuts a version off the end: "zlib 1.3", "left-pad@1.3.0", "zlib version 1.3".
static void cut_version(char *item, json_t *out)
{
	char *blank = strrchr(item, ' '), *at = strrchr(item, '@');
	char *version = at && at > item ? at : blank;

	if (!version || version == item || !is_version(version + 1))
		return;
	json_put_str(out, "inline", version + 1);
	*version = '\0';
	for (blank = strrchr(item, ' '); blank && (text_same(blank + 1, "version") || text_same(blank + 1, "ver.") ||
	                                           text_same(blank + 1, "v.") || text_same(blank + 1, ","));
	     blank = strrchr(item, ' '))
		*blank = '\0';
	if (*item && item[strlen(item) - 1] == ',')
		item[strlen(item) - 1] = '\0';
}

static json_t *read_item(const char *words)
{
	json_t *out = json_object();
	_free_ char *clean = clean_words(words, false);
	char *name;

	cut_licence(clean, out);
	name = text_trim(clean);
	cut_version(name, out);
	name = text_trim(name);
	if (*name)
		json_put_str(out, "component", name);
	return out;
}

// --- lists ---

// The next place that parts items, outside brackets; the end when there is none.
static const char *item_end(const char *p, const char *marks)
{
	int depth = 0;

	for (; *p; p++) {
		depth += (*p == '(') - (*p == ')' && depth > 0);
		if (depth == 0 && strchr(marks, *p))
			return p;
		if (*p == '\n') // no bracket is open across lines
			depth = 0;
	}
	return p;
}

static const char *skip_item_bullet(const char *p)
{
	size_t digits;

	p += strspn(p, " \t\n,;");
	digits = strspn(p, "0123456789");
	if (digits && digits < 4 && (p[digits] == '.' || p[digits] == ')') && p[digits + 1] == ' ')
		return p + digits + 2;
	if (*p && strchr("-*+", *p) && p[1] == ' ')
		return p + 2;
	return text_starts(p, "\xe2\x80\xa2") ? p + 3 : p;
}

static json_t *split_at(const char *words, const char *marks)
{
	json_t *out = json_array();

	for (const char *p = words, *end; *p && json_array_size(out) <= FACT_COMPONENTS_MAX; p = *end ? end + 1 : end) {
		_free_ char *part = NULL;
		json_t *item;

		p = skip_item_bullet(p);
		end = item_end(p, marks);
		part = text_copy_n(p, (size_t)(end - p));
		item = words_empty(part) ? NULL : read_item(part);
		if (json_object_get(item, "component"))
			json_array_append(out, item);
		json_decref(item);
	}
	return out;
}

// Commas part a list only when each part shows that it is an item: a single word, or with a version or a licence.
static bool is_list(const json_t *items)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		const char *name = json_str(item, "component");

		if (is_version(name) ||
		    (strchr(name, ' ') && !json_object_get(item, "inline") && !json_object_get(item, "license")))
			return false;
	}
	return json_array_size(items) > 1;
}

json_t *components_split(const char *words)
{
	json_t *items;
	_json_ json_t *whole = split_at(words, "\n;");

	if (json_array_size(whole) > 1)
		return steal_ptr(whole);
	items = split_at(words, "\n;,");
	if (is_list(items))
		return items;
	json_decref(items);
	return steal_ptr(whole);
}

// --- groups ---

static const char *const keys[] = { "component", "version", "license" };

static bool is_key(const char *name)
{
	for (size_t i = 0; i < LENGTH(keys); i++)
		if (strcmp(name, keys[i]) == 0)
			return true;
	return false;
}

// The group that a new value of this name goes to: the last one, or the next when the last one has it.
static json_t *group_for(json_t *groups, const char *name, const char *words)
{
	json_t *last = json_array_get(groups, json_array_size(groups) - 1);
	const char *has = json_str_or_null(last, name);

	if (last && (!has || (strcmp(has, words) == 0 && strcmp(name, "component") != 0)))
		return last;
	last = json_object();
	json_add(groups, last);
	return last;
}

// Is the licence that stands beside a name another one than the group has by a label?
static bool contradicts(const json_t *group, const json_t *item)
{
	const char *a = json_str_or_null(group, "license"), *b = json_str_or_null(item, "license");

	return a && b && strcmp(a, b) != 0;
}

static void add_components(json_t *groups, const char *words)
{
	_json_ json_t *items = components_split(words);
	json_t *item, *group;
	size_t i;

	json_array_foreach(items, i, item) {
		group = group_for(groups, "component", json_str(item, "component"));
		if (contradicts(group, item)) {
			group = json_object();
			json_add(groups, group);
		}
		json_object_update_missing(group, item);
	}
}

// A licence that was stated once, with a label of its own, holds for all; a version beside the name counts when no
// other is given.
static void complete(json_t *groups, const char *only_licence)
{
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		if (only_licence && !json_object_get(group, "license"))
			json_put_str(group, "license", only_licence);
		if (!json_object_get(group, "version"))
			json_put_str(group, "version", json_str_or_null(group, "inline"));
		json_object_del(group, "inline");
	}
}

// What the groups disagree on when there is at most one component; they become one group.
static const char *merge(json_t *groups)
{
	json_t *first = json_array_get(groups, 0), *group;
	const char *conflict = NULL;
	size_t i;

	json_array_foreach(groups, i, group)
		for (size_t k = 0; i > 0 && k < LENGTH(keys); k++) {
			const char *a = json_str_or_null(first, keys[k]), *b = json_str_or_null(group, keys[k]);

			if (a && b && strcmp(a, b) != 0)
				conflict = keys[k];
			else if (b)
				json_put_str(first, keys[k], b);
		}
	while (json_array_size(groups) > 1)
		json_array_remove(groups, json_array_size(groups) - 1);
	return conflict;
}

// With several components a group without one is what was said for all of them, or does not belong to any.
static const char *drop_strays(json_t *groups, size_t licences)
{
	const char *conflict = NULL;

	for (size_t i = json_array_size(groups); i-- > 0;) {
		json_t *group = json_array_get(groups, i);
		bool stray = json_object_get(group, "component") == NULL;

		for (size_t k = 0; k < i && !stray; k++)
			stray = json_equal(group, json_array_get(groups, k));
		if (!stray)
			continue;
		if (licences > 1 && json_object_get(group, "license") && !json_object_get(group, "component"))
			conflict = "license";
		json_array_remove(groups, i);
	}
	return conflict;
}

json_t *components_group(const json_t *entries, const char **conflict)
{
	json_t *groups = json_array(), *entry, *group;
	const char *licence = NULL;
	size_t i, licences = 0, components = 0;

	*conflict = NULL;
	json_array_foreach(entries, i, entry) {
		const char *name = json_string_value(json_array_get(entry, 0));
		const char *words = json_string_value(json_array_get(entry, 1));

		if (!is_key(name) || words_empty(words) || json_array_size(groups) > FACT_COMPONENTS_MAX)
			continue;
		if (strcmp(name, "component") == 0) {
			add_components(groups, words);
			continue;
		}
		json_put_str(group_for(groups, name, words), name, words);
		if (strcmp(name, "license") == 0) {
			licences++;
			licence = words;
		}
	}
	complete(groups, licences == 1 ? licence : NULL);
	json_array_foreach(groups, i, group)
		components += json_object_get(group, "component") != NULL;
	*conflict = components <= 1 ? merge(groups) : drop_strays(groups, licences);
	return groups;
}

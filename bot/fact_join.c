// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_join.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"

#define NAMED_MAX 3 // components that a sentence names
#define TAIL_MAX sizeof " and 200 more"

char *components_names(const json_t *components)
{
	_json_ json_t *different = json_array();
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	json_t *component, *name;
	size_t i, count;

	json_array_foreach(components, i, component)
		if (!json_has_str(different, json_str(component, "component")))
			json_add_str(different, json_str(component, "component"));
	count = json_array_size(different);
	json_array_foreach(different, i, name) {
		if (all.len + json_string_length(name) + 2 + TAIL_MAX > all.max) {
			buf_printf(&all, " and %zu more", count - i);
			break;
		}
		buf_printf(&all, "%s%s", i ? ", " : "", json_string_value(name));
	}
	return buf_steal(&all);
}

// Says which components have no licence; 0 when all have one.
static int check_given(const json_t *components, struct err *e)
{
	_buf_ struct buf names = BUF(800);
	json_t *component;
	size_t i, lacking = 0;

	json_array_foreach(components, i, component) {
		const char *name = json_str(component, "component"), *version = json_str(component, "version");

		if (json_object_get(component, "license") || lacking++ >= NAMED_MAX)
			continue;
		buf_printf(&names, "%s%.100s%s%.40s", lacking > 1 ? ", " : "", name, *version ? " " : "", version);
	}
	if (lacking == 0)
		return 0;
	if (lacking > NAMED_MAX)
		buf_printf(&names, " and %zu more", lacking - NAMED_MAX);
	return err_set(e, EX_DATAERR, "no licence is given for %s", buf_text(&names));
}

// "(A OR B)" whose first bracket is closed by its last character.
static bool is_bracketed(const char *text)
{
	size_t len = strlen(text);
	_free_ char *inner = len > 2 && *text == '(' && text[len - 1] == ')' ? text_copy_n(text + 1, len - 2) : NULL;

	return inner && text_brackets_close(inner);
}

static bool is_exception(const char *term)
{
	const char *with = strstr(term, " WITH ");

	return with && strcspn(term, " ") == (size_t)(with - term) && !strchr(with + strlen(" WITH "), ' ');
}

// The terms of "A AND B"; anything with a choice or brackets in it is one term.
static void add_terms(json_t *terms, const char *text)
{
	static const char joint[] = " AND ";
	bool whole = strpbrk(text, "()") || strcasestr(text, " or ");

	for (const char *p = text, *stop; p; p = stop ? stop + sizeof joint - 1 : NULL) {
		_free_ char *term = NULL;

		stop = whole ? NULL : strstr(p, joint);
		term = stop ? text_copy_n(p, (size_t)(stop - p)) : text_copy(p);
		if (!json_has_str(terms, term))
			json_add_str(terms, term);
	}
}

static void write_terms(const json_t *terms, struct buf *out)
{
	json_t *item;
	size_t i;

	json_array_foreach(terms, i, item) {
		const char *term = json_string_value(item);
		bool bracket =
		        json_array_size(terms) > 1 && strchr(term, ' ') && !is_bracketed(term) && !is_exception(term);

		buf_printf(out, "%s%s%s%s", i ? " AND " : "", bracket ? "(" : "", term, bracket ? ")" : "");
	}
}

char *components_licence(const json_t *components, struct err *e)
{
	_json_ json_t *different = json_array(), *terms = json_array();
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	json_t *component, *licence;
	size_t i;

	if (check_given(components, e) < 0)
		return NULL;
	json_array_foreach(components, i, component)
		if (!json_has_str(different, json_str(component, "license")))
			json_add_str(different, json_str(component, "license"));
	if (json_array_size(different) == 1)
		return text_copy(json_str(json_array_get(components, 0), "license"));
	json_array_foreach(different, i, licence) {
		if (!text_brackets_close(json_string_value(licence))) {
			err_set(e, EX_DATAERR, "the brackets of one licence do not belong together");
			return NULL;
		}
		add_terms(terms, json_string_value(licence));
	}
	write_terms(terms, &all);
	if (all.full) {
		err_set(e, EX_DATAERR, "the licences of all components together are longer than %d bytes",
		        FACT_VALUE_MAX);
		return NULL;
	}
	return buf_steal(&all);
}

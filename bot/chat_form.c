// SPDX-License-Identifier: Apache-2.0
// Building the form; chat_form_read.c reads what was filled in.
#include "bot/chat_form.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/blocks.h"
#include "bot/blocks_limits.h"
#include "bot/desk.h"
#include "bot/facts.h"

#define INPUTS_MAX 97           // with what the template has, under a view's 100 blocks
#define VIEW_ROOM (200U * 1024) // bytes that inputs may take of a view's 250 KB

struct form {
	const json_t *declared, *known;
	json_t *inputs;
	size_t room; // bytes that are left
};

// --- which facts ---

static bool is_needed(const json_t *types, const char *name)
{
	json_t *type;
	size_t i;

	json_array_foreach((json_t *)types, i, type)
		if (json_has_str(json_arr(type, "needs"), name))
			return true;
	return false;
}

static json_t *fact_names(const struct catalogue *catalogue)
{
	const json_t *declared = catalogue_facts(catalogue), *types = catalogue_types(catalogue);
	json_t *names = json_array(), *unused;
	const char *name;

	for (const struct fact *f = facts_builtin; f->name; f++)
		if (json_object_get(declared, f->name) || is_needed(types, f->name))
			json_add_str(names, f->name);
	json_object_foreach((json_t *)declared, name, unused)
		if (!fact_find(name))
			json_add_str(names, name);
	return names;
}

// --- menus ---

static json_t *option(const char *value)
{
	json_t *out = json_object();

	json_put(out, "text", slack_plain(value, SLACK_OPTION_MAX));
	json_put_str(out, "value", value);
	return out;
}

// Can the values be told apart in a menu?  Their texts must not be cut, nor be more than Slack shows.
static bool fits_menu(const json_t *values)
{
	json_t *value;
	size_t i;

	if (json_array_size(values) == 0 || json_array_size(values) > SLACK_OPTIONS_MAX)
		return false;
	json_array_foreach((json_t *)values, i, value) {
		_json_ json_t *shown = slack_plain(json_string_value(value), 2 * SLACK_OPTION_MAX);

		if (slack_units(json_str(shown, "text")) > SLACK_OPTION_MAX || !*json_str(shown, "text") ||
		    slack_units(json_string_value(value)) > SLACK_OPTION_MAX)
			return false;
	}
	return true;
}

static json_t *options(const json_t *values)
{
	json_t *list = json_array(), *value;
	size_t i;

	json_array_foreach((json_t *)values, i, value)
		json_add(list, option(json_string_value(value)));
	return list;
}

static void put_choice(const json_t *values, const json_t *known, json_t *element)
{
	if (json_is_string(known) && json_has_str(values, json_string_value(known)))
		json_put(element, "initial_option", option(json_string_value(known)));
}

static void put_choices(const json_t *values, const json_t *known, json_t *element)
{
	_json_ json_t *picked = json_array();
	json_t *value;
	size_t i;

	json_array_foreach((json_t *)values, i, value)
		if (json_has_str(known, json_string_value(value)))
			json_add(picked, option(json_string_value(value)));
	if (json_array_size(picked))
		json_put(element, "initial_options", steal_ptr(picked));
}

// --- elements ---

static json_t *element_of(const char *type)
{
	json_t *element = json_object();

	json_put_str(element, "type", type);
	json_put_str(element, "action_id", "value");
	return element;
}

static json_t *menu(const struct form *f, const char *name)
{
	const json_t *values = json_arr(json_obj(f->declared, name), "values"),
	             *known = json_object_get(f->known, name);
	enum fact_kind kind = fact_kind(f->declared, name);
	json_t *element;

	if ((kind != FACT_CHOICE && kind != FACT_CHOICES) || !fits_menu(values))
		return NULL;
	element = element_of(kind == FACT_CHOICE ? "static_select" : "multi_static_select");
	json_put(element, "options", options(values));
	if (kind == FACT_CHOICE)
		put_choice(values, known, element);
	else
		put_choices(values, known, element);
	return element;
}

static json_t *date(const json_t *known)
{
	static const char shape[] = "dddd-dd-dd";
	const char *day = json_is_string(known) ? json_string_value(known) : "";
	json_t *element = element_of("datepicker");
	size_t i = 0;

	while (shape[i] && (shape[i] == 'd' ? text_is_digit(day[i]) : day[i] == shape[i]))
		i++;
	if (!shape[i] && !day[i])
		json_put_str(element, "initial_date", day);
	return element;
}

static json_t *typed(const json_t *known, bool several)
{
	_free_ char *words = known ? fact_text(known) : text_copy(""), *short_enough = NULL;
	_buf_ struct buf clean = BUF(4 * strlen(words) + 16);
	json_t *element = element_of("plain_text_input");
	bool cut;

	json_put_int(element, "max_length", SLACK_TEXT_MAX);
	if (several)
		json_put_bool(element, "multiline", true);
	escape_text(&clean, several ? ESCAPE_PLAIN : ESCAPE_HEADER, words, strlen(words));
	short_enough = slack_cut(buf_text(&clean), SLACK_TEXT_MAX, &cut);
	if (*short_enough)
		json_put_str(element, "initial_value", short_enough);
	return element;
}

// --- inputs ---

static json_t *input_of(const char *name, const char *label, const char *hint, json_t *element)
{
	json_t *input = json_object();

	json_put_str(input, "type", "input");
	json_put_str(input, "block_id", name);
	json_put_bool(input, "optional", true);
	json_put(input, "label", slack_plain(*label ? label : name, SLACK_LABEL_MAX));
	if (*hint)
		json_put(input, "hint", slack_plain(hint, SLACK_LABEL_MAX));
	json_put(input, "element", element);
	return input;
}

// "Until when do you need it? (a day, for example 2027-03-31)"; a menu shows by itself what it takes.
static char *hint_of(const struct form *f, const char *name, bool is_menu)
{
	const char *question = fact_question(f->declared, name);
	const char *declared = json_str(json_obj(f->declared, name), "hint");
	char text[FACT_HINT];
	const char *hint = is_menu ? declared : fact_hint(f->declared, name, text);

	if (!*question || !*hint)
		return text_copy(*question ? question : hint);
	return text_format("%s (%s)", question, hint);
}

static json_t *fact_input(const struct form *f, const char *name, bool as_menu, bool filled)
{
	const struct fact *fact = fact_find(name);
	json_t *element = as_menu ? menu(f, name) : NULL;
	_free_ char *hint = hint_of(f, name, element != NULL);
	const json_t *known = filled ? json_object_get(f->known, name) : NULL;

	if (!element && fact_kind(f->declared, name) == FACT_DATE)
		element = date(known);
	if (!element)
		element = typed(known, fact && fact->several);
	return input_of(name, fact_title(f->declared, name), hint, element);
}

// Of a view that would become too large, menus become fields to type into, and then nothing is filled in.
static void add_fact(struct form *f, const char *name)
{
	json_t *input = NULL;
	size_t size = f->room + 1;

	for (int i = 0; i < 3 && size > f->room; i++) {
		json_decref(input);
		input = fact_input(f, name, i == 0, i < 2);
		size = json_dumpb(input, NULL, 0, JSON_COMPACT);
	}
	f->room -= size < f->room ? size : f->room;
	json_add(f->inputs, input);
}

static void add_inputs(struct form *f, const json_t *names)
{
	json_t *name;
	size_t i;

	json_add(f->inputs, input_of(CHAT_FORM_WORDS, "In your own words",
	                             "What you need and why. The fields below may then stay empty.",
	                             typed(json_object_get(f->known, CHAT_FORM_WORDS), true)));
	json_array_foreach((json_t *)names, i, name)
		if (json_array_size(f->inputs) < INPUTS_MAX && strcmp(json_string_value(name), CHAT_FORM_WORDS) != 0)
			add_fact(f, json_string_value(name));
}

json_t *chat_form(const struct desk *desk, struct templates *t, const json_t *known, const char *metadata,
                  struct err *e)
{
	struct form f = { catalogue_facts(desk->catalogue), known, NULL, VIEW_ROOM };
	_json_ json_t *names = fact_names(desk->catalogue), *model = json_object();
	json_t *view;

	json_put_str(model, "metadata", metadata);
	if (blocks_view(t, "request", model, &view, e) < 0)
		return NULL;
	f.inputs = json_arr(view, "blocks");
	add_inputs(&f, names);
	return view;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_form.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_choice.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"

#define WORDS_SHOWN 200 // bytes of a problem's words

static void forget(json_t *reading, const char *name)
{
	json_t *problems = json_arr(reading, "problems");

	json_object_del(json_obj(reading, "facts"), name);
	json_object_del(json_obj(reading, "origin"), name);
	json_object_del(json_obj(reading, "words"), name);
	for (size_t i = json_array_size(problems); i-- > 0;)
		if (strcmp(json_str(json_array_get(problems, i), "name"), name) == 0)
			json_array_remove(problems, i);
}

// A version and a licence that were stated for another component are not this one's.
static void forget_other_component(const json_t *form, json_t *reading)
{
	const char *stated = json_str_or_null(json_obj(reading, "facts"), "component");
	const char *field = json_str(form, "component");

	if (words_empty(field) && words_empty(json_str(form, "version")))
		return;
	json_object_del(reading, "components");
	if (stated && !words_empty(field) && !fold_same(stated, field)) {
		forget(reading, "version");
		forget(reading, "license");
	}
}

// Values that were picked from a menu, exactly.
static int picked(const json_t *declared, const char *name, const json_t *list, json_t **value, struct err *e)
{
	_json_ json_t *values = json_array();
	const json_t *own = json_obj(declared, name);
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item) {
		const char *words = json_is_string(item) ? json_string_value(item) : "",
		           *exact = choice_exact(own, words);

		if (!exact)
			return choice_unknown(own, name, words, e);
		if (!json_has_str(values, exact))
			json_add_str(values, exact);
	}
	*value = steal_ptr(values);
	return 0;
}

static void put_problem(json_t *reading, const char *name, const char *words, const char *why)
{
	_free_ char *shown = text_copy_n(words, utf8_prefix(words, WORDS_SHOWN)), *clean = clean_words(shown, false);
	json_t *problem = json_object();

	json_put_str(problem, "name", name);
	json_put_str(problem, "words", clean);
	json_put_str(problem, "why", why);
	json_add(json_arr(reading, "problems"), problem);
}

static void put_field(const json_t *declared, const char *name, const json_t *field, int64_t now, json_t *reading)
{
	_free_ char *words = json_is_array(field) ? fact_text(field) : text_copy(json_string_value(field));
	_free_ char *clean = NULL;
	struct err e = { 0 };
	json_t *value = NULL;

	forget(reading, name);
	if ((json_is_array(field) && fact_kind(declared, name) == FACT_CHOICES
	             ? picked(declared, name, field, &value, &e)
	             : fact_value(declared, name, words, now, &value, &e)) < 0) {
		put_problem(reading, name, words, e.text);
		return;
	}
	clean = clean_words(words, true);
	json_put(json_obj(reading, "facts"), name, value);
	json_put_str(json_obj(reading, "origin"), name, "form");
	json_put_str(json_obj(reading, "words"), name, clean);
}

static bool is_given(const json_t *declared, const char *name, const json_t *field)
{
	if (!fact_find(name) && !json_obj(declared, name))
		return false;
	return json_is_array(field) ? json_array_size(field) > 0
	                            : json_is_string(field) && !words_empty(json_string_value(field));
}

void facts_form(const json_t *declared, const json_t *form, int64_t now, json_t *reading)
{
	const char *name;
	json_t *field;

	forget_other_component(form, reading);
	json_object_foreach((json_t *)form, name, field)
		if (is_given(declared, name, field))
			put_field(declared, name, field, now, reading);
}

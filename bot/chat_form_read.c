// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/chat_form.h"
#include "bot/desk.h"
#include "bot/fact_fold.h"
#include "bot/request.h"

static json_t *text_of(const json_t *object, const char *key)
{
	const char *text = json_str(object, key);

	return words_empty(text) ? NULL : json_string(text);
}

static json_t *picked(const json_t *options)
{
	json_t *values = json_array(), *option;
	size_t i;

	json_array_foreach((json_t *)options, i, option)
		json_add_str(values, json_str(option, "value"));
	return values;
}

// What stands in a block's one element: a string, an array of strings, or NULL.  New reference.
static json_t *field(const json_t *block)
{
	const char *action;
	json_t *element;

	json_object_foreach((json_t *)block, action, element) {
		if (json_object_get(element, "value"))
			return text_of(element, "value");
		if (json_object_get(element, "selected_date"))
			return text_of(element, "selected_date");
		if (json_arr(element, "selected_options"))
			return picked(json_arr(element, "selected_options"));
		return text_of(json_obj(element, "selected_option"), "value");
	}
	return NULL;
}

static json_t *fields(const json_t *values)
{
	json_t *form = json_object(), *block;
	const char *name;

	json_object_foreach((json_t *)values, name, block) {
		json_t *given = strcmp(name, CHAT_FORM_WORDS) == 0 ? NULL : field(block);

		if (given)
			json_put(form, name, given);
	}
	return form;
}

static char *sentence(const char *why)
{
	bool ends = *why && strchr(".?!", why[strlen(why) - 1]);
	char *text = text_format("%s%s", why, ends ? "" : ".");

	if (*text >= 'a' && *text <= 'z')
		*text = (char)(*text - 'a' + 'A');
	return text;
}

// Only what stands in a field can be put right there.
static json_t *field_errors(const json_t *form, const json_t *reading)
{
	_json_ json_t *errors = json_object();
	json_t *problem;
	size_t i;

	json_array_foreach(json_arr(reading, "problems"), i, problem) {
		const char *name = json_str(problem, "name");
		_free_ char *why = sentence(json_str(problem, "why"));

		if (json_object_get(form, name))
			json_put_str(errors, name, why);
	}
	return json_object_size(errors) ? steal_ptr(errors) : NULL;
}

int chat_form_read(const struct desk *desk, const json_t *values, json_t **reading, json_t **errors, struct err *e)
{
	_json_ json_t *form = fields(values), *document = json_object();
	_json_ json_t *words = field(json_obj(values, CHAT_FORM_WORDS));

	*reading = *errors = NULL;
	if (!json_is_object(values))
		return err_set(e, EX_PROTOCOL, "a form without values");
	json_put_str(document, "subject", "");
	json_put_str(document, "own", json_is_string(words) ? json_string_value(words) : "");
	json_put(document, "form", json_incref(form));
	*reading = request_read(desk, document, false);
	*errors = field_errors(form, *reading);
	return 0;
}

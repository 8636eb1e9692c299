// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/state.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/blocks.h"
#include "tests/slack/limits.h"

#define TYPED_MAX 3000 // characters in a text field that sets no limit of its own

// How an element says what is in it, and what it began with.
struct field {
	const char *type;
	const char *key;     // of the state
	const char *initial; // of the element
	enum { VALUE, OPTION, OPTIONS, LIST } kind;
};

static const struct field fields[] = {
	{ "plain_text_input", "value", "initial_value", VALUE },
	{ "number_input", "value", "initial_value", VALUE },
	{ "email_text_input", "value", "initial_value", VALUE },
	{ "url_text_input", "value", "initial_value", VALUE },
	{ "datepicker", "selected_date", "initial_date", VALUE },
	{ "timepicker", "selected_time", "initial_time", VALUE },
	{ "static_select", "selected_option", "initial_option", OPTION },
	{ "radio_buttons", "selected_option", "initial_option", OPTION },
	{ "overflow", "selected_option", "initial_option", OPTION },
	{ "multi_static_select", "selected_options", "initial_options", OPTIONS },
	{ "checkboxes", "selected_options", "initial_options", OPTIONS },
	{ "users_select", "selected_user", "initial_user", VALUE },
	{ "conversations_select", "selected_conversation", "initial_conversation", VALUE },
	{ "channels_select", "selected_channel", "initial_channel", VALUE },
	{ "multi_users_select", "selected_users", "initial_users", LIST },
	{ "multi_conversations_select", "selected_conversations", "initial_conversations", LIST },
	{ "multi_channels_select", "selected_channels", "initial_channels", LIST },
};

static const struct field *field_of(const json_t *element)
{
	for (size_t i = 0; i < LENGTH(fields); i++)
		if (!strcmp(fields[i].type, json_str(element, "type")))
			return &fields[i];
	return NULL;
}

static json_t *in_options(const json_t *options, const char *wanted)
{
	json_t *option;
	size_t i;

	json_array_foreach(options, i, option)
		if (!strcmp(json_str(option, "value"), wanted) ||
		    !strcmp(json_str(json_obj(option, "text"), "text"), wanted))
			return option;
	return NULL;
}

static json_t *option_of(const json_t *element, const json_t *wanted)
{
	json_t *found =
	        in_options(json_arr(element, "options"), json_string_value(wanted) ? json_string_value(wanted) : "");
	json_t *group;
	size_t i;

	json_array_foreach(json_arr(element, "option_groups"), i, group)
		if (!found)
			found = in_options(json_arr(group, "options"), json_string_value(wanted));
	return found ? json_incref(found) : json_null();
}

static json_t *options_of(const json_t *element, const json_t *wanted)
{
	json_t *out = json_array(), *each;
	size_t i;

	json_array_foreach(wanted, i, each)
		json_add(out, option_of(element, each));
	return out;
}

static json_t *typed(const struct field *f, const json_t *element, const json_t *input)
{
	switch (f->kind) {
	case VALUE:
		return json_string_length(input) ? json_incref((json_t *)input) : json_null();
	case OPTION:
		return option_of(element, input);
	case OPTIONS:
		return options_of(element, input);
	case LIST:
		return json_is_array(input) ? json_incref((json_t *)input) : json_array();
	}
	return json_null();
}

json_t *state_of(const json_t *element, const json_t *input)
{
	const struct field *f = field_of(element);
	json_t *out = json_pack("{s:s}", "type", json_str(element, "type"));

	if (!f)
		return out;
	if (input) {
		json_put(out, f->key, typed(f, element, input));
		return out;
	}
	json_t *initial = json_object_get(element, f->initial);

	json_put(out, f->key,
	         initial                                 ? json_incref(initial)
	         : f->kind == VALUE || f->kind == OPTION ? json_null()
	                                                 : json_array());
	return out;
}

struct gathering {
	const json_t *inputs;
	json_t *values;
};

static int gather(void *data, json_t *block, json_t *element)
{
	struct gathering *g = data;
	const char *id = json_str(block, "block_id");

	if (!field_of(element))
		return 0;
	if (!json_obj(g->values, id))
		json_put(g->values, id, json_object());
	json_put(json_obj(g->values, id), json_str(element, "action_id"),
	         state_of(element, json_object_get(g->inputs, id)));
	return 0;
}

json_t *state_of_view(const json_t *view, const json_t *values)
{
	struct gathering g = { values, json_object() };

	blocks_each(json_arr(view, "blocks"), gather, &g);
	return json_pack("{s:o}", "values", g.values);
}

static bool empty(const json_t *element, const json_t *state)
{
	const struct field *f = field_of(element);
	const json_t *value = f ? json_object_get(json_obj(state, json_str(element, "action_id")), f->key) : NULL;

	return f && (!value || json_is_null(value) || (json_is_array(value) && !json_array_size(value)));
}

// Lengths that the field itself keeps.
static bool fits(const json_t *element, const json_t *state)
{
	const char *text = json_str(json_obj(state, json_str(element, "action_id")), "value");
	int64_t most = json_int(element, "max_length"), length = (int64_t)limits_length(text);

	if (strcmp(json_str(element, "type"), "plain_text_input") != 0 || !*text)
		return true;
	return length <= (most ? most : TYPED_MAX) && length >= json_int(element, "min_length");
}

int state_complete(const json_t *view, const json_t *state, const json_t *values, struct err *e)
{
	const json_t *all = json_obj(state, "values");
	const char *block_id;
	json_t *block, *value;
	size_t i;

	json_object_foreach((json_t *)values, block_id, value)
		if (!json_object_get(all, block_id))
			return err_set(e, EX_USAGE, "the view has no field \"%s\"", block_id);
	json_array_foreach(json_arr(view, "blocks"), i, block) {
		const json_t *element = json_obj(block, "element");

		block_id = json_str(block, "block_id");
		if (strcmp(json_str(block, "type"), "input") != 0)
			continue;
		if (!json_bool(block, "optional") && empty(element, json_obj(all, block_id)))
			return err_set(e, EX_DATAERR, "\"%s\" must be filled in", block_id);
		if (!fits(element, json_obj(all, block_id)))
			return err_set(e, EX_DATAERR, "\"%s\" is too long or too short", block_id);
	}
	return 0;
}

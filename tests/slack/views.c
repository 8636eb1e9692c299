// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/views.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/slack/blocks.h"
#include "tests/slack/emulator.h"
#include "tests/slack/view_make.h"

void views_init(struct views *v)
{
	*v = (struct views){ json_object(), json_object(), json_object(), json_object() };
}

void views_free(struct views *v)
{
	json_decref(v->by_id);
	json_decref(v->stacks);
	json_decref(v->homes);
	json_decref(v->triggers);
}

const char *view_trigger(struct emulator *m, const char *user, const char *view_id, char out[TRIGGER_SIZE])
{
	char secret[16], hex[33];
	json_t *trigger = json_pack("{s:s, s:I, s:b}", "user", user, "made_ms", (json_int_t)clock_real(), "used", 0);

	random_bytes(secret, sizeof secret);
	hex_encode(secret, sizeof secret, hex);
	snprintf(out, TRIGGER_SIZE, "%lld.1234567890.%s", (long long)clock_real(), hex);
	json_put_str(trigger, "view", view_id);
	json_put(m->views.triggers, out, trigger);
	return out;
}

json_t *view_by_id(const struct views *v, const char *id)
{
	return id ? json_obj(json_obj(v->by_id, id), "view") : NULL;
}

json_t *view_errors(const struct views *v, const char *id)
{
	return id ? json_obj(json_obj(v->by_id, id), "errors") : NULL;
}

json_t *view_top(const struct views *v, const char *user)
{
	const json_t *stack = json_arr(v->stacks, user);
	size_t depth = json_array_size(stack);

	return depth ? view_by_id(v, json_string_value(json_array_get(stack, depth - 1))) : NULL;
}

json_t *view_home(const struct views *v, const char *user)
{
	return view_by_id(v, json_str_or_null(v->homes, user));
}

void view_close(struct views *v, const char *user, bool all)
{
	json_t *stack = json_arr(v->stacks, user);

	if (all)
		json_array_clear(stack);
	else if (json_array_size(stack))
		json_array_remove(stack, json_array_size(stack) - 1);
}

static bool has_input(const json_t *view, const char *block_id)
{
	json_t *block;
	size_t i;

	json_array_foreach(json_arr(view, "blocks"), i, block)
		if (!strcmp(json_str(block, "type"), "input") && !strcmp(json_str(block, "block_id"), block_id))
			return true;
	return false;
}

static const char *take_errors(struct views *v, const char *view_id, const json_t *payload)
{
	json_t *errors = json_obj(payload, "errors"), *text, *record = json_obj(v->by_id, view_id);
	const char *block_id;

	if (!json_object_size(errors))
		return "\"errors\" says nothing";
	json_object_foreach(errors, block_id, text) {
		if (!has_input(json_obj(record, "view"), block_id))
			return "\"errors\" names a block that is no input of the view";
		if (!json_is_string(text) || !json_string_length(text))
			return "\"errors\" holds something other than text";
	}
	json_put(record, "errors", json_incref(errors));
	return NULL;
}

static const char *take_view(struct emulator *m, const char *user, const char *view_id, const json_t *payload,
                             bool push)
{
	const json_t *view = json_obj(payload, "view");
	_json_ json_t *errors = view_check(view, "modal");

	if (errors)
		return "\"view\" is no valid modal";
	if (push && json_array_size(json_arr(m->views.stacks, user)) >= VIEWS_STACK_MAX)
		return "there are three views already";
	if (push)
		view_push(m, user, view);
	else
		view_replace(m, view_id, view);
	return NULL;
}

const char *view_submitted(struct emulator *m, const char *user, const char *view_id, const json_t *payload)
{
	const char *action = json_str(payload, "response_action");

	json_object_del(json_obj(m->views.by_id, view_id), "errors");
	if (!json_object_size(payload)) {
		view_close(&m->views, user, false);
		return NULL;
	}
	if (!strcmp(action, "clear")) {
		view_close(&m->views, user, true);
		return NULL;
	}
	if (!strcmp(action, "errors"))
		return take_errors(&m->views, view_id, payload);
	if (!strcmp(action, "update") || !strcmp(action, "push"))
		return take_view(m, user, view_id, payload, !strcmp(action, "push"));
	return "there is no such \"response_action\"";
}

// SPDX-License-Identifier: Apache-2.0
// views.open, views.push, views.update, views.publish.
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/slack/api.h"
#include "tests/slack/emulator.h"
#include "tests/slack/view_make.h"

#define VIEW_MAX (250U << 10) // bytes of a view as JSON

// The view of a call (the caller's), or NULL and a refusal.
static json_t *view_of(const struct call *c, const char *type, json_t **refusal)
{
	json_t *view, *errors;

	if (call_json(c, "view", &view) < 0 || !view) {
		*refusal = api_refuse("invalid_arguments",
		                      json_pack("[s]", "missing required field: view [json-pointer:/view]"));
		return NULL;
	}
	_free_ char *text = json_text(view);

	errors = view_check(view, type);
	*refusal = NULL;
	if (strlen(text) > VIEW_MAX)
		*refusal = api_error("view_too_large");
	else if (errors)
		*refusal = api_refuse("invalid_arguments", json_incref(errors));
	json_decref(errors);
	if (!*refusal)
		return view;
	json_decref(view);
	return NULL;
}

// Redeems a trigger id: it lives for three seconds and works once.
static json_t *use_trigger(struct emulator *m, const struct call *c, json_t **refusal)
{
	const char *id = call_text(c, "trigger_id");
	json_t *trigger = id ? json_obj(m->views.triggers, id) : NULL;

	*refusal = NULL;
	if (!trigger)
		*refusal = api_error("invalid_trigger_id");
	else if (json_bool(trigger, "used"))
		*refusal = api_error("exchanged_trigger_id");
	else if (clock_real() - json_int(trigger, "made_ms") > m->settings.trigger_ms)
		*refusal = api_error("expired_trigger_id");
	if (*refusal)
		return NULL;
	json_put_bool(trigger, "used", true);
	return trigger;
}

static json_t *answer(const json_t *view)
{
	json_t *out = api_ok();

	json_put(out, "view", json_deep_copy(view));
	return out;
}

json_t *views_open(struct emulator *m, const struct call *c)
{
	json_t *refusal;
	_json_ json_t *view = view_of(c, "modal", &refusal);
	const json_t *trigger = view ? use_trigger(m, c, &refusal) : NULL;

	if (!trigger)
		return refusal;
	view_close(&m->views, json_str(trigger, "user"), true);
	return answer(view_push(m, json_str(trigger, "user"), view));
}

json_t *views_push(struct emulator *m, const struct call *c)
{
	json_t *refusal;
	_json_ json_t *view = view_of(c, "modal", &refusal);
	const json_t *trigger = view ? use_trigger(m, c, &refusal) : NULL;
	const char *user = json_str(trigger, "user");
	size_t depth = json_array_size(json_arr(m->views.stacks, user));

	if (!trigger)
		return refusal;
	if (!*json_str(trigger, "view") || !depth)
		return api_error("invalid_trigger_id");
	if (depth >= VIEWS_STACK_MAX)
		return api_error("push_limit_reached");
	return answer(view_push(m, user, view));
}

static const json_t *find(const struct emulator *m, const struct call *c)
{
	const char *id = call_text(c, "view_id"), *external = call_text(c, "external_id"), *each;
	json_t *record;

	if (id || !external)
		return view_by_id(&m->views, id);
	json_object_foreach(m->views.by_id, each, record)
		if (!strcmp(json_str(json_obj(record, "view"), "external_id"), external))
			return json_obj(record, "view");
	return NULL;
}

static bool hash_fits(const struct call *c, const json_t *view)
{
	const char *hash = call_text(c, "hash");

	return !hash || !view || !strcmp(hash, json_str(view, "hash"));
}

json_t *views_update(struct emulator *m, const struct call *c)
{
	json_t *refusal;
	const json_t *old = find(m, c);
	_json_ json_t *view = view_of(c, old ? json_str(old, "type") : "modal", &refusal);

	if (!view)
		return refusal;
	if (!old)
		return api_error("not_found");
	if (!hash_fits(c, old))
		return api_error("hash_conflict");
	return answer(view_replace(m, json_str(old, "id"), view));
}

json_t *views_publish(struct emulator *m, const struct call *c)
{
	json_t *refusal;
	const char *user = call_text(c, "user_id");
	_json_ json_t *view = view_of(c, "home", &refusal);

	if (!view)
		return refusal;
	if (!workspace_find_user(&m->workspace, user))
		return api_error("invalid_arguments");
	if (!hash_fits(c, view_home(&m->views, user)))
		return api_error("hash_conflict");
	return answer(view_publish(m, user, view));
}

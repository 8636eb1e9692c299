// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/view_make.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/blocks.h"
#include "tests/slack/emulator.h"
#include "tests/slack/limits.h"

json_t *view_check(const json_t *view, const char *type)
{
	if (!json_is_object(view))
		return json_pack("[s]", "must be an object [json-pointer:/view]");
	if (strcmp(json_str(view, "type"), type) != 0)
		return json_pack("[s]", "must be a valid enum value [json-pointer:/view/type]");
	return limits_view(view);
}

static void new_hash(struct emulator *m, json_t *view)
{
	char ts[TS_SIZE];

	workspace_ts(&m->workspace, ts);
	_free_ char *hash = text_format("%.10s.%s", ts, ts + 11);

	json_put_str(view, "hash", hash);
}

static json_t *make(struct emulator *m, const char *id, const json_t *given)
{
	json_t *view = json_deep_copy(given);
	static const char *const texts[] = { "callback_id", "private_metadata", "external_id" };

	for (size_t i = 0; i < LENGTH(texts); i++)
		if (!json_object_get(view, texts[i]))
			json_put_str(view, texts[i], "");
	blocks_fill(json_arr(view, "blocks"), &m->workspace);
	json_put_str(view, "id", id);
	json_put_str(view, "team_id", TEAM_ID);
	json_put_str(view, "app_id", APP_ID);
	json_put_str(view, "bot_id", BOT_ID);
	json_put(view, "state", json_pack("{s:{}}", "values"));
	new_hash(m, view);
	return view;
}

static json_t *place_new(struct emulator *m, const char *user, const json_t *given, const char *root,
                         const char *previous)
{
	char id[ID_SIZE];
	json_t *view = make(m, workspace_id(&m->workspace, 'V', id), given);

	json_put_str(view, "root_view_id", root ? root : id);
	json_put(view, "previous_view_id", previous ? json_string(previous) : json_null());
	json_put(m->views.by_id, id, json_pack("{s:s, s:o}", "user", user, "view", view));
	return view;
}

json_t *view_push(struct emulator *m, const char *user, const json_t *given)
{
	const json_t *top = view_top(&m->views, user);
	json_t *view = place_new(m, user, given, json_str_or_null(top, "root_view_id"), json_str_or_null(top, "id"));

	if (!json_arr(m->views.stacks, user))
		json_put(m->views.stacks, user, json_array());
	json_add_str(json_arr(m->views.stacks, user), json_str(view, "id"));
	return view;
}

json_t *view_replace(struct emulator *m, const char *id, const json_t *given)
{
	json_t *record = json_obj(m->views.by_id, id), *old = json_obj(record, "view");
	json_t *view = make(m, id, given);

	json_put(view, "root_view_id", json_incref(json_object_get(old, "root_view_id")));
	json_put(view, "previous_view_id", json_incref(json_object_get(old, "previous_view_id")));
	json_put(record, "view", view);
	json_object_del(record, "errors");
	return view;
}

json_t *view_publish(struct emulator *m, const char *user, const json_t *given)
{
	const char *id = json_str_or_null(m->views.homes, user);

	if (id)
		return view_replace(m, id, given);
	json_t *view = place_new(m, user, given, NULL, NULL);

	json_put_str(m->views.homes, user, json_str(view, "id"));
	return view;
}

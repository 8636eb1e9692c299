// SPDX-License-Identifier: Apache-2.0
// users.info, users.lookupByEmail and conversations.open.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/emulator.h"

static json_t *show(const struct emulator *m, const json_t *user)
{
	json_t *copy = json_deep_copy(user), *out = api_ok();

	if (!scopes_have(&m->scopes, "users:read.email"))
		json_object_del(json_obj(copy, "profile"), "email");
	json_put(out, "user", copy);
	return out;
}

static json_t *no_argument(const char *name)
{
	_free_ char *text = text_format("missing required field: %s [json-pointer:/]", name);

	return api_refuse("invalid_arguments", json_pack("[s]", text));
}

json_t *users_info(struct emulator *m, const struct call *c)
{
	const char *id = call_text(c, "user");
	json_t *user = workspace_find_user(&m->workspace, id);

	if (!id)
		return no_argument("user");
	return user ? show(m, user) : api_error("user_not_found");
}

json_t *users_lookup_by_email(struct emulator *m, const struct call *c)
{
	const char *email = call_text(c, "email");

	if (!email)
		return no_argument("email");
	_free_ char *lower = text_lower(text_copy(email));
	const char *id = json_str_or_null(m->workspace.emails, lower);
	json_t *user = workspace_find_user(&m->workspace, id);

	return user && !json_bool(user, "deleted") ? show(m, user) : api_error("users_not_found");
}

json_t *conversations_open(struct emulator *m, const struct call *c)
{
	const char *users = call_text(c, "users");
	json_t *user = workspace_find_user(&m->workspace, users), *out, *shown;

	if (!users)
		return api_error("users_list_not_supplied");
	if (strchr(users, ','))
		return api_error("missing_scope");
	if (!user)
		return api_error("user_not_found");
	if (json_bool(user, "deleted"))
		return api_error("user_disabled");
	if (!strcmp(users, BOT_USER))
		return api_error("cannot_dm_bot");
	out = api_ok();
	shown = json_pack("{s:s}", "id", json_str(workspace_dm(&m->workspace, users), "id"));
	if (call_flag(c, "return_im")) {
		json_put_bool(shown, "is_im", true);
		json_put_str(shown, "user", users);
	}
	json_put(out, "channel", shown);
	return out;
}

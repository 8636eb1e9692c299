// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/person.h"

#include "base/json.h"
#include "tests/slack/emulator.h"

json_t *person_of(const struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *user = workspace_find_user(&m->workspace, json_str(ask, "user"));

	if (!user)
		err_set(e, EX_USAGE, "there is no user \"%s\"", json_str(ask, "user"));
	return user;
}

json_t *person_payload(struct emulator *m, const char *type, const json_t *user, const json_t *view)
{
	char trigger[TRIGGER_SIZE];
	const char *id = json_str(user, "id"), *name = json_str(user, "name");
	json_t *payload = json_pack("{s:s, s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s}, s:s, s:s, s:n, s:b}", "type", type,
	                            "user", "id", id, "username", name, "name", name, "team_id",
	                            json_str(user, "team_id"), "team", "id", TEAM_ID, "domain", TEAM_DOMAIN,
	                            "api_app_id", APP_ID, "token", "x", "enterprise", "is_enterprise_install", 0);

	json_put_str(payload, "trigger_id", view_trigger(m, id, json_str_or_null(view, "id"), trigger));
	if (view)
		json_put(payload, "view", json_deep_copy(view));
	return payload;
}

json_t *person_answer(const struct delivery *d)
{
	json_t *out = json_pack("{s:s}", "envelope", d->id);

	json_put_str(out, "trigger_id", json_str_or_null(d->payload, "trigger_id"));
	return out;
}

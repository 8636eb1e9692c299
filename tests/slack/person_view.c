// SPDX-License-Identifier: Apache-2.0
// A person submits or closes a modal, or opens the Home tab.
#include <string.h>

#include "base/json.h"
#include "tests/slack/emulator.h"
#include "tests/slack/events.h"
#include "tests/slack/person.h"
#include "tests/slack/state.h"
#include "tests/slack/verbs.h"

static json_t *open_view(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *view = view_top(&m->views, json_str(ask, "user"));

	if (!view)
		err_set(e, EX_NOINPUT, "%s has no modal open", json_str(ask, "user"));
	return view;
}

// {"user", "values": {block_id: what is typed or chosen}, "force"?: even when Slack would not let them}
json_t *person_submit(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e), *view = user ? open_view(m, ask, e) : NULL;

	if (!view)
		return NULL;
	_json_ json_t *state = state_of_view(view, json_obj(ask, "values"));

	if (!json_bool(ask, "force") && state_complete(view, state, json_obj(ask, "values"), e) < 0)
		return NULL;
	json_t *payload = person_payload(m, "view_submission", user, view);

	json_put(json_obj(payload, "view"), "state", json_incref(state));
	json_put(payload, "response_urls", json_array());
	return person_answer(deliver(m, "interactive", payload, true));
}

// {"user", "all"?}: the app hears of it only when its view wanted that.
json_t *person_close(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e), *view = user ? open_view(m, ask, e) : NULL;
	bool all = json_bool(ask, "all");

	if (!view)
		return NULL;
	if (all)
		view = view_by_id(&m->views, json_str(view, "root_view_id"));
	_json_ json_t *kept = json_incref((json_t *)view);

	view_close(&m->views, json_str(user, "id"), all);
	if (!json_bool(kept, "notify_on_close"))
		return json_object();
	json_t *payload = person_payload(m, "view_closed", user, kept);

	json_object_del(payload, "trigger_id");
	json_put_bool(payload, "is_cleared", all);
	return person_answer(deliver(m, "interactive", payload, false));
}

// {"user", "tab"?: "home" or "messages"}
json_t *person_home(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *user = person_of(m, ask, e);
	const char *tab = json_str_or_null(ask, "tab");
	char ts[TS_SIZE];

	if (!user)
		return NULL;
	json_t *view = view_home(&m->views, json_str(user, "id"));
	json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "app_home_opened", "user", json_str(user, "id"),
	                          "channel", json_str(workspace_dm(&m->workspace, json_str(user, "id")), "id"), "tab",
	                          tab ? tab : "home", "event_ts", workspace_ts(&m->workspace, ts));

	if (view)
		json_put(event, "view", json_deep_copy(view));
	return person_answer(event_send(m, event));
}

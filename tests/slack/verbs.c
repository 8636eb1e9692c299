// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/verbs.h"

#include <string.h>

#include "base/json.h"
#include "tests/slack/emulator.h"

static verb run_flood;

static const struct {
	const char *name;
	verb *run;
} table[] = {
	{ "press", person_press },
	{ "submit", person_submit },
	{ "close", person_close },
	{ "command", person_command },
	{ "say", person_say },
	{ "edit", person_edit },
	{ "delete", person_delete },
	{ "home", person_home },
	{ "shortcut", person_shortcut },
	{ "flood", run_flood },
	{ "users", look_users },
	{ "channels", look_channels },
	{ "calls", look_calls },
	{ "messages", look_messages },
	{ "acks", look_acks },
	{ "delivery", look_envelope },
	{ "view", look_view },
	{ "files", look_files },
	{ "hooks", look_hooks },
	{ "connections", look_connections },
	{ "stats", look_stats },
	{ "scopes", look_scopes },
	{ "set", look_set },
	{ "drop", wrong_drop },
	{ "disconnect", wrong_disconnect },
	{ "silence", wrong_silence },
	{ "fault", wrong_fault },
	{ "clear", wrong_clear },
	{ "frame", wrong_frame },
	{ "envelope", wrong_envelope },
	{ "event", wrong_event },
	{ "duplicate", wrong_duplicate },
	{ "hello", wrong_hello },
};

// One thing many times, or many things once: {"times": N, "do": {...}} or {"do": [{...}, ...]}.
static json_t *run_flood(struct emulator *m, const json_t *ask, struct err *e)
{
	const json_t *what = json_object_get(ask, "do");
	size_t many = json_array_size(what);
	int64_t times = many ? (int64_t)many : json_int(ask, "times");
	_json_ json_t *envelopes = json_array();

	for (int64_t i = 0; i < times; i++) {
		_json_ json_t *one = verb_run(m, many ? json_array_get(what, (size_t)i) : what, e);

		if (!one) {
			err_prefix(e, "number %lld", (long long)i);
			return NULL;
		}
		json_add(envelopes, json_incref(json_object_get(one, "envelope")));
	}
	return json_pack("{s:O}", "envelopes", envelopes);
}

json_t *verb_run(struct emulator *m, const json_t *ask, struct err *e)
{
	const char *name = json_str(ask, "verb");

	for (size_t i = 0; i < LENGTH(table); i++)
		if (!strcmp(table[i].name, name))
			return table[i].run(m, ask, e);
	err_set(e, EX_USAGE, "there is no verb \"%s\"", name);
	return NULL;
}

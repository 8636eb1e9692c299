// SPDX-License-Identifier: Apache-2.0
// What is set up over the control socket, and what can be looked at.
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "tests/slack/emulator.h"
#include "tests/slack/files.h"
#include "tests/slack/messages.h"
#include "tests/slack/verbs.h"

json_t *look_users(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *user;
	size_t i;

	json_array_foreach(json_arr(ask, "users"), i, user)
		if (workspace_user(&m->workspace, user, e) < 0)
			return NULL;
	return json_pack("{s:O}", "users", m->workspace.users);
}

json_t *look_channels(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *channel, *out = json_array(), *shown;
	const char *id;
	size_t i;

	json_array_foreach(json_arr(ask, "channels"), i, channel)
		if (workspace_channel(&m->workspace, channel, e) < 0) {
			json_decref(out);
			return NULL;
		}
	json_object_foreach(m->workspace.channels, id, channel) {
		shown = json_pack("{s:s, s:s, s:s, s:O}", "id", id, "name", json_str(channel, "name"), "kind",
		                  json_str(channel, "kind"), "members", json_obj(channel, "members"));
		json_add(out, shown);
	}
	return json_pack("{s:o}", "channels", out);
}

// The rows of a list from number `since` on, those whose `key` is what is asked for under that name.
static json_t *tail(const json_t *list, const json_t *ask, const char *name, const char *key)
{
	json_t *rows = json_array(), *row;
	const char *wanted = key ? json_str_or_null(ask, key) : NULL;
	size_t count = json_array_size(list);

	for (size_t i = (size_t)json_int(ask, "since"); i < count; i++) {
		row = json_array_get(list, i);
		if (!wanted || !strcmp(json_str(row, key), wanted))
			json_add(rows, json_incref(row));
	}
	return json_pack("{s:o, s:I}", name, rows, "next", (json_int_t)count);
}

json_t *look_calls(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return tail(m->calls, ask, "calls", "method");
}

json_t *look_acks(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return tail(m->deliveries.acks, ask, "acks", "origin");
}

json_t *look_hooks(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return tail(m->hooks.called, ask, "hooks", "id");
}

static void see(const json_t *channel, const json_t *messages, const json_t *ask, json_t *out)
{
	const char *ts, *user = json_str_or_null(ask, "user"), *only, *thread = json_str_or_null(ask, "thread_ts");
	json_t *message;

	json_object_foreach((json_t *)messages, ts, message) {
		only = json_str_or_null(message, "for");
		if (user && only && strcmp(only, user) != 0)
			continue;
		if (thread && strcmp(json_str(message, "thread_ts"), thread) != 0)
			continue;
		json_add(out, message_seen(channel, message));
	}
}

json_t *look_messages(struct emulator *m, const json_t *ask, struct err *e)
{
	const char *id, *user = json_str_or_null(ask, "user"), *wanted = json_str_or_null(ask, "channel");
	json_t *channel, *out = json_array();

	(void)e;
	json_object_foreach(m->workspace.channels, id, channel) {
		if ((wanted && strcmp(id, wanted) != 0) || (user && !channel_has(channel, user)))
			continue;
		see(channel, json_obj(channel, "messages"), ask, out);
		see(channel, json_obj(channel, "ephemeral"), ask, out);
	}
	return json_pack("{s:o}", "messages", out);
}

json_t *look_envelope(struct emulator *m, const json_t *ask, struct err *e)
{
	const struct delivery *one = delivery_find(&m->deliveries, json_str(ask, "envelope"));

	if (one)
		return delivery_show(one);
	err_set(e, EX_NOINPUT, "there was no envelope \"%s\"", json_str(ask, "envelope"));
	return NULL;
}

// {"user", "home": true} or {"user"} for the modal on top, with what the app found wrong with it.
json_t *look_view(struct emulator *m, const json_t *ask, struct err *e)
{
	const char *user = json_str(ask, "user");
	json_t *view = json_bool(ask, "home") ? view_home(&m->views, user) : view_top(&m->views, user);
	json_t *out = json_object(), *errors = view_errors(&m->views, json_str(view, "id"));

	(void)e;
	json_put(out, "view", view ? json_incref(view) : json_null());
	json_put(out, "errors", errors ? json_incref(errors) : json_null());
	json_put_int(out, "depth", (int64_t)json_array_size(json_arr(m->views.stacks, user)));
	return out;
}

json_t *look_files(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)ask;
	(void)e;
	return json_pack("{s:o}", "files", files_list(m));
}

json_t *look_connections(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *out = tail(m->links.history, ask, "history", NULL), *open = json_array();
	const struct link *link;

	(void)e;
	TAILQ_FOREACH(link, &m->links.list, entry)
	json_add(open, json_pack("{s:i, s:b, s:b, s:I}", "connection", (int)link->number, "ready", link->ready,
	                         "silent", link->silent, "age_ms", (json_int_t)(clock_monotonic() - link->opened)));
	json_put(out, "open", open);
	return out;
}

json_t *look_stats(struct emulator *m, const json_t *ask, struct err *e)
{
	const struct deliveries *d = &m->deliveries;

	(void)ask;
	(void)e;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "envelopes", (json_int_t)d->count, "acked",
	                 (json_int_t)d->acked, "lost", (json_int_t)d->lost, "again", (json_int_t)d->again, "acks",
	                 (json_int_t)json_array_size(d->acks), "calls", (json_int_t)json_array_size(m->calls),
	                 "connections", (int)m->links.open);
}

json_t *look_scopes(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	if (json_str_or_null(ask, "scopes"))
		scopes_set(&m->scopes, json_str(ask, "scopes"));
	return json_pack("{s:s}", "scopes", m->scopes.list);
}

json_t *look_set(struct emulator *m, const json_t *ask, struct err *e)
{
	_json_ json_t *values = json_copy((json_t *)ask);

	json_object_del(values, "verb");
	if (settings_set(&m->settings, values, e) < 0)
		return NULL;
	return json_pack("{s:o}", "settings", settings_show(&m->settings));
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/workspace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/text.h"

void workspace_init(struct workspace *w)
{
	*w = (struct workspace){ json_object(), json_object(), json_object(), json_object(), 0, 0 };
	_json_ json_t *bot = json_pack("{s:s, s:s, s:b}", "id", BOT_USER, "name", BOT_NAME, "is_bot", 1);

	workspace_user(w, bot, NULL);
}

void workspace_free(struct workspace *w)
{
	json_decref(w->users);
	json_decref(w->emails);
	json_decref(w->channels);
	json_decref(w->files);
}

const char *workspace_ts(struct workspace *w, char out[TS_SIZE])
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	int64_t now = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;

	w->last_ts = now > w->last_ts ? now : w->last_ts + 1;
	snprintf(out, TS_SIZE, "%lld.%06lld", (long long)(w->last_ts / 1000000), (long long)(w->last_ts % 1000000));
	return out;
}

const char *workspace_id(struct workspace *w, char letter, char out[ID_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t left = ++w->count;

	out[0] = letter;
	for (int i = 10; i > 0; i--, left /= 32)
		out[i] = digits[left % 32];
	out[11] = '\0';
	return out;
}

static void put_flag(json_t *user, const json_t *given, const char *name)
{
	json_put_bool(user, name, json_bool(given, name));
}

static json_t *profile(const json_t *given, const char *name)
{
	const char *real = json_str_or_null(given, "real_name");
	json_t *out = json_pack("{s:s, s:s}", "real_name", real ? real : name, "display_name", name);

	json_put_str(out, "email", json_str_or_null(given, "email"));
	return out;
}

static void put_email(struct workspace *w, const char *id, const char *email)
{
	const char *old = json_str(json_obj(json_obj(w->users, id), "profile"), "email");
	_free_ char *lower = text_lower(text_copy(old));

	json_object_del(w->emails, lower);
	if (!email)
		return;
	_free_ char *now = text_lower(text_copy(email));

	json_put_str(w->emails, now, id);
}

int workspace_user(struct workspace *w, const json_t *given, struct err *e)
{
	const char *id = json_str(given, "id"), *team = json_str_or_null(given, "team_id");
	const char *name = json_str_or_null(given, "name");

	if (id[0] != 'U' && id[0] != 'W')
		return err_set(e, EX_USAGE, "a user's id begins with U or W, not \"%s\"", id);
	if (!name)
		name = id;
	json_t *user = json_pack("{s:s, s:s, s:s}", "id", id, "team_id", team ? team : TEAM_ID, "name", name);

	put_flag(user, given, "deleted");
	put_flag(user, given, "is_bot");
	put_flag(user, given, "is_restricted");
	put_flag(user, given, "is_ultra_restricted");
	json_put(user, "profile", profile(given, name));
	json_put_str(user, "real_name", json_str(json_obj(user, "profile"), "real_name"));
	if (!json_bool(given, "deleted")) {
		json_put_str(user, "tz", "Europe/Berlin");
		json_put_int(user, "tz_offset", 3600);
	}
	put_email(w, id, json_str_or_null(given, "email"));
	json_put(w->users, id, user);
	return 0;
}

static json_t *channel_new(const char *id, const char *name, const char *kind)
{
	return json_pack("{s:s, s:s, s:s, s:{}, s:{}, s:{}}", "id", id, "name", name, "kind", kind, "members",
	                 "messages", "ephemeral");
}

int workspace_channel(struct workspace *w, const json_t *given, struct err *e)
{
	const char *id = json_str(given, "id"), *name = json_str_or_null(given, "name");
	size_t i;
	json_t *member, *bot = json_object_get(given, "bot");

	if (id[0] != 'C' && id[0] != 'G')
		return err_set(e, EX_USAGE, "a channel's id begins with C or G, not \"%s\"", id);
	json_t *channel = channel_new(id, name ? name : id, json_bool(given, "private") ? "group" : "channel");
	json_t *members = json_obj(channel, "members");

	json_array_foreach(json_arr(given, "members"), i, member)
		json_put_bool(members, json_string_value(member) ? json_string_value(member) : "", true);
	if (!json_is_false(bot))
		json_put_bool(members, BOT_USER, true);
	json_put_bool(channel, "archived", json_bool(given, "archived"));
	json_put(w->channels, id, channel);
	return 0;
}

json_t *workspace_find_user(const struct workspace *w, const char *id)
{
	return id ? json_object_get(w->users, id) : NULL;
}

json_t *workspace_find_channel(const struct workspace *w, const char *id)
{
	return id ? json_object_get(w->channels, id) : NULL;
}

json_t *workspace_dm(struct workspace *w, const char *user)
{
	if (!workspace_find_user(w, user))
		return NULL;
	_free_ char *id = text_format("D%s", user + 1);
	json_t *channel = json_object_get(w->channels, id);

	if (channel)
		return channel;
	channel = channel_new(id, "directmessage", "im");
	json_put_str(channel, "user", user);
	json_put_bool(json_obj(channel, "members"), user, true);
	json_put_bool(json_obj(channel, "members"), BOT_USER, true);
	json_put(w->channels, id, channel);
	return channel;
}

bool channel_has(const json_t *channel, const char *user)
{
	return user && json_object_get(json_obj(channel, "members"), user);
}

bool channel_is_im(const json_t *channel)
{
	return !strcmp(json_str(channel, "kind"), "im");
}

json_t *channel_message(const json_t *channel, const char *ts)
{
	json_t *message = ts ? json_obj(json_obj(channel, "messages"), ts) : NULL;

	return message || !ts ? message : json_obj(json_obj(channel, "ephemeral"), ts);
}

void channel_put(json_t *channel, json_t *message)
{
	json_put(json_obj(channel, json_object_get(message, "for") ? "ephemeral" : "messages"), json_str(message, "ts"),
	         message);
}

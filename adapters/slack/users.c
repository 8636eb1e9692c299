// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/users.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/answer.h"
#include "adapters/slack/calls.h"
#include "adapters/slack/envelope.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

enum {
	LONGEST_WAIT = 1500,
	KEEP = CLOCK_HOUR,
	KEEP_FAILURE = CLOCK_MINUTE,
	CACHE_MAX = 1024, // users; the one that was asked for first makes room
};

struct known {
	struct known *next;
	char id[USER_ID_MAX + 1];
	struct users *users;
	json_t *user;  // NULL: not known
	int64_t until; // monotonic; 0 while it is being asked for
};

struct waiter {
	struct waiter *next;
	char id[USER_ID_MAX + 1];
	users_found *found;
	void *data;
	int64_t until;
};

struct users {
	uv_timer_t timer;
	struct calls *calls;
	struct known *known; // newest first
	size_t count;
	struct waiter *first, **end; // in the order of their time
};

json_t *user_describe(const json_t *user)
{
	const json_t *profile = json_obj(user, "profile");
	const char *const names[] = { json_str(profile, "real_name"), json_str(user, "real_name"),
		                      json_str(profile, "display_name"), json_str(user, "name") };
	json_t *out;

	if (!*json_str(user, "id"))
		return NULL;
	out = json_object();
	answer_put(out, "id", json_str(user, "id"));
	answer_put(out, "team", json_str(user, "team_id"));
	if (*json_str(profile, "email"))
		answer_put(out, "email", json_str(profile, "email"));
	for (size_t i = 0; i < LENGTH(names); i++) {
		if (!*names[i])
			continue;
		answer_put(out, "name", names[i]);
		break;
	}
	json_put_bool(out, "deleted", json_bool(user, "deleted"));
	json_put_bool(out, "bot", json_bool(user, "is_bot"));
	json_put_bool(out, "guest", json_bool(user, "is_restricted") || json_bool(user, "is_ultra_restricted"));
	return out;
}

// --- those who wait --------------------------------------------------------------------------------------------------

static void on_timer(uv_timer_t *timer);

static void set_timer(struct users *u)
{
	int64_t left;

	if (!u->first)
		return;
	left = u->first->until - clock_monotonic();
	uv_timer_start(&u->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

static void take_out(struct users *u, struct waiter **at)
{
	struct waiter *w = *at;

	*at = w->next;
	if (u->end == &w->next)
		u->end = at;
}

// Tells those who wait for `id`, or, without one, those whose time is over.
static void tell(struct users *u, const char *id, const json_t *user)
{
	struct waiter **at = &u->first;
	int64_t now = clock_monotonic();

	while (*at) {
		struct waiter *w = *at;

		if (id ? strcmp(w->id, id) != 0 : w->until > now) {
			at = &w->next;
			continue;
		}
		take_out(u, at);
		w->found(w->data, user);
		free(w);
		at = &u->first;
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct users *u = timer->data;

	tell(u, NULL, NULL);
	set_timer(u);
}

static void wait_for(struct users *u, const char *id, users_found *found, void *data)
{
	struct waiter *w = calloc(1, sizeof *w);

	if (!w)
		panic("out of memory for a user");
	memcpy(w->id, id, strlen(id) + 1);
	w->found = found;
	w->data = data;
	w->until = clock_monotonic() + LONGEST_WAIT;
	*u->end = w;
	u->end = &w->next;
	set_timer(u);
}

// --- those who are known ---------------------------------------------------------------------------------------------

static struct known *find(struct users *u, const char *id)
{
	for (struct known *k = u->known; k; k = k->next)
		if (strcmp(k->id, id) == 0)
			return k;
	return NULL;
}

// The oldest that nobody is being asked about makes room.
static void make_room(struct users *u)
{
	struct known **at = &u->known, **oldest = NULL, *k;

	if (u->count < CACHE_MAX)
		return;
	for (; *at; at = &(*at)->next)
		if ((*at)->until)
			oldest = at;
	if (!oldest)
		return;
	k = *oldest;
	*oldest = k->next;
	json_decref(k->user);
	free(k);
	u->count--;
}

static struct known *add(struct users *u, const char *id)
{
	struct known *k;

	make_room(u);
	k = calloc(1, sizeof *k);
	if (!k)
		panic("out of memory for a user");
	memcpy(k->id, id, strlen(id) + 1);
	k->users = u;
	k->next = u->known;
	u->known = k;
	u->count++;
	return k;
}

static void on_answer(void *data, const struct answer *answer)
{
	struct known *k = data;

	json_decref(k->user);
	k->user = answer->ok ? user_describe(json_obj(answer->json, "user")) : NULL;
	k->until = clock_monotonic() + (k->user ? KEEP : KEEP_FAILURE);
	tell(k->users, k->id, k->user);
}

static void ask(struct known *k)
{
	k->until = 0;
	calls_add(k->users->calls, &(struct call){ .method = METHOD_USERS_INFO,
	                                           .bearer = BEARER_BOT,
	                                           .content_type = CALL_FORM,
	                                           .body = text_format("user=%s", k->id),
	                                           .len = strlen("user=") + strlen(k->id),
	                                           .fd = -1,
	                                           .done = on_answer,
	                                           .data = k });
}

// What goes into a form as it is.
static bool is_id(const char *id)
{
	return *id && !id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")];
}

void users_find(struct users *u, const char *id, users_found *found, void *data)
{
	struct known *k = find(u, id);

	if (!is_id(id)) {
		found(data, NULL);
	} else if (k && k->until > clock_monotonic()) {
		found(data, k->user);
	} else {
		if (!k)
			k = add(u, id);
		else if (k->until == 0)
			k = NULL; // has been asked for
		wait_for(u, id, found, data);
		if (k)
			ask(k);
	}
}

// --- life ------------------------------------------------------------------------------------------------------------

struct users *users_new(uv_loop_t *loop, struct calls *calls, struct err *e)
{
	struct users *u = calloc(1, sizeof *u);

	if (!u) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	u->calls = calls;
	u->end = &u->first;
	uv_timer_init(loop, &u->timer);
	u->timer.data = u;
	return u;
}

void users_close(struct users *u)
{
	uv_close((uv_handle_t *)&u->timer, NULL);
}

void users_free(struct users **u)
{
	for (struct known *k = (*u)->known, *next; k; k = next) {
		next = k->next;
		json_decref(k->user);
		free(k);
	}
	for (struct waiter *w = (*u)->first, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	free(*u);
	*u = NULL;
}

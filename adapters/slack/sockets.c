// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/backoff.h"
#include "adapters/slack/calls.h"
#include "adapters/slack/core.h"
#include "adapters/slack/socket.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

enum {
	WANTED = 2,
	ROOM = 5,                        // with those that are being replaced
	SLACK_MAX = 10,                  // connections that an app may have
	DRAIN = 5 * CLOCK_SECOND,        // until what an old connection brought must be acknowledged
	MARGIN = 30,                     // seconds before a connection's time is over
	LOST = CLOCK_MINUTE,             // without any connection, until the operator is told
	DISABLED = 5 * CLOCK_MINUTE,     // until Socket Mode is looked for again
	CROWD_FIRST = 30 * CLOCK_SECOND, // after too_many_websockets, doubling
	CROWD_LONGEST = 10 * CLOCK_MINUTE,
};

enum state {
	STATE_FREE,
	STATE_OPENING, // `hello` is still to come
	STATE_LIVE,
	STATE_LEAVING, // serves on until another has taken over
	STATE_CLOSING,
};

struct slot {
	enum state state;
	struct socket *socket;
	int64_t number;
	int64_t since; // of `hello`, then of leaving
	int64_t hello;
	int64_t until; // when its time is over; 0: not known
};

struct sockets {
	uv_timer_t timer;
	struct ground *ground;
	struct calls *calls;
	struct core *core;
	const struct sockets_user *user;
	struct socket_owner owner;
	struct slot slots[ROOM];
	int64_t last_number;
	bool asking;  // apps.connections.open is under way
	bool crowded; // the app has as many connections as it may: close first
	bool paused, stopping, dead, told_lost;
	int64_t not_before;
	int64_t crowd_pause;
	int64_t lost_since; // 0: there is a connection
	struct backoff backoff;
	char why[256]; // the last one ended
};

static void step(struct sockets *s);

static uint32_t random_number(void)
{
	uint32_t number;

	random_bytes(&number, sizeof number);
	return number;
}

static struct slot *find(struct sockets *s, int64_t number)
{
	for (size_t i = 0; i < ROOM; i++)
		if (s->slots[i].state != STATE_FREE && s->slots[i].number == number)
			return &s->slots[i];
	return NULL;
}

static unsigned count(const struct sockets *s, enum state state)
{
	unsigned n = 0;

	for (size_t i = 0; i < ROOM; i++)
		n += s->slots[i].state == state;
	return n;
}

// One attempt after the other: whatever went wrong, the next one is put off, never brought forward.
static void put_off(struct sockets *s, int64_t ms)
{
	int64_t at = clock_monotonic() + ms;

	if (at > s->not_before)
		s->not_before = at;
}

// --- what happens to a socket ----------------------------------------------------------------------------------------

static void on_message(void *data, struct socket *socket, const char *text, size_t len)
{
	struct sockets *s = data;

	for (size_t i = 0; i < ROOM; i++) {
		if (s->slots[i].socket != socket)
			continue;
		s->user->message(s->user->data, s->slots[i].number, text, len);
		return;
	}
}

static void on_gone(void *data, struct socket *socket, const char *why)
{
	struct sockets *s = data;

	for (size_t i = 0; i < ROOM; i++) {
		struct slot slot = s->slots[i];

		if (slot.socket != socket)
			continue;
		s->slots[i] = (struct slot){ 0 };
		log_info("connection %lld: %s", (long long)slot.number, why);
		if (slot.state == STATE_OPENING || slot.state == STATE_LIVE) {
			snprintf(s->why, sizeof s->why, "%s", why);
			put_off(s, backoff_next(&s->backoff, slot.hello ? clock_monotonic() - slot.hello : 0,
			                        random_number()));
		}
		s->user->gone(s->user->data, slot.number);
	}
	step(s);
}

static void close_slot(struct slot *slot)
{
	slot->state = STATE_CLOSING;
	socket_close(slot->socket);
}

void sockets_hello(struct sockets *s, int64_t number, const struct envelope *hello)
{
	struct slot *slot = find(s, number);
	int64_t now = clock_monotonic();
	int64_t margin = hello->seconds > 4 * MARGIN ? MARGIN : hello->seconds / 4;

	if (!slot || slot->state != STATE_OPENING)
		return;
	slot->state = STATE_LIVE;
	slot->since = slot->hello = now;
	slot->until = hello->seconds > 0 ? now + (hello->seconds - margin) * CLOCK_SECOND : 0;
	s->crowded = hello->connections >= SLACK_MAX;
	s->crowd_pause = 0;
	socket_greeted(slot->socket);
	if (s->paused)
		socket_read(slot->socket, 0);
	log_info("connection %lld: up; the app has %lld", (long long)number, (long long)hello->connections);
	step(s);
}

static void leave(struct sockets *s, struct slot *slot)
{
	int64_t now = clock_monotonic();

	slot->state = STATE_LEAVING;
	slot->since = now;
	// A refresh is nobody's fault; one refresh after the other is somebody's.
	if (s->backoff.failures > 0 || now - slot->hello < CLOCK_MINUTE)
		put_off(s, s->backoff.failures == 0 ? (s->backoff.failures = 1, 0)
		                                    : backoff_next(&s->backoff, now - slot->hello, random_number()));
}

static void too_many(struct sockets *s)
{
	s->crowd_pause = s->crowd_pause ? 2 * s->crowd_pause : CROWD_FIRST;
	if (s->crowd_pause > CROWD_LONGEST)
		s->crowd_pause = CROWD_LONGEST;
	put_off(s, s->crowd_pause);
	core_notice(s->core, "too_many_websockets",
	            "Slack allows the app no further connection: it has ten; does another desk use the same app?");
}

void sockets_disconnect(struct sockets *s, int64_t number, enum disconnect_reason reason)
{
	struct slot *slot = find(s, number);

	if (!slot || slot->state == STATE_CLOSING)
		return;
	switch (reason) {
	case REASON_REFRESH:
		if (slot->state == STATE_LIVE)
			leave(s, slot);
		if (slot->state != STATE_OPENING)
			break;
		put_off(s, backoff_next(&s->backoff, 0, random_number()));
		close_slot(slot);
		break;
	case REASON_LINK_DISABLED:
		put_off(s, DISABLED);
		core_notice(s->core, "link_disabled",
		            "Socket Mode is switched off in the app's settings: nothing comes in from Slack");
		close_slot(slot);
		break;
	case REASON_TOO_MANY:
		too_many(s);
		close_slot(slot);
		break;
	}
	step(s);
}

// --- a new one -------------------------------------------------------------------------------------------------------

static void open_socket(struct sockets *s, const char *url)
{
	struct err e = { 0 };
	size_t i = 0;

	while (i < ROOM && s->slots[i].state != STATE_FREE)
		i++;
	if (i == ROOM)
		return;
	s->slots[i] = (struct slot){ .state = STATE_OPENING, .number = ++s->last_number };
	s->slots[i].socket = socket_open(s->ground, url, &s->owner, &e);
	if (s->slots[i].socket)
		return;
	s->slots[i] = (struct slot){ 0 };
	log_warning("%s", e.text);
	put_off(s, backoff_next(&s->backoff, 0, random_number()));
}

static void on_url(void *data, const struct answer *answer)
{
	struct sockets *s = data;

	s->asking = false;
	if (s->stopping)
		return;
	if (answer->ok) {
		open_socket(s, json_str(answer->json, "url"));
	} else {
		snprintf(s->why, sizeof s->why, "%.*s", (int)utf8_prefix(answer->why, sizeof s->why - 1), answer->why);
		log_warning("%s", answer->why);
		if (answer->trouble == TROUBLE_TOKEN || answer->trouble == TROUBLE_SCOPE)
			s->dead = true;
		put_off(s, backoff_next(&s->backoff, 0, random_number()));
		if (answer->limited)
			put_off(s, answer->retry_after * CLOCK_SECOND);
	}
	step(s);
}

static void ask(struct sockets *s)
{
	s->asking = true;
	calls_add(s->calls, &(struct call){ .method = METHOD_CONNECTIONS_OPEN,
	                                    .bearer = BEARER_APP,
	                                    .content_type = CALL_FORM,
	                                    .body = text_copy(""),
	                                    .fd = -1,
	                                    .once = true,
	                                    .done = on_url,
	                                    .data = s });
}

// --- what is to be done now ------------------------------------------------------------------------------------------

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

// Those whose time is nearly over leave; those that leave go when others have taken over and what they brought is
// acknowledged.  Returns when to look again (-1: no need).
static int64_t replace(struct sockets *s, int64_t now)
{
	int64_t again = -1;

	for (size_t i = 0; i < ROOM; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state == STATE_LIVE && slot->until && now >= slot->until)
			leave(s, slot);
		if (slot->state == STATE_LIVE && slot->until)
			again = sooner(again, slot->until);
	}
	for (size_t i = 0; i < ROOM; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != STATE_LEAVING || (count(s, STATE_LIVE) < WANTED && !s->crowded))
			continue;
		if (s->user->waiting(s->user->data, slot->number) == 0 || now >= slot->since + DRAIN)
			close_slot(slot);
		else
			again = sooner(again, slot->since + DRAIN);
	}
	return again;
}

// Tells the operator when nothing has come in for long, and when that is over.
static int64_t watch(struct sockets *s, int64_t now)
{
	if (count(s, STATE_LIVE) + count(s, STATE_LEAVING) > 0) {
		if (s->told_lost)
			core_tell(s->core, "connection", "the connection to Slack is back, after %lld s",
			          (long long)((now - s->lost_since) / CLOCK_SECOND));
		s->told_lost = false;
		s->lost_since = 0;
		return -1;
	}
	if (s->lost_since == 0)
		s->lost_since = now;
	if (now >= s->lost_since + LOST && !s->told_lost) {
		s->told_lost = true;
		core_tell(s->core, "connection", "no connection to Slack since %lld s: %s",
		          (long long)((now - s->lost_since) / CLOCK_SECOND), *s->why ? s->why : "none came about");
	}
	return s->told_lost ? -1 : s->lost_since + LOST;
}

static bool wants_another(const struct sockets *s)
{
	bool under_way = s->asking || count(s, STATE_OPENING) > 0;
	bool room = count(s, STATE_FREE) > 0 && !(s->crowded && count(s, STATE_CLOSING) > 0);

	return !s->dead && !s->paused && !under_way && room && count(s, STATE_LIVE) < WANTED;
}

static void on_timer(uv_timer_t *timer)
{
	step(timer->data);
}

static void step(struct sockets *s)
{
	int64_t now = clock_monotonic(), again;

	if (s->stopping)
		return;
	again = replace(s, now);
	again = sooner(again, watch(s, now));
	if (wants_another(s) && now >= s->not_before)
		ask(s);
	else if (wants_another(s))
		again = sooner(again, s->not_before);
	if (again >= 0)
		uv_timer_start(&s->timer, on_timer, again > now ? (uint64_t)(again - now) : 1, 0);
}

void sockets_write(struct sockets *s, int64_t number, char *text)
{
	struct slot *slot = find(s, number);

	if (!slot) {
		free(text);
		return;
	}
	socket_write(slot->socket, text);
	if (slot->state == STATE_LEAVING)
		step(s);
}

void sockets_read(struct sockets *s, bool on)
{
	if (s->paused == !on)
		return;
	s->paused = !on;
	for (size_t i = 0; i < ROOM; i++)
		if (s->slots[i].state == STATE_LIVE || s->slots[i].state == STATE_LEAVING)
			socket_read(s->slots[i].socket, on);
	step(s);
}

// --- life ------------------------------------------------------------------------------------------------------------

struct sockets *sockets_new(uv_loop_t *loop, struct ground *ground, struct calls *calls, struct core *core,
                            const struct sockets_user *user, struct err *e)
{
	struct sockets *s = calloc(1, sizeof *s);

	if (!s) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	s->ground = ground;
	s->calls = calls;
	s->core = core;
	s->user = user;
	s->owner = (struct socket_owner){ on_message, on_gone, s };
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	uv_timer_start(&s->timer, on_timer, 0, 0);
	return s;
}

void sockets_stop(struct sockets *s)
{
	s->stopping = true;
	for (size_t i = 0; i < ROOM; i++)
		if (s->slots[i].state != STATE_FREE)
			close_slot(&s->slots[i]);
}

bool sockets_ended(const struct sockets *s)
{
	return count(s, STATE_FREE) == ROOM;
}

void sockets_close(struct sockets *s)
{
	uv_close((uv_handle_t *)&s->timer, NULL);
}

void sockets_free(struct sockets **s)
{
	free(*s);
	*s = NULL;
}

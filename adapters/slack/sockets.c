// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/backoff.h"
#include "adapters/slack/calls.h"
#include "adapters/slack/core.h"
#include "adapters/slack/outage.h"
#include "adapters/slack/slots.h"
#include "adapters/slack/socket.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

enum {
	WANTED = 2,
	SLACK_MAX = 10,              // connections that an app may have
	DRAIN = 5 * CLOCK_SECOND,    // until what an old connection brought must be acknowledged
	MARGIN = 30,                 // seconds before a connection's time is over
	DISABLED = 5 * CLOCK_MINUTE, // until Socket Mode is looked for again
};

struct sockets {
	uv_timer_t timer;
	struct ground *ground;
	struct calls *calls;
	struct core *core;
	const struct sockets_user *user;
	struct socket_owner owner;
	struct slot slots[SLOTS];
	int64_t last_number;
	bool asking;  // apps.connections.open is under way
	bool crowded; // the app has as many connections as it may: close first
	bool stopping, dead;
	struct outage outage;
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

static unsigned count(const struct sockets *s, enum slot_state state)
{
	return slots_count(s->slots, state);
}

static void failed(struct sockets *s, int64_t lived)
{
	backoff_failed(&s->backoff, clock_monotonic(), lived, random_number());
}

// --- what happens to a socket ----------------------------------------------------------------------------------------

static void on_message(void *data, struct socket *socket, const char *text, size_t len)
{
	struct sockets *s = data;
	const struct slot *slot = slot_of(s->slots, socket);

	if (slot)
		s->user->message(s->user->data, slot->number, text, len);
}

static void on_gone(void *data, struct socket *socket, const char *why)
{
	struct sockets *s = data;
	struct slot *slot = slot_of(s->slots, socket), old;

	if (!slot)
		return;
	old = *slot;
	*slot = (struct slot){ 0 };
	log_info("connection %lld: %s", (long long)old.number, why);
	if (old.state == STATE_OPENING || old.state == STATE_LIVE) {
		snprintf(s->why, sizeof s->why, "%s", why);
		failed(s, old.hello ? clock_monotonic() - old.hello : 0);
	}
	s->user->gone(s->user->data, old.number);
	step(s);
}

static void close_slot(struct slot *slot)
{
	slot->state = STATE_CLOSING;
	socket_close(slot->socket);
}

void sockets_hello(struct sockets *s, int64_t number, const struct envelope *hello)
{
	struct slot *slot = slot_numbered(s->slots, number);
	int64_t now = clock_monotonic();
	// Two that were opened together are not replaced together.
	int64_t margin = number % 2 ? MARGIN : 4 * MARGIN;

	if (!slot || slot->state != STATE_OPENING)
		return;
	if (margin > hello->seconds / 4)
		margin = hello->seconds / 4;
	slot->state = STATE_LIVE;
	slot->hello = now;
	slot->until = hello->seconds > 0 ? now + (hello->seconds - margin) * CLOCK_SECOND : 0;
	s->crowded = hello->connections >= SLACK_MAX;
	backoff_greeted(&s->backoff);
	socket_greeted(slot->socket);
	log_info("connection %lld: up; the app has %lld", (long long)number, (long long)hello->connections);
	step(s);
}

static void leave(struct sockets *s, struct slot *slot)
{
	int64_t now = clock_monotonic();

	slot->state = STATE_LEAVING;
	slot->left = now;
	backoff_refreshed(&s->backoff, now, now - slot->hello, random_number());
}

void sockets_disconnect(struct sockets *s, int64_t number, enum disconnect_reason reason)
{
	struct slot *slot = slot_numbered(s->slots, number);

	if (!slot || slot->state == STATE_CLOSING)
		return;
	switch (reason) {
	case REASON_REFRESH:
		if (slot->state == STATE_LIVE)
			leave(s, slot);
		if (slot->state != STATE_OPENING)
			break;
		failed(s, 0);
		close_slot(slot);
		break;
	case REASON_LINK_DISABLED:
		snprintf(s->why, sizeof s->why, "Socket Mode is switched off");
		backoff_wait(&s->backoff, clock_monotonic(), DISABLED);
		core_notice(s->core, "link_disabled",
		            "Socket Mode is switched off in the app's settings: nothing comes in from Slack");
		close_slot(slot);
		break;
	case REASON_TOO_MANY:
		snprintf(s->why, sizeof s->why, "the app has too many connections");
		backoff_crowded(&s->backoff, clock_monotonic(), slots_connected(s->slots));
		core_notice(
		        s->core, "too_many_websockets",
		        "Slack allows the app no further connection: it has ten; does another desk use the same app?");
		close_slot(slot);
		break;
	}
	step(s);
}

// --- a new one -------------------------------------------------------------------------------------------------------

static void open_socket(struct sockets *s, const char *url)
{
	struct slot *slot = slot_free(s->slots);
	struct err e = { 0 };

	if (!slot)
		return;
	*slot = (struct slot){ .state = STATE_OPENING, .number = ++s->last_number };
	slot->socket = socket_open(s->ground, url, &s->owner, &e);
	if (slot->socket)
		return;
	*slot = (struct slot){ 0 };
	log_warning("%s", e.text);
	failed(s, 0);
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
		failed(s, 0);
		if (answer->limited)
			backoff_wait(&s->backoff, clock_monotonic(), answer->retry_after * CLOCK_SECOND);
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

static bool under_way(const struct sockets *s)
{
	return s->asking || count(s, STATE_OPENING) > 0;
}

// May one that leaves be closed?  When others have taken over; where there is no room for another, one at a time first.
static bool may_go(const struct sockets *s)
{
	if (s->crowded)
		return count(s, STATE_CLOSING) == 0 && !under_way(s);
	return count(s, STATE_LIVE) >= WANTED;
}

// Those whose time is nearly over leave; those that leave go when others have taken over and what they brought is
// acknowledged.  Returns when to look again (-1: no need).
static int64_t replace(struct sockets *s, int64_t now)
{
	int64_t again = -1;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state == STATE_LIVE && slot->until && now >= slot->until)
			leave(s, slot);
		if (slot->state == STATE_LIVE && slot->until)
			again = sooner(again, slot->until);
	}
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != STATE_LEAVING || !may_go(s))
			continue;
		if (s->user->waiting(s->user->data, slot->number) == 0 || now >= slot->left + DRAIN)
			close_slot(slot);
		else
			again = sooner(again, slot->left + DRAIN);
	}
	return again;
}

static void watch(struct sockets *s, int64_t now)
{
	int64_t seconds;

	switch (outage_look(&s->outage, slots_connected(s->slots), now, &seconds)) {
	case OUTAGE_NO_NEWS:
		break;
	case OUTAGE_LONG:
		core_tell(s->core, "connection", "no connection to Slack for %lld s: %s", (long long)seconds,
		          *s->why ? s->why : "none came about");
		break;
	case OUTAGE_OVER:
		core_tell(s->core, "connection", "the connection to Slack is back, after %lld s", (long long)seconds);
		break;
	}
}

static bool wants_another(const struct sockets *s)
{
	bool room = count(s, STATE_FREE) > 0 && !(s->crowded && count(s, STATE_LEAVING) + count(s, STATE_CLOSING) > 0);

	return !s->dead && !under_way(s) && room && count(s, STATE_LIVE) < WANTED;
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
	watch(s, now);
	again = sooner(again, outage_due(&s->outage));
	if (wants_another(s) && now >= backoff_due(&s->backoff, slots_connected(s->slots)))
		ask(s);
	else if (wants_another(s))
		again = sooner(again, backoff_due(&s->backoff, slots_connected(s->slots)));
	if (again >= 0)
		uv_timer_start(&s->timer, on_timer, again > now ? (uint64_t)(again - now) : 1, 0);
}

void sockets_write(struct sockets *s, int64_t number, char *text)
{
	struct slot *slot = slot_numbered(s->slots, number);

	if (!slot) {
		free(text);
		return;
	}
	socket_write(slot->socket, text);
	if (slot->state == STATE_LEAVING)
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
	for (size_t i = 0; i < SLOTS; i++)
		if (s->slots[i].state != STATE_FREE)
			close_slot(&s->slots[i]);
}

bool sockets_ended(const struct sockets *s)
{
	return count(s, STATE_FREE) == SLOTS;
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

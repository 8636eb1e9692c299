// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/slack/core.h"
#include "adapters/slack/lanes.h"
#include "adapters/slack/rate.h"
#include "adapters/slack/settings.h"
#include "adapters/slack/web.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum {
	ANSWER_MAX = 4 << 20,
	TIMEOUT = 10 * CLOCK_SECOND,
	RAW_TIMEOUT = CLOCK_MINUTE, // of what may be large
	PATIENCE = CLOCK_MINUTE,    // how long Slack may put a call off here; longer is the core's to wait
	TRIES = 3,
	PAUSE = CLOCK_SECOND, // before the second try, three times as much before the third
};

struct waiting {
	struct waiting *next;
	struct calls *calls;
	struct call call;
	int64_t since; // monotonic
	int64_t not_before;
	unsigned tries;
};

struct queue {
	struct rate rate;
	struct waiting *first;
	unsigned running;
};

struct calls {
	uv_timer_t timer;
	const struct settings *settings;
	struct web *web;
	struct core *core;
	struct queue queues[METHOD_COUNT];
	struct lanes lanes;
	struct answer dead[BEARER_COUNT]; // of a token that is: what it was told
	size_t count;
	bool stopping;
};

static struct queue *queue_of(struct waiting *w)
{
	return &w->calls->queues[w->call.method];
}

static void waiting_free(struct waiting *w)
{
	free(w->call.url);
	free(w->call.body);
	free(w->call.lane);
	free(w);
}

static void on_timer(uv_timer_t *timer);

static void wake(struct calls *c, int64_t ms)
{
	uv_timer_start(&c->timer, on_timer, (uint64_t)ms, 0);
}

// --- the end of a call -----------------------------------------------------------------------------------------------

static void tell_trouble(struct calls *c, enum bearer bearer, const struct answer *a)
{
	switch (a->trouble) {
	case TROUBLE_NONE:
		break;
	case TROUBLE_TOKEN:
		c->dead[bearer] = *a;
		c->dead[bearer].json = NULL;
		core_notice(c->core, "token",
		            "the %s token of Slack is of no use any more, nothing is tried with it until it is "
		            "replaced and the desk restarted: %s",
		            bearer == BEARER_APP ? "app" : "bot", a->why);
		break;
	case TROUBLE_SCOPE:
		core_notice(c->core, "scope", "Slack refuses what the app has no right to: %s", a->why);
		break;
	case TROUBLE_REQUEST:
		core_notice(c->core, "request", "Slack refuses a request of ours: %s", a->why);
		break;
	}
}

static void finish(struct waiting *w, const struct answer *a)
{
	struct calls *c = w->calls;

	c->count--;
	w->call.done(w->call.data, a);
	waiting_free(w);
	wake(c, 0);
}

static void put_first(struct waiting *w)
{
	struct queue *q = queue_of(w);

	w->next = q->first;
	q->first = w;
}

// True when the call goes back into its queue.
static bool try_again(struct waiting *w, const struct answer *a, int64_t now)
{
	struct calls *c = w->calls;

	if (a->limited)
		rate_forbid(&queue_of(w)->rate, now, a->retry_after);
	if (!a->again || w->call.once || c->stopping)
		return false;
	if (a->limited)
		return now + a->retry_after * CLOCK_SECOND - w->since <= PATIENCE;
	if (a->unknown || w->tries >= TRIES || w->call.fd >= 0)
		return false;
	w->not_before = now + (w->tries == 1 ? PAUSE : 3 * PAUSE);
	return true;
}

static void on_response(void *data, const struct response *r)
{
	struct waiting *w = data;
	struct calls *c = w->calls;
	struct answer answer;

	queue_of(w)->running--;
	answer_judge(&methods[w->call.method], r, &answer);
	tell_trouble(c, w->call.bearer, &answer);
	if (try_again(w, &answer, clock_monotonic())) {
		log_info("%s; trying again", answer.why);
		put_first(w);
		wake(c, 0);
	} else {
		finish(w, &answer);
	}
	answer_free(&answer);
}

// --- the beginning ---------------------------------------------------------------------------------------------------

static const char *token(const struct calls *c, enum bearer bearer)
{
	switch (bearer) {
	case BEARER_BOT:
		return c->settings->bot_token;
	case BEARER_APP:
		return c->settings->app_token;
	case BEARER_NONE:
	case BEARER_COUNT:
		break;
	}
	return NULL;
}

static int start(struct waiting *w, int64_t now)
{
	struct calls *c = w->calls;
	const struct method *m = &methods[w->call.method];
	struct request request = {
		.url = w->call.url,
		.bearer = token(c, w->call.bearer),
		.content_type = w->call.content_type,
		.body = w->call.body,
		.len = w->call.len,
		.fd = w->call.fd,
		.max = w->call.max,
		.timeout = m->raw ? RAW_TIMEOUT : TIMEOUT,
	};

	rate_take(&queue_of(w)->rate, now);
	if (w->call.lane)
		lanes_take(&c->lanes, w->call.lane, now);
	w->tries++;
	queue_of(w)->running++;
	return web_start(c->web, &request, on_response, w);
}

// Why a call will not be tried any more; NULL when it will.
static const struct answer *hopeless(const struct waiting *w, int64_t now, struct answer *room)
{
	const struct calls *c = w->calls;
	const struct queue *q = &c->queues[w->call.method];
	const char *name = methods[w->call.method].name;

	if (*c->dead[w->call.bearer].error)
		return &c->dead[w->call.bearer];
	if (c->stopping)
		*room = answer_own("stopping", false, 1, "%s: the adapter is stopping", name);
	else if (w->call.deadline && clock_real() >= w->call.deadline)
		*room = answer_own("late", true, 0, "%s: its time was over before it could be asked", name);
	else if (q->rate.not_before - w->since > PATIENCE && q->rate.not_before > now)
		*room = answer_own("ratelimited", false, (q->rate.not_before - now + CLOCK_SECOND - 1) / CLOCK_SECOND,
		                   "%s: Slack asks for patience", name);
	else
		return NULL;
	return room;
}

// Takes out of the queue what waits in vain.  One at a time: whoever is told may add calls.
static void weed(struct queue *q, int64_t now)
{
	struct waiting **at = &q->first;

	while (*at) {
		struct waiting *w = *at;
		struct answer room;
		const struct answer *why = hopeless(w, now, &room);

		if (!why) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		finish(w, why);
		at = &q->first;
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

// The first that may go, which is not always the first: a conversation that has had enough lets others pass.  NULL when
// there is none; then `wait` says for how long.
static struct waiting **pick(struct queue *q, int64_t now, int64_t *wait)
{
	struct waiting **at = &q->first;

	*wait = -1;
	for (; *at; at = &(*at)->next) {
		const struct waiting *w = *at;
		int64_t whole = rate_wait(&q->rate, now), own = w->not_before - now;
		int64_t lane = w->call.lane ? lanes_wait(&w->calls->lanes, w->call.lane, now) : 0;

		if (whole <= 0 && own <= 0 && lane <= 0)
			return at;
		if (whole <= 0 && own <= 0) {
			*wait = sooner(*wait, lane);
			continue;
		}
		*wait = sooner(*wait, whole > own ? whole : own);
		break;
	}
	return NULL;
}

static int64_t next_deadline(const struct queue *q)
{
	int64_t now = clock_real(), soonest = -1;

	for (const struct waiting *w = q->first; w; w = w->next)
		if (w->call.deadline)
			soonest = sooner(soonest, w->call.deadline > now ? w->call.deadline - now : 0);
	return soonest;
}

// Starts what may go; ms until there is something to do, -1 when nothing is waited for.
static int64_t advance(struct queue *q, unsigned parallel)
{
	int64_t now = clock_monotonic(), wait = -1;
	struct waiting **at;

	weed(q, now);
	while (q->running < parallel && (at = pick(q, now, &wait))) {
		struct waiting *w = *at;

		*at = w->next;
		if (start(w, now) < 0) {
			struct answer a = answer_own("bad-url", true, 0, "%s: not a URL, or out of memory",
			                             methods[w->call.method].name);

			q->running--;
			finish(w, &a);
		}
	}
	return sooner(wait, next_deadline(q));
}

static void on_timer(uv_timer_t *timer)
{
	struct calls *c = timer->data;
	int64_t soonest = -1;

	for (unsigned i = 0; i < METHOD_COUNT; i++)
		soonest = sooner(soonest, advance(&c->queues[i], methods[i].parallel));
	if (soonest >= 0 && (!uv_is_active((uv_handle_t *)timer) || (int64_t)uv_timer_get_due_in(timer) > soonest))
		wake(c, soonest);
}

void calls_add(struct calls *c, const struct call *call)
{
	struct waiting *w = calloc(1, sizeof *w), **at = &c->queues[call->method].first;

	if (!w)
		panic("out of memory for a call");
	*w = (struct waiting){ .calls = c, .call = *call, .since = clock_monotonic() };
	if (!w->call.url)
		w->call.url = text_format("%s%s", c->settings->api, methods[call->method].name);
	if (!w->call.max)
		w->call.max = ANSWER_MAX;
	while (*at)
		at = &(*at)->next;
	*at = w;
	c->count++;
	wake(c, 0);
}

size_t calls_count(const struct calls *c)
{
	return c->count;
}

// --- life ------------------------------------------------------------------------------------------------------------

struct calls *calls_new(uv_loop_t *loop, const struct settings *settings, struct web *web, struct core *core,
                        struct err *e)
{
	struct calls *c = calloc(1, sizeof *c);

	if (!c) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	c->settings = settings;
	c->web = web;
	c->core = core;
	for (unsigned i = 0; i < METHOD_COUNT; i++)
		c->queues[i].rate = rate_new(methods[i].per_minute, methods[i].burst);
	uv_timer_init(loop, &c->timer);
	c->timer.data = c;
	return c;
}

void calls_stop(struct calls *c)
{
	c->stopping = true;
	for (unsigned i = 0; i < METHOD_COUNT; i++)
		weed(&c->queues[i], clock_monotonic());
}

void calls_close(struct calls *c)
{
	calls_stop(c);
	uv_close((uv_handle_t *)&c->timer, NULL);
}

void calls_free(struct calls **c)
{
	free(*c);
	*c = NULL;
}

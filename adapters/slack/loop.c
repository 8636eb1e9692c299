// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/loop.h"

#include <malloc.h>
#include <stdlib.h>

#include "adapters/slack/calls.h"
#include "adapters/slack/core.h"
#include "adapters/slack/intake.h"
#include "adapters/slack/self.h"
#include "adapters/slack/sends.h"
#include "adapters/slack/socket.h"
#include "adapters/slack/sockets.h"
#include "adapters/slack/users.h"
#include "adapters/slack/web.h"
#include "base/clock.h"

enum {
	STOP_CALLS = 4 * CLOCK_SECOND, // so long what is under way may take
	STOP_DONE = CLOCK_SECOND,      // and so long the core may take to say `done`
	STOP_CLOSE = 1200,             // for the sockets to close in order
	LOOK_AGAIN = 50,
	LAST_TIME = 500,         // for what is closed to be gone
	REST = 5 * CLOCK_SECOND, // after so much quiet, memory goes back to the system
};

struct loop {
	uv_loop_t uv;
	uv_poll_t frames;
	uv_timer_t stop, rest;
	struct core core;
	struct web *web;
	struct calls *calls;
	struct users *users;
	struct ground *ground;
	struct intake *intake;
	struct sockets *sockets;
	struct self self;
	struct sends sends;
	bool stopping, closing, over, broken;
	int64_t since; // stopping, then closing (monotonic)
};

// --- the end ---------------------------------------------------------------------------------------------------------

static void end(struct loop *l)
{
	l->over = true;
	uv_stop(&l->uv);
}

static bool calls_over(const struct loop *l, int64_t passed)
{
	return (calls_count(l->calls) == 0 || passed >= STOP_CALLS) &&
	       (intake_count(l->intake) == 0 || passed >= STOP_DONE);
}

static void look_whether_over(uv_timer_t *timer)
{
	struct loop *l = timer->data;
	int64_t now = clock_monotonic();

	if (!l->closing && calls_over(l, now - l->since)) {
		l->closing = true;
		l->since = now;
		sockets_stop(l->sockets);
	}
	if (l->closing && (sockets_ended(l->sockets) || now - l->since >= STOP_CLOSE))
		end(l);
}

static void stop(struct loop *l)
{
	l->stopping = true;
	l->since = clock_monotonic();
	intake_stop(l->intake);
	calls_stop(l->calls);
	uv_timer_start(&l->stop, look_whether_over, 0, LOOK_AGAIN);
}

// --- frames ----------------------------------------------------------------------------------------------------------

static void rest(uv_timer_t *timer)
{
	(void)timer;
	malloc_trim(0);
}

static bool take_frame(struct loop *l)
{
	_frame_ struct frame frame = { 0 };

	switch (channel_receive(l->core.channel, &frame, &l->core.problem)) {
	case INPUT_NONE:
		return false;
	case INPUT_DONE:
		intake_done(l->intake, json_str(frame.json, "id"), json_obj(frame.json, "reply"));
		break;
	case INPUT_DROP:
		intake_drop(l->intake, json_str(frame.json, "id"));
		break;
	case INPUT_SEND:
		if (!l->stopping)
			sends_take(&l->sends, &frame);
		break;
	case INPUT_STOP:
		stop(l);
		break;
	case INPUT_CLOSED:
		end(l);
		break;
	case INPUT_ANSWER:
		err_set(&l->core.problem, EX_PROTOCOL, "the core sent a frame that is not for this adapter");
		l->broken = true;
		break;
	case INPUT_BROKEN:
		l->broken = true;
		break;
	}
	return !l->over && !l->broken;
}

static void on_frames(uv_poll_t *poll, int status, int events)
{
	struct loop *l = poll->data;

	(void)status, (void)events;
	while (take_frame(l))
		;
	uv_timer_start(&l->rest, rest, REST, 0);
	if (l->broken)
		end(l);
}

// --- life ------------------------------------------------------------------------------------------------------------

static int make_parts(struct loop *l, const struct settings *settings, struct err *e)
{
	if (!(l->web = web_new(&l->uv, settings, e)) ||
	    !(l->calls = calls_new(&l->uv, settings, l->web, &l->core, e)) ||
	    !(l->users = users_new(&l->uv, l->calls, e)) || !(l->ground = ground_new(&l->uv, settings, e)) ||
	    !(l->intake = intake_new(settings, &l->core, l->users, e)))
		return -1;
	l->sockets = sockets_new(&l->uv, l->ground, l->calls, &l->core, intake_user(l->intake), e);
	if (!l->sockets)
		return -1;
	intake_set_sockets(l->intake, l->sockets);
	l->sends = (struct sends){ l->calls, &l->core, settings };
	self_start(&l->self, &l->uv, l->calls, &l->core, l->intake);
	return 0;
}

struct loop *loop_new(struct channel *channel, const struct settings *settings, struct err *e)
{
	struct loop *l = calloc(1, sizeof *l);

	if (!l || uv_loop_init(&l->uv) < 0) {
		err_set(e, EX_OSERR, "cannot make a loop: out of memory");
		free(l);
		return NULL;
	}
	l->core = (struct core){ .channel = channel, .loop = &l->uv };
	uv_poll_init(&l->uv, &l->frames, channel->fd);
	uv_timer_init(&l->uv, &l->stop);
	uv_timer_init(&l->uv, &l->rest);
	l->frames.data = l->stop.data = l->rest.data = l;
	if (make_parts(l, settings, e) == 0)
		return l;
	// Half made and never run: the process is about to end.
	return NULL;
}

int loop_run(struct loop *l, struct err *e)
{
	uv_poll_start(&l->frames, UV_READABLE, on_frames);
	uv_timer_start(&l->rest, rest, REST, 0);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	if (l->core.gone || l->broken)
		return err_set(e, l->core.problem.code, "%s", l->core.problem.text);
	return 0;
}

static void enough(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

// Lets all handles close.  False when something hangs.
static bool run_out(struct loop *l)
{
	uv_timer_start(&l->stop, enough, LAST_TIME, 0);
	uv_unref((uv_handle_t *)&l->stop);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	if (uv_loop_alive(&l->uv))
		return false;
	uv_close((uv_handle_t *)&l->stop, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	uv_loop_close(&l->uv);
	return true;
}

bool loop_free(struct loop **l)
{
	struct loop *old = *l;

	web_close(old->web);
	calls_close(old->calls);
	users_close(old->users);
	self_close(&old->self);
	ground_close(old->ground);
	sockets_close(old->sockets);
	uv_close((uv_handle_t *)&old->frames, NULL);
	uv_close((uv_handle_t *)&old->rest, NULL);
	if (!run_out(old))
		return false;
	sockets_free(&old->sockets);
	intake_free(&old->intake);
	ground_free(&old->ground);
	users_free(&old->users);
	calls_free(&old->calls);
	web_free(&old->web);
	free(old);
	*l = NULL;
	return true;
}

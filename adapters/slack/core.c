// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/core.h"

#include <stdarg.h>
#include <stdio.h>

#include "adapters/channel.h"
#include "adapters/slack/answer.h"
#include "base/clock.h"
#include "base/log.h"

static void check(struct core *c, int r)
{
	if (r == 0)
		return;
	c->gone = true;
	uv_stop(c->loop);
}

void core_event(struct core *c, const char *kind, const char *id, json_t *more, int fd)
{
	check(c, channel_event(c->channel, kind, id, more, &fd, fd < 0 ? 0 : 1, &c->problem));
}

void core_sent(struct core *c, const char *id, json_t *more, int fd)
{
	check(c, channel_sent_with(c->channel, id, more, &fd, fd < 0 ? 0 : 1, &c->problem));
}

void core_failed(struct core *c, const char *id, const struct answer *answer)
{
	json_t *more = json_object();

	json_put_str(more, "error", answer->error);
	json_put_bool(more, "unknown", answer->unknown);
	log_warning("%s not done: %s", id, answer->why);
	check(c,
	      channel_failed(c->channel, id, answer->why, answer->permanent, answer->retry_after, more, &c->problem));
}

static void tell(struct core *c, const char *code, const char *text)
{
	log_warning("%s", text);
	check(c, channel_notice(c->channel, code, text, &c->problem));
}

void core_tell(struct core *c, const char *code, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tell(c, code, text);
}

void core_notice(struct core *c, const char *code, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (notices_may(&c->notices, code, text, clock_monotonic()))
		tell(c, code, text);
}

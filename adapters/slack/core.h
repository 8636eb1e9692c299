// SPDX-License-Identifier: Apache-2.0
// The core as the parts of this program see it: frames go out, and when it is gone the loop ends.
#ifndef ADAPTERS_SLACK_CORE_H
#define ADAPTERS_SLACK_CORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapters/slack/notices.h"
#include "base/err.h"

struct channel;
struct answer;

struct core {
	struct channel *channel;
	uv_loop_t *loop;
	struct notices notices;
	bool gone;
	struct err problem; // why
};

// All of these take `more` over (it may be NULL); a descriptor of -1 is none, any other stays the caller's.
void core_event(struct core *c, const char *kind, const char *id, json_t *more, int fd);
void core_sent(struct core *c, const char *id, json_t *more, int fd);
void core_failed(struct core *c, const char *id, const struct answer *answer);

// Logs it as well.  core_notice() says the same once an hour.
void core_tell(struct core *c, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void core_notice(struct core *c, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

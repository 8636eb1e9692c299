// SPDX-License-Identifier: Apache-2.0
// Who we are in the workspace, by auth.test: asked at the start until there is an answer.
#ifndef ADAPTERS_SLACK_SELF_H
#define ADAPTERS_SLACK_SELF_H

#include <jansson.h>
#include <uv.h>

#include "adapters/slack/backoff.h"

struct answer;
struct calls;
struct core;
struct intake;

struct self {
	uv_timer_t timer;
	struct calls *calls;
	struct core *core;
	struct intake *intake; // is told
	struct backoff backoff;
};

// {"user_id","bot_id","team_id","team","url","scopes"} out of the answer of auth.test.
json_t *self_describe(const struct answer *answer);

// Everything must outlive it, and it must not move.
void self_start(struct self *s, uv_loop_t *loop, struct calls *calls, struct core *core, struct intake *intake);
// Its handle closes when the loop runs next.
void self_close(struct self *s);

#endif

// SPDX-License-Identifier: Apache-2.0
// A `send` of the core's: read, checked, begun.
#ifndef ADAPTERS_SLACK_SENDS_H
#define ADAPTERS_SLACK_SENDS_H

#include "adapters/slack/calls.h"
#include "base/frame.h"

struct sends {
	struct calls *calls;
	struct core *core;
	const struct settings *settings;
};

// Whatever comes of it is told to the core, sooner or later.
void sends_take(struct sends *s, struct frame *frame);

// What of an answer the core is told.
json_t *sends_result(enum method_id method, const struct answer *answer);

#endif

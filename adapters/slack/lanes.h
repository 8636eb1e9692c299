// SPDX-License-Identifier: Apache-2.0
// Slack limits posts per conversation, about one a second with a short burst: each conversation has a rate of its own,
// so that a busy one does not make the others wait.  All times are monotonic milliseconds.
#ifndef ADAPTERS_SLACK_LANES_H
#define ADAPTERS_SLACK_LANES_H

#include <stdint.h>

#include "adapters/slack/rate.h"

#define LANES 64 // conversations that are remembered; the one that has been quiet longest makes room
#define LANE_NAME_MAX 63

struct lanes {
	struct {
		char name[LANE_NAME_MAX + 1]; // "": free
		struct rate rate;
	} lane[LANES];
};

// Milliseconds until something may go to `name`; 0: now.  A name of "" is no conversation and never waits.
int64_t lanes_wait(const struct lanes *l, const char *name, int64_t now);

// Counts what goes now.
void lanes_take(struct lanes *l, const char *name, int64_t now);

#endif

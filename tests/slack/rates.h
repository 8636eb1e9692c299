// SPDX-License-Identifier: Apache-2.0
// Slack's rate limits, which hold only while the setting "tiers" is on: so many calls of a method a minute by its tier,
// and of chat.postMessage one a second into a conversation, with a short burst.
#ifndef SLACK_RATES_H
#define SLACK_RATES_H

#include <jansson.h>
#include <stdint.h>

struct rates {
	json_t *windows; // method or conversation: {began_ms, count}
};

void rates_init(struct rates *r);
void rates_free(struct rates *r);

// Counts a call.  0 when it may be made, else the seconds to wait.  `tier` is 1 to 4, or 0 for no limit; `channel` is
// where chat.postMessage posts, or NULL.
int64_t rates_count(struct rates *r, const char *method, unsigned tier, const char *channel, int64_t now);

#endif

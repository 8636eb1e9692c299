// SPDX-License-Identifier: Apache-2.0
// How often a method may be called: a bucket that fills at its tier's rate, and the time before which Slack does not
// want to hear of it (Retry-After).  All times are monotonic milliseconds.
#ifndef ADAPTERS_SLACK_RATE_H
#define ADAPTERS_SLACK_RATE_H

#include <stdint.h>

struct rate {
	int64_t per_minute; // calls in any one minute
	int64_t burst;      // calls that may go at once after a rest
	int64_t full_at;    // when the bucket will be full again
	int64_t not_before; // Slack's word
};

// `burst` is less than `per_minute`.
struct rate rate_new(unsigned per_minute, unsigned burst);

// Milliseconds until a call may go; 0: now.
int64_t rate_wait(const struct rate *r, int64_t now);

// Counts a call that goes now.
void rate_take(struct rate *r, int64_t now);

// Slack asked for `seconds` of patience.
void rate_forbid(struct rate *r, int64_t now, int64_t seconds);

#endif

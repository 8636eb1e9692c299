// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/rate.h"

#include "base/clock.h"

struct rate rate_new(unsigned per_minute, unsigned burst)
{
	return (struct rate){ .per_minute = per_minute, .burst = burst };
}

// What a burst uses up is taken off the steady rate, so that no minute has more than it may.
static int64_t interval(const struct rate *r)
{
	return CLOCK_MINUTE / (r->per_minute - r->burst);
}

int64_t rate_wait(const struct rate *r, int64_t now)
{
	int64_t at = r->full_at - (r->burst - 1) * interval(r);

	if (at < r->not_before)
		at = r->not_before;
	return at > now ? at - now : 0;
}

void rate_take(struct rate *r, int64_t now)
{
	r->full_at = (r->full_at > now ? r->full_at : now) + interval(r);
}

void rate_forbid(struct rate *r, int64_t now, int64_t seconds)
{
	int64_t until = now + seconds * CLOCK_SECOND;

	if (until > r->not_before)
		r->not_before = until;
}

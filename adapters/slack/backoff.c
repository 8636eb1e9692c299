// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/backoff.h"

#include "base/clock.h"

enum {
	LONGEST = CLOCK_MINUTE,
	PROVEN = CLOCK_MINUTE,
	DOUBLINGS = 6,
};

int64_t backoff_next(struct backoff *b, int64_t lived, uint32_t random)
{
	int64_t pause;

	if (lived >= PROVEN)
		b->failures = 0;
	if (b->failures++ == 0)
		return (int64_t)random % CLOCK_SECOND;
	pause = b->failures - 2 < DOUBLINGS ? (int64_t)CLOCK_SECOND << (b->failures - 2) : LONGEST;
	return pause * 3 / 4 + (int64_t)random % (pause / 4 + 1);
}

// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/backoff.h"

#include "base/clock.h"

enum {
	LONGEST = CLOCK_MINUTE,
	PROVEN = CLOCK_MINUTE,
	DOUBLINGS = 6,
	CROWD_FIRST = 30 * CLOCK_SECOND,
	CROWD_LONGEST = 10 * CLOCK_MINUTE,
};

int64_t backoff_due(const struct backoff *b, bool connected)
{
	return connected && b->another > b->not_before ? b->another : b->not_before;
}

void backoff_wait(struct backoff *b, int64_t now, int64_t ms)
{
	if (now + ms > b->not_before)
		b->not_before = now + ms;
}

void backoff_failed(struct backoff *b, int64_t now, int64_t lived, uint32_t random)
{
	int64_t pause = CLOCK_SECOND;

	if (lived >= PROVEN)
		b->failures = 0;
	if (b->failures++ == 0) {
		backoff_wait(b, now, random % CLOCK_SECOND);
		return;
	}
	pause = b->failures - 2 < DOUBLINGS ? pause << (b->failures - 2) : LONGEST;
	backoff_wait(b, now, pause * 3 / 4 + random % (pause / 4 + 1));
}

void backoff_refreshed(struct backoff *b, int64_t now, int64_t lived, uint32_t random)
{
	if (lived >= PROVEN)
		b->failures = 0;
	else if (b->failures == 0)
		b->failures = 1;
	else
		backoff_failed(b, now, lived, random);
}

void backoff_crowded(struct backoff *b, int64_t now, bool connected)
{
	b->crowd = b->crowd ? 2 * b->crowd : CROWD_FIRST;
	if (b->crowd > CROWD_LONGEST)
		b->crowd = CROWD_LONGEST;
	b->another = now + b->crowd;
	if (!connected)
		backoff_wait(b, now, b->crowd);
}

void backoff_greeted(struct backoff *b)
{
	b->crowd = 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/backoff.h"

#include "base/clock.h"

enum { LONGEST = CLOCK_MINUTE, DOUBLINGS = 6 };

int64_t backoff_next(struct backoff *b, uint32_t random)
{
	int64_t pause = b->failures < DOUBLINGS ? (int64_t)CLOCK_SECOND << b->failures : LONGEST;

	b->failures++;
	return pause * 3 / 4 + (int64_t)random % (pause / 2 + 1);
}

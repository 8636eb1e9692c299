// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next attempt: 1 s, doubling to 60 s, a quarter up or down, so that many clients of a
// server that comes back do not come back together.
#ifndef ADAPTERS_IMAP_BACKOFF_H
#define ADAPTERS_IMAP_BACKOFF_H

#include <stdint.h>

struct backoff {
	unsigned failures; // in a row
};

// Counts one more failure; the pause in ms.  `random` is any number.
int64_t backoff_next(struct backoff *b, uint32_t random);

#endif

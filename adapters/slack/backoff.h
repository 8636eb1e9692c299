// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next connection: at once with some spread, then 1 s doubling to 60 s.  Only a connection
// that lived for a while ends the series: one that greets and dies does not, or a server in trouble would be stormed.
#ifndef ADAPTERS_SLACK_BACKOFF_H
#define ADAPTERS_SLACK_BACKOFF_H

#include <stdint.h>

struct backoff {
	unsigned failures; // in a row
};

// Counts the end of a connection that worked for `lived` ms (0: it never came about); the pause in ms.  `random` is any
// number.
int64_t backoff_next(struct backoff *b, int64_t lived, uint32_t random);

#endif

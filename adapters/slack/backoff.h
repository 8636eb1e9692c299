// SPDX-License-Identifier: Apache-2.0
// When the next connection may be tried: at once with some spread, then after 1 s doubling to 60 s.  Only a connection
// that lived for a while ends the series: one that greets and dies does not, or a server in trouble would be stormed.
// All times are monotonic milliseconds; `random` is any number.
#ifndef ADAPTERS_SLACK_BACKOFF_H
#define ADAPTERS_SLACK_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
	unsigned failures;  // in a row
	int64_t crowd;      // the last pause because the app has too many connections; 0: it has not
	int64_t not_before; // put off by each cause, brought forward by none
	int64_t another;    // as above, for a further connection beside one that works
};

// When the next one may be tried; `connected`: does one work already?
int64_t backoff_due(const struct backoff *b, bool connected);

void backoff_wait(struct backoff *b, int64_t now, int64_t ms);

// A connection ended that had worked for `lived` ms (0: it never came about).
void backoff_failed(struct backoff *b, int64_t now, int64_t lived, uint32_t random);

// Slack wants one replaced that has worked for `lived` ms: nobody's fault, so at once; but one after the other is
// somebody's.
void backoff_refreshed(struct backoff *b, int64_t now, int64_t lived, uint32_t random);

// The app has all the connections that it may have: 30 s, doubling to 10 min.
void backoff_crowded(struct backoff *b, int64_t now, bool connected);
// A connection was let in.
void backoff_greeted(struct backoff *b);

#endif

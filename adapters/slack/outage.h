// SPDX-License-Identifier: Apache-2.0
// How long nothing can come in: the operator is told after a minute, and when it is over.  All times are monotonic
// milliseconds.
#ifndef ADAPTERS_SLACK_OUTAGE_H
#define ADAPTERS_SLACK_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

struct outage {
	int64_t since; // 0: there is none
	bool told;
};

enum outage_news {
	OUTAGE_NO_NEWS,
	OUTAGE_LONG, // to be told now
	OUTAGE_OVER, // it was told; now it is over, after `seconds`
};

// `connected`: is there a connection now?
enum outage_news outage_look(struct outage *o, bool connected, int64_t now, int64_t *seconds);

// When to look again; -1: no need.
int64_t outage_due(const struct outage *o);

#endif

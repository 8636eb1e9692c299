// SPDX-License-Identifier: Apache-2.0
// What the operator is told once, not at every try.  Time is monotonic milliseconds.
#ifndef ADAPTERS_SLACK_NOTICES_H
#define ADAPTERS_SLACK_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#define NOTICES_KEPT 16

struct notices {
	struct {
		uint64_t digest;
		int64_t at;
	} said[NOTICES_KEPT]; // a ring
	unsigned next;
};

// May it be said?  Not when the same was said within the hour.  Remembers that it was.
bool notices_may(struct notices *n, const char *code, const char *text, int64_t now);

#endif

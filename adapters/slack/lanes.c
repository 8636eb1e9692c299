// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/lanes.h"

#include <stdio.h>
#include <string.h>

enum {
	PER_MINUTE = 33,
	BURST = 3, // the head of a thread and what follows it; then one in two seconds
};

static size_t find(const struct lanes *l, const char *name)
{
	size_t i = 0;

	while (i < LANES && strncmp(l->lane[i].name, name, LANE_NAME_MAX) != 0)
		i++;
	return i;
}

int64_t lanes_wait(const struct lanes *l, const char *name, int64_t now)
{
	size_t i = *name ? find(l, name) : LANES;

	return i < LANES ? rate_wait(&l->lane[i].rate, now) : 0;
}

void lanes_take(struct lanes *l, const char *name, int64_t now)
{
	size_t i = find(l, name);

	if (!*name)
		return;
	if (i == LANES) {
		i = 0;
		for (size_t k = 1; k < LANES; k++)
			if (l->lane[k].rate.full_at < l->lane[i].rate.full_at)
				i = k;
		snprintf(l->lane[i].name, sizeof l->lane[i].name, "%s", name);
		l->lane[i].rate = rate_new(PER_MINUTE, BURST);
	}
	rate_take(&l->lane[i].rate, now);
}

// SPDX-License-Identifier: Apache-2.0
// Local time in a zone, by libical over the system's zone files.  Days are numbered from 1970-01-01.
#ifndef BOT_ZONE_H
#define BOT_ZONE_H

#include <stdint.h>

struct _icaltimezone;

// A moment as the wall clock of a zone shows it; `ms` counts from local midnight.
struct local {
	int32_t day;
	int32_t ms;
};

// The zone, which lives on; NULL when the machine does not know it.
struct _icaltimezone *zone_find(const char *name);
struct local zone_local(struct _icaltimezone *zone, int64_t when);
// The moment when that clock shows this; `ms` may be a whole day.  What a clock change skips is counted on from before.
int64_t zone_moment(struct _icaltimezone *zone, struct local local);

// 0 = Monday.
int day_weekday(int32_t day);

#endif

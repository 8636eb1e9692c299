// SPDX-License-Identifier: Apache-2.0
// Time as the project counts it: milliseconds since 1970-01-01T00:00:00Z in an int64_t.  Only the clock of a program's
// main loop reads the system's time; everything below is told `now`.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

enum {
	CLOCK_SECOND = 1000,
	CLOCK_MINUTE = 60 * CLOCK_SECOND,
	CLOCK_HOUR = 60 * CLOCK_MINUTE,
	CLOCK_DAY = 24 * CLOCK_HOUR,
};

// `rate` 1 is the wall clock; a demonstration's clock runs `rate` times as fast from the moment it was started.
struct wall_clock {
	int64_t real_start; // where the system's clock stood
	int64_t start;      // what this clock said then
	int64_t rate;
};

// `not_before`: what the clock says at least when it starts (the time of the log's last entry).
struct wall_clock clock_start(int64_t rate, int64_t not_before);
int64_t clock_now(const struct wall_clock *c);

// Real milliseconds until this clock says `when`; 0 when that is past.
int64_t clock_until(const struct wall_clock *c, int64_t when);

// The system's clock and its monotonic sibling.
int64_t clock_real(void);
int64_t clock_monotonic(void);

#define CLOCK_TEXT 32
// "2026-11-24T09:12:33.120Z" into out[CLOCK_TEXT] (RFC 3339, UTC); returns out.
const char *clock_format(int64_t ms, char out[CLOCK_TEXT]);
// "2026-11-24"; returns out.
const char *clock_format_date(int64_t ms, char out[CLOCK_TEXT]);

// RFC 3339 in UTC or with an offset, fraction optional; or a date alone (its midnight in UTC).
// 0, or -1 when the text is anything else or names a day that does not exist.
int clock_parse(const char *text, int64_t *ms);

#endif

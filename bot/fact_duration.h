// SPDX-License-Identifier: Apache-2.0
// Lengths of time as people write them: "90 days", "6 months", "2 Jahre", "P1Y", "90d".
#ifndef BOT_FACT_DURATION_H
#define BOT_FACT_DURATION_H

#include <stdint.h>

#include "base/err.h"

#define DURATION_TEXT 8

// Into a number and a unit of the calendar, as it was written: "90d", "6w", "3m", "2y".  1 to 9999 of a unit, at most
// 100 years.  -1 for anything else.
int duration_read(const char *words, char out[DURATION_TEXT], struct err *e);

// What duration_read() wrote in days: a week is 7, a month 30, a year 365.  -1 when it is none of those.
int64_t duration_days(const char *text);

#endif

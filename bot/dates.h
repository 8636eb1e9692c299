// SPDX-License-Identifier: Apache-2.0
// Days as people write them.  Calendar days in UTC, without time.
#ifndef BOT_DATES_H
#define BOT_DATES_H

#include <stdint.h>

#include "base/err.h"

#define DATE_TEXT 11

// Reads one day into "YYYY-MM-DD": 2027-03-31, 31.03.2027, 31/03/2027 (unless day and month could be swapped), 31 March
// 2027, March 31st, 2027, "end of March 2027", "end of Q1 2027", "end of 2027", "in 6 months", "90 days", "2 weeks",
// "1 year", "today", "tomorrow"; months in English, German, French, Spanish, Italian, Portuguese, Dutch and Swedish,
// long or short; "until" and "by" before it and a remark in brackets behind it are dropped.  Past days are fine here.
// -1 for anything else: a day that does not exist, 2026-1-1, a two-digit year, a year outside 1970..2199.
int date_read(const char *words, int64_t now, char out[DATE_TEXT], struct err *e);

#endif

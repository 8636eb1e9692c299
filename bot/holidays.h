// SPDX-License-Identifier: Apache-2.0
// Days off, out of an iCalendar text (RFC 5545).  Private to bot/hours.c.
#ifndef BOT_HOLIDAYS_H
#define BOT_HOLIDAYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HOLIDAYS_MAX 20000

// Sorted numbers of days since 1970-01-01.
struct holidays {
	int32_t *days;
	size_t count, size;
};

int holidays_add(struct holidays *h, const char *ics, struct err *e);
int holidays_has(const struct holidays *h, int32_t day);

#endif

// SPDX-License-Identifier: Apache-2.0
// Spans as written in a policy; see hours.h.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "bot/hours.h"

static const char units[] = "mhdw";

int span_parse(const char *text, int64_t *span)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = digits && text[digits] ? strchr(units, text[digits]) : NULL;

	if (digits < 1 || digits > 4 || text[0] == '0' || !unit || text[digits + 1])
		return -1;
	*span = strtoll(text, NULL, 10) * 4 + (unit - units);
	return 0;
}

int64_t span_plain(int64_t span)
{
	static const int64_t lengths[] = { CLOCK_MINUTE, CLOCK_HOUR, CLOCK_DAY, 7LL * CLOCK_DAY };

	return span / 4 * lengths[span % 4];
}

const char *span_format(const struct hours *hours, int64_t span, char out[SPAN_TEXT])
{
	static const char *const names[] = { "minute", "hour", "day", "week" };
	bool working = hours && span % 4 != SPAN_WEEKS;

	snprintf(out, SPAN_TEXT, "%lld %s%s%s", (long long)(span / 4), working ? "working " : "", names[span % 4],
	         span / 4 == 1 ? "" : "s");
	return out;
}

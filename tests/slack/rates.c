// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/rates.h"

#include "base/clock.h"
#include "base/json.h"

#define BURST 5 // posts into one conversation within BURST seconds

void rates_init(struct rates *r)
{
	r->windows = json_object();
}

void rates_free(struct rates *r)
{
	json_decref(r->windows);
}

// So many within a window that begins with the first of them; the seconds until the next one begins when it is full.
static int64_t count(struct rates *r, const char *name, int64_t most, int64_t length, int64_t now)
{
	json_t *window = json_obj(r->windows, name);

	if (!window || now - json_int(window, "began_ms") >= length) {
		json_put(r->windows, name, json_pack("{s:I, s:i}", "began_ms", (json_int_t)now, "count", 1));
		return 0;
	}
	if (json_int(window, "count") >= most)
		return (json_int(window, "began_ms") + length - now + CLOCK_SECOND - 1) / CLOCK_SECOND;
	json_put_int(window, "count", json_int(window, "count") + 1);
	return 0;
}

int64_t rates_count(struct rates *r, const char *method, unsigned tier, const char *channel, int64_t now)
{
	static const int64_t per_minute[] = { 0, 1, 20, 50, 100 };

	if (channel)
		return count(r, channel, BURST, BURST * CLOCK_SECOND, now);
	return tier ? count(r, method, per_minute[tier], CLOCK_MINUTE, now) : 0;
}

// SPDX-License-Identifier: Apache-2.0
// All that waits: rates, Slack's patience, pauses between connections, what the operator is told and when.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/backoff.h"
#include "adapters/slack/lanes.h"
#include "adapters/slack/notices.h"
#include "adapters/slack/outage.h"
#include "adapters/slack/rate.h"
#include "base/auto.h"
#include "base/clock.h"

enum { START = 1000000 };

// How many calls go in `ms` when each goes as soon as it may.
static unsigned calls_in(struct rate *r, int64_t from, int64_t ms)
{
	unsigned n = 0;

	for (int64_t now = from; now < from + ms;) {
		int64_t wait = rate_wait(r, now);

		if (wait == 0) {
			rate_take(r, now);
			n++;
		}
		now += wait;
	}
	return n;
}

static void a_burst_and_then_the_rate(void **state)
{
	struct rate r = rate_new(65, 5); // one a second beside the burst

	(void)state;
	assert_int_equal(calls_in(&r, START, 1), 5);
	assert_int_equal(calls_in(&r, START + 1, 10 * CLOCK_SECOND), 10);
	assert_int_equal(calls_in(&r, START + CLOCK_HOUR, 1), 5);
	r = rate_new(50, 10);
	assert_in_range(calls_in(&r, START, CLOCK_MINUTE), 48, 50);
	assert_in_range(calls_in(&r, START + CLOCK_MINUTE, CLOCK_MINUTE), 38, 40);
}

static void lanes(void **state)
{
	struct lanes l = { 0 };
	char name[100];

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lanes_wait(&l, "C1", START), 0);
		lanes_take(&l, "C1", START);
	}
	assert_int_equal(lanes_wait(&l, "C1", START), 2000);
	assert_int_equal(lanes_wait(&l, "C2", START), 0);
	assert_int_equal(lanes_wait(&l, "C1", START + 2000), 0);
	lanes_take(&l, "", START);
	assert_int_equal(lanes_wait(&l, "", START), 0);
	// Others come and go; the one that was quiet longest is forgotten first.
	for (int i = 0; i < LANES - 1; i++) {
		snprintf(name, sizeof name, "D%d", i);
		lanes_take(&l, name, START + 1000 + i);
	}
	assert_int_equal(lanes_wait(&l, "C1", START + 1100), 900);
	lanes_take(&l, "another", START + 1200);
	assert_int_equal(lanes_wait(&l, "C1", START + 1200), 800);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 3; i++)
		lanes_take(&l, name, START + 9000);
	assert_int_equal(lanes_wait(&l, name, START + 9000), 2000);
}

static void patience(void **state)
{
	struct rate r = rate_new(65, 5);

	(void)state;
	rate_forbid(&r, START, 30);
	rate_forbid(&r, START, 10); // does not shorten it
	assert_int_equal(rate_wait(&r, START), 30 * CLOCK_SECOND);
	assert_int_equal(rate_wait(&r, START + 29 * CLOCK_SECOND), CLOCK_SECOND);
	assert_int_equal(rate_wait(&r, START + 30 * CLOCK_SECOND), 0);
	rate_forbid(&r, START, 0);
	assert_int_equal(rate_wait(&r, START + 30 * CLOCK_SECOND), 0);
}

// --- connections -----------------------------------------------------------------------------------------------------

static void failures_in_a_row(void **state)
{
	static const int64_t longest[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	static const uint32_t randoms[] = { 0, 999, 12345, UINT32_MAX };

	(void)state;
	for (size_t k = 0; k < LENGTH(randoms); k++) {
		struct backoff b = { 0 };

		for (size_t i = 0; i < LENGTH(longest); i++) {
			int64_t now = START + (int64_t)i * CLOCK_HOUR, pause;

			backoff_failed(&b, now, 0, randoms[k]);
			pause = backoff_due(&b, false) - now;
			assert_in_range(pause, i ? longest[i] * 750 : 0, longest[i] * CLOCK_SECOND);
		}
	}
}

static void only_a_life_ends_the_series(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		backoff_failed(&b, START, 0, 0);
	assert_true(backoff_due(&b, true) - START >= 6 * CLOCK_SECOND);
	backoff_failed(&b, START + CLOCK_HOUR, 59 * CLOCK_SECOND, 0);
	assert_true(backoff_due(&b, true) - START - CLOCK_HOUR >= 12 * CLOCK_SECOND);
	backoff_failed(&b, START + 2 * CLOCK_HOUR, CLOCK_MINUTE, 500);
	assert_int_equal(backoff_due(&b, true) - START - 2 * CLOCK_HOUR, 500);
}

static void a_refresh_is_no_failure(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	backoff_refreshed(&b, START, CLOCK_HOUR, 999);
	assert_true(backoff_due(&b, true) <= START);
	// One after the other is.
	backoff_refreshed(&b, START, CLOCK_SECOND, 999);
	assert_true(backoff_due(&b, true) <= START);
	backoff_refreshed(&b, START, CLOCK_SECOND, 999);
	assert_true(backoff_due(&b, true) > START + 700);
	backoff_refreshed(&b, START, CLOCK_SECOND, 999);
	assert_true(backoff_due(&b, true) > START + 1500);
}

static void a_crowd(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	backoff_crowded(&b, START, true);
	assert_int_equal(backoff_due(&b, true), START + 30 * CLOCK_SECOND);
	// Once the one that works is gone, another is tried at once.
	assert_true(backoff_due(&b, false) <= START);
	backoff_crowded(&b, START, false);
	assert_int_equal(backoff_due(&b, false), START + 60 * CLOCK_SECOND);
	for (int i = 0; i < 20; i++)
		backoff_crowded(&b, START, false);
	assert_int_equal(backoff_due(&b, false), START + 10 * CLOCK_MINUTE);
	backoff_greeted(&b);
	backoff_crowded(&b, START + CLOCK_HOUR, true);
	assert_int_equal(backoff_due(&b, true), START + CLOCK_HOUR + 30 * CLOCK_SECOND);
}

static void waits_never_shorten(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	backoff_wait(&b, START, CLOCK_HOUR);
	backoff_failed(&b, START, 0, 0);
	backoff_wait(&b, START, 1);
	assert_int_equal(backoff_due(&b, false), START + CLOCK_HOUR);
}

// --- what is told ----------------------------------------------------------------------------------------------------

static void an_outage(void **state)
{
	struct outage o = { 0 };
	int64_t seconds;

	(void)state;
	assert_int_equal(outage_due(&o), -1);
	assert_int_equal(outage_look(&o, false, START, &seconds), OUTAGE_NO_NEWS);
	assert_int_equal(outage_due(&o), START + CLOCK_MINUTE);
	assert_int_equal(outage_look(&o, true, START + 59999, &seconds), OUTAGE_NO_NEWS);
	assert_int_equal(outage_due(&o), -1);
	assert_int_equal(outage_look(&o, false, START, &seconds), OUTAGE_NO_NEWS);
	assert_int_equal(outage_look(&o, false, START + 60000, &seconds), OUTAGE_LONG);
	assert_int_equal(seconds, 60);
	assert_int_equal(outage_look(&o, false, START + 90000, &seconds), OUTAGE_NO_NEWS);
	assert_int_equal(outage_due(&o), -1);
	assert_int_equal(outage_look(&o, true, START + 95000, &seconds), OUTAGE_OVER);
	assert_int_equal(seconds, 95);
	assert_int_equal(outage_look(&o, true, START + 96000, &seconds), OUTAGE_NO_NEWS);
}

static void once_an_hour(void **state)
{
	struct notices n = { 0 };
	char text[] = "a";

	(void)state;
	assert_true(notices_may(&n, "scope", "x", START));
	assert_false(notices_may(&n, "scope", "x", START + CLOCK_HOUR - 1));
	assert_true(notices_may(&n, "scope", "y", START));
	assert_true(notices_may(&n, "rate", "x", START));
	assert_true(notices_may(&n, "scope", "x", START + CLOCK_HOUR));
	for (int i = 0; i < NOTICES_KEPT; i++, text[0]++)
		assert_true(notices_may(&n, "many", text, START + CLOCK_HOUR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_and_then_the_rate),
		cmocka_unit_test(lanes),
		cmocka_unit_test(patience),
		cmocka_unit_test(failures_in_a_row),
		cmocka_unit_test(only_a_life_ends_the_series),
		cmocka_unit_test(a_refresh_is_no_failure),
		cmocka_unit_test(a_crowd),
		cmocka_unit_test(waits_never_shorten),
		cmocka_unit_test(an_outage),
		cmocka_unit_test(once_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

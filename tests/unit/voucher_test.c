// SPDX-License-Identifier: Apache-2.0
// bot/voucher: when a witness or the authority is asked, and what an answer means.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "bot/voucher.h"

#define NOW INT64_C(1795510800000)
#define NEVER INT64_MAX

static void asks_about_the_newest(void **state)
{
	struct voucher v = { .name = "w" };

	(void)state;
	assert_int_equal(voucher_due(&v, 0, NOW), NEVER); // nothing is signed yet
	assert_true(voucher_due(&v, 7, NOW) <= NOW);
	voucher_ask(&v, 7);
	assert_int_equal(voucher_due(&v, 9, NOW), NEVER); // one question at a time
	voucher_vouched(&v, 7, NOW, NOW + VOUCHER_PAUSE);
	assert_int_equal(voucher_due(&v, 7, NOW), NEVER); // nothing new
	assert_int_equal(voucher_due(&v, 9, NOW), NOW + VOUCHER_PAUSE);
	assert_int_equal(v.from, 7);
	v.from = 20; // it knows more than is signed here
	assert_int_equal(voucher_due(&v, 19, NOW), NEVER);
	assert_int_equal(voucher_due(&v, 20, NOW), NOW + VOUCHER_PAUSE);
}

static void backs_off(void **state)
{
	static const int64_t seconds[] = { 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600 };
	struct voucher v = { .name = "w" };

	(void)state;
	for (size_t i = 0; i < LENGTH(seconds); i++) {
		voucher_ask(&v, 7);
		voucher_failed(&v, NOW, "it sleeps %d", 1);
		assert_int_equal(voucher_due(&v, 7, NOW), NOW + seconds[i] * CLOCK_SECOND);
	}
	assert_string_equal(v.trouble, "it sleeps 1");
	assert_int_equal(voucher_due(&v, 7, NOW - CLOCK_DAY), NOW - CLOCK_DAY + CLOCK_HOUR); // a clock put back
	voucher_ask(&v, 7);
	voucher_vouched(&v, 7, NOW, NOW);
	assert_string_equal(v.trouble, "");
	voucher_failed(&v, NOW, "again");
	assert_int_equal(v.next, NOW + VOUCHER_PAUSE);
	for (unsigned i = 0; i < 100000; i += 1000) { // nothing overflows
		v.failures = i;
		voucher_failed(&v, NOW, "again");
		assert_true(v.next <= NOW + VOUCHER_PAUSE_MAX);
	}
}

static void judges(void **state)
{
	static const struct {
		uint64_t from, asking;
		int64_t status;
		const char *body;
		enum verdict_of_witness verdict;
		const char *trouble; // part of it
	} cases[] = {
		{ 0, 9, 200, "anything", WITNESS_SAID_YES, "" },
		{ 0, 9, 409, "7\n", WITNESS_KNOWS_OTHER, "" },
		{ 7, 9, 409, "3\n", WITNESS_KNOWS_OTHER, "" }, // it lost its memory
		{ 0, 9, 409, "9\n", WITNESS_KNOWS_OTHER, "" }, // its answer was lost
		{ 7, 9, 409, "12", WITNESS_KNOWS_OTHER, "" },  // asked by somebody else about a newer one
		{ 7, 9, 409, "7\n", WITNESS_SAID_NO, "contradicts itself" },
		{ 9, 9, 409, "9\n", WITNESS_SAW_ANOTHER, "" },
		{ 7, 9, 409, "21\n", WITNESS_SAW_LONGER, "" },
		{ 7, 9, 409, "9223372036854775807\n", WITNESS_SAW_LONGER, "" },
		{ 7, 9, 409, "99999999999999999999\n", WITNESS_SAID_NO, "status 409: 99999999999999999999" },
		{ 7, 9, 409, "", WITNESS_SAID_NO, "status 409: no word" },
		{ 7, 9, 409, "09\n", WITNESS_SAID_NO, "status 409" },
		{ 7, 9, 409, "<html>\n", WITNESS_SAID_NO, "status 409: <html>" },
		{ 7, 9, 422, "no\n", WITNESS_SAW_ANOTHER, "" },
		{ 0, 9, 422, "no\n", WITNESS_SAID_NO, "status 422: no" }, // no witness would say that
		{ 7, 9, 403, "?", WITNESS_SAID_NO, "does not know the key" },
		{ 7, 9, 404, "?", WITNESS_SAID_NO, "does not know this log" },
		{ 7, 9, 500, "a\tb\x1b[2J\xff\nmore", WITNESS_SAID_NO, "status 500: a?b?[2J?" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct voucher v = { .name = "w", .from = cases[i].from };

		voucher_ask(&v, cases[i].asking);
		assert_int_equal(voucher_judge(&v, cases[i].status, cases[i].body, strlen(cases[i].body), 20, NOW),
		                 cases[i].verdict);
		assert_non_null(strstr(v.trouble, cases[i].trouble));
		assert_int_equal(*v.trouble != 0, *cases[i].trouble != 0);
		if (cases[i].verdict == WITNESS_SAID_NO)
			assert_int_equal(v.next, NOW + VOUCHER_PAUSE);
	}
}

static void corrects_once(void **state)
{
	struct voucher v = { .name = "w" };

	(void)state;
	voucher_ask(&v, 9);
	assert_int_equal(voucher_judge(&v, 409, "5\n", 2, 20, NOW), WITNESS_KNOWS_OTHER);
	assert_int_equal(v.from, 5);
	assert_true(voucher_due(&v, 9, NOW) <= NOW); // at once
	voucher_ask(&v, 9);
	assert_int_equal(voucher_judge(&v, 409, "6\n", 2, 20, NOW), WITNESS_SAID_NO); // or it would go on for ever
	assert_int_equal(v.from, 6);
	assert_int_equal(voucher_due(&v, 9, NOW), NOW + VOUCHER_PAUSE);
}

static void is_late_once(void **state)
{
	struct voucher v = { .name = "w", .failures = VOUCHER_TRIES };

	(void)state;
	assert_false(voucher_is_late(&v, NOW, NOW + CLOCK_DAY - 1));
	assert_true(voucher_is_late(&v, NOW, NOW + CLOCK_DAY));
	v.told = true;
	assert_false(voucher_is_late(&v, NOW, NOW + CLOCK_DAY));
	voucher_vouched(&v, 7, NOW, NOW);
	assert_false(voucher_is_late(&v, NOW, NOW + CLOCK_DAY)); // the desk was off: nobody was asked
	v.failures = VOUCHER_TRIES;
	assert_true(voucher_is_late(&v, NOW, NOW + CLOCK_DAY));
}

static void stamps_by_the_hour_and_at_midnight(void **state)
{
	const int64_t day = NOW / CLOCK_DAY * CLOCK_DAY;

	(void)state;
	assert_int_equal(stamp_next(day + 3 * CLOCK_HOUR), day + 4 * CLOCK_HOUR);
	assert_int_equal(stamp_next(day + 23 * CLOCK_HOUR + 1), day + CLOCK_DAY);
	assert_int_equal(stamp_next(day + CLOCK_DAY), day + CLOCK_DAY + CLOCK_HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_about_the_newest),
		cmocka_unit_test(backs_off),
		cmocka_unit_test(judges),
		cmocka_unit_test(corrects_once),
		cmocka_unit_test(is_late_once),
		cmocka_unit_test(stamps_by_the_hour_and_at_midnight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

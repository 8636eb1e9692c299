// SPDX-License-Identifier: Apache-2.0
// Days as people write them, and what is no day.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "bot/dates.h"

static const struct {
	const char *words, *day; // day NULL: refused
} cases[] = {
	{ "2027-03-31", "2027-03-31" },
	{ " 2027-03-31. ", "2027-03-31" },
	{ "until 2027-03-31 (end of the contract)", "2027-03-31" },
	{ "31.03.2027", "2027-03-31" },
	{ "1.3.2027", "2027-03-01" },
	{ "31/03/2027", "2027-03-31" },
	{ "03/31/2027", "2027-03-31" },
	{ "05/05/2027", "2027-05-05" },
	{ "31 March 2027", "2027-03-31" },
	{ "31st of March, 2027", "2027-03-31" },
	{ "March 31, 2027", "2027-03-31" },
	{ "Mar 31st 2027", "2027-03-31" },
	{ "31-Mar-2027", "2027-03-31" },
	{ "31. M\xc3\xa4rz 2027", "2027-03-31" },
	{ "bis zum 1. Oktober 2027", "2027-10-01" },
	{ "1er ao\xc3\xbbt 2027", "2027-08-01" },
	{ "jusqu'au 15 d\xc3\xa9"
	  "cembre 2027",
	  "2027-12-15" },
	{ "31 de marzo de 2027", "2027-03-31" },
	{ "29 February 2028", "2028-02-29" },
	{ "1 Sept 2027", "2027-09-01" },
	{ "end of March 2027", "2027-03-31" },
	{ "by the end of February 2028", "2028-02-29" },
	{ "Ende Juni 2027", "2027-06-30" },
	{ "end of Q1 2027", "2027-03-31" },
	{ "end of 2027", "2027-12-31" },
	{ "in 6 months", "2027-05-24" },
	{ "6 months", "2027-05-24" },
	{ "six months from now", "2027-05-24" },
	{ "90 days", "2027-02-22" },
	{ "90d", "2027-02-22" },
	{ "2 weeks", "2026-12-08" },
	{ "for 1 year", "2027-11-24" },
	{ "a year", "2027-11-24" },
	{ "sechzig Monate", NULL },
	{ "6 Monate", "2027-05-24" },
	{ "today", "2026-11-24" },
	{ "tomorrow", "2026-11-25" },
	{ "2020-01-01", "2020-01-01" }, // past, but a day
	// C20 and its relatives
	{ "2027-02-30", NULL },
	{ "30 February 2027", NULL },
	{ "29.02.2027", NULL },
	{ "31.04.2027", NULL },
	{ "0.1.2027", NULL },
	{ "9999-12-31", NULL },
	{ "2026-1-1", NULL },
	{ "2027-03-31T00:00:00Z", NULL },
	{ "03/04/2027", NULL },
	{ "31.03.27", NULL },
	{ "31 March 27", NULL },
	{ "31 March", NULL },
	{ "March 2027", NULL },
	{ "32 March 2027", NULL },
	{ "31 Ju 2027", NULL },
	{ "1 jui 2027", NULL },
	{ "2027", NULL },
	{ "forever", NULL },
	{ "end of", NULL },
	{ "end", NULL },
	{ "until", NULL },
	{ "in 99999 days", NULL },
	{ "9999 years", NULL },
	{ "-5 days", NULL },
	{ "20270331", NULL },
	{ "2027-03-31 or 2027-04-30", NULL },
	{ "", NULL },
	{ "(2027-03-31)", NULL },
	{ "a b c d e f g h i j k l", NULL },
	{ "\xff\xfe", NULL },
};

static void each_row(void **state)
{
	int64_t now;

	(void)state;
	assert_int_equal(clock_parse("2026-11-24T23:30:00Z", &now), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[DATE_TEXT] = "";
		struct err e = { 0 };
		int status = date_read(cases[i].words, now, out, &e);

		if (status != (cases[i].day ? 0 : -1))
			fail_msg("%s: %d %s %s", cases[i].words, status, out, e.text);
		if (status == 0 && strcmp(out, cases[i].day) != 0)
			fail_msg("%s: %s", cases[i].words, out);
		if (status < 0)
			assert_true(strlen(e.text) > 10);
	}
}

static void months_end_where_they_end(void **state)
{
	int64_t now;
	char out[DATE_TEXT];

	(void)state;
	assert_int_equal(clock_parse("2027-01-31", &now), 0);
	assert_int_equal(date_read("in 1 month", now, out, NULL), 0);
	assert_string_equal(out, "2027-02-28");
	assert_int_equal(date_read("in 13 months", now, out, NULL), 0);
	assert_string_equal(out, "2028-02-29");
	assert_int_equal(date_read("in 11 months", now, out, NULL), 0);
	assert_string_equal(out, "2027-12-31");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(months_end_where_they_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// bot/hours: working days and hours across clock changes, zones, holidays and the turn of the year.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "bot/hours.h"

static const char calendar[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n"
                               "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20201225\r\n"
                               "DTEND;VALUE=DATE:20201227\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n"
                               "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:New Year\r\nDTSTART;VALUE=DATE:20210101\r\n"
                               "RRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20290101\r\nEND:VEVENT\r\n"
                               "BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:Company days\r\nDTSTART;VALUE=DATE:20261230\r\n"
                               "DTEND;VALUE=DATE:20270105\r\nEND:VEVENT\r\n"
                               "BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Called off\r\nSTATUS:CANCELLED\r\n"
                               "DTSTART;VALUE=DATE:20261125\r\nEND:VEVENT\r\n"
                               "END:VCALENDAR\r\n";

static const struct hours_plan berlin = { "Mon-Fri", "09:00", "17:00", "Europe/Berlin" };

static struct hours *make(const struct hours_plan *plan, const char *ics)
{
	struct err e = { 0 };
	struct hours *h = hours_new(plan, &e);

	assert_string_equal(e.text, "");
	assert_non_null(h);
	if (ics && hours_holidays(h, ics, &e) < 0)
		fail_msg("%s", e.text);
	return h;
}

static void adds(void **state)
{
	static const struct hours_plan new_york = { "mon-fri", "09:00", "17:00", "America/New_York" };
	static const struct hours_plan kolkata = { "Sun-Thu", "10:30", "18:30", "Asia/Kolkata" };
	static const struct hours_plan round = { "Mon-Sun", "00:00", "24:00", "Europe/Berlin" };
	static const struct hours_plan saturday = { "Sat", "08:00", "12:00", "UTC" };
	static const struct {
		const struct hours_plan *plan;
		bool holidays;
		const char *start, *span, *end;
	} cases[] = {
		// Plain time.
		{ NULL, false, "2026-11-24T10:00:00Z", "2d", "2026-11-26T10:00:00.000Z" },
		{ NULL, false, "2026-11-24T10:00:00Z", "90m", "2026-11-24T11:30:00.000Z" },
		{ NULL, false, "2026-11-24T10:00:00Z", "1w", "2026-12-01T10:00:00.000Z" },
		// A working day is the same time on the next one (Tuesday 11:00 in Berlin).
		{ &berlin, false, "2026-11-24T10:00:00Z", "1d", "2026-11-25T10:00:00.000Z" },
		{ &berlin, false, "2026-11-24T10:00:00.120Z", "4d", "2026-11-30T10:00:00.120Z" },
		{ &berlin, false, "2026-11-24T10:00:00Z", "1w", "2026-12-01T10:00:00.000Z" },
		{ &berlin, false, "2026-11-24T10:00:00Z", "5d", "2026-12-01T10:00:00.000Z" },
		// Outside the hours it counts from the next opening: Saturday, before nine, after five, at five sharp.
		{ &berlin, false, "2026-11-28T12:00:00Z", "1d", "2026-12-01T08:00:00.000Z" },
		{ &berlin, false, "2026-11-24T05:00:00Z", "1d", "2026-11-25T08:00:00.000Z" },
		{ &berlin, false, "2026-11-24T18:00:00Z", "1d", "2026-11-26T08:00:00.000Z" },
		{ &berlin, false, "2026-11-24T16:00:00Z", "1d", "2026-11-26T08:00:00.000Z" },
		{ &berlin, false, "2026-11-27T18:00:00Z", "1d", "2026-12-01T08:00:00.000Z" },
		// Working hours.
		{ &berlin, false, "2026-11-24T10:00:00Z", "4h", "2026-11-24T14:00:00.000Z" },
		{ &berlin, false, "2026-11-24T14:00:00Z", "2h", "2026-11-24T16:00:00.000Z" },
		{ &berlin, false, "2026-11-24T14:00:00Z", "4h", "2026-11-25T10:00:00.000Z" },
		{ &berlin, false, "2026-11-27T15:30:00Z", "45m", "2026-11-30T08:15:00.000Z" },
		{ &berlin, false, "2026-11-28T15:30:00Z", "30m", "2026-11-30T08:30:00.000Z" },
		{ &berlin, false, "2026-11-24T08:00:00Z", "80h", "2026-12-07T16:00:00.000Z" },
		// Summer begins on 28 March 2027, ends on 25 October 2026: the local time stays.
		{ &berlin, false, "2027-03-26T09:00:00Z", "1d", "2027-03-29T08:00:00.000Z" },
		{ &berlin, false, "2026-10-23T08:00:00Z", "1d", "2026-10-26T09:00:00.000Z" },
		{ &berlin, false, "2027-03-26T15:00:00Z", "2h", "2027-03-29T08:00:00.000Z" },
		{ &new_york, false, "2027-03-12T15:00:00Z", "1d", "2027-03-15T14:00:00.000Z" },
		{ &new_york, false, "2026-10-30T14:00:00Z", "1d", "2026-11-02T15:00:00.000Z" },
		// Open all night: an hour is an hour though the clocks jump from 2 to 3 (and back).
		{ &round, false, "2027-03-28T00:30:00Z", "1h", "2027-03-28T01:30:00.000Z" },
		{ &round, false, "2026-10-24T23:00:00Z", "12h", "2026-10-25T11:00:00.000Z" },
		{ &round, false, "2026-11-24T10:00:00Z", "24h", "2026-11-25T10:00:00.000Z" },
		// Another week in another zone; half hours.  Thursday 18:00 in Kolkata.
		{ &kolkata, false, "2026-11-26T12:30:00Z", "1h", "2026-11-29T05:30:00.000Z" },
		{ &kolkata, false, "2026-11-26T12:30:00Z", "1d", "2026-11-29T12:30:00.000Z" },
		// Days off: Christmas on Friday and Saturday; the company from 30 December to 4 January.
		{ &berlin, true, "2026-12-24T10:00:00Z", "1d", "2026-12-28T10:00:00.000Z" },
		{ &berlin, true, "2026-12-24T15:00:00Z", "2h", "2026-12-28T09:00:00.000Z" },
		{ &berlin, true, "2026-12-29T10:00:00Z", "1d", "2027-01-05T10:00:00.000Z" },
		{ &berlin, true, "2026-12-29T15:30:00Z", "1h", "2027-01-05T08:30:00.000Z" },
		{ &berlin, true, "2027-01-01T10:00:00Z", "1d", "2027-01-06T08:00:00.000Z" },
		{ &berlin, true, "2026-12-23T10:00:00Z", "1w", "2027-01-06T10:00:00.000Z" },
		{ &berlin, true, "2027-12-31T10:00:00Z", "1d", "2028-01-03T10:00:00.000Z" },
		{ &berlin, true, "2028-12-29T10:00:00Z", "1d", "2029-01-01T10:00:00.000Z" }, // the exception
		{ &berlin, true, "2026-11-24T10:00:00Z", "1d", "2026-11-25T10:00:00.000Z" }, // called off
		{ &berlin, false, "2040-06-29T10:00:00Z", "1d", "2040-07-02T10:00:00.000Z" },
		// The longest there is.
		{ &saturday, false, "2026-11-24T00:00:00Z", "9999h", "2074-10-20T11:00:00.000Z" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct hours *h = cases[i].plan ? make(cases[i].plan, cases[i].holidays ? calendar : NULL) : NULL;
		char text[CLOCK_TEXT];
		int64_t start, span;

		assert_int_equal(clock_parse(cases[i].start, &start), 0);
		assert_int_equal(span_parse(cases[i].span, &span), 0);
		clock_format(hours_add(h, start, span), text);
		if (strcmp(text, cases[i].end) != 0)
			fail_msg("%s + %s is %s, not %s", cases[i].start, cases[i].span, text, cases[i].end);
		hours_free(&h);
	}
}

static void opens(void **state)
{
	static const struct {
		const char *when;
		bool open;
	} cases[] = {
		{ "2026-11-24T07:59:59Z", false }, { "2026-11-24T08:00:00Z", true },  { "2026-11-24T15:59:59Z", true },
		{ "2026-11-24T16:00:00Z", false }, { "2026-11-28T10:00:00Z", false }, { "2026-07-01T07:00:00Z", true },
		{ "2026-12-25T10:00:00Z", false }, { "2026-12-31T10:00:00Z", false },
	};
	struct hours *h = make(&berlin, calendar);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int64_t when;

		assert_int_equal(clock_parse(cases[i].when, &when), 0);
		if (hours_open(h, when) != cases[i].open)
			fail_msg("%s", cases[i].when);
		assert_true(hours_open(NULL, when));
	}
	hours_free(&h);
}

static void spans(void **state)
{
	static const struct {
		const char *text;
		int64_t plain; // 0: refused
		const char *words;
	} cases[] = {
		{ "30m", 30 * CLOCK_MINUTE, "30 working minutes" },
		{ "1h", CLOCK_HOUR, "1 working hour" },
		{ "2d", 2 * CLOCK_DAY, "2 working days" },
		{ "3w", 21LL * CLOCK_DAY, "3 weeks" },
		{ "9999d", 9999LL * CLOCK_DAY, "9999 working days" },
		{ "0d", 0, NULL },
		{ "", 0, NULL },
		{ "d", 0, NULL },
		{ "2", 0, NULL },
		{ "2y", 0, NULL },
		{ "-2d", 0, NULL },
		{ "2 d", 0, NULL },
		{ "2dd", 0, NULL },
		{ "02d", 0, NULL },
		{ "2D", 0, NULL },
		{ "99999d", 0, NULL },
		{ "1.5d", 0, NULL },
		{ "2d ", 0, NULL },
	};
	struct hours *h = make(&berlin, NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[SPAN_TEXT];
		int64_t span = 0;

		if ((span_parse(cases[i].text, &span) == 0) != (cases[i].plain != 0))
			fail_msg("'%s'", cases[i].text);
		if (!cases[i].plain)
			continue;
		assert_true(span > 0);
		assert_int_equal(span_plain(span), cases[i].plain);
		assert_string_equal(span_format(h, span, out), cases[i].words);
		assert_null(strstr(span_format(NULL, span, out), "working"));
	}
	hours_free(&h);
}

static void tells_local_time(void **state)
{
	struct hours *h = make(&berlin, NULL);
	int64_t when;

	(void)state;
	clock_parse("2026-11-24T16:00:00Z", &when);
	_free_ char *winter = hours_local(h, when), *plain = hours_local(NULL, when);
	_free_ char *kolkata = hours_local_in("Asia/Kolkata", when), *unknown = hours_local_in("No/Where", when);

	assert_string_equal(winter, "Tue 24 Nov 2026, 17:00 (Europe/Berlin)");
	assert_string_equal(plain, "Tue 24 Nov 2026, 16:00 (UTC)");
	assert_string_equal(kolkata, "Tue 24 Nov 2026, 21:30 (Asia/Kolkata)");
	assert_string_equal(unknown, "Tue 24 Nov 2026, 16:00 (UTC)");
	clock_parse("2027-06-30T22:05:00Z", &when);
	_free_ char *summer = hours_local(h, when);

	assert_string_equal(summer, "Thu 1 Jul 2027, 00:05 (Europe/Berlin)");
	hours_free(&h);
	assert_true(zone_known("Europe/Berlin"));
	assert_true(zone_known("UTC"));
	assert_false(zone_known(""));
	assert_false(zone_known("Europe/Berln"));
	assert_false(zone_known("/etc/passwd"));
	assert_false(zone_known("../../../etc/passwd"));
}

static void refuses_plans(void **state)
{
	static const struct {
		struct hours_plan plan;
		const char *error;
	} cases[] = {
		{ { "Mo-Fr", "09:00", "17:00", "UTC" },
		  "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri" },
		{ { "", "09:00", "17:00", "UTC" }, "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri" },
		{ { "Mon-", "09:00", "17:00", "UTC" },
		  "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri" },
		{ { "Mon,", "09:00", "17:00", "UTC" },
		  "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri" },
		{ { "Monday", "09:00", "17:00", "UTC" },
		  "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri" },
		{ { "Mon", "9:00", "17:00", "UTC" }, "'from' must be a time of day, like \"09:00\"" },
		{ { "Mon", "09:60", "17:00", "UTC" }, "'from' must be a time of day, like \"09:00\"" },
		{ { "Mon", "09:00", "24:01", "UTC" }, "'to' must be a time of day, like \"17:00\"" },
		{ { "Mon", "09:00", "25:00", "UTC" }, "'to' must be a time of day, like \"17:00\"" },
		{ { "Mon", "09:00", "09:59", "UTC" }, "'to' must be at least an hour later than 'from'" },
		{ { "Mon", "17:00", "09:00", "UTC" }, "'to' must be at least an hour later than 'from'" },
		{ { "Mon", "09:00", "17:00", "Berlin" },
		  "'zone' must be a time zone that this machine knows, like Europe/Berlin" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		assert_null(hours_new(&cases[i].plan, &e));
		assert_string_equal(e.text, cases[i].error);
	}
}

static void tells_the_time_of_day(void **state)
{
	static const struct {
		const struct hours_plan *plan;
		const char *after, *next;
	} cases[] = {
		{ NULL, "2026-11-24T07:59:59.999Z", "2026-11-24T08:00:00.000Z" },
		{ NULL, "2026-11-24T08:00:00Z", "2026-11-25T08:00:00.000Z" },
		{ &berlin, "2026-11-24T06:59:00Z", "2026-11-24T07:00:00.000Z" },
		{ &berlin, "2026-11-24T07:00:00Z", "2026-11-25T07:00:00.000Z" },
		{ &berlin, "2026-11-27T07:00:01Z", "2026-11-28T07:00:00.000Z" }, // a Saturday
		{ &berlin, "2026-12-24T12:00:00Z", "2026-12-25T07:00:00.000Z" }, // Christmas
		{ &berlin, "2026-03-28T07:00:00Z", "2026-03-29T06:00:00.000Z" }, // the clocks change
		{ &berlin, "2026-10-24T06:00:00Z", "2026-10-25T07:00:00.000Z" },
		{ &berlin, "2026-11-24T23:30:00Z", "2026-11-25T07:00:00.000Z" }, // tomorrow there already
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct hours *h = cases[i].plan ? make(cases[i].plan, calendar) : NULL;
		char text[CLOCK_TEXT];
		int64_t after;

		assert_int_equal(clock_parse(cases[i].after, &after), 0);
		clock_format(hours_daily(h, 8, after), text);
		if (strcmp(text, cases[i].next) != 0)
			fail_msg("%s: %s, not %s", cases[i].after, text, cases[i].next);
		hours_free(&h);
	}
}

static void refuses_calendars(void **state)
{
#define EVENT(lines) "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Xmas\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
	static const struct {
		const char *ics, *error;
	} cases[] = {
		{ "", "not a calendar" },
		{ "hello\n", "not a calendar" },
		{ "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "not a calendar with events (iCalendar, RFC 5545)" },
		{ EVENT("DTSTART:20261225T120000Z\r\n"),
		  "the event 'Xmas' has a time of day; only whole days can be days off" },
		{ EVENT(""), "the event 'Xmas' has no start" },
		{ EVENT("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=SECONDLY\r\n"),
		  "the event 'Xmas' recurs more often than once a day" },
		{ EVENT("DTSTART;VALUE=DATE:20000101\r\nRRULE:FREQ=DAILY\r\n"), "more than 20000 days off" },
		{ EVENT("DTSTART;VALUE=DATE:20000101\r\nDTEND;VALUE=DATE:20990101\r\n"), "more than 20000 days off" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct hours *h = make(&berlin, NULL);
		struct err e = { 0 };

		assert_int_equal(hours_holidays(h, cases[i].ics, &e), -1);
		if (strncmp(e.text, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("%zu: %s", i, e.text);
		hours_free(&h);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds),
		cmocka_unit_test(opens),
		cmocka_unit_test(spans),
		cmocka_unit_test(tells_local_time),
		cmocka_unit_test(tells_the_time_of_day),
		cmocka_unit_test(refuses_plans),
		cmocka_unit_test(refuses_calendars),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/hours.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"
#include "bot/holidays.h"
#include "bot/zone.h"

// Further than any span reaches: 9999 hours at one hour on one day of the week are 70,000 days.
#define DAYS_MAX 200000

struct hours {
	bool working[7]; // 0 = Monday
	int per_week;
	int32_t from, to; // ms from midnight
	char *zone_name;
	struct _icaltimezone *zone;
	struct holidays off;
};

static int parse_day(const char **at)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	*at += strspn(*at, " ");
	for (int i = 0; i < 7; i++) {
		if (text_starts_fold(*at, names[i])) {
			*at += 3;
			*at += strspn(*at, " ");
			return i;
		}
	}
	return -1;
}

// "Mon-Fri", "Mon, Wed-Fri"; a range may run over Sunday.
static int parse_days(const char *text, bool working[7])
{
	const char *at = text;

	for (;;) {
		int first = parse_day(&at), last = first;

		if (*at == '-') {
			at++;
			last = parse_day(&at);
		}
		if (first < 0 || last < 0)
			return -1;
		working[last] = true;
		for (int day = first; day != last; day = (day + 1) % 7)
			working[day] = true;
		if (!*at)
			return 0;
		if (*at++ != ',')
			return -1;
	}
}

static int parse_time(const char *text, int32_t *ms)
{
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':' || !text_is_digit(text[0]) || !text_is_digit(text[1]) ||
	    !text_is_digit(text[3]) || !text_is_digit(text[4]))
		return -1;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	if (minute > 59 || hour > 24 || (hour == 24 && minute))
		return -1;
	*ms = hour * CLOCK_HOUR + minute * CLOCK_MINUTE;
	return 0;
}

void hours_free(struct hours **hours)
{
	if (!*hours)
		return;
	free((*hours)->zone_name);
	free((*hours)->off.days);
	free(*hours);
	*hours = NULL;
}

static int take_plan(struct hours *h, const struct hours_plan *plan, struct err *e)
{
	if (parse_days(plan->days, h->working) < 0)
		return err_set(e, EX_CONFIG, "'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri");
	if (parse_time(plan->from, &h->from) < 0)
		return err_set(e, EX_CONFIG, "'from' must be a time of day, like \"09:00\"");
	if (parse_time(plan->to, &h->to) < 0)
		return err_set(e, EX_CONFIG, "'to' must be a time of day, like \"17:00\"");
	if (h->to - h->from < CLOCK_HOUR)
		return err_set(e, EX_CONFIG, "'to' must be at least an hour later than 'from'");
	h->zone = zone_find(plan->zone);
	if (!h->zone)
		return err_set(e, EX_CONFIG, "'zone' must be a time zone that this machine knows, like Europe/Berlin");
	h->zone_name = text_copy(plan->zone);
	for (int i = 0; i < 7; i++)
		h->per_week += h->working[i];
	return 0;
}

struct hours *hours_new(const struct hours_plan *plan, struct err *e)
{
	_cleanup_(hours_free) struct hours *h = calloc(1, sizeof *h);

	if (!h)
		panic("out of memory");
	return take_plan(h, plan, e) < 0 ? NULL : steal_ptr(h);
}

int hours_holidays(struct hours *hours, const char *ics, struct err *e)
{
	return holidays_add(&hours->off, ics, e);
}

static bool is_working(const struct hours *h, int32_t day)
{
	return h->working[day_weekday(day)] && !holidays_has(&h->off, day);
}

// The first working day that is not before `day`.
static int32_t working_day(const struct hours *h, int32_t day)
{
	for (int i = 0; i < DAYS_MAX && !is_working(h, day); i++)
		day++;
	return day;
}

bool hours_open(const struct hours *hours, int64_t when)
{
	struct local l;

	if (!hours)
		return true;
	l = zone_local(hours->zone, when);
	return is_working(hours, l.day) && l.ms >= hours->from && l.ms < hours->to;
}

// `days` working days later at the same time of day.
static int64_t add_days(const struct hours *h, int64_t start, int64_t days)
{
	struct local l = zone_local(h->zone, start);
	int32_t day = working_day(h, l.day);

	if (day == l.day && l.ms >= h->to)
		day = working_day(h, day + 1);
	if (day != l.day || l.ms < h->from)
		l.ms = h->from;
	while (days-- > 0)
		day = working_day(h, day + 1);
	return zone_moment(h->zone, (struct local){ day, l.ms });
}

// Working time, as it passes while the office is open (so an hour is an hour even when the clocks change).
static int64_t add_time(const struct hours *h, int64_t start, int64_t ms)
{
	int32_t day = zone_local(h->zone, start).day;

	for (int i = 0; i < DAYS_MAX; i++) {
		day = working_day(h, day);
		int64_t open = zone_moment(h->zone, (struct local){ day, h->from });
		int64_t close = zone_moment(h->zone, (struct local){ day, h->to });

		if (open < start)
			open = start;
		if (open < close && ms <= close - open)
			return open + ms;
		if (open < close)
			ms -= close - open;
		day++;
	}
	return start + ms;
}

int64_t hours_add(const struct hours *hours, int64_t start, int64_t span)
{
	int64_t amount = span / 4;

	if (!hours)
		return start + span_plain(span);
	switch ((enum span_unit)(span % 4)) {
	case SPAN_MINUTES:
	case SPAN_HOURS:
		return add_time(hours, start, span_plain(span));
	case SPAN_DAYS:
		return add_days(hours, start, amount);
	case SPAN_WEEKS:
		return add_days(hours, start, amount * hours->per_week);
	}
	panic("a span of no unit");
}

int64_t hours_daily(const struct hours *hours, int hour, int64_t after)
{
	struct _icaltimezone *zone = hours ? hours->zone : zone_find("UTC");
	int32_t day = zone_local(zone, after).day;
	int64_t moment;

	do
		moment = zone_moment(zone, (struct local){ day++, hour * (int32_t)CLOCK_HOUR });
	while (moment <= after);
	return moment;
}

const char *hours_zone(const struct hours *hours)
{
	return hours ? hours->zone_name : "UTC";
}

char *hours_local(const struct hours *hours, int64_t when)
{
	return hours_local_in(hours_zone(hours), when);
}

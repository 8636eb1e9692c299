// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000000;
}

int64_t clock_real(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

struct wall_clock clock_start(int64_t rate, int64_t not_before)
{
	int64_t real = clock_real();

	return (struct wall_clock){
		.real_start = real,
		.start = rate != 1 && not_before > real ? not_before : real,
		.rate = rate,
	};
}

int64_t clock_now(const struct wall_clock *c)
{
	return c->start + (clock_real() - c->real_start) * c->rate;
}

int64_t clock_until(const struct wall_clock *c, int64_t when)
{
	int64_t left = when - clock_now(c);

	return left <= 0 ? 0 : (left + c->rate - 1) / c->rate;
}

static struct tm split(int64_t ms)
{
	time_t seconds = ms / CLOCK_SECOND - (ms % CLOCK_SECOND < 0);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return tm;
}

const char *clock_format(int64_t ms, char out[CLOCK_TEXT])
{
	struct tm tm = split(ms);
	int fraction = (int)(ms % CLOCK_SECOND);
	size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);

	snprintf(out + n, CLOCK_TEXT - n, ".%03dZ", fraction < 0 ? fraction + CLOCK_SECOND : fraction);
	return out;
}

const char *clock_format_date(int64_t ms, char out[CLOCK_TEXT])
{
	struct tm tm = split(ms);

	strftime(out, CLOCK_TEXT, "%Y-%m-%d", &tm);
	return out;
}

// Reads exactly `width` digits; -1 when there are fewer.
static int digits(const char **p, int width)
{
	int value = 0;

	for (int i = 0; i < width; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool skip(const char **p, char c)
{
	return **p == c ? (*p)++, true : false;
}

static int parse_zone(const char **p, int64_t *offset)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes;

	*offset = 0;
	if (skip(p, 'Z'))
		return 0;
	if (!skip(p, '+') && !skip(p, '-'))
		return -1;
	hours = digits(p, 2);
	if (hours < 0 || hours > 23 || !skip(p, ':'))
		return -1;
	minutes = digits(p, 2);
	if (minutes < 0 || minutes > 59)
		return -1;
	*offset = (int64_t)sign * (hours * CLOCK_HOUR + minutes * CLOCK_MINUTE);
	return 0;
}

static int parse_time(const char **p, struct tm *tm, int *millis, int64_t *offset)
{
	tm->tm_hour = digits(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !skip(p, ':'))
		return -1;
	tm->tm_min = digits(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || !skip(p, ':'))
		return -1;
	tm->tm_sec = digits(p, 2);
	if (tm->tm_sec < 0 || tm->tm_sec > 59)
		return -1;
	if (skip(p, '.')) {
		int scale = 100;

		if (**p < '0' || **p > '9')
			return -1;
		for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
			*millis += (**p - '0') * scale;
	}
	return parse_zone(p, offset);
}

int clock_parse(const char *text, int64_t *ms)
{
	struct tm tm = { 0 };
	int millis = 0, year = digits(&text, 4), month, day;
	int64_t offset = 0;
	time_t seconds;

	if (year < 0 || !skip(&text, '-'))
		return -1;
	month = digits(&text, 2);
	if (month < 1 || month > 12 || !skip(&text, '-'))
		return -1;
	day = digits(&text, 2);
	if (day < 1)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	if (skip(&text, 'T') && parse_time(&text, &tm, &millis, &offset) < 0)
		return -1;
	if (*text)
		return -1;
	seconds = timegm(&tm);
	if (tm.tm_mday != day || tm.tm_mon != month - 1) // timegm normalises 30 February; we refuse it
		return -1;
	*ms = (int64_t)seconds * CLOCK_SECOND + millis - offset;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/zone.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "bot/hours.h"

struct _icaltimezone *zone_find(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-";

	// libical makes a file name of what it does not know.
	if (!*name || name[0] == '/' || strlen(name) > 64 || strspn(name, allowed) != strlen(name))
		return NULL;
	if (strcmp(name, "UTC") == 0)
		return icaltimezone_get_utc_timezone();
	return icaltimezone_get_builtin_timezone(name);
}

bool zone_known(const char *zone)
{
	return zone_find(zone) != NULL;
}

// Rounds down, before 1970 too.
static int64_t divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int day_weekday(int32_t day)
{
	int64_t thursday = 3; // 1970-01-01

	return (int)((day + thursday) - 7 * divide(day + thursday, 7));
}

struct local zone_local(struct _icaltimezone *zone, int64_t when)
{
	int64_t seconds = divide(when, CLOCK_SECOND);
	struct icaltimetype t = icaltime_from_timet_with_zone((time_t)seconds, 0, zone);
	struct tm tm = { .tm_year = t.year - 1900, .tm_mon = t.month - 1, .tm_mday = t.day };

	return (struct local){
		.day = (int32_t)divide(timegm(&tm), 86400),
		.ms = ((t.hour * 60 + t.minute) * 60 + t.second) * 1000 + (int32_t)(when - seconds * CLOCK_SECOND),
	};
}

int64_t zone_moment(struct _icaltimezone *zone, struct local local)
{
	time_t midnight = (time_t)(local.day + local.ms / CLOCK_DAY) * 86400;
	int32_t ms = local.ms % CLOCK_DAY;
	struct icaltimetype t = icaltime_null_time();
	struct tm tm;

	gmtime_r(&midnight, &tm);
	t.year = tm.tm_year + 1900;
	t.month = tm.tm_mon + 1;
	t.day = tm.tm_mday;
	t.hour = ms / CLOCK_HOUR;
	t.minute = ms / CLOCK_MINUTE % 60;
	t.second = ms / CLOCK_SECOND % 60;
	t.is_date = 0;
	t.zone = zone;
	return (int64_t)icaltime_as_timet_with_zone(t, zone) * CLOCK_SECOND + ms % CLOCK_SECOND;
}

char *hours_local_in(const char *zone, int64_t when)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct _icaltimezone *known = zone_find(zone);
	struct local l = zone_local(known ? known : icaltimezone_get_utc_timezone(), when);
	time_t seconds = (time_t)l.day * 86400;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return text_format("%s %d %s %d, %02d:%02d (%s)", days[day_weekday(l.day)], tm.tm_mday, months[tm.tm_mon],
	                   tm.tm_year + 1900, l.ms / CLOCK_HOUR, l.ms / CLOCK_MINUTE % 60, known ? zone : "UTC");
}

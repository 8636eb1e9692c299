// SPDX-License-Identifier: Apache-2.0
// Working hours (DESIGN 5: days, from-to, zone, holiday calendars) and time spans counted in them.
//
// A span is written <number><unit>: m minutes, h hours, d days, w weeks.  With working hours, minutes and hours run
// only while the office is open, a day is "the same time on the next working day" (a start outside the hours counts as
// the next opening), and a week is as many working days as a week has.  Without them (NULL) all are plain time; a day
// is then 24 hours.
#ifndef BOT_HOURS_H
#define BOT_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct hours;

// A span as one number: amount * 4 + unit (0 m, 1 h, 2 d, 3 w).  0 is no span: "never" in a policy.
enum span_unit { SPAN_MINUTES, SPAN_HOURS, SPAN_DAYS, SPAN_WEEKS };
// 1 to 9999 of a unit; 0, or -1 when the text is anything else.
int span_parse(const char *text, int64_t *span);
// The span in plain time, in milliseconds (a day is 24 hours).
int64_t span_plain(int64_t span);
#define SPAN_TEXT 32
// "2 days", "1 hour" or, when `hours` counts, "2 working days"; returns out.
const char *span_format(const struct hours *hours, int64_t span, char out[SPAN_TEXT]);

// `days`: "Mon-Fri" or "Mon, Wed-Fri"; `from`, `to`: "09:00" (to may be "24:00", and at least an hour later than from);
// `zone`: an IANA name.
struct hours_plan {
	const char *days, *from, *to, *zone;
};
// NULL on error, whose text names the member of the plan at fault.
struct hours *hours_new(const struct hours_plan *plan, struct err *e);
// Takes the days off of an iCalendar text: events of whole days, recurring ones for 2000 to 2099.  0, or -1.
int hours_holidays(struct hours *hours, const char *ics, struct err *e);
void hours_free(struct hours **hours);

// When `span` after `start` is over.  NULL hours = plain time.
int64_t hours_add(const struct hours *hours, int64_t start, int64_t span);
// Is the office open?  (Always, when NULL.)
bool hours_open(const struct hours *hours, int64_t when);
// When it is next `hour` o'clock after a moment, by the clock of the hours' zone, on whichever day.
int64_t hours_daily(const struct hours *hours, int hour, int64_t after);
const char *hours_zone(const struct hours *hours); // "UTC" when NULL

// "Tue 24 Nov 2026, 17:00 (Europe/Berlin)", for people; the caller frees.
char *hours_local(const struct hours *hours, int64_t when);
// The same in another zone (a person's); a zone that is unknown counts as UTC.
char *hours_local_in(const char *zone, int64_t when);

// Does the machine know this time zone?
bool zone_known(const char *zone);

#endif

// SPDX-License-Identifier: Apache-2.0
// What the doctor found: one line for each check, or one JSON array.
#ifndef BOT_DOCTOR_REPORT_H
#define BOT_DOCTOR_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct report {
	bool json;
	json_t *list; // {"check","ok","text"}
	int code;     // of the first check that failed, or 0
};

void report_ok(struct report *r, const char *check, const char *format, ...) __attribute__((format(printf, 3, 4)));
void report_failed(struct report *r, int code, const char *check, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif

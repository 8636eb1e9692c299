// SPDX-License-Identifier: Apache-2.0
// Checking an object of Block Kit against the table of what it may hold.
#ifndef SLACK_LIMITS_CHECK_H
#define SLACK_LIMITS_CHECK_H

#include <jansson.h>
#include <stddef.h>

enum check_kind {
	CHECK_BLOCK,
	CHECK_ELEMENT, // in actions
	CHECK_ACCESSORY,
	CHECK_INPUT, // element of an input
	CHECK_CONTEXT,
	CHECK_MODAL,
	CHECK_HOME,
	CHECK_OPTION,
	CHECK_GROUP,
	CHECK_CONFIRM,
	CHECK_DISPATCH,
};

struct checking {
	json_t *errors;
	char path[256]; // the JSON pointer of what is looked at
	size_t len;
};

// Goes to a member (by its name, or by its place when that is NULL); returns what check_leave() needs to go back.
size_t check_enter(struct checking *c, const char *name, size_t place);
void check_leave(struct checking *c, size_t mark);

// Notes that something is wrong at the place that was entered.
void check_fail(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

// An object must be of the kind: one of its types, with what that type needs, and nothing that it does not know.
void check_object(struct checking *c, const json_t *object, enum check_kind kind);

#endif

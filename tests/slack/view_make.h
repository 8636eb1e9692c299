// SPDX-License-Identifier: Apache-2.0
// Making a view of what the app sent.
#ifndef SLACK_VIEW_MAKE_H
#define SLACK_VIEW_MAKE_H

#include <jansson.h>

struct emulator;

// What is wrong with it, as messages with JSON pointers; NULL when nothing is.  `type` is modal or home.
json_t *view_check(const json_t *view, const char *type);

// Adds one to the top of the person's stack; returns it, borrowed.
json_t *view_push(struct emulator *m, const char *user, const json_t *given);

// Puts one in the place of another, whose id it keeps; returns it, borrowed.
json_t *view_replace(struct emulator *m, const char *id, const json_t *given);

// Makes it the person's Home tab; returns it, borrowed.
json_t *view_publish(struct emulator *m, const char *user, const json_t *given);

#endif

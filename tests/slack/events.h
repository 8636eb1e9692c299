// SPDX-License-Identifier: Apache-2.0
// Events of the Events API, wrapped as Slack wraps them.
#ifndef SLACK_EVENTS_H
#define SLACK_EVENTS_H

#include <jansson.h>
#include <stdbool.h>

struct delivery;
struct emulator;

// Does the app get the messages of this conversation?  It is in it and has the scope.
bool event_wanted(const struct emulator *m, const json_t *channel);

// Sends one (taken).
struct delivery *event_send(struct emulator *m, json_t *event);

#endif

// SPDX-License-Identifier: Apache-2.0
// Acks: what is remembered of each, and what its payload does.
#ifndef SLACK_ACK_H
#define SLACK_ACK_H

#include <jansson.h>
#include <stdbool.h>

struct delivery;
struct emulator;
struct link;

// Remembers an ack of `id`, of `one` (NULL when nothing like it was sent); the first one takes effect.  The record,
// borrowed.
json_t *ack_record(struct emulator *m, const struct link *link, const char *id, const struct delivery *one, bool first,
                   const json_t *payload);

#endif

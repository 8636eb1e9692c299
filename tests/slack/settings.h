// SPDX-License-Identifier: Apache-2.0
// What a test may change while the emulator runs, each a number with a name: see settings.c for what they begin with.
#ifndef SLACK_SETTINGS_H
#define SLACK_SETTINGS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct settings {
	int64_t ack_ms;             // until an envelope counts as not acknowledged
	int64_t redeliver;          // 0: what is not acknowledged does not come again
	int64_t retry_permille;     // by which the minutes between redeliveries are multiplied, in thousandths
	int64_t trigger_ms;         // life of a trigger id
	int64_t ticket_ms;          // life of a ticket
	int64_t hook_ms;            // life of a response_url
	int64_t hook_uses;          //
	int64_t connection_limit;   // the next one is told too_many_websockets
	int64_t connection_seconds; // what `hello` says of approximate_connection_time
	int64_t more_connections;   // by how many `hello` exaggerates num_connections
	int64_t hello;              // 0: connections stay without their hello
	int64_t ping_ms;            // between two pings of the server; 0: none
	int64_t echo;               // 0: the bot's own posts do not come back as events
	int64_t refuse;             // so many handshakes are refused
	int64_t refuse_status;      // with this HTTP status
	int64_t used_tickets;       // so many tickets are given out that no longer count
	int64_t duplicate;          // so many envelopes are sent twice
	int64_t fragment;           // bytes of a frame's fragments; 0: whole frames
	int64_t tiers;              // 1: the rate limits of Slack hold
	int64_t slow_ms;            // every answer of the Web API waits so long
};

void settings_init(struct settings *s);

// Takes every member of `values` (integers); 0, or -1 naming what there is not.
int settings_set(struct settings *s, const json_t *values, struct err *e);

// All of them, to look at.
json_t *settings_show(const struct settings *s);

#endif

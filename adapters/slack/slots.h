// SPDX-License-Identifier: Apache-2.0
// The few connections that there are at a time, and what each of them is up to.  Only for sockets.c.
#ifndef ADAPTERS_SLACK_SLOTS_H
#define ADAPTERS_SLACK_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

struct socket;

#define SLOTS 5 // two that serve, and those that they replace

enum slot_state {
	STATE_FREE,
	STATE_OPENING, // `hello` is still to come
	STATE_LIVE,
	STATE_LEAVING, // serves on until another has taken over
	STATE_CLOSING,
};

// All times are monotonic milliseconds.
struct slot {
	enum slot_state state;
	struct socket *socket;
	int64_t number;
	int64_t hello; // when it was greeted; 0: not yet
	int64_t until; // when its time is over; 0: not known
	int64_t left;  // since when it is leaving
};

// NULL when there is none.
struct slot *slot_numbered(struct slot slots[SLOTS], int64_t number);
struct slot *slot_of(struct slot slots[SLOTS], const struct socket *socket);
struct slot *slot_free(struct slot slots[SLOTS]);

unsigned slots_count(const struct slot slots[SLOTS], enum slot_state state);

// Does one of them serve?
bool slots_connected(const struct slot slots[SLOTS]);

#endif

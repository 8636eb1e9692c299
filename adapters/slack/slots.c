// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/slots.h"

#include <stddef.h>

struct slot *slot_numbered(struct slot slots[SLOTS], int64_t number)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state != STATE_FREE && slots[i].number == number)
			return &slots[i];
	return NULL;
}

struct slot *slot_of(struct slot slots[SLOTS], const struct socket *socket)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state != STATE_FREE && slots[i].socket == socket)
			return &slots[i];
	return NULL;
}

struct slot *slot_free(struct slot slots[SLOTS])
{
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state == STATE_FREE)
			return &slots[i];
	return NULL;
}

unsigned slots_count(const struct slot slots[SLOTS], enum slot_state state)
{
	unsigned n = 0;

	for (size_t i = 0; i < SLOTS; i++)
		n += slots[i].state == state;
	return n;
}

bool slots_connected(const struct slot slots[SLOTS])
{
	return slots_count(slots, STATE_LIVE) + slots_count(slots, STATE_LEAVING) > 0;
}

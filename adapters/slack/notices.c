// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/notices.h"

#include "base/clock.h"

// FNV-1a; nobody gains by a collision.
static uint64_t add(uint64_t digest, const char *text)
{
	for (const char *p = text; *p; p++)
		digest = (digest ^ (unsigned char)*p) * 0x100000001b3;
	return digest * 0x100000001b3;
}

bool notices_may(struct notices *n, const char *code, const char *text, int64_t now)
{
	uint64_t digest = add(add(0xcbf29ce484222325, code), text);

	for (unsigned i = 0; i < NOTICES_KEPT; i++)
		if (n->said[i].digest == digest && now - n->said[i].at < CLOCK_HOUR)
			return false;
	n->said[n->next].digest = digest;
	n->said[n->next].at = now;
	n->next = (n->next + 1) % NOTICES_KEPT;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// Facts to try a catalogue with: for each fact that its conditions name, the values at which they may turn - declared
// choices, licences of each family, numbers at and beside those in the conditions, what texts are compared with - and
// "not given".
#ifndef BOT_POLICY_DOMAIN_H
#define BOT_POLICY_DOMAIN_H

#include <jansson.h>

#include "bot/catalogue.h"

// {"license":["MIT","GPL-3.0-only",...,null],...}: values as in facts.h; null is not given.  New reference.
json_t *policy_domains(const struct catalogue *c);

// The facts that a condition depends on, through thresholds too, but not through the case's type: ["license",...].  New
// reference.
json_t *policy_depends(const struct catalogue *c, const char *condition);

// Combinations of the values of some facts, over others that stay.  They go through all when there are at most `limit`,
// else through that many at random (always the same ones).
struct combinations {
	const json_t *domains, *base;
	json_t *names; // owned
	size_t limit, count, next;
	bool all;
	uint64_t seed;
};
struct combinations combinations_of(const json_t *domains, const json_t *base, json_t *names, size_t limit);
// The next one as facts, a new reference; NULL behind the last.
json_t *combinations_next(struct combinations *k);
void combinations_free(struct combinations *k);
#define _combinations_ __attribute__((cleanup(combinations_free)))

#endif

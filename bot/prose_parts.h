// SPDX-License-Identifier: Apache-2.0
// The readers of prose, each for some facts; they offer candidates, and prose.c settles what is certain.
#ifndef BOT_PROSE_PARTS_H
#define BOT_PROSE_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/prose_text.h"

struct licences;

// A licence that is named in words [from, to).
struct named_licence {
	char *expression; // NULL: which one it is cannot be told ("the GPL")
	size_t from, to;
};

struct prose_reading {
	const json_t *declared;
	const struct licences *licences;
	int64_t now;
	struct prose prose;
	bool subject; // its first sentence is the subject
	struct named_licence *named;
	size_t named_count;
	json_t *candidates; // {name: [{"value","words"},...]}, different values only
	json_t *components; // several that were listed together, or NULL
	json_t *problems;
};

// Adds what words [from, to) say about a fact, and marks them as taken; `value` is taken too, NULL is no candidate.
void prose_offer(struct prose_reading *r, const char *name, json_t *value, size_t from, size_t to);
// The same where the value is what fact_value() makes of `words`; words that it refuses are no candidate.
void prose_offer_words(struct prose_reading *r, const char *name, const char *words, size_t from, size_t to);
void prose_problem(struct prose_reading *r, const char *name, const char *why, size_t from, size_t to);
bool prose_has(const struct prose_reading *r, const char *name);

// Does this word speak of what is asked for: use, ship, need, approval?
extern const char prose_asking[], prose_using[];

void prose_licences(struct prose_reading *r);   // fills `named`
void prose_references(struct prose_reading *r); // ticket, policy, clause
void prose_choices(struct prose_reading *r);    // product, channel and all that the catalogue declares as a choice
void prose_dates(struct prose_reading *r);      // expires
void prose_amounts(struct prose_reading *r);    // spend, quantity
void prose_parties(struct prose_reading *r);    // region, vendor
void prose_components(struct prose_reading *r); // component, version, license
void prose_reasons(struct prose_reading *r);    // rationale, remediation

#endif

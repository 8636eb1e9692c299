// SPDX-License-Identifier: Apache-2.0
// Past decisions that are like a case: found when it is judged, recorded with the judgement, shown to whoever decides.
#ifndef STORE_PRECEDENTS_H
#define STORE_PRECEDENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "store/db.h"

// What a case is compared by; any may be NULL but the family, without which nothing is like it.
struct likeness {
	const char *case_id; // the case itself, which does not count; NULL for a new one
	const char *family;
	const char *license, *component, *channel, *linking;
};

// The nearest decided cases of the same family, at most `limit`, the most alike first and of those the newest:
// [{"case","alike":["license","component","family","channel","linking"]}].  Looks at the newest 200 of the family.
json_t *precedents_near(struct db *db, const struct likeness *like, size_t limit, struct err *e);

// Those recorded for a case, with the grounds of whoever decided them:
// [{"case","alike":[],"state","title","closed"?: ms,"votes":[{"person","verdict","why"}]}].
json_t *precedents_of(struct db *db, const char *case_id, struct err *e);

// Was `case_id` shown to this principal as a precedent?  1, 0, -1.
int precedent_shown(struct db *db, const char *case_id, const char *principal, struct err *e);

// For apply: replaces those recorded for a case by the list of precedents_near().
int precedents_replace(struct db *db, const char *case_id, const json_t *list, struct err *e);

#endif

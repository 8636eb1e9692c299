// SPDX-License-Identifier: Apache-2.0
// The projection `tag`: the facts of each case's current version as single folded words, so that finding cases by a
// fact is one look into an index.
#ifndef STORE_TAGS_H
#define STORE_TAGS_H

#include <jansson.h>

#include "store/db.h"

// Replaces the tags of a case by those of `facts` and `components` (the form of bot/facts.h).  A list counts as its
// members, money as its amount, a licence expression as itself and each licence in it.
int tags_replace(struct db *db, const char *case_id, const json_t *facts, const json_t *components, struct err *e);

// Adds the families of its licences, under the name "family".
int tags_add_families(struct db *db, const char *case_id, const json_t *families, struct err *e);

#endif

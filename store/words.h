// SPDX-License-Identifier: Apache-2.0
// The projections `words` and `search`: the text of each case that free text search looks through.
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "store/db.h"

// Indexes a case anew, as its other tables stand.  In a scratch database only its words are put down.
int words_index(struct db *db, const char *case_id, struct err *e);

// Makes the index from all words that are put down: after a replay, at a fraction of the cost of step by step.
int words_rebuild(struct db *db, struct err *e);

#endif

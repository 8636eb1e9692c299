// SPDX-License-Identifier: Apache-2.0
// The projections `words` and `search`: the text of each case that free text search looks through.
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "store/db.h"

// Indexes a case anew, as its other tables stand.
int words_index(struct db *db, const char *case_id, struct err *e);

#endif

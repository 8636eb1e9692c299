// SPDX-License-Identifier: Apache-2.0
// Taking out of the journal what was erased from the log: segments are written anew, each at once or not at all.
#ifndef STORE_JOURNAL_ERASE_H
#define STORE_JOURNAL_ERASE_H

#include <jansson.h>

#include "store/db.h"

// `erasures`: bodies of body.erased (store/erase.h).  Entries that they name keep their leaf alone, and changes
// of the working tables' rows that they name are left out: replaying body.erased makes those rows again.  Nothing
// without a journal; segments that hold nothing of it are not touched.
int journal_erase(struct db *db, const json_t *erasures, struct err *e);

// The journal's copy of a file of evidence.
int journal_erase_evidence(struct db *db, const char *hex, struct err *e);

#endif

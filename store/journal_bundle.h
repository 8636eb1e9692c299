// SPDX-License-Identifier: Apache-2.0
// The journal's copies of archived bundles, JOURNAL/archive/CASE.tar: once the evidence of a case is in its bundle,
// that is the only place, so it must be as safe as the entry that says so.
#ifndef STORE_JOURNAL_BUNDLE_H
#define STORE_JOURNAL_BUNDLE_H

#include "store/db.h"

// Copies STATE/archive/CASE.tar, durably, before the commit that rests on it; nothing without a journal.
int journal_keep_bundle(struct db *db, const char *case_id, struct err *e);
int journal_erase_bundle(struct db *db, const char *case_id, struct err *e);

// For a restore: the copy in the folder of a journal; the caller frees.
char *journal_bundle_path(const char *journal, const char *case_id);

#endif

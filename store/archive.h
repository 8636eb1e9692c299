// SPDX-License-Identifier: Apache-2.0
// Evidence of cases that are long over, moved into a bundle of each case, STATE/archive/CASE.tar.  Here: which cases
// are due, what an evidence.archived does to the tables and files, and whether the bundles are there.  Who writes them:
// bot/retention.c.
//
// The row of the blob stays, with its salt; its bytes are NULL and its file is gone.  The same bytes may come again:
// then they are here again, for whatever came after the evidence.archived.
#ifndef STORE_ARCHIVE_H
#define STORE_ARCHIVE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/digest.h"
#include "store/log.h"

// The ids of at most `limit` cases that were over before `closed` and whose number is above *after, which becomes the
// last one's: those to be archived (never were, and nothing of theirs was), or to be erased.  What is under a legal
// hold, in force, or what something in force rests on is not among them.  New reference; NULL on error.
json_t *retention_due(struct db *db, bool archive, int64_t closed, size_t limit, int64_t *after, struct err *e);

// STATE/archive/CASE.tar; the caller frees.  And the folder is made when it is missing.
char *archive_path(const struct db *db, const char *case_id);
int archive_make_dir(const struct db *db, struct err *e);

// For store/apply.c: {"bundle": hex,"size","evidence":[hex]}.
int apply_evidence_archived(struct db *db, const struct entry *entry, const json_t *body, struct err *e);

// After the commit, for erase_finish(): files whose bytes are in a bundle.
int archive_sweep(struct db *db, struct err *e);

// Is this evidence of entry `seq` in a bundle rather than here?  1, 0, -1.
int archive_holds(struct db *db, const struct digest *sha256, uint64_t seq, struct err *e);

// For `log verify`: every bundle that evidence was moved to must be there as it was; `count` grows by them.  -1 with
// EX_DATAERR names the first that is not.
int archive_check(struct db *db, uint64_t *count, struct err *e);

// The same, named: [{"case","sha256"}].  New reference; NULL on error.
json_t *archive_bundles(struct db *db, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// What the entries about cases do to the projections; called through the table in apply.c.
#ifndef STORE_APPLY_CASE_H
#define STORE_APPLY_CASE_H

#include "store/apply.h"

#define DECLARE_APPLY(name) int name(struct db *db, const struct entry *entry, const json_t *body, struct err *e)

DECLARE_APPLY(apply_case_opened);
DECLARE_APPLY(apply_case_amended);
DECLARE_APPLY(apply_case_assessed);
DECLARE_APPLY(apply_case_commented);
DECLARE_APPLY(apply_case_approved);
DECLARE_APPLY(apply_case_rejected);
DECLARE_APPLY(apply_case_withdrawn);
DECLARE_APPLY(apply_case_revoked);
DECLARE_APPLY(apply_case_expired);
DECLARE_APPLY(apply_case_lapsed);
DECLARE_APPLY(apply_case_renewed);
DECLARE_APPLY(apply_case_reopened);
DECLARE_APPLY(apply_case_escalated);
DECLARE_APPLY(apply_evidence_attached);
DECLARE_APPLY(apply_review_requested);
DECLARE_APPLY(apply_vote_cast);
DECLARE_APPLY(apply_vote_voided);
DECLARE_APPLY(apply_stage_passed);
DECLARE_APPLY(apply_reminder_sent);

// JSON as a column holds it: canonical, so that it is the same whether the body was just made or is read back from the
// log.  The caller frees.
char *column_text(const json_t *value);
char *array_text(const json_t *body, const char *key); // or "[]"

#endif

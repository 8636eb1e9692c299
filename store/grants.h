// SPDX-License-Identifier: Apache-2.0
// What was granted, and which case rests on which.  Whether a grant covers a request is decided in bot/grant.c.
//
// case.approved carries "grant", what approving the case grants, unless it was answered with the grants of others:
//   {"license"?,"product"?,"channel"?,"region"?,"facts"?:{name:value},"conditions"?,"until"?: date,"since": date,
//    "risk","components":[{"component","versions"?,"license"?}]}
// A row is one component's part of it, the same without "components": {"component"?,"versions"?,"license"?,...}.
#ifndef STORE_GRANTS_H
#define STORE_GRANTS_H

#include <jansson.h>

#include "store/db.h"

struct entry;

// The newest active grants for a component, whatever the case of its letters: rows with "case", at most `limit`.
json_t *grants_for(struct db *db, const char *component, int64_t limit, struct err *e);

// A case's own: rows with "state", in order; empty when it granted nothing.
json_t *grants_of(struct db *db, const char *case_id, struct err *e);

// [{"kind","case","state","version","title","expires"?,"conditions"?}]: what the case rests on and, at most 50 and
// newest first, what rests on it.  Kinds: grant (it was answered with that case's grant), answers (the other way
// round), renews, renewed_by.
json_t *links_of(struct db *db, const char *case_id, struct err *e);

// What falls with a case's grant: [{"case","version","title"}] of approved cases that were answered with it, or with
// one that it renewed, and those renewed ones.
json_t *links_resting_on(struct db *db, const char *case_id, struct err *e);

// --- for apply_case.c ------------------------------------------------------------------------------------------------

int grants_add(struct db *db, const char *case_id, const json_t *grant, struct err *e);
int grants_become(struct db *db, const char *case_id, const char *state, struct err *e);
int link_add(struct db *db, const char *case_id, const char *kind, const char *other, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Reading cases: one whole, many by a query, what is due.
#ifndef STORE_CASES_H
#define STORE_CASES_H

#include <jansson.h>
#include <stdint.h>

#include "store/db.h"

// Everything about a case that deciding needs, as it stands:
// {"case","number","state","type","title","requester","requester_name","requester_address","verified","filed_by",
//  "opened": ms,"updated": ms,"due"?: ms,"closed"?: ms,"expires"?: date,"version","hash": hex,"catalogue","risk",
//  "stage"?,"thread","editors":[principal],"text","facts":{},"origin":{},"words":{},"components":[],"missing":[],
//  "findings":[],"evidence":[{"name","type","size","sha256","commitment","seq"}],
//  "stages":[{"name","need","from":[],"factor"?,"state","asked":[{"person","seat","at": ms}],
//             "votes":[{"seq","person","seat","verdict","version","at": ms,"via","why"}]}],
//  "imported"?:{"register","source","row","id"},
//  "grants":[grants_of()],"links":[links_of()],"comments":[{"seq","kind","person","name","at": ms,"text"}]}
// Votes that were voided or cast on an earlier version are left out.  NULL with EX_NOINPUT when there is no such case.
json_t *case_load(struct db *db, const char *id, struct err *e);

// The facts of one version: {"facts":{},"hash","text"}.
json_t *case_version(struct db *db, const char *id, int64_t version, struct err *e);

// The last version before `version` that lacked nothing, and so was put to approvers; 0 when there is none.
int case_reviewed_before(struct db *db, const char *id, int64_t version, int64_t *before, struct err *e);

// The number of the next case.
int case_next_number(struct db *db, int64_t *number, struct err *e);

// How many cases somebody has opened since then.
int cases_recent(struct db *db, const char *requester, int64_t since, int64_t *count, struct err *e);

// Who may see a query's results.
struct viewer {
	bool everything;       // auditors and administrators
	const char *principal; // else: cases they requested, filed, or were asked about
};

// Cases that match all terms (see bot/query.h for their form; one of a requester by address may have beside it the
// "principal" who has that address), newest first, at most `limit`:
// {"count","cases":[{"case","state", "title","requester_name","product"?,"license"?,"risk","expires"?,"opened":
// ms,"due"?: ms}]}; count is the number of all.
json_t *cases_find(struct db *db, const json_t *query, const struct viewer *viewer, int64_t limit, struct err *e);

// Timers that are due: a list of {"case","kind","number","at": ms}, earliest first.
json_t *timers_due(struct db *db, int64_t now, int64_t limit, struct err *e);
// When the next one is; INT64_MAX when there is none.
int timers_next(struct db *db, int64_t *when, struct err *e);

// Who is in which group, and since when: {"ann":{"legal": ms}}.
json_t *memberships_load(struct db *db, struct err *e);

// The SHA-256 (hex) of the people or catalogue file that the log holds last; "" when none.
int publication_last(struct db *db, const char *kind, char hex[65], struct err *e);

// Cases by state, for `status`: {"pending": 3, ...}.
json_t *cases_count(struct db *db, struct err *e);

#endif

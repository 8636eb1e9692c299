// SPDX-License-Identifier: Apache-2.0
// Approving and taking back: what a case grants, what it is answered with, what falls with it.
#ifndef BOT_CASE_GRANT_H
#define BOT_CASE_GRANT_H

#include "bot/case_review.h"
#include "bot/grant.h"

struct approval {
	const struct subject *subject;
	const json_t *components;
	int64_t risk;
	const char *by;          // "vote", "policy", "grant"
	const char *until;       // the last day that was asked for, or NULL
	const char *conditions;  // put by whoever approved it; or NULL
	const json_t *grants;    // by grant: rows of grants_choose()
	const json_t *confirmed; // what it grants already, when it was judged again; or NULL
};

// When what is asked for would begin: a renewal where the old one ends.
int64_t begin_of(const struct subject *s, int64_t now);

// case.approved, and case.renewed on the case that it renews.
void approve_case(struct decision *d, const struct approval *a);

// "until", "expire" and "warn" of case.approved: the day named is the last one that it is in force.  `until` may be
// NULL.
void put_end(struct decision *d, const char *until, json_t *body);

// Appends lines of conditions to a text; either may be NULL.  The caller frees; NULL when there are none.
char *add_condition(const char *conditions, const char *more);

// case.revoked on the case of `d`, whose body is taken, and on all that rest on its grant (order->resting).
void revoke_case(struct decision *d, json_t *body);

// Rows of grants_choose() out of order->grants, or NULL: then a finding about the nearest one may be added to
// `findings`.
json_t *grants_for_request(struct decision *d, const struct subject *subject, const struct asked *asked,
                           json_t *findings);

#endif

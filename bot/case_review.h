// SPDX-License-Identifier: Apache-2.0
// Who is asked, who may vote, and when they are reminded (DESIGN 6, segregation of duties).
#ifndef BOT_CASE_REVIEW_H
#define BOT_CASE_REVIEW_H

#include "bot/case.h"

// What a request comes to, as far as deciding who votes goes.  It differs from the stored state while a request is
// being opened or amended.
struct subject {
	const char *case_id;
	int64_t version;
	int64_t opened;
	const char *requester; // principals
	const char *filed_by;
	const json_t *editors;
	const json_t *facts;
	const json_t *renews; // its link to the case that it renews, or that case; NULL when it renews none
	bool in_force;        // approved, and judged again: it does not lapse
};

struct subject subject_of(const json_t *state);

// Why this person must not vote on it: a code, or NULL when they may.  By any of their addresses: principals of the
// form mail:ADDRESS are resolved to whoever has that address.
const char *duty_conflict(const struct rules *rules, const struct subject *subject, const struct person *person);

// Is the person in one of the groups, and since before the case was opened?
bool seat_holder(const struct rules *rules, const struct subject *subject, const struct person *person,
                 const json_t *groups);

// Opens stage `number` of `stages` (as catalogue_assess() gives them): review.requested with everybody who may vote,
// and the times of reminders, escalation and lapse.  A stage that cannot be filled raises an alarm beside it.
void request_review(struct decision *d, const struct subject *subject, const json_t *stages, size_t number);

// The open stage of a loaded case; NULL when none is.
json_t *open_stage(const json_t *state);

// Is this seat filled by a vote in this stage?  Whoever steps aside leaves it to those who stand in.
bool seat_voted(const json_t *stage, const char *seat);

// Has this person voted in this stage, be it to step aside?
bool person_voted(const json_t *stage, const char *principal);

// Alternates of the seats that have not voted and may vote: [{"person","seat"}].  With `only`, for that seat alone.
json_t *alternates_for(const struct rules *rules, const json_t *state, const char *only);

// "person:ann" -> the listed person, or NULL; for mail:ADDRESS whoever has that address.
const struct person *person_of(const struct people *people, const char *principal);

#endif

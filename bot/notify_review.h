// SPDX-License-Identifier: Apache-2.0
// The letter that asks for a decision: it must be possible to decide on it without opening anything else.
#ifndef BOT_NOTIFY_REVIEW_H
#define BOT_NOTIFY_REVIEW_H

#include "bot/notify.h"

// Why it is sent when it is not the first time.
struct nudge {
	int64_t reminder; // which one, from 1; 0: none
	bool escalated;   // to somebody who stands in for one who has not answered
	bool replaces;    // to somebody who stands in for one who stepped aside
	json_t *policy;   // notify_policy()
};

// Writes to each of `asked` ([{"person","seat"}]) about the open stage.
int notify_reviewers(const struct happened *h, const json_t *asked, const struct nudge *nudge, struct err *e);

// Writes the review letter once more to one person who was asked, with a fresh token.
int notify_reviewer_again(struct desk *desk, const json_t *state, const char *principal, const char *answers,
                          struct err *e);

#endif

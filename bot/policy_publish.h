// SPDX-License-Identifier: Apache-2.0
// Putting a catalogue in force takes two administrators: one proposes, another publishes the same bytes.
#ifndef BOT_POLICY_PUBLISH_H
#define BOT_POLICY_PUBLISH_H

#include "bot/case.h"
#include "bot/desk.h"

struct publishing {
	bool published;  // or proposed
	int64_t version; // of the catalogue
	int64_t entry;
	char *others; // proposed: who may publish it, "Ira Weiss, Jo Park"; the caller frees
};

// What `person` (NULL: nobody who is listed) does with these bytes, inside the open transaction.  Published: the desk
// has the new catalogue, and the cases are still to be judged by it (policy_apply.h).  DECIDED_NOT: refusal, or when
// refusal->code is "catalogue", the error says what is wrong with it.
enum decided policy_publish(struct desk *desk, const struct person *person, const char *text, size_t len,
                            struct publishing *out, struct refusal *refusal, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Going through many cases with the facts that a question is about, one row each: for judging them all by another
// catalogue.
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

#include <jansson.h>
#include <stdint.h>

#include "store/db.h"

// Valid until the next one.
struct swept {
	const char *id, *state, *title, *requester_name;
	int64_t number;
	// The current version's facts as JSON text, {name: value} with sorted names: those of `values` whole, those of
	// `given` as "+" when they hold anything.  Equal texts are equal cases as far as these facts go.
	const char *facts;
};

// What is done with a case; -1 with an error ends the sweep.
typedef int sweep_take(void *context, const struct swept *row, struct err *e);

// Every case behind `after` (0: all) in one of the states, by number, at most `limit`.  `states`, `values` and `given`
// are arrays of strings.  0, or -1.
int sweep(struct db *db, const json_t *states, const json_t *values, const json_t *given, int64_t after, int64_t limit,
          sweep_take *take, void *context, struct err *e);

#endif

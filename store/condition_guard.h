// SPDX-License-Identifier: Apache-2.0
// What keeps a condition from doing anything but compute: a look at its text, SQLite's authorizer, limits, and a count
// of steps.  Private to store/condition.c.
#ifndef STORE_CONDITION_GUARD_H
#define STORE_CONDITION_GUARD_H

#include <stdbool.h>

#include "base/err.h"
#include "store/condition.h"

struct sqlite3;

struct guard {
	const char *const *columns;                 // ends with NULL
	const struct condition_function *functions; // ends with a NULL name
	bool filling;                               // our own statement runs, not a condition
	unsigned selects, steps;
	char reason[160]; // why the authorizer said no; "" when it did not
};

// Closes the fence around a connection; from here on only conditions are prepared.  `g` must live as long.
void guard_close(struct guard *g, struct sqlite3 *handle, const char *const *columns,
                 const struct condition_function *functions);
// Before each statement: forgets the last one.
void guard_reset(struct guard *g);

// Is it one expression, in one piece, without comments, parameters or a second statement?  0, or -1.
int guard_check_text(const char *expression, struct err *e);

const char *guard_nearest_function(const struct guard *g, const char *name);

#endif

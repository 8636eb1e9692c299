// SPDX-License-Identifier: Apache-2.0
// What keeps a condition from doing anything but compute: a look at its text, SQLite's authorizer, limits, and a count
// of steps.  Private to store/condition.c.
#ifndef STORE_CONDITION_GUARD_H
#define STORE_CONDITION_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/condition.h"

struct sqlite3;

struct guard {
	const char *const *columns;                 // ends with NULL
	const struct condition_function *functions; // ends with a NULL name
	size_t shown;                               // of the columns; those behind them are not known yet
	bool *read;                                 // of each column: a condition names it
	bool filling;                               // our own statement runs, or is prepared, not a condition
	unsigned selects;
	int64_t work;     // since the facts were put there, in nanoseconds at worst
	char reason[160]; // why the authorizer said no; "" when it did not
};

// Closes the fence around a connection; from here on only conditions are prepared.  `g` must live as long; columns,
// functions and read are set.
void guard_close(struct guard *g, struct sqlite3 *handle);
// Before each statement: forgets the last one.
void guard_reset(struct guard *g);
// Conditions are short again, after a statement that was not.
void guard_limit_sql(struct sqlite3 *handle);
// What a column may hold, and what a condition may make of it, in bytes.
#define GUARD_ROW_MAX (2 << 20)
#define GUARD_TEXT_MAX 32768
// SQL of a statement that asks many conditions, each of which passed alone.
#define GUARD_GROUP_MAX (128 << 10)
// Charges work to the facts at hand; true when it was too much.
bool guard_charge(struct guard *g, int64_t work);

// Is it one expression, in one piece, without comments, parameters or a second statement?  0, or -1.
int guard_check_text(const char *expression, struct err *e);

// Puts LIKE and GLOB that charge for their work in the place of SQLite's own, whose cost no step count sees.  0, or -1.
int guard_patterns(struct guard *g, struct sqlite3 *handle, struct err *e);

const char *guard_nearest_function(const struct guard *g, const char *name);

#endif

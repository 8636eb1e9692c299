// SPDX-License-Identifier: Apache-2.0
// Conditions: SQL expressions over the facts of one case, run by SQLite in memory under an authorizer that allows
// nothing but reading that one row and a few functions.  Whoever writes a policy is trusted to decide, not to compute
// forever or to read a file.  Store knows nothing of licences: functions come from the caller.
#ifndef STORE_CONDITION_H
#define STORE_CONDITION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct conditions;
struct condition;

// A function of the caller's: name(text, word).  Told both arguments (never NULL: a NULL argument makes the result
// NULL unasked); answers 1, 0, or -1 with an error that ends the condition.
struct condition_function {
	const char *name;
	int (*call)(void *context, const char *text, const char *word, struct err *e);
};

// `column_names`: an array of strings, the facts that conditions may name.  `functions` ends with a NULL name and
// `context` is handed to them; both must outlive the result.  NULL on error.
struct conditions *conditions_new(const json_t *column_names, const struct condition_function *functions, void *context,
                                  struct err *e);
void conditions_free(struct conditions **c);

// Prepares one expression.  0, or -1 with a sentence that fits behind the position of the expression ("no fact
// 'licence' - did you mean 'license'?").  The condition lives until conditions_free().
int condition_prepare(struct conditions *c, const char *expression, struct condition **out, struct err *e);

// Does it hold?  facts: {name: string | number | boolean | array of strings}; an array counts as its members joined
// by ", "; an absent fact is NULL; NULL does not hold.
int condition_holds(struct condition *condition, const json_t *facts, bool *holds, struct err *e);

#endif

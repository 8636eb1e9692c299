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
// NULL unasked); answers 1, 0, CONDITION_UNKNOWN (then the result is NULL), or -1 with an error that ends the
// condition.
#define CONDITION_UNKNOWN 2
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

// Only the first `count` columns may be named by conditions that are prepared from now on; all at first.
void conditions_show(struct conditions *c, size_t count);

// Does any condition prepared so far name this column?
bool conditions_read(const struct conditions *c, const char *column);

// Puts the facts of one case before the conditions: {name: string | number | boolean | array of strings}; an array
// counts as its members joined by ", "; an absent fact is NULL.  Whatever stood there before is gone.  0, or -1.
int conditions_fill(struct conditions *c, const json_t *facts, struct err *e);
// Replaces one column of them.
int conditions_set(struct conditions *c, const char *column, const json_t *value, struct err *e);

// Does it hold for these facts?  NULL does not hold.  All that is asked between two calls of conditions_fill() shares a
// budget of work, so that no policy makes a case take longer than about half a second.  0, or -1.
int condition_holds(struct condition *condition, bool *holds, struct err *e);

// Many conditions that are always asked together are asked in one go: prepares them (at most CONDITIONS_TOGETHER; their
// own statements stay).  It lives until conditions_free().
#define CONDITIONS_TOGETHER 500
struct condition_group;
struct condition_group *condition_group(struct conditions *c, struct condition *const *list, size_t count);
// Which of them hold, as condition_holds() says; `holds` has room for each.  -1: the error names the one that fails.
int condition_group_holds(struct condition_group *g, bool *holds, struct err *e);

#endif

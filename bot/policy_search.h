// SPDX-License-Identifier: Apache-2.0
// Which rules of a catalogue ever come to bear?  Nobody proves anything here: it is tried, with the owner's example
// cases, the cases of the desk, and combinations of facts at which conditions turn (policy_domain.h).
#ifndef BOT_POLICY_SEARCH_H
#define BOT_POLICY_SEARCH_H

#include <jansson.h>
#include <stddef.h>

#include "bot/catalogue.h"

struct db;

// How often each rule came to bear, by its place in the file.
struct searched {
	size_t *types, *checks, *routes;
	size_t *wins; // of checks that allow: how often the case was allowed
	const json_t *
	        *clash; // of checks that allow: the first check that denied the same facts, by its finding; or NULL
	size_t examples, cases, combinations; // tried
	size_t failed;                        // could not be judged
	struct err why;                       // the first that could not
};

// `examples` as policy_cases_load() gives them, or NULL; `db` may be NULL.  0, or -1 when the database fails.
int policy_search(const struct catalogue *c, const json_t *examples, struct db *db, struct searched *out,
                  struct err *e);
void searched_free(struct searched *s);
#define _searched_ __attribute__((cleanup(searched_free)))

// "in none of 30 example cases, 412 cases and 4,096 combinations": the caller frees.
char *searched_text(const struct searched *s);

#endif

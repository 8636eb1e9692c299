// SPDX-License-Identifier: Apache-2.0
// What is odd about a catalogue that can be read: rules that never come to bear or contradict each other, ids that
// nobody has, stages that just so can be filled, what is declared and never used.
#ifndef BOT_POLICY_CHECK_H
#define BOT_POLICY_CHECK_H

#include <jansson.h>

#include "bot/catalogue.h"

struct db;
struct yaml;

struct policy {
	const struct catalogue *catalogue;
	const struct yaml *file; // the catalogue's text, for places; not the one that it was read from
	const struct people *people;
	const struct licences *licences;
	const json_t *examples; // policy_cases_load(), or NULL
	struct db *db;          // or NULL
};

// {"warnings":[{"code","file","line","column","says"}] in the order of the file,
//  "examples","cases","combinations": how many were tried}.  NULL when the database fails.
json_t *policy_check(const struct policy *p, struct err *e);

// --- for its parts
// ------------------------------------------------------------------------------------------------------

// Adds a warning about a value of `file`.
void policy_warn(const struct policy *p, json_t *warnings, const json_t *value, const char *code, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));
// Ids and names, and what is never used; policy_ids.c.
void policy_check_ids(const struct policy *p, json_t *warnings);

#endif

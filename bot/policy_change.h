// SPDX-License-Identifier: Apache-2.0
// What two judgements of the same facts differ in.
#ifndef BOT_POLICY_CHANGE_H
#define BOT_POLICY_CHANGE_H

#include <jansson.h>
#include <stdbool.h>

// Of two results of catalogue_assess(); each member only where they differ:
//  {"type":{"before","after"},"outcome":{"before","after"},"risk":{"before","after"},
//   "findings":{"new":[ids],"gone":[ids]},"stages":{"before":[texts],"after":[texts]},
//   "missing":{"new":[facts],"gone":[facts]}}
// A stage's text is its name, need, groups and factor ("board: 2 of compliance, cto with totp").  New reference; empty
// when they are the same.
json_t *policy_change(const json_t *before, const json_t *after);

// The change in words: "outcome allow -> review; risk 0 -> 5; OSS-7.2 found; stages licensing -> legal, board".  The
// caller frees.
char *policy_change_text(const json_t *change);

// Must what was granted be looked at again?  Not when the new judgement allows it, or only asks for less.
bool policy_change_touches(const json_t *change, const json_t *after);

#endif

// SPDX-License-Identifier: Apache-2.0
// The query of `find` (DESIGN 7) as data.  It neither knows tables nor who may see what.
#ifndef BOT_QUERY_H
#define BOT_QUERY_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct people;

// {"terms":[{"key":"state","op":"=","value":"approved"},
//           {"key":"license","op":"glob","value":"GPL-*"},      // value holds * or ?
//           {"key":"risk","op":">=","value":7},                  // integers: risk quantity spend (whole units)
//           {"key":"expires","op":"<","value":MS},               // dates: expires opened due; ms since 1970
//           {"key":"tag","name":"region","op":"=","value":"EU"}],
//  "text":["free text", ...]}                                    // words, or a quoted phrase as one
//
// A term is KEY OP VALUE without blanks; VALUE may be in double quotes (\" and \\ within).  OP is one of
// : = != < <= > >= (":" and "=" mean the same); order only for numbers and dates.  Keys and states are of either case;
// "licence" is "license".
// A date is YYYY-MM-DD or a span from now such as 12h, 30d, 2w, 6m, 1y: `expires<30d` ends within thirty days,
// `opened<30d` was opened less than thirty days ago (so it becomes op ">" of a moment in the past).  A day is whole:
// `=` becomes two terms, `>` and `<=` mean the end of the day; so a day comes out with the ops < and >= only. What does
// not look like KEY OP VALUE is free text ("GPL-3.0"; put "http://x" in quotes).  At most 32 terms and 32 texts of 256
// bytes each. NULL: an unknown key, op or value, named with the nearest known one and what is allowed.  An empty query
// gives empty arrays.
json_t *query_parse(const char *text, int64_t now, struct err *e);

// Where a term asks for a requester by address, adds the "principal" of the person who is listed with it.
void query_name(json_t *query, const struct people *people);

#endif

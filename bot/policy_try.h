// SPDX-License-Identifier: Apache-2.0
// What another catalogue would make of the cases that are open or granted.  Nothing is written.
#ifndef BOT_POLICY_TRY_H
#define BOT_POLICY_TRY_H

#include <jansson.h>

#include "bot/catalogue.h"

struct db;

// Each case's facts judged by both:
// {"from": version,"to": version,"open": n,"granted": n,"changed": n,"again": n,"failed": n,
//  "kinds":[{"state":"open"|"granted","what","count"}], what happens in words, most first,
//  "cases":[{"case","state","title","requester_name","change":{policy_change()},"says","again": bool}]}
// again: granted cases that would be reviewed again.  A case that cannot be judged has "says" alone.  NULL on error.
json_t *policy_try(const struct catalogue *before, const struct catalogue *after, struct db *db, struct err *e);

// --- for what follows a publication
// -----------------------------------------------------------------------------------

// Facts of which a judgement by the catalogue depends: those whose values its conditions read, and those that only have
// to be given.  New references.
void policy_reads(const struct catalogue *c, json_t **values, json_t **given);

#endif

// SPDX-License-Identifier: Apache-2.0
// Grants in force, looked up in the store.
#ifndef BOT_GRANT_LOOKUP_H
#define BOT_GRANT_LOOKUP_H

#include <jansson.h>

#include "bot/desk.h"
#include "bot/grant.h"

// Active grants for any component of a case (NULL for a new one) as an order would leave it: rows of grants_for(),
// newest first for each component.  NULL on error.
json_t *grants_for_order(struct desk *desk, const json_t *state, const struct order *order, struct err *e);

// Do grants in force cover this?  1 and the rows that do, as grants_choose() gives them; 0 and the nearest one with
// what it lacks, or NULL; -1 on error.  `facts` and `components` as a reading has them; the catalogue judges the risk.
int grants_check(struct desk *desk, const json_t *facts, const json_t *components, json_t **found, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Which past decisions are like an order's case.  Looked up before the case is decided on, because deciding is pure.
#ifndef BOT_PRECEDENT_H
#define BOT_PRECEDENT_H

#include <jansson.h>

#include "bot/desk.h"

// The families of an expression's licences, the weightiest first: ["strong-copyleft","permissive"].  Empty for what is
// no expression.
json_t *families_of(const struct licences *l, const char *expression);

// precedents_near() for a request that is opened or amended (`state` is NULL when it is new); an empty list for any
// other order.  NULL on error.
json_t *precedents_for(struct desk *desk, const json_t *state, const struct order *order, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Legal holds: what must be kept whatever retention says.
#ifndef STORE_HOLDS_H
#define STORE_HOLDS_H

#include <jansson.h>

#include "store/db.h"

// [{"subject","at","actor","why"}] of those that stand, oldest first: all when both are NULL, else those on `one` or
// `other` (case ids or principals).  New reference; NULL on error.
json_t *holds(struct db *db, const char *one, const char *other, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Cases that were taken over from a register kept elsewhere: which row each one was.
#ifndef STORE_IMPORTS_H
#define STORE_IMPORTS_H

#include <jansson.h>

#include "store/db.h"

// The case that a row of a register became, {"case"}; an empty object when it became none.  NULL on error.
json_t *import_find(struct db *db, const char *registry, const char *id, struct err *e);

// Adds "imported": {"register","source","row","id"} to a loaded case that was.
int import_put(struct db *db, const char *case_id, json_t *state, struct err *e);

// For apply_case.c: case.opened of an import carries such an "imported".
int import_add(struct db *db, const char *case_id, const json_t *imported, struct err *e);

#endif

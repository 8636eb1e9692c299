// SPDX-License-Identifier: Apache-2.0
// What an entry does to the projections: one function per entry type, and nothing else writes those tables.  It must
// depend on nothing but the entry and the tables, so that replaying the log gives the same tables.
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include <jansson.h>

#include "store/log.h"

// Applies one entry inside the open transaction.  An entry type that changes no projection is fine; an unknown one is
// EX_DATAERR.  Bodies are the bot's own work: a key that is missing counts as empty.  NULL: the body was erased.
int apply_entry(struct db *db, const struct entry *entry, const json_t *body, struct err *e);

#endif

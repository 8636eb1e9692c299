// SPDX-License-Identifier: Apache-2.0
// The projections: tables that follow from the log alone.  Comparing those that are held with those that a replay of
// the log gives.
#ifndef STORE_PROJECTION_H
#define STORE_PROJECTION_H

#include <stdint.h>

#include "store/db.h"

struct projection {
	const char *name; // of the table
	int keys;         // the first so many columns name a row and order the rows
	const char *rows; // all columns of all rows, in that order
};

// Ends with a NULL name.  The first is the schema itself: a trigger that was slipped in would write behind our back.
// The last is what full text search has indexed.
extern const struct projection projections[];

// The row that both sides must agree on comes from two queries of the same shape.  -1 with EX_DATAERR and the first
// difference ("vote: row seq=17 is not what the log says: verdict is 'approve', the log gives 'reject'").  `rows`
// grows by the rows that were compared.
int projection_compare(const struct projection *p, struct db *held, struct db *replayed, uint64_t *rows, struct err *e);

// Takes from a scratch database the indexes that only serve queries of the bot; after its schema was compared.
int projection_lighten(struct db *scratch, struct err *e);

// Makes the full text index of a connection readable row by row; before comparing the last projection.
int projection_prepare(struct db *db, struct err *e);

#endif

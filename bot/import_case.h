// SPDX-License-Identifier: Apache-2.0
// A row of a register as a case that was decided elsewhere (see bot/import_map.h for a row's shape).  Pure, like
// everything that decides.
#ifndef BOT_IMPORT_CASE_H
#define BOT_IMPORT_CASE_H

#include <jansson.h>
#include <stdint.h>

#include "bot/case.h"
#include "bot/licence.h"

// Where a row comes from.
struct import_origin {
	const char *registry; // what the register is called
	const char *source;   // name of its file
	int64_t row;          // in it, from 1
};

// Reads a row exactly: {"id","outcome","opened"?: date,"decided": date,"until"?: date,"decider"?,"text","facts":{},
// "words":{},"requester","requester_name","requester_address"}.  What is wrong is added to `problems`, as
// {"name","why"}; then what is returned is of no use.  New reference.
json_t *import_check(const struct rules *rules, const struct licences *licences, const json_t *row, int64_t now,
                     json_t *problems);

// case.opened, case.assessed and how it was decided, as case `number`, of a row that passed.  0, or -1 when the
// catalogue cannot judge it.  With d->order only actor and channel count.
int import_case(struct decision *d, const json_t *row, const struct import_origin *origin, int64_t number);

#endif

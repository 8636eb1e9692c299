// SPDX-License-Identifier: Apache-2.0
// How many entries of each type there are in a part of the log.
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include <jansson.h>
#include <stdint.h>

#include "store/db.h"

// {"vote.cast": 3, ...} of the entries from `from` up to but not `to`.  The sending of letters of the kind `quiet` is
// left out.  What was altered behind our back and is no JSON counts as "".  NULL on error.
json_t *log_tally(struct db *db, uint64_t from, uint64_t to, const char *quiet, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The part of `log verify` that looks at the working tables: they do not follow from the log, but what they refer to
// must be there.
#ifndef STORE_VERIFY_WORK_H
#define STORE_VERIFY_WORK_H

#include <stdint.h>

#include "store/db.h"

// -1 with EX_DATAERR naming the first row that is wrong; `rows` grows by the rows of these tables.  SQLite's own check
// of the file and its indexes is part of it.
int verify_work(struct db *db, uint64_t *rows, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Alarms that were raised.
#ifndef STORE_ALARMS_H
#define STORE_ALARMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

// The newest since then, at most `limit`, newest first: [{"code","sentence","at": ms}].
json_t *alarms_recent(struct db *db, int64_t since, int64_t limit, struct err *e);

// Was this one raised, in these words, since then?  1, 0 or -1.
int alarm_was_raised(struct db *db, const char *code, const char *text, int64_t since, struct err *e);

// Was it ever found, since it was last restored, that this log was altered or is not the one that replies speak of?  1,
// 0 or -1.
int alarms_of_another_log(struct db *db, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// All reply tokens' bindings, one after the other: for whoever holds the key and wants to see whether each is whole.
#ifndef STORE_SEALS_H
#define STORE_SEALS_H

#include <jansson.h>

#include "store/outbox.h"

// The binding with the lowest id above `after` (NULL: the first).  1; 0 when there is none; -1, with EX_DATAERR when
// the row cannot be one that we wrote.  Its texts belong to *holder (new reference).
int token_next(struct db *db, const uint8_t *after, struct token_row *out, json_t **holder, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// All reply tokens' bindings and all letters, one after the other: for whoever holds the key and wants to see whether
// each is whole.
#ifndef STORE_SEALS_H
#define STORE_SEALS_H

#include <jansson.h>

#include "store/outbox.h"

// The binding with the lowest id above `after` (NULL: the first).  1; 0 when there is none; -1, with EX_DATAERR when
// the row cannot be one that we wrote.  Its texts belong to *holder (new reference).
int token_next(struct db *db, const uint8_t *after, struct token_row *out, json_t **holder, struct err *e);

struct sealed_letter {
	int64_t id;
	struct digest what; // of all in it that never changes: not state, tries, next, problem
	bool has_seal;
	uint8_t seal[TOKEN_SEAL_SIZE];
};

// The letter with the lowest id above `after`; 1, 0 when there is none, -1.
int letter_as_written(struct db *db, int64_t after, struct sealed_letter *out, struct err *e);
int letter_put_seal(struct db *db, int64_t letter, const uint8_t seal[TOKEN_SEAL_SIZE], struct err *e);

// The newest letter's id, 0 when there is none.
int letter_last(struct db *db, int64_t *id, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Every letter is sealed in the transaction that writes it, and does not go out when it is not as it was sealed.
#ifndef BOT_LETTER_SEALS_H
#define BOT_LETTER_SEALS_H

#include <stdint.h>

#include "base/err.h"

struct desk;

// Right after a transaction began, and before it is committed: seals what was written between the two.  What somebody
// else slipped in before is not ours, and stays without.
int letter_seals_begin(struct desk *desk, int64_t *last, struct err *e);
int letter_seals_make(struct desk *desk, int64_t last, struct err *e);

// -1 with EX_DATAERR when the letter is not what was sealed.
int letter_seal_check(struct desk *desk, int64_t letter, struct err *e);

#endif

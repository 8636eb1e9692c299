// SPDX-License-Identifier: Apache-2.0
// The receipts that letters bring: by mail attached to the letter that says "recorded", in Slack a file below it, which
// is a letter of its own.
#ifndef BOT_RECEIPT_LETTER_H
#define BOT_RECEIPT_LETTER_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct serve;

#define RECORDED_LETTER "recorded"
#define RECEIPT_LETTER "receipt"

// "CS-142 entry 1234 receipt.txt"; the caller frees.
char *receipt_name(const char *case_id, int64_t entry);

// The receipt of the entry that such a letter (outbox_get()) tells of.  EX_TEMPFAIL while the signer has not said with
// which key it signs.  The caller frees.
char *receipt_of_letter(const struct serve *s, const json_t *row, struct err *e);

#endif

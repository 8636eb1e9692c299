// SPDX-License-Identifier: Apache-2.0
#include "bot/receipt_letter.h"

#include "base/json.h"
#include "base/text.h"
#include "bot/receipt.h"
#include "bot/serve.h"

char *receipt_name(const char *case_id, int64_t entry)
{
	return text_format("%s entry %lld receipt.txt", case_id, (long long)entry);
}

char *receipt_of_letter(const struct serve *s, const json_t *row, struct err *e)
{
	if (!s->signer || !s->signing.known) {
		err_set(e, EX_TEMPFAIL, "the signer has not said yet which key it has");
		return NULL;
	}
	return receipt_make(s->desk.db, (uint64_t)json_int(json_obj(row, "model"), "entry"), &s->signing.key, e);
}

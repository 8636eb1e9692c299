// SPDX-License-Identifier: Apache-2.0
#include "bot/letter_seals.h"

#include "bot/desk.h"
#include "bot/token.h"
#include "store/seals.h"

_Static_assert(TOKEN_SEAL == TOKEN_SEAL_SIZE, "store and bot agree on a seal's size");

int letter_seals_begin(struct desk *desk, int64_t *last, struct err *e)
{
	return letter_last(desk->db, last, e);
}

int letter_seals_make(struct desk *desk, int64_t last, struct err *e)
{
	for (;;) {
		struct sealed_letter letter;
		int found = letter_as_written(desk->db, last, &letter, e);

		if (found <= 0)
			return found;
		letter_seal(&desk->keys, &letter.what, letter.seal);
		if (letter_put_seal(desk->db, letter.id, letter.seal, e) < 0)
			return -1;
		last = letter.id;
	}
}

int letter_seal_check(struct desk *desk, int64_t id, struct err *e)
{
	struct sealed_letter letter;
	int found = letter_as_written(desk->db, id - 1, &letter, e);

	if (found < 0)
		return -1;
	if (!found || letter.id != id || !letter.has_seal || !letter_sealed(&desk->keys, &letter.what, letter.seal))
		return err_set(
		        e, EX_DATAERR,
		        "letter %lld is not as it was written: it was altered in the database, and does not go out",
		        (long long)id);
	return 0;
}

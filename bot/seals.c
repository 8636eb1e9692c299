// SPDX-License-Identifier: Apache-2.0
#include "bot/seals.h"

#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/secret.h"
#include "bot/binding.h"
#include "bot/config.h"
#include "store/seals.h"

static bool has_key(const struct token_keys *keys, uint8_t id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return true;
	return false;
}

static int check_all(const struct desk *desk, uint64_t *unknown, struct err *e)
{
	char hex[2 * TOKEN_ID_SIZE + 1];
	uint8_t last[TOKEN_ID_SIZE];
	const uint8_t *after = NULL;

	for (;;) {
		_json_ json_t *holder = NULL;
		struct token_row row;
		int found = token_next(desk->db, after, &row, &holder, e);

		if (found <= 0)
			return found;
		if (!has_key(&desk->keys, row.seal[0]))
			(*unknown)++;
		else if (!binding_whole(desk, &row))
			return err_set(e, EX_DATAERR, "token: row id=%s is not what was sealed: it was altered",
			               hex_encode(row.id, TOKEN_ID_SIZE, hex));
		memcpy(last, row.id, sizeof last);
		after = last;
	}
}

static int check_letters(const struct desk *desk, uint64_t *unknown, struct err *e)
{
	struct sealed_letter letter = { 0 };
	int found;

	while ((found = letter_as_written(desk->db, letter.id, &letter, e)) > 0) {
		if (!letter.has_seal)
			return err_set(e, EX_DATAERR, "outbox: row id=%lld is not sealed: it was slipped in",
			               (long long)letter.id);
		if (!has_key(&desk->keys, letter.seal[0]))
			(*unknown)++;
		else if (!letter_sealed(&desk->keys, &letter.what, letter.seal))
			return err_set(e, EX_DATAERR, "outbox: row id=%lld is not what was sealed: it was altered",
			               (long long)letter.id);
	}
	return found;
}

int seals_check(const struct config *config, uint64_t *unknown, struct err *e)
{
	_secret_ char *text = secret_load(config->token_key, config->dir, NULL, e);
	_db_ struct db *db = text ? db_open(config->state, DB_READ, e) : NULL;
	struct desk desk = { .db = db };
	int result;

	*unknown = 0;
	if (!db || token_keys_read(text, &desk.keys, e) < 0) {
		e->code = e->code == EX_DATAERR ? EX_CONFIG : e->code; // a finding is something else
		return err_prefix(e, "the seals of reply tokens were not looked at");
	}
	result = check_all(&desk, unknown, e) < 0 || check_letters(&desk, unknown, e) < 0 ? -1 : 0;
	explicit_bzero(&desk.keys, sizeof desk.keys);
	return result;
}

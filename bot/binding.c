// SPDX-License-Identifier: Apache-2.0
#include "bot/binding.h"

_Static_assert(TOKEN_SEAL == TOKEN_SEAL_SIZE && TOKEN_ID == TOKEN_ID_SIZE, "store and bot agree on a token's sizes");

static struct token_binding binding_of(const struct token_row *row)
{
	return (struct token_binding){
		.purpose = (uint8_t)row->purpose,
		.case_id = row->case_id,
		.version = (uint32_t)row->version,
		.content = row->content,
		.principal = row->principal,
		.address = row->address,
		.expires = row->expires,
	};
}

void binding_seal(const struct desk *desk, struct token_row *row)
{
	struct token_binding binding = binding_of(row);

	token_seal(&desk->keys, row->id, &binding, row->seal);
}

bool binding_whole(const struct desk *desk, const struct token_row *row)
{
	struct token_binding binding = binding_of(row);

	return token_sealed(&desk->keys, row->id, &binding, row->seal);
}

void binding_mint(const struct desk *desk, const struct token_row *row, char out[TOKEN_TEXT])
{
	struct token_binding binding = binding_of(row);

	token_mint(&desk->keys, row->id, &binding, out);
}

bool binding_matches(const struct desk *desk, const struct token_row *row, const struct token *token)
{
	struct token_binding binding = binding_of(row);

	return token_matches(&desk->keys, token, &binding);
}

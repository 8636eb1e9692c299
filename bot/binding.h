// SPDX-License-Identifier: Apache-2.0
// What a reply token is bound to, as its row in the database says it: sealed when it is written, believed only while
// the seal is whole.
#ifndef BOT_BINDING_H
#define BOT_BINDING_H

#include <stdbool.h>

#include "bot/desk.h"
#include "bot/token.h"
#include "store/outbox.h"

void binding_seal(const struct desk *desk, struct token_row *row);

// False for a row that was made, copied or edited by hand, or whose key is gone from the configuration.
bool binding_whole(const struct desk *desk, const struct token_row *row);

// The token for it.  Only of a row that is whole.
void binding_mint(const struct desk *desk, const struct token_row *row, char out[TOKEN_TEXT]);
bool binding_matches(const struct desk *desk, const struct token_row *row, const struct token *token);

#endif

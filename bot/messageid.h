// SPDX-License-Identifier: Apache-2.0
// Our Message-IDs carry a log head (DESIGN 8), <cs1.SIZE.ROOT.TOKENID.MAC@domain>: a reply brings it back in
// In-Reply-To or References, and the caller compares it with the log as it is now.
#ifndef BOT_MESSAGEID_H
#define BOT_MESSAGEID_H

#include <stddef.h>
#include <stdint.h>

#include "bot/token.h"

#define MESSAGE_ID_TEXT 160
#define ANCHOR_ROOT 10 // bytes of the root that are carried

// With the angle brackets.  `size` is the log's, `root` its root hash, `tid` the token id (zeros when there is none).
// Panics when the domain is longer than 80 bytes.
void message_id_make(const struct token_keys *keys, uint64_t size, const uint8_t root[DIGEST_SIZE],
                     const uint8_t tid[TOKEN_ID], const char *domain, char out[MESSAGE_ID_TEXT]);

enum anchor {
	ANCHOR_FOREIGN, // not of our form
	ANCHOR_BAD_MAC, // of our form, but none of our keys made it
	ANCHOR_OK,
};

// `id` as in the header, with or without angle brackets.  The outputs are set with ANCHOR_OK only.
enum anchor message_id_read(const struct token_keys *keys, const char *id, uint64_t *size, uint8_t root10[ANCHOR_ROOT],
                            uint8_t tid[TOKEN_ID]);

#endif

// SPDX-License-Identifier: Apache-2.0
// Reply tokens (DESIGN 8): 25 bytes in 40 characters that travel as the tag of a mail address.  A token proves only
// that we made it for this binding; that it is unused, unexpired and sent by the right person is for the caller to see.
#ifndef BOT_TOKEN_H
#define BOT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

#define TOKEN_TEXT 41 // with its NUL
#define TOKEN_ID 8
#define TOKEN_KEY 32
#define TOKEN_KEYS 16

// keys[0] signs; the others are retired: what they signed is still known.
struct token_keys {
	struct {
		uint8_t id; // 0..15
		uint8_t key[TOKEN_KEY];
	} keys[TOKEN_KEYS];
	size_t count;
};

// Reads lines "ID HEX64" (ID 0..15, each once; blank lines and lines that begin with # are skipped); the first is
// current. 0, or -1 naming the line; the sentence never holds a key.
int token_keys_read(const char *text, struct token_keys *out, struct err *e);

enum { TOKEN_DECIDE = 1, TOKEN_TALK = 2 }; // purposes

// What a token is bound to.  `address` may be of any case; it is bound in its normal form (bot/address.h).
struct token_binding {
	uint8_t purpose;
	const char *case_id;
	uint32_t version;
	struct digest content; // hash of the case version
	const char *principal; // "person:bo"
	const char *address;
	int64_t expires; // seconds since 1970
};

struct token {
	uint8_t key_id;
	uint8_t id[TOKEN_ID];
	uint8_t mac[16];
};

void token_mint(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                char out[TOKEN_TEXT]);

// Exactly 40 characters of our version; folds case, o to 0, i and l to 1.  0, or -1.
int token_decode(const char *text, size_t len, struct token *out);

// Was it made by one of our keys for this binding?  Compares in constant time; an unknown key id is false.
bool token_matches(const struct token_keys *keys, const struct token *token, const struct token_binding *binding);

// Shows that we wrote a binding; kept beside it in the database.  The same MAC under another label: reading it mints no
// token, and a row that was made, copied or edited by hand does not have it.
#define TOKEN_SEAL 17 // key id, 16 bytes

void token_seal(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                uint8_t out[TOKEN_SEAL]);
// False too when its key is gone from the configuration.
bool token_sealed(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                  const uint8_t seal[TOKEN_SEAL]);

// The same for a letter (store/seals.h): `what` is the hash of all in it that never changes.
void letter_seal(const struct token_keys *keys, const struct digest *what, uint8_t out[TOKEN_SEAL]);
bool letter_sealed(const struct token_keys *keys, const struct digest *what, const uint8_t seal[TOKEN_SEAL]);

// Looks for a token in an address of the form licensing+TOKEN@example.com, where licensing@example.com is `mailbox`.
//   1  it has one; `out` holds it in its normal spelling
//   0  the mailbox itself, or another address
//  -1  the mailbox with a tag that is not a token
int token_in_address(const char *address, const char *mailbox, char out[TOKEN_TEXT]);

// "licensing+TOKEN@example.com"; panics when `size` is too small or `mailbox` has no @.
void token_address(const char *mailbox, const char *token, char *out, size_t size);

#endif

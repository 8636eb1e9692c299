// SPDX-License-Identifier: Apache-2.0
#include "bot/token.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/text.h"
#include "bot/address.h"

#define FORMAT_VERSION 1
#define BYTES 25
#define LONGEST 255 // bytes of one text in the MAC's input; a longer one is bound by its hash

// --- keys ---

static int read_id(const char *line, const char **rest)
{
	int id = 0, digits = 0;

	for (; text_is_digit(*line) && digits < 3; line++, digits++)
		id = id * 10 + (*line - '0');
	*rest = line;
	return digits && id < TOKEN_KEYS && text_is_space(*line) ? id : -1;
}

static const uint8_t *find_key(const struct token_keys *keys, uint8_t id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return keys->keys[i].key;
	return NULL;
}

static int read_line(char *line, size_t number, struct token_keys *out, struct err *e)
{
	const char *rest;
	int id;

	line = text_trim(line);
	if (!*line || *line == '#')
		return 0;
	id = read_id(line, &rest);
	if (id < 0)
		return err_set(e, EX_CONFIG, "token keys, line %zu: it must begin with a key id of 0 to 15 and a blank",
		               number);
	// Each id once, so there is always room for sixteen.
	if (find_key(out, (uint8_t)id))
		return err_set(e, EX_CONFIG, "token keys, line %zu: key id %d stands there twice", number, id);
	while (text_is_space(*rest))
		rest++;
	if (hex_decode(rest, out->keys[out->count].key, TOKEN_KEY) < 0)
		return err_set(e, EX_CONFIG, "token keys, line %zu: key %d must be 64 hexadecimal digits", number, id);
	out->keys[out->count++].id = (uint8_t)id;
	return 0;
}

int token_keys_read(const char *text, struct token_keys *out, struct err *e)
{
	char line[256];

	memset(out, 0, sizeof *out);
	for (size_t number = 1; *text; number++) {
		size_t len = strcspn(text, "\n");
		int status;

		if (len >= sizeof line)
			return err_set(e, EX_CONFIG, "token keys, line %zu: it is too long", number);
		memcpy(line, text, len);
		line[len] = '\0';
		status = read_line(line, number, out, e);
		OPENSSL_cleanse(line, sizeof line);
		if (status < 0)
			return -1;
		text += len + (text[len] == '\n');
	}
	if (out->count == 0)
		return err_set(e, EX_CONFIG, "token keys: there is none; a line is an id and 64 hexadecimal digits");
	return 0;
}

// --- the MAC ---

struct input {
	uint8_t bytes[1024];
	size_t len;
};

static void put(struct input *in, const void *bytes, size_t len)
{
	memcpy(in->bytes + in->len, bytes, len);
	in->len += len;
}

static void put_number(struct input *in, uint64_t value, size_t width)
{
	for (size_t i = width; i-- > 0;)
		in->bytes[in->len++] = (uint8_t)(value >> (8 * i));
}

// A text with its length before it, so that no two bindings have the same input.
static void put_text(struct input *in, const char *text)
{
	size_t len = strlen(text);
	char hex[2 * DIGEST_SIZE + 1];

	if (len > LONGEST) {
		struct digest hash = sha256_of(text, len);

		text = hex_encode(hash.bytes, sizeof hash.bytes, hex);
		len = strlen(text);
		put_number(in, 0x8000 | len, 2); // not the length of any text that stands for itself
	} else {
		put_number(in, len, 2);
	}
	put(in, text, len);
}

#define REPLY "countersign/reply/v1" // the NULs are hashed
#define SEAL "countersign/binding/v1"

static struct digest mac_of(const uint8_t key[TOKEN_KEY], const char *label, uint8_t first, const uint8_t id[TOKEN_ID],
                            const struct token_binding *b)
{
	struct input in = { .len = 0 };
	_free_ char *address = address_normal(b->address);

	put(&in, label, strlen(label) + 1);
	put_number(&in, first, 1);
	put(&in, id, TOKEN_ID);
	put_number(&in, b->purpose, 1);
	put_text(&in, b->case_id);
	put_number(&in, b->version, 4);
	put(&in, b->content.bytes, DIGEST_SIZE);
	put_text(&in, b->principal);
	put_text(&in, address);
	put_number(&in, (uint64_t)b->expires, 8);
	return hmac_sha256(key, TOKEN_KEY, &(struct piece){ in.bytes, in.len }, 1);
}

static uint8_t first_byte(uint8_t key_id)
{
	return (uint8_t)(FORMAT_VERSION << 4 | key_id);
}

// --- tokens ---

static void encode(const struct token *token, char out[TOKEN_TEXT])
{
	uint8_t bytes[BYTES];

	bytes[0] = first_byte(token->key_id);
	memcpy(bytes + 1, token->id, TOKEN_ID);
	memcpy(bytes + 1 + TOKEN_ID, token->mac, sizeof token->mac);
	base32_encode(bytes, sizeof bytes, out);
}

void token_mint(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                char out[TOKEN_TEXT])
{
	struct token token;
	struct digest mac;

	if (keys->count == 0)
		panic("there is no token key");
	token.key_id = keys->keys[0].id;
	memcpy(token.id, id, TOKEN_ID);
	mac = mac_of(keys->keys[0].key, REPLY, first_byte(token.key_id), id, binding);
	memcpy(token.mac, mac.bytes, sizeof token.mac);
	encode(&token, out);
}

int token_decode(const char *text, size_t len, struct token *out)
{
	uint8_t bytes[BYTES];

	if (base32_decode(text, len, bytes, sizeof bytes) < 0 || bytes[0] >> 4 != FORMAT_VERSION)
		return -1;
	out->key_id = bytes[0] & 15;
	memcpy(out->id, bytes + 1, TOKEN_ID);
	memcpy(out->mac, bytes + 1 + TOKEN_ID, sizeof out->mac);
	return 0;
}

bool token_matches(const struct token_keys *keys, const struct token *token, const struct token_binding *binding)
{
	const uint8_t *key = find_key(keys, token->key_id);
	struct digest mac;

	if (!key)
		return false;
	mac = mac_of(key, REPLY, first_byte(token->key_id), token->id, binding);
	return CRYPTO_memcmp(mac.bytes, token->mac, sizeof token->mac) == 0;
}

static void seal_with(const uint8_t *key, uint8_t key_id, const uint8_t id[TOKEN_ID],
                      const struct token_binding *binding, uint8_t out[TOKEN_SEAL])
{
	struct digest mac = mac_of(key, SEAL, first_byte(key_id), id, binding);

	out[0] = key_id;
	memcpy(out + 1, mac.bytes, TOKEN_SEAL - 1);
}

void token_seal(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                uint8_t out[TOKEN_SEAL])
{
	if (keys->count == 0)
		panic("there is no token key");
	seal_with(keys->keys[0].key, keys->keys[0].id, id, binding, out);
}

bool token_sealed(const struct token_keys *keys, const uint8_t id[TOKEN_ID], const struct token_binding *binding,
                  const uint8_t seal[TOKEN_SEAL])
{
	const uint8_t *key = find_key(keys, seal[0]);
	uint8_t ours[TOKEN_SEAL];

	if (!key)
		return false;
	seal_with(key, seal[0], id, binding, ours);
	return CRYPTO_memcmp(ours, seal, TOKEN_SEAL) == 0;
}

#define LETTER "countersign/letter/v1" // as above

static void seal_letter_with(const uint8_t *key, uint8_t key_id, const struct digest *what, uint8_t out[TOKEN_SEAL])
{
	struct piece input[] = { { LETTER, sizeof LETTER }, { &key_id, 1 }, { what->bytes, DIGEST_SIZE } };
	struct digest mac = hmac_sha256(key, TOKEN_KEY, input, LENGTH(input));

	out[0] = key_id;
	memcpy(out + 1, mac.bytes, TOKEN_SEAL - 1);
}

void letter_seal(const struct token_keys *keys, const struct digest *what, uint8_t out[TOKEN_SEAL])
{
	if (keys->count == 0)
		panic("there is no token key");
	seal_letter_with(keys->keys[0].key, keys->keys[0].id, what, out);
}

bool letter_sealed(const struct token_keys *keys, const struct digest *what, const uint8_t seal[TOKEN_SEAL])
{
	const uint8_t *key = find_key(keys, seal[0]);
	uint8_t ours[TOKEN_SEAL];

	if (!key)
		return false;
	seal_letter_with(key, seal[0], what, ours);
	return CRYPTO_memcmp(ours, seal, TOKEN_SEAL) == 0;
}

int token_in_address(const char *address, const char *mailbox, char out[TOKEN_TEXT])
{
	const char *at = strrchr(mailbox, '@'), *domain = strrchr(address, '@'), *tag;
	size_t local = at ? (size_t)(at - mailbox) : 0;
	_free_ char *name = text_copy_n(mailbox, local);
	struct token token;

	if (!at || !domain || !text_same(domain, at) || (size_t)(domain - address) <= local ||
	    !text_starts_fold(address, name))
		return 0;
	tag = address + local;
	if (*tag++ != '+')
		return 0;
	if (token_decode(tag, (size_t)(domain - tag), &token) < 0)
		return -1;
	encode(&token, out);
	return 1;
}

void token_address(const char *mailbox, const char *token, char *out, size_t size)
{
	const char *at = strrchr(mailbox, '@');
	int len;

	if (!at)
		panic("%s is not a mailbox", mailbox);
	len = snprintf(out, size, "%.*s+%s%s", (int)(at - mailbox), mailbox, token, at);
	if (len < 0 || (size_t)len >= size)
		panic("the address of %s with a token takes more than %zu bytes", mailbox, size);
}

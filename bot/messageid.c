// SPDX-License-Identifier: Apache-2.0
#include "bot/messageid.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

#define MAC 10
#define DOMAIN_MAX 80

static struct digest mac_of(const uint8_t key[TOKEN_KEY], uint64_t size, const uint8_t root10[ANCHOR_ROOT],
                            const uint8_t tid[TOKEN_ID])
{
	static const char label[] = "countersign/mid/v1"; // its NUL is hashed
	uint8_t number[8];

	for (int i = 0; i < 8; i++)
		number[i] = (uint8_t)(size >> (56 - 8 * i));
	return hmac_sha256(key, TOKEN_KEY,
	                   (struct piece[]){ { label, sizeof label },
	                                     { number, sizeof number },
	                                     { root10, ANCHOR_ROOT },
	                                     { tid, TOKEN_ID } },
	                   4);
}

void message_id_make(const struct token_keys *keys, uint64_t size, const uint8_t root[DIGEST_SIZE],
                     const uint8_t tid[TOKEN_ID], const char *domain, char out[MESSAGE_ID_TEXT])
{
	char root_text[17], tid_text[2 * TOKEN_ID + 1], mac_text[17];
	struct digest mac;

	if (keys->count == 0)
		panic("there is no token key");
	if (strlen(domain) > DOMAIN_MAX)
		panic("the domain of our Message-IDs is longer than %d bytes", DOMAIN_MAX);
	mac = mac_of(keys->keys[0].key, size, root, tid);
	snprintf(out, MESSAGE_ID_TEXT, "<cs1.%llu.%s.%s.%s@%s>", (unsigned long long)size,
	         base32_encode(root, ANCHOR_ROOT, root_text), hex_encode(tid, TOKEN_ID, tid_text),
	         base32_encode(mac.bytes, MAC, mac_text), domain);
}

// Takes the part up to the next `end` and steps over it; false when it does not fit or there is no such end.
static bool take(const char **p, char end, char *out, size_t room)
{
	const char *stop = strchr(*p, end);

	if (!stop || stop == *p || (size_t)(stop - *p) >= room)
		return false;
	memcpy(out, *p, (size_t)(stop - *p));
	out[stop - *p] = '\0';
	*p = stop + 1;
	return true;
}

// Decimal, no zero first: one log size has one spelling.
static bool read_size(const char *text, uint64_t *size)
{
	*size = 0;
	if (text[0] == '0' && text[1])
		return false;
	for (; text_is_digit(*text); text++)
		*size = *size * 10 + (uint64_t)(*text - '0');
	return !*text;
}

enum anchor message_id_read(const struct token_keys *keys, const char *id, uint64_t *size, uint8_t root10[ANCHOR_ROOT],
                            uint8_t tid[TOKEN_ID])
{
	char size_text[19], root_text[17], tid_text[2 * TOKEN_ID + 1], mac_text[17];
	uint8_t mac[MAC], root_bytes[ANCHOR_ROOT], tid_bytes[TOKEN_ID];
	uint64_t number;

	id += *id == '<';
	if (!text_starts_fold(id, "cs1."))
		return ANCHOR_FOREIGN;
	id += 4;
	if (!take(&id, '.', size_text, sizeof size_text) || !take(&id, '.', root_text, sizeof root_text) ||
	    !take(&id, '.', tid_text, sizeof tid_text) || !take(&id, '@', mac_text, sizeof mac_text) || !*id)
		return ANCHOR_FOREIGN;
	if (!read_size(size_text, &number) ||
	    base32_decode(root_text, strlen(root_text), root_bytes, ANCHOR_ROOT) < 0 ||
	    hex_decode(tid_text, tid_bytes, TOKEN_ID) < 0 || base32_decode(mac_text, strlen(mac_text), mac, MAC) < 0)
		return ANCHOR_FOREIGN;
	for (size_t i = 0; i < keys->count; i++) {
		struct digest right = mac_of(keys->keys[i].key, number, root_bytes, tid_bytes);

		if (CRYPTO_memcmp(right.bytes, mac, MAC) != 0)
			continue;
		*size = number;
		memcpy(root10, root_bytes, ANCHOR_ROOT);
		memcpy(tid, tid_bytes, TOKEN_ID);
		return ANCHOR_OK;
	}
	return ANCHOR_BAD_MAC;
}

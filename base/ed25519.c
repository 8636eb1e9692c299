// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include <openssl/evp.h>

#include "base/auto.h"
#include "base/err.h"

static void free_pkey(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_md(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

bool ed25519_verify(const uint8_t public[ED25519_KEY], const void *text, size_t len,
                    const uint8_t signature[ED25519_SIGNATURE])
{
	_cleanup_(free_pkey) EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, ED25519_KEY);
	_cleanup_(free_md) EVP_MD_CTX *context = EVP_MD_CTX_new();

	return key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(context, signature, ED25519_SIGNATURE, text, len) == 1;
}

void ed25519_sign(const uint8_t seed[ED25519_KEY], const void *text, size_t len, uint8_t out[ED25519_SIGNATURE])
{
	_cleanup_(free_pkey) EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_KEY);
	_cleanup_(free_md) EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t out_len = ED25519_SIGNATURE;

	if (!key || !context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, out, &out_len, text, len) != 1)
		panic("Ed25519 failed");
}

void ed25519_public(const uint8_t seed[ED25519_KEY], uint8_t out[ED25519_KEY])
{
	_cleanup_(free_pkey) EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_KEY);
	size_t len = ED25519_KEY;

	if (!key || EVP_PKEY_get_raw_public_key(key, out, &len) != 1)
		panic("Ed25519 failed");
}

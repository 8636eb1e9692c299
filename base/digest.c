// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

// OpenSSL 3 looks an algorithm up by name at every EVP_sha256() use; fetched once it is five times as fast.
static const EVP_MD *sha256_md(void)
{
	static EVP_MD *md;

	if (!md)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!md)
		panic("libcrypto has no SHA-256");
	return md;
}

struct digest sha256(const struct piece *pieces, size_t count)
{
	static EVP_MD_CTX *context; // one thread; saves an allocation per hash
	struct digest out;

	if (!context)
		context = EVP_MD_CTX_new();
	if (!context || !EVP_DigestInit_ex(context, sha256_md(), NULL))
		panic("SHA-256 did not start");
	for (size_t i = 0; i < count; i++)
		if (!EVP_DigestUpdate(context, pieces[i].data, pieces[i].len))
			panic("SHA-256 failed");
	if (!EVP_DigestFinal_ex(context, out.bytes, NULL))
		panic("SHA-256 failed");
	return out;
}

struct digest sha256_of(const void *data, size_t len)
{
	return sha256(&(struct piece){ data, len }, 1);
}

struct hashing {
	EVP_MD_CTX *context;
};

struct hashing *hashing_begin(void)
{
	struct hashing *h = malloc(sizeof *h);

	if (!h || !(h->context = EVP_MD_CTX_new()) || !EVP_DigestInit_ex(h->context, sha256_md(), NULL))
		panic("SHA-256 did not start");
	return h;
}

void hashing_add(struct hashing *h, const void *data, size_t len)
{
	if (!EVP_DigestUpdate(h->context, data, len))
		panic("SHA-256 failed");
}

struct digest hashing_end(struct hashing *h)
{
	struct digest out;

	if (!EVP_DigestFinal_ex(h->context, out.bytes, NULL))
		panic("SHA-256 failed");
	return out;
}

void hashing_free(struct hashing **h)
{
	if (*h)
		EVP_MD_CTX_free((*h)->context);
	free(*h);
	*h = NULL;
}

struct digest hmac_sha256(const void *key, size_t key_len, const struct piece *pieces, size_t count)
{
	uint8_t message[1024];
	size_t len = 0;
	struct digest out;

	for (size_t i = 0; i < count; i++) {
		if (pieces[i].len > sizeof message - len)
			panic("hmac_sha256: %zu bytes are too many", len + pieces[i].len);
		memcpy(message + len, pieces[i].data, pieces[i].len);
		len += pieces[i].len;
	}
	if (!HMAC(sha256_md(), key, (int)key_len, message, len, out.bytes, NULL))
		panic("HMAC failed");
	return out;
}

static struct digest commitment(struct piece label, const uint8_t *salt, const void *bytes, size_t len)
{
	return sha256((struct piece[]){ label, { salt, SALT_SIZE }, { bytes, len } }, 3);
}

struct digest body_commitment(const uint8_t salt[SALT_SIZE], const void *body, size_t len)
{
	return commitment(PIECE("countersign/body/v1\n"), salt, body, len);
}

struct digest evidence_commitment(const uint8_t salt[SALT_SIZE], const void *bytes, size_t len)
{
	return commitment(PIECE("countersign/evidence/v1\n"), salt, bytes, len);
}

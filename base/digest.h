// SPDX-License-Identifier: Apache-2.0
// SHA-256, HMAC-SHA-256 and random bytes, by libcrypto.  These cannot fail for reasons a caller could handle: if
// libcrypto says no, the process stops.
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32
#define SALT_SIZE 32

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

// One piece of what is hashed; pieces are hashed as if they stood one after the other.
struct piece {
	const void *data;
	size_t len;
};
#define PIECE(text) ((struct piece){ (text), sizeof(text) - 1 })

struct digest sha256(const struct piece *pieces, size_t count);
struct digest sha256_of(const void *data, size_t len);

// The same for what comes in parts; panics when memory runs out.
struct hashing;
struct hashing *hashing_begin(void);
void hashing_add(struct hashing *h, const void *data, size_t len);
struct digest hashing_end(struct hashing *h); // then only freed
void hashing_free(struct hashing **h);

// The pieces may come to 1024 bytes together.
struct digest hmac_sha256(const void *key, size_t key_len, const struct piece *pieces, size_t count);

// Commitments (DESIGN 3): SHA-256 over a label, a random salt and the bytes, so that bytes and salt may be erased
// while the commitment stays and tells nothing.
struct digest body_commitment(const uint8_t salt[SALT_SIZE], const void *body, size_t len);
struct digest evidence_commitment(const uint8_t salt[SALT_SIZE], const void *bytes, size_t len);

#endif

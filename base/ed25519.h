// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032) by libcrypto, for base/note.c.  Like the digests, signing cannot fail for reasons that a caller
// could handle.
#ifndef BASE_ED25519_H
#define BASE_ED25519_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ED25519_KEY 32 // bytes, of a seed and of a public key
#define ED25519_SIGNATURE 64

void ed25519_public(const uint8_t seed[ED25519_KEY], uint8_t out[ED25519_KEY]);
void ed25519_sign(const uint8_t seed[ED25519_KEY], const void *text, size_t len, uint8_t out[ED25519_SIGNATURE]);
bool ed25519_verify(const uint8_t public[ED25519_KEY], const void *text, size_t len,
                    const uint8_t signature[ED25519_SIGNATURE]);

#endif

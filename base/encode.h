// SPDX-License-Identifier: Apache-2.0
// Bytes as text: hexadecimal, Crockford's base32 (reply tokens, Message-IDs), base64 (RFC 4648 section 4).
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include <stddef.h>
#include <stdint.h>

// Lower-case hexadecimal of `len` bytes into out[2 * len + 1]; returns out.
char *hex_encode(const void *bytes, size_t len, char *out);
// Exactly 2 * len digits of either case into out[len]; 0, or -1 when the text is anything else.
int hex_decode(const char *text, void *out, size_t len);

// Lower-case Crockford base32 without padding; `len` must be a multiple of 5; out[len / 5 * 8 + 1].
char *base32_encode(const void *bytes, size_t len, char *out);
// Exactly len / 5 * 8 characters; folds case, o to 0, i and l to 1; 0, or -1 when the text is anything else.
int base32_decode(const char *text, size_t text_len, void *out, size_t len);

// Base64 with padding; the caller frees.
char *base64_encode(const void *bytes, size_t len);
// The one right spelling only (padding, no other characters, no stray bits).  At most `room` bytes; how many, or -1.
long base64_decode(const char *text, size_t text_len, void *out, size_t room);

#endif

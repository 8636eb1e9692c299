// SPDX-License-Identifier: Apache-2.0
#include "base/encode.h"

#include <string.h>

char *hex_encode(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, void *out, size_t len)
{
	uint8_t *bytes = out;

	if (strlen(text) != 2 * len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

char *base32_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;
	char *to = out;

	for (size_t i = 0; i + 5 <= len; i += 5) {
		uint64_t group = 0;

		for (size_t k = 0; k < 5; k++)
			group = group << 8 | in[i + k];
		for (int shift = 35; shift >= 0; shift -= 5)
			*to++ = crockford[group >> shift & 31];
	}
	*to = '\0';
	return out;
}

// ASCII only, whatever the locale: a Turkish one must not decide what an I is.
static int base32_digit(char c)
{
	const char *at;

	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		c = '0';
	if (c == 'i' || c == 'l')
		c = '1';
	at = c ? strchr(crockford, c) : NULL;
	return at ? (int)(at - crockford) : -1;
}

int base32_decode(const char *text, size_t text_len, void *out, size_t len)
{
	uint8_t *to = out;

	if (len % 5 || text_len != len / 5 * 8)
		return -1;
	for (size_t i = 0; i < text_len; i += 8) {
		uint64_t group = 0;

		for (size_t k = 0; k < 8; k++) {
			int digit = base32_digit(text[i + k]);

			if (digit < 0)
				return -1;
			group = group << 5 | (uint64_t)digit;
		}
		for (int shift = 32; shift >= 0; shift -= 8)
			*to++ = (uint8_t)(group >> shift);
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

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

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// By hand, not by libcrypto: what else this file encodes is used by programs that do not load it.
char *base64_encode(const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	char *text = malloc((len + 2) / 3 * 4 + 1), *to = text;

	if (!text)
		panic("out of memory");
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned group = (unsigned)in[i] << 16;

		if (left > 1)
			group |= (unsigned)in[i + 1] << 8;
		if (left > 2)
			group |= in[i + 2];
		*to++ = base64_digits[group >> 18];
		*to++ = base64_digits[group >> 12 & 63];
		*to++ = left > 1 ? base64_digits[group >> 6 & 63] : '=';
		*to++ = left > 2 ? base64_digits[group & 63] : '=';
	}
	*to = '\0';
	return text;
}

static int base64_digit(char c)
{
	const char *at = c ? strchr(base64_digits, c) : NULL;

	return at ? (int)(at - base64_digits) : -1;
}

long base64_decode(const char *text, size_t text_len, void *out, size_t room)
{
	uint8_t *to = out;
	size_t padding = 0, len, at = 0;

	if (text_len % 4)
		return -1;
	if (text_len && text[text_len - 1] == '=')
		padding = text[text_len - 2] == '=' ? 2 : 1;
	len = text_len / 4 * 3 - padding;
	if (len > room)
		return -1;
	for (size_t i = 0; i < text_len; i += 4) {
		unsigned group = 0;

		for (size_t k = i; k < i + 4; k++) {
			int digit = k < text_len - padding ? base64_digit(text[k]) : 0;

			if (digit < 0)
				return -1;
			group = group << 6 | (unsigned)digit;
		}
		for (int shift = 16; shift >= 0; shift -= 8) {
			uint8_t byte = (uint8_t)(group >> shift);

			if (at < len)
				to[at++] = byte;
			else if (byte)
				return -1; // bits that the padding says are not there
		}
	}
	return (long)len;
}

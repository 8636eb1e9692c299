// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

// The table is that of RFC 3629 section 4.
size_t utf8_sequence(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	static const struct {
		unsigned char first, last, second_min, second_max, len;
	} table[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (left == 0)
		return 0;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (s[0] < table[i].first || s[0] > table[i].last)
			continue;
		if (left < table[i].len)
			return 0;
		if (table[i].len > 1 && (s[1] < table[i].second_min || s[1] > table[i].second_max))
			return 0;
		for (size_t k = 2; k < table[i].len; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return table[i].len;
	}
	return 0;
}

bool utf8_valid(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = utf8_sequence(text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

size_t utf8_prefix(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return len;
	len = max;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_same(const char *a, const char *b)
{
	for (; *a && fold(*a) == fold(*b); a++, b++)
		;
	return fold(*a) == fold(*b);
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_starts_fold(const char *text, const char *prefix)
{
	for (; *prefix && fold(*text) == fold(*prefix); text++, prefix++)
		;
	return !*prefix;
}

char *text_lower(char *text)
{
	for (char *p = text; *p; p++)
		*p = fold(*p);
	return text;
}

bool text_brackets_close(const char *text)
{
	int depth = 0;

	for (; *text && depth >= 0; text++)
		depth += (*text == '(') - (*text == ')');
	return depth == 0;
}

bool text_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

char *text_trim(char *text)
{
	size_t len;

	while (text_is_space(*text))
		text++;
	len = strlen(text);
	while (len > 0 && text_is_space(text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

int text_decimal(const char *text, size_t len, uint64_t *out)
{
	uint64_t value = 0;

	// 19 digits fit into 64 bits, whatever they are.
	if (len == 0 || len > 19 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!text_is_digit(text[i]))
			return -1;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (value > INT64_MAX)
		return -1;
	*out = value;
	return 0;
}

const char *text_line(const char **at, const char *end, size_t *len)
{
	const char *line = *at, *line_end = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (!line_end)
		return NULL;
	*len = (size_t)(line_end - line);
	*at = line_end + 1;
	return line;
}

char *text_copy(const char *text)
{
	return text_copy_n(text, strlen(text));
}

char *text_copy_n(const char *text, size_t len)
{
	// Not strndup(): a checker of strings wants to see its NUL, which counted bytes do not have.
	size_t used = strnlen(text, len);
	char *copy = malloc(used + 1);

	if (!copy)
		panic("out of memory");
	memcpy(copy, text, used);
	copy[used] = '\0';
	return copy;
}

char *text_format(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		panic("out of memory");
	return text;
}

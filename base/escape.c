// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" // U+FFFD

static uint32_t code_point(const char *text, size_t len)
{
	static const unsigned char lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)text[0] & lead_mask[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	return c;
}

static bool is_harmful(uint32_t c)
{
	if (c < 0x20)
		return c != '\n' && c != '\t';
	return (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || text_is_digit(c) || (c && strchr("-._~", c));
}

static int put_url(struct buf *out, const char *text, size_t len)
{
	if (*text == '\n')
		return buf_puts(out, "%0D%0A");
	if (is_unreserved(*text))
		return buf_putc(out, *text);
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%%%02X", (unsigned char)text[i]);
	return out->full ? -1 : 0;
}

// What stands for an ASCII character in that place, NULL for itself.
static const char *entity(enum escape how, char c)
{
	if (how == ESCAPE_HEADER)
		return c == '\n' || c == '\t' ? " " : NULL;
	if (how == ESCAPE_PLAIN)
		return c == '\t' ? "    " : NULL;
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return how == ESCAPE_HTML ? "&quot;" : NULL;
	case '\'':
		return how == ESCAPE_HTML ? "&#39;" : NULL;
	case '\n':
		return how == ESCAPE_HTML ? "<br>" : NULL;
	default:
		return NULL;
	}
}

static int put_character(struct buf *out, enum escape how, const char *text, size_t len)
{
	const char *other;

	if (how == ESCAPE_URL)
		return put_url(out, text, len);
	other = len == 1 ? entity(how, *text) : NULL;
	return other ? buf_puts(out, other) : buf_add(out, text, len);
}

int escape_text(struct buf *out, enum escape how, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = utf8_sequence(text, len);

		if (*text == '\r' && len > 1 && text[1] == '\n')
			n = 1;
		else if (n == 0 || is_harmful(code_point(text, n)))
			put_character(out, how, REPLACEMENT, strlen(REPLACEMENT));
		else
			put_character(out, how, text, n);
		n = n ? n : 1;
		text += n;
		len -= n;
	}
	return out->full ? -1 : 0;
}

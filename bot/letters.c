// SPDX-License-Identifier: Apache-2.0
#include "bot/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

uint32_t letter_next(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	size_t len = utf8_sequence(*p, strnlen(*p, 4));
	uint32_t c;

	if (!*s)
		return 0;
	if (len == 0) {
		(*p)++;
		return 0xfffd;
	}
	*p += len;
	c = len == 1 ? s[0] : s[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

struct range {
	uint32_t first, last;
};

bool letter_invisible(uint32_t c)
{
	static const struct range ranges[] = {
		{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c },   { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },   { 0x202a, 0x202e },
		{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff9, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

// Adds a letter of U+00C0..U+017F without its accent; digits in the table stand for two letters.
static bool add_without_accent(struct buf *out, uint32_t c)
{
	static const char table[] = "aaaaaa1ceeeeiiiidnooooo*ouuuuy43aaaaaa1ceeeeiiiidnooooo/ouuuuy4yaaaaaaccccccccdddd"
	                            "eeeeeeeeeegggggggghhhhiiiiiiiiii55jjkkkllllllllllnnnnnnnnnoooooo22rrrrrrssssssss"
	                            "ttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	static const char *const pairs[] = { "ae", "oe", "ss", "th", "ij" };
	char base;

	if (c < 0xc0 || c > 0x17f)
		return false;
	base = table[c - 0xc0];
	if (base >= '1' && base <= '5')
		buf_puts(out, pairs[base - '1']);
	else
		buf_putc(out, base);
	return true;
}

// What else looks like an ASCII letter, lower case; 0 when nothing.
static char look_alike(uint32_t c)
{
	// Pairs: the character, then what it looks like.  Greek; Cyrillic; small capitals and stray letters of other
	// scripts.
	static const char pairs[] =
	        "\u0391a\u0392b\u0395e\u0396z\u0397h\u0399i\u039ak\u039cm\u039dn\u039fo\u03a1p\u03a4t"
	        "\u03a5y\u03a7x\u03b1a\u03b5e\u03b9i\u03bak\u03bdv\u03bfo\u03c1p\u03c3o\u03c4t\u03c5u"
	        "\u03c7x\u03f2c\u03f9c"
	        "\u0405s\u0406i\u0408j\u0410a\u0412b\u0415e\u041ak\u041cm\u041dh\u041eo\u0420p\u0421c"
	        "\u0422t\u0423y\u0425x\u0430a\u0432b\u0433r\u0435e\u043ak\u043cm\u043dh\u043eo\u0440p"
	        "\u0441c\u0442t\u0443y\u0445x\u0455s\u0456i\u0458j\u0474v\u0475v\u04aey\u04afy\u04bbh"
	        "\u04c0i\u04cfi\u0501d\u051bq\u051dw"
	        "\u0251a\u0261g\u028bv\u1d00a\u1d04c\u1d07e\u1d0fo\u1d18p\u1d1bt\u1d20v\u0280r\u0585o"
	        "\u057du\u0578n\u2c6fa\u13aaa\u13e2p";

	for (const char *p = pairs; *p; p++)
		if (letter_next(&p) == c)
			return *p;
	return 0;
}

// Whole alphabets and rows of digits that repeat ASCII's.
static char repeated(uint32_t c)
{
	static const uint32_t digits[] = { 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xff10 };

	if (c >= 0xff01 && c <= 0xff5e) // full width
		return (char)(c - 0xff01 + '!');
	if (c >= 0x1d400 && c <= 0x1d6a3) // mathematical letters, A-Z and a-z in turn
		return (char)('a' + (c - 0x1d400) % 26);
	if (c >= 0x1d7ce && c <= 0x1d7ff)
		return (char)('0' + (c - 0x1d7ce) % 10);
	if (c >= 0x24b6 && c <= 0x24e9) // in circles
		return (char)('a' + (c - 0x24b6) % 26);
	if (c >= 0x1f130 && c <= 0x1f149) // in squares
		return (char)('a' + (c - 0x1f130));
	for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
		if (c >= digits[i] && c <= digits[i] + 9)
			return (char)('0' + (c - digits[i]));
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void fold(struct buf *out, uint32_t c, const char *bytes, size_t len, bool see_through)
{
	char like = 0;

	if (c < 0x80) {
		buf_putc(out, lower((char)c));
		return;
	}
	if (add_without_accent(out, c) || (c >= 0x300 && c <= 0x36f)) // the latter: combining accents
		return;
	if (see_through) {
		if (letter_invisible(c))
			return;
		like = c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200a) ? ' ' : repeated(c);
		like = like ? lower(like) : look_alike(c);
	}
	if (like)
		buf_putc(out, like);
	else
		buf_add(out, bytes, len);
}

static char *fold_all(const char *text, bool see_through)
{
	struct buf out = BUF(2 * strlen(text) + 1);
	const char *p = text;

	while (*p && !(*p & 0x80))
		p++;
	if (!*p) // most text is plain ASCII
		return text_lower(text_copy(text));
	p = text;
	for (const char *from = p; letter_next(&p); from = p) {
		const char *again = from;

		fold(&out, letter_next(&again), from, (size_t)(p - from), see_through);
	}
	if (out.full)
		panic("folding letters took more room than it can");
	return buf_steal(&out);
}

char *letters_skeleton(const char *text)
{
	return fold_all(text, true);
}

char *letters_plain(const char *text)
{
	return fold_all(text, false);
}

bool letters_one_slip(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), from = 0;

	while (a[from] && a[from] == b[from])
		from++;
	while (la > from && lb > from && a[la - 1] == b[lb - 1])
		la--, lb--;
	la -= from;
	lb -= from;
	if (la <= 1 && lb <= 1)
		return true;
	return la == 2 && lb == 2 && a[from] == b[from + 1] && a[from + 1] == b[from];
}

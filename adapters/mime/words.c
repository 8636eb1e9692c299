// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/mime/charset.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define DECODED_MAX 65536

struct word {
	char charset[64];
	char encoding; // 'b' or 'q'
	const char *text;
	size_t len;
	const char *end;
};

// =?charset*language?B?text?=
static bool read_word(const char *p, struct word *w)
{
	const char *charset = p + 2, *encoding, *end;
	size_t len;

	if (p[0] != '=' || p[1] != '?')
		return false;
	encoding = strchr(charset, '?');
	if (!encoding || !encoding[1] || encoding[2] != '?')
		return false;
	w->encoding = (char)(encoding[1] | 0x20);
	w->text = encoding + 3;
	end = strstr(w->text, "?=");
	len = (size_t)(encoding - charset);
	if (!end || len == 0 || len >= sizeof w->charset || (w->encoding != 'b' && w->encoding != 'q'))
		return false;
	memcpy(w->charset, charset, len);
	w->charset[len] = '\0';
	w->charset[strcspn(w->charset, "*")] = '\0'; // RFC 2231 section 5
	if (strpbrk(w->charset, " \t=()<>@"))
		return false;
	w->len = (size_t)(end - w->text);
	w->end = end + 2;
	return true;
}

static int digit64(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static void decode_base64(const char *text, size_t len, struct buf *out)
{
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		int d = digit64(text[i]);

		if (d < 0)
			continue;
		bits = bits << 6 | (unsigned)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_putc(out, (char)(bits >> have & 0xff));
		}
	}
}

static int digit16(char c)
{
	if (text_is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_q(const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '_') {
			buf_putc(out, ' ');
		} else if (text[i] == '=' && i + 2 < len && digit16(text[i + 1]) >= 0 && digit16(text[i + 2]) >= 0) {
			buf_putc(out, (char)(digit16(text[i + 1]) << 4 | digit16(text[i + 2])));
			i += 2;
		} else {
			buf_putc(out, text[i]);
		}
	}
}

// Words of one charset side by side are joined before they are converted: some programs cut a character in two.
struct run {
	struct charsets *charsets;
	char charset[64];
	struct buf bytes;
	struct buf *out;
};

static void end_run(struct run *run)
{
	bool lossy = false;

	if (run->bytes.len)
		charset_convert(run->charsets, run->charset, run->bytes.data, run->bytes.len, run->out, &lossy);
	buf_free(&run->bytes);
	run->charset[0] = '\0';
}

static void add_word(struct run *run, const struct word *w)
{
	if (!text_same(run->charset, w->charset))
		end_run(run);
	memcpy(run->charset, w->charset, sizeof run->charset);
	if (w->encoding == 'b')
		decode_base64(w->text, w->len, &run->bytes);
	else
		decode_q(w->text, w->len, &run->bytes);
}

static void decode(struct charsets *charsets, const char *value, struct buf *out)
{
	struct run run = { .charsets = charsets, .bytes = BUF(DECODED_MAX), .out = out };
	const char *p = value;
	struct word w;

	while (*p) {
		const char *begin = p, *blank;
		bool lossy = false;

		if (read_word(p, &w)) {
			add_word(&run, &w);
			p = w.end;
			// Blanks between two words are not text (RFC 2047 section 6.2).
			for (blank = p; *blank == ' ' || *blank == '\t'; blank++)
				;
			if (blank > p && read_word(blank, &w))
				p = blank;
			continue;
		}
		end_run(&run);
		for (p++; *p && !(p[0] == '=' && p[1] == '?'); p++)
			;
		charset_convert(charsets, NULL, begin, (size_t)(p - begin), out, &lossy);
	}
	end_run(&run);
}

char *words_decode(struct charsets *charsets, const char *value, size_t max)
{
	_buf_ struct buf raw = BUF(DECODED_MAX);
	_buf_ struct buf clean = BUF(3 * DECODED_MAX);
	_buf_ struct buf spaced = BUF(DECODED_MAX);
	size_t len = strnlen(value, DECODED_MAX / 4);
	char *text;

	buf_add(&spaced, value, len);
	for (size_t i = 0; i < spaced.len; i++)
		if (spaced.data[i] == '\t')
			spaced.data[i] = ' ';
	decode(charsets, buf_text(&spaced), &raw);
	charset_clean(buf_text(&raw), "", &clean);
	text = buf_steal(&clean);
	if (!text)
		panic("out of memory for a header field");
	text[utf8_prefix(text, max)] = '\0';
	return text;
}

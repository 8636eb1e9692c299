// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/body.h"

#include <stdbool.h>
#include <string.h>

#include "adapters/mime/charset.h"
#include "adapters/mime/decode.h"
#include "adapters/mime/flowed.h"
#include "adapters/mime/html.h"
#include "adapters/mime/own.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

struct body {
	struct parts *parts;
	const struct limits *limits;
	struct charsets *charsets;
	struct failure *failure;
	struct buf text;   // the document's "text"
	struct buf source; // what own words are looked for in
	json_t *pairs;
	bool html_only;
	size_t text_left, html_left; // bytes that may still be read
};

// Decodes a part to UTF-8 lines, at most `*left` bytes, which it counts down; 0, or -1.
static int read_text(struct body *b, GMimePart *part, size_t *left, const char *charset, struct buf *out)
{
	_buf_ struct buf bytes = BUF(*left), utf8 = BUF(4 * *left + 64);
	bool lossy = false, cut = false;

	if (decode_strict(part, &bytes, &cut, b->failure) < 0)
		return -1;
	*left -= bytes.len;
	if (cut)
		parts_flag(b->parts, "text-cut");
	if (memchr(buf_text(&bytes), '\0', bytes.len) && !charset_is_wide(charset))
		return refuse(b->failure, CODE_DECODE, "text holds a NUL byte");
	if (!charset_known(charset))
		parts_flag(b->parts, "unknown-charset");
	charset_convert(b->charsets, charset, buf_text(&bytes), bytes.len, &utf8, &lossy);
	if (lossy)
		parts_flag(b->parts, "invalid-utf8");
	text_lines(buf_text(&utf8), utf8.len, out);
	return 0;
}

static const char *parameter(GMimePart *part, const char *name)
{
	return g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), name);
}

static int read_plain(struct body *b, GMimePart *part, struct buf *out)
{
	const char *format = parameter(part, "format"), *delete_space = parameter(part, "delsp");
	_buf_ struct buf lines = BUF(out->max);

	if (read_text(b, part, &b->text_left, parameter(part, "charset"), &lines) < 0)
		return -1;
	if (format && text_same(format, "flowed"))
		text_unflow(buf_text(&lines), delete_space && text_same(delete_space, "yes"), out);
	else
		buf_add(out, buf_text(&lines), lines.len);
	return 0;
}

// <meta charset=...> counts only where the header names none, and only in the first kilobyte.
static void meta_charset(GMimePart *part, char out[64])
{
	_buf_ struct buf head = BUF(1024);
	struct failure ignored;
	bool cut = false;
	const char *p;
	size_t n = 0;

	out[0] = '\0';
	if (decode_strict(part, &head, &cut, &ignored) < 0)
		return;
	p = strcasestr(buf_text(&head), "charset=");
	for (p = p ? p + 8 : ""; *p == '"' || *p == '\'' || *p == ' '; p++)
		;
	while (n < 63 && *p && !strchr("\"' />;", *p))
		out[n++] = *p++;
	out[n] = '\0';
}

static int read_html(struct body *b, GMimePart *part, struct html *html)
{
	const char *charset = parameter(part, "charset");
	_buf_ struct buf source = BUF(12 * b->limits->html + 64);
	char meta[64];

	if (!charset || !*charset) {
		meta_charset(part, meta);
		charset = meta;
	}
	if (read_text(b, part, &b->html_left, charset, &source) < 0)
		return -1;
	if (html_read(buf_text(&source), source.len, b->limits->text, html, b->failure) < 0)
		return -1;
	if (html->hidden)
		parts_flag(b->parts, "html-hidden");
	return 0;
}

static bool is_blank(const struct buf *text)
{
	return own_blanks(buf_text(text)) == text->len;
}

static void add_text(struct body *b, const struct buf *text, const struct buf *source)
{
	if (b->text.len && text->len)
		buf_puts(&b->text, "\n");
	buf_add(&b->text, buf_text(text), text->len);
	if (b->source.len && source->len)
		buf_puts(&b->source, "\n");
	buf_add(&b->source, buf_text(source), source->len);
}

static void add_pairs(struct body *b, const struct html *html)
{
	if (html->pairs)
		json_array_extend(b->pairs, html->pairs);
}

// A plain form is preferred.  The HTML form beside it is looked at for tables alone, and if it cannot be read, nothing
// is lost but those.
static int add_piece(struct body *b, const struct piece *piece)
{
	_buf_ struct buf plain = BUF(3 * b->limits->text + 64);
	_html_ struct html html = { 0 };
	int html_result = -1;

	if (piece->plain && read_plain(b, piece->plain, &plain) < 0)
		return -1;
	if (piece->html)
		html_result = read_html(b, piece->html, &html);
	if (piece->html && html_result < 0) {
		if (is_blank(&plain))
			return -1;
		parts_flag(b->parts, "html-unreadable");
	}
	if (html_result == 0)
		add_pairs(b, &html);
	if (html_result == 0 && is_blank(&plain)) {
		b->html_only = true;
		add_text(b, &html.text, &html.own);
	} else {
		add_text(b, &plain, &plain);
	}
	return 0;
}

// Puts at most `max` bytes of text, with a flag when there was more.
static void put_bounded(struct body *b, json_t *document, const char *key, struct buf *text, size_t max,
                        const char *flag)
{
	char *whole = buf_steal(text);

	if (!whole)
		panic("out of memory for text");
	if (strlen(whole) > max) {
		whole[utf8_prefix(whole, max)] = '\0';
		parts_flag(b->parts, flag);
	}
	json_put_str(document, key, whole);
	free(whole);
}

static void put_own(struct body *b, json_t *document)
{
	// Twice as much is looked through as is kept: a quote may come first.
	size_t look = 2 * b->limits->own;
	_buf_ struct buf own = BUF(look + 64);
	struct own found = { 0 };

	if (b->source.len > look) {
		b->source.data[utf8_prefix(b->source.data, look)] = '\0';
		parts_flag(b->parts, "own-cut");
	}
	own_words(buf_text(&b->source), &own, &found);
	if (found.quote_first)
		parts_flag(b->parts, "quote-first");
	if (found.forwarded)
		parts_flag(b->parts, "forwarded");
	put_bounded(b, document, "own", &own, b->limits->own, "own-cut");
}

int body_put(json_t *document, struct parts *parts, const struct limits *limits, struct charsets *charsets,
             struct failure *f)
{
	struct body b = {
		.parts = parts,
		.limits = limits,
		.charsets = charsets,
		.failure = f,
		.text = BUF(4 * limits->text),
		.source = BUF(4 * limits->text),
		.pairs = json_array(),
		.text_left = limits->text,
		.html_left = limits->html,
	};
	int result = 0;

	for (size_t i = 0; i < parts->count && result == 0; i++)
		result = add_piece(&b, &parts->pieces[i]);
	if (result == 0) {
		put_own(&b, document);
		put_bounded(&b, document, "text", &b.text, limits->text, "text-cut");
		json_put_bool(document, "html_only", b.html_only);
		json_put(document, "pairs", json_incref(b.pairs));
	}
	json_decref(b.pairs);
	buf_free(&b.text);
	buf_free(&b.source);
	return result;
}

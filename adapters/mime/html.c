// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "adapters/mime/look.h"
#include "adapters/mime/pairs.h"
#include "adapters/mime/sheet.h"
#include "base/auto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

#define DEPTH_MAX 512
#define ATTRIBUTES_MAX 256 // of one element: libxml2 compares each with all before it
#define LINK_MAX 512
#define CHUNK 32768

struct element {
	struct look look;
	struct sight sight;
	bool in_pairs; // pairs_begin() was told
	char *link;
	size_t link_text; // where the link's text begins in the whole text
};

struct reader {
	struct sheet text, own;
	struct pairs pairs;
	struct element stack[DEPTH_MAX];
	size_t depth;
	unsigned skipped, quoted, signatures, preformatted; // open elements of each kind
	bool too_deep;
	bool hidden;
};

static bool is_own(const struct reader *r)
{
	return r->quoted == 0 && r->signatures == 0;
}

static void end_lines(struct reader *r, unsigned breaks)
{
	if (breaks == 0)
		return;
	sheet_break(&r->text, breaks);
	if (is_own(r)) {
		sheet_break(&r->own, breaks);
		pairs_text(&r->pairs, NULL, 0);
	}
}

static void begin_quote(struct reader *r)
{
	if (r->quoted++ == 0) {
		sheet_break(&r->own, 1);
		sheet_add(&r->own, ">", 1, true);
		sheet_break(&r->own, 1);
	}
	sheet_break(&r->text, 1);
	r->text.quoted = r->quoted;
}

static void put_text(struct reader *r, const char *text, size_t len)
{
	sheet_add(&r->text, text, len, r->preformatted > 0);
	if (!is_own(r))
		return;
	sheet_add(&r->own, text, len, r->preformatted > 0);
	pairs_text(&r->pairs, text, len);
}

static void begin_special(struct reader *r, const char *name, const char *const *attributes, struct element *e)
{
	const char *link;

	if (strcmp(name, "br") == 0) {
		sheet_newline(&r->text);
		if (is_own(r))
			sheet_newline(&r->own);
		if (is_own(r))
			pairs_text(&r->pairs, NULL, 0);
	} else if (strcmp(name, "li") == 0) {
		put_text(r, "- ", 2);
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
		sheet_tab(&r->text);
		if (is_own(r))
			sheet_tab(&r->own);
	} else if (strcmp(name, "a") == 0) {
		link = look_attribute(attributes, "href");
		if (link && (text_starts_fold(link, "http:") || text_starts_fold(link, "https:")) &&
		    strlen(link) < LINK_MAX && !strpbrk(link, " \t\r\n"))
			e->link = text_copy(link);
		e->link_text = r->text.text.len;
	}
}

static void on_start(void *context, const xmlChar *xml_name, const xmlChar **xml_attributes)
{
	struct reader *r = context;
	const char *name = (const char *)xml_name;
	const char *const *attributes = (const char *const *)xml_attributes;
	struct element *e;

	if (r->too_deep || r->depth == DEPTH_MAX) {
		r->too_deep = true;
		return;
	}
	e = &r->stack[r->depth];
	*e = (struct element){ .sight = r->depth ? r->stack[r->depth - 1].sight : (struct sight){ 0 } };
	r->depth++;
	e->look = look_at(name, attributes, &e->sight);
	r->skipped += e->look.skip;
	r->preformatted += e->look.preformatted;
	end_lines(r, e->look.breaks);
	if (e->look.quote || e->look.quote_rest)
		begin_quote(r);
	r->signatures += e->look.signature;
	if (r->skipped || sight_none(e->sight))
		return;
	e->in_pairs = true;
	pairs_begin(&r->pairs, name);
	begin_special(r, name, attributes, e);
}

// "text <address>", in the whole text only: programs make links out of words that nobody meant as one.
static void end_link(struct reader *r, struct element *e)
{
	const char *text =
	        buf_text(&r->text.text) + (e->link_text < r->text.text.len ? e->link_text : r->text.text.len);

	if (!strstr(text, e->link) && !r->skipped) {
		sheet_add(&r->text, " <", 2, false);
		sheet_add(&r->text, e->link, strlen(e->link), false);
		sheet_add(&r->text, ">", 1, false);
	}
	free(e->link);
}

static void on_end(void *context, const xmlChar *xml_name)
{
	struct reader *r = context;
	struct element *e;

	if (r->too_deep || r->depth == 0)
		return;
	e = &r->stack[--r->depth];
	if (e->link)
		end_link(r, e);
	if (e->in_pairs)
		pairs_end(&r->pairs, (const char *)xml_name);
	end_lines(r, e->look.breaks);
	r->skipped -= e->look.skip;
	r->preformatted -= e->look.preformatted;
	r->signatures -= e->look.signature;
	if (e->look.quote && !e->look.quote_rest) {
		sheet_break(&r->text, 1);
		r->text.quoted = --r->quoted;
	}
}

static void on_text(void *context, const xmlChar *text, int len)
{
	struct reader *r = context;
	bool visible = r->depth == 0 || !sight_none(r->stack[r->depth - 1].sight);

	if (r->skipped || r->too_deep || len <= 0)
		return;
	if (visible) {
		put_text(r, (const char *)text, (size_t)len);
		return;
	}
	for (int i = 0; i < len && !r->hidden; i++)
		r->hidden = !text_is_space((char)text[i]);
}

// --- too wide --------------------------------------------------------------------------------------------------------

// Behind the attribute at `p` (a name, perhaps "=" and a value).
static const char *skip_attribute(const char *p, const char *end)
{
	const char *close;

	while (p < end && !text_is_space(*p) && *p != '=' && *p != '>')
		p++;
	while (p < end && text_is_space(*p))
		p++;
	if (p == end || *p != '=')
		return p;
	for (p++; p < end && text_is_space(*p); p++)
		;
	if (p < end && (*p == '"' || *p == '\'')) {
		close = memchr(p + 1, *p, (size_t)(end - p - 1));
		return close ? close + 1 : end;
	}
	while (p < end && !text_is_space(*p) && *p != '>')
		p++;
	return p;
}

// Behind the comment, declaration, script or style that begins at `p` ("<" ...); NULL when it is something else.
static const char *skip_opaque(const char *p, const char *end)
{
	static const struct {
		const char *begin, *end;
	} opaque[] = {
		{ "<!--", "-->" }, { "<!", ">" }, { "<?", ">" }, { "<script", "</script" }, { "<style", "</style" }
	};

	for (size_t i = 0; i < LENGTH(opaque); i++) {
		const char *close;

		// The source ends in a NUL.
		if (!text_starts_fold(p, opaque[i].begin))
			continue;
		close = strcasestr(p + strlen(opaque[i].begin), opaque[i].end);
		return close ? close + strlen(opaque[i].end) : end;
	}
	return NULL;
}

// Reads tags as libxml2 does, as far as their attributes can be counted that way.
static bool is_too_wide(const char *p, const char *end)
{
	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		size_t attributes = 0;
		const char *behind = skip_opaque(p, end);

		if (behind) {
			p = behind;
			continue;
		}
		for (p++; p < end && !text_is_space(*p) && *p != '>' && *p != '<'; p++)
			;
		while (p < end && *p != '>') {
			if (text_is_space(*p)) {
				p++;
				continue;
			}
			if (++attributes > ATTRIBUTES_MAX)
				return true;
			p = skip_attribute(p, end);
		}
	}
	return false;
}

// --- the whole -------------------------------------------------------------------------------------------------------

static void ignore(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static void parse(struct reader *r, const char *source, size_t len)
{
	htmlSAXHandler handler = {
		.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.cdataBlock = NULL,
		.ignorableWhitespace = on_text,
		.error = ignore,
		.warning = ignore,
	};
	htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&handler, r, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

	if (!parser)
		panic("out of memory for an HTML parser");
	htmlCtxtUseOptions(parser,
	                   HTML_PARSE_IGNORE_ENC | HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
	for (size_t at = 0; at < len && !r->too_deep; at += CHUNK)
		htmlParseChunk(parser, source + at, (int)(len - at < CHUNK ? len - at : CHUNK), 0);
	htmlParseChunk(parser, NULL, 0, 1);
	htmlFreeParserCtxt(parser);
}

static void add_valid(const struct buf *from, struct buf *to)
{
	// A full buffer may end in half a character.
	if (from->len && !utf8_valid(from->data, from->len))
		buf_add(to, from->data, utf8_prefix(from->data, from->len - 1));
	else
		buf_add(to, buf_text(from), from->len);
}

int html_read(const char *source, size_t len, size_t max, struct html *out, struct failure *f)
{
	struct reader *r = calloc(1, sizeof *r);
	int result = 0;

	*out = (struct html){ .text = BUF(max + 8), .own = BUF(max + 8) };
	if (!r)
		panic("out of memory for HTML");
	r->text = r->own = SHEET(max);
	pairs_open(&r->pairs);
	if (is_too_wide(source, source + len))
		result = refuse(f, CODE_LIMIT, "an HTML element has more than %d attributes", ATTRIBUTES_MAX);
	else
		parse(r, source, len);
	if (r->too_deep)
		result = refuse(f, CODE_LIMIT, "HTML elements are nested more than %d deep", DEPTH_MAX);
	add_valid(&r->text.text, &out->text);
	add_valid(&r->own.text, &out->own);
	out->pairs = json_incref(r->pairs.list);
	out->hidden = r->hidden;
	while (r->depth > 0)
		free(r->stack[--r->depth].link);
	pairs_close(&r->pairs);
	buf_free(&r->text.text);
	buf_free(&r->own.text);
	free(r);
	return result;
}

void html_free(struct html *html)
{
	buf_free(&html->text);
	buf_free(&html->own);
	json_decref(html->pairs);
	html->pairs = NULL;
}

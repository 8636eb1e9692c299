// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/part.h"

#include <stdio.h>
#include <string.h>

#include "adapters/smtp/header.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"

enum {
	TEXT_MAX = 32 << 20,
};

// Whatever ends a line in `text` (CR LF, LF, CR) becomes `end`; the last line gets one too.
static int lines_with(const char *text, const char *end, struct buf *out)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");

		buf_add(out, text, len);
		buf_puts(out, end);
		text += len;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : *text ? 1 : 0;
	}
	return out->full ? -1 : 0;
}

static void set_content(GMimePart *part, const void *bytes, size_t len)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	_object_ GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_BINARY);

	g_mime_part_set_content(part, content);
}

// GMime writes the lines of 7bit and quoted-printable with CR LF itself; base64 hides them, so they must be CR LF
// before (RFC 2045, 6.8).
static int set_text(GMimePart *part, const char *text, struct err *e)
{
	_buf_ struct buf lf = BUF(TEXT_MAX), crlf = BUF(TEXT_MAX);
	GMimeContentEncoding encoding;

	if (lines_with(text, "\n", &lf) < 0)
		return err_set(e, EX_DATAERR, "a text of more than %d bytes", TEXT_MAX);
	set_content(part, buf_text(&lf), lf.len);
	encoding = g_mime_part_get_best_content_encoding(part, GMIME_ENCODING_CONSTRAINT_7BIT);
	if (encoding == GMIME_CONTENT_ENCODING_BASE64) {
		if (lines_with(text, "\r\n", &crlf) < 0)
			return err_set(e, EX_DATAERR, "a text of more than %d bytes", TEXT_MAX);
		set_content(part, buf_text(&crlf), crlf.len);
	} else if (encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
		encoding = GMIME_CONTENT_ENCODING_7BIT;
	}
	g_mime_part_set_content_encoding(part, encoding);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
	return 0;
}

// Strict, as what goes out must be what was meant: padded, one line, nothing else (GLib's decoder skips junk).
static int set_base64(GMimePart *part, const char *text, struct err *e)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text), digits = strspn(text, alphabet);
	g_autofree guchar *bytes = NULL;
	gsize size = 0;

	if (len % 4 != 0 || len - digits > 2 || strspn(text + digits, "=") != len - digits)
		return err_set(e, EX_DATAERR, "an attachment is not base64");
	bytes = g_base64_decode(text, &size);
	set_content(part, bytes, size);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	return 0;
}

static GMimePart *text_part(const char *subtype, const char *text, struct err *e)
{
	_object_ GMimePart *part = g_mime_part_new_with_type("text", subtype);

	return set_text(part, text, e) < 0 ? NULL : steal_ptr(part);
}

// "type/subtype" of tokens (RFC 2045, 5.1), split into two strings; multiparts and messages may not be encoded, so
// they are not attached as such.
static int split_type(const char *type, char main[64], char sub[80], struct err *e)
{
	static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+";
	size_t head = strspn(type, token), tail = type[head] == '/' ? strspn(type + head + 1, token) : 0;

	if (head == 0 || tail == 0 || type[head + 1 + tail] || head >= 64 || tail >= 80)
		return err_set(e, EX_DATAERR, "an attachment's type is not type/subtype");
	snprintf(main, 64, "%.*s", (int)head, type);
	snprintf(sub, 80, "%s", type + head + 1);
	if (g_ascii_strcasecmp(main, "multipart") == 0 || g_ascii_strcasecmp(main, "message") == 0)
		return err_set(e, EX_DATAERR, "an attachment cannot be of type %s", main);
	return 0;
}

// GMime would look for the smallest charset that has the letters; UTF-8 is the one that every reader has.
static void use_utf8(GMimeParamList *params)
{
	for (int i = 0; i < g_mime_param_list_length(params); i++)
		g_mime_param_set_charset(g_mime_param_list_get_parameter_at(params, i), "utf-8");
}

static GMimePart *attachment(const json_t *item, struct err *e)
{
	static const struct json_key keys[] = {
		{ "name", 'S', 1000 }, { "type", 'S', 144 }, { "text", 's', 0 }, { "base64", 's', 0 }, { 0 }
	};
	const char *text, *base64;
	char main[64], sub[80];
	_object_ GMimePart *part = NULL;

	if (json_check(item, keys, "attachment", e) < 0)
		return NULL;
	text = json_str_or_null(item, "text");
	base64 = json_str_or_null(item, "base64");
	if (!text == !base64) {
		err_set(e, EX_DATAERR, "an attachment needs one of \"text\" and \"base64\"");
		return NULL;
	}
	if (header_check("an attachment's name", json_str(item, "name"), e) < 0 ||
	    split_type(json_str(item, "type"), main, sub, e) < 0)
		return NULL;
	part = g_mime_part_new_with_type(main, sub);
	if ((text ? set_text(part, text, e) : set_base64(part, base64, e)) < 0)
		return NULL;
	g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(part, json_str(item, "name"));
	use_utf8(g_mime_content_type_get_parameters(g_mime_object_get_content_type(GMIME_OBJECT(part))));
	use_utf8(g_mime_content_disposition_get_parameters(g_mime_object_get_content_disposition(GMIME_OBJECT(part))));
	return steal_ptr(part);
}

// The boundary is a digest of the mail, so that a second sending has the same bytes and no text can hold it (it would
// have to hold its own digest).  "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7).
static GMimeMultipart *multipart(const char *subtype, const json_t *document)
{
	const char *id = json_str(document, "message_id"), *text = json_str(document, "text");
	const struct piece pieces[] = { { subtype, strlen(subtype) + 1 },
		                        { id, strlen(id) + 1 },
		                        { text, strlen(text) } };
	struct digest digest = sha256(pieces, LENGTH(pieces));
	char boundary[2 + 2 * DIGEST_SIZE + 1] = "=_";
	GMimeMultipart *m = g_mime_multipart_new_with_subtype(subtype);

	hex_encode(digest.bytes, 20, boundary + 2);
	g_mime_multipart_set_boundary(m, boundary);
	return m;
}

static GMimeObject *texts(const json_t *document, struct err *e)
{
	const char *html = json_str_or_null(document, "html");
	_object_ GMimePart *first = text_part("plain", json_str(document, "text"), e);
	_object_ GMimePart *second = NULL;
	GMimeMultipart *both;

	if (!first || !html)
		return (GMimeObject *)steal_ptr(first);
	second = text_part("html", html, e);
	if (!second)
		return NULL;
	both = multipart("alternative", document);
	g_mime_multipart_add(both, GMIME_OBJECT(first));
	g_mime_multipart_add(both, GMIME_OBJECT(second));
	return GMIME_OBJECT(both);
}

GMimeObject *part_body(const json_t *document, struct err *e)
{
	const json_t *attachments = json_arr(document, "attachments");
	_object_ GMimeObject *body = texts(document, e);
	_object_ GMimeMultipart *mixed = NULL;

	if (!body || json_array_size(attachments) == 0)
		return steal_ptr(body);
	mixed = multipart("mixed", document);
	g_mime_multipart_add(mixed, body);
	for (size_t i = 0; i < json_array_size(attachments); i++) {
		_object_ GMimePart *part = attachment(json_array_get(attachments, i), e);

		if (!part)
			return NULL;
		g_mime_multipart_add(mixed, GMIME_OBJECT(part));
	}
	return (GMimeObject *)steal_ptr(mixed);
}

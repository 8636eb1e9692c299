// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/decode.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define CHUNK 16384

struct bytes {
	const char *data;
	size_t len;
};

// The part's content as it stands in the message, not copied.  Every content stream is a piece of the one memory stream
// that parse.c makes.
static struct bytes raw_content(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	GByteArray *array;
	gint64 end;

	if (!stream || !GMIME_IS_STREAM_MEM(stream))
		return (struct bytes){ "", 0 };
	array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	end = stream->bound_end < 0 ? (gint64)array->len : stream->bound_end;
	if (stream->bound_start < 0 || end > (gint64)array->len || end <= stream->bound_start)
		return (struct bytes){ "", 0 };
	return (struct bytes){ (const char *)array->data + stream->bound_start, (size_t)(end - stream->bound_start) };
}

// --- strictness ------------------------------------------------------------------------------------------------------

static bool is_digit64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || text_is_digit(c) || c == '+' || c == '/';
}

// Whole groups of four; padding at the very end only; nothing but blanks and line ends besides.
static int check_base64(struct bytes raw, struct failure *f)
{
	size_t digits = 0, padding = 0;

	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.data[i];

		if (text_is_space(c))
			continue;
		if (c == '=')
			padding++;
		else if (is_digit64(c) && padding == 0)
			digits++;
		else
			return refuse(f, CODE_DECODE,
			              padding ? "base64 text goes on behind its padding"
			                      : "base64 text holds a character that is no digit");
	}
	if ((digits + padding) % 4 != 0 || padding > 2)
		return refuse(f, CODE_DECODE, "base64 text is cut short");
	return 0;
}

static bool is_digit16(char c)
{
	return text_is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// "=" stands before two hexadecimal digits or, blanks aside, at the end of a line.
static int check_quoted(struct bytes raw, struct failure *f)
{
	const char *p = raw.data, *end = raw.data + raw.len;

	while ((p = memchr(p, '=', (size_t)(end - p)))) {
		const char *q = ++p;

		if (end - p >= 2 && is_digit16(p[0]) && is_digit16(p[1])) {
			p += 2;
			continue;
		}
		while (q < end && (*q == ' ' || *q == '\t'))
			q++;
		if (q < end && *q == '\r')
			q++;
		if (q < end && *q != '\n')
			return refuse(f, CODE_DECODE, "quoted-printable text holds a stray \"=\"");
		p = q;
	}
	return 0;
}

static bool is_identity(const char *name)
{
	static const char *const names[] = { "7bit", "8bit", "binary", "7-bit", "8-bit" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_same(name, names[i]))
			return true;
	return false;
}

static int check(GMimePart *part, struct bytes raw, struct failure *f)
{
	const char *header = g_mime_object_get_header(GMIME_OBJECT(part), "Content-Transfer-Encoding");

	switch (g_mime_part_get_content_encoding(part)) {
	case GMIME_CONTENT_ENCODING_BASE64:
		return check_base64(raw, f);
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
		return check_quoted(raw, f);
	case GMIME_CONTENT_ENCODING_7BIT:
	case GMIME_CONTENT_ENCODING_8BIT:
	case GMIME_CONTENT_ENCODING_BINARY:
		return 0;
	case GMIME_CONTENT_ENCODING_DEFAULT:
		if (!header || !*header || is_identity(header))
			return 0;
		break;
	case GMIME_CONTENT_ENCODING_UUENCODE:
		break;
	}
	return refuse(f, CODE_DECODE, "text in an encoding that mail does not know");
}

// --- decoding --------------------------------------------------------------------------------------------------------

void decode_bytes(GMimePart *part, struct buf *out, bool *cut)
{
	struct bytes raw = raw_content(part);
	GMimeEncoding decoder;

	g_mime_encoding_init_decode(&decoder, g_mime_part_get_content_encoding(part));
	for (size_t at = 0; at < raw.len;) {
		size_t n = raw.len - at < CHUNK ? raw.len - at : CHUNK;
		char chunk[CHUNK + 64]; // decoding never lengthens
		size_t len = g_mime_encoding_step(&decoder, raw.data + at, n, chunk);

		if (buf_add(out, chunk, len) < 0) {
			*cut = true;
			return;
		}
		at += n;
	}
}

int decode_strict(GMimePart *part, struct buf *out, bool *cut, struct failure *f)
{
	if (check(part, raw_content(part), f) < 0)
		return -1;
	decode_bytes(part, out, cut);
	return 0;
}

int decode_write(GMimePart *part, int fd, size_t *size, struct err *e)
{
	struct bytes raw = raw_content(part);
	GMimeEncoding decoder;

	*size = 0;
	g_mime_encoding_init_decode(&decoder, g_mime_part_get_content_encoding(part));
	for (size_t at = 0; at < raw.len;) {
		size_t n = raw.len - at < CHUNK ? raw.len - at : CHUNK;
		char chunk[CHUNK + 64];
		size_t len = g_mime_encoding_step(&decoder, raw.data + at, n, chunk);

		if (fd >= 0 && fd_write(fd, chunk, len, e) < 0)
			return -1;
		*size += len;
		at += n;
	}
	return 0;
}

int decode_write_message(GMimeMessagePart *part, int fd, size_t *size, struct err *e)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	int result = 0;

	if (message)
		g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
	*size = array->len;
	if (fd >= 0)
		result = fd_write(fd, array->data, array->len, e);
	g_object_unref(stream);
	return result;
}

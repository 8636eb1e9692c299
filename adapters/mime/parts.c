// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/parts.h"

#include <string.h>

#include "adapters/mime/automatic.h"
#include "adapters/mime/charset.h"
#include "adapters/mime/decode.h"
#include "adapters/mime/sbom.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define NAME_MAX_BYTES 255
#define TYPE_MAX_BYTES 127
#define REPORT_MAX 65536

struct walk {
	struct parts *parts;
	struct failure *failure;
	int fd;
	size_t max; // attachments
	size_t offset;
	size_t sbom_bytes;         // that may still be read
	struct piece *alternative; // the piece that the open multipart/alternative offers forms of
	bool report;               // inside multipart/report
};

void parts_flag(struct parts *parts, const char *flag)
{
	if (!json_has_str(parts->flags, flag))
		json_add_str(parts->flags, flag);
}

// --- attachments -----------------------------------------------------------------------------------------------------

// A file name without the folders that some programs and all attackers put before it.
static char *clean_name(const char *name)
{
	_buf_ struct buf clean = BUF(4096), utf8 = BUF(1024);
	const char *base = name;
	bool lossy = false;
	char *text;

	for (const char *p = name; *p; p++)
		if (*p == '/' || *p == '\\')
			base = p + 1;
	charset_convert(NULL, NULL, base, strnlen(base, utf8.max / 4), &utf8, &lossy);
	charset_clean(buf_text(&utf8), "", &clean);
	text = text_copy(buf_text(&clean));
	text[utf8_prefix(text, NAME_MAX_BYTES)] = '\0';
	return text;
}

static const char *type_text(GMimeObject *object, char out[TYPE_MAX_BYTES + 1])
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	_free_ char *text = g_mime_content_type_get_mime_type(type);
	size_t n = 0;

	for (const char *p = text; *p && n < TYPE_MAX_BYTES; p++)
		out[n++] = *p > ' ' && *p < 0x7f ? *p : '?';
	out[n] = '\0';
	return text_lower(out);
}

static const char *part_name(GMimeObject *object)
{
	const char *name = GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;

	return name ? name : "";
}

static bool is_tnef(const char *type, const char *name)
{
	return strcmp(type, "application/ms-tnef") == 0 || strcmp(type, "application/vnd.ms-tnef") == 0 ||
	       text_same(name, "winmail.dat");
}

static void look_for_sbom(struct walk *w, GMimePart *part, const char *name)
{
	_buf_ struct buf bytes = BUF(SBOM_BYTES_MAX);
	bool cut = false;

	decode_bytes(part, &bytes, &cut);
	sbom_collect(w->parts->sboms, &w->sbom_bytes, name, buf_text(&bytes), bytes.len, cut);
}

static int add_attachment(struct walk *w, GMimeObject *object)
{
	char type[TYPE_MAX_BYTES + 1];
	_free_ char *name = clean_name(part_name(object));
	json_t *attachment;
	struct err e;
	size_t size = 0;
	int written = 0;

	// GMime sees no part that structure.c has not counted; should it ever, here it ends.
	if (json_array_size(w->parts->attachments) >= w->max)
		return refuse(w->failure, CODE_LIMIT, "the message has more than %zu parts", w->max);
	if (GMIME_IS_PART(object))
		written = decode_write(GMIME_PART(object), w->fd, &size, &e);
	else if (GMIME_IS_MESSAGE_PART(object))
		written = decode_write_message(GMIME_MESSAGE_PART(object), w->fd, &size, &e);
	if (written < 0)
		return refuse(w->failure, CODE_IO, "attachments: %.200s", e.text);
	if (GMIME_IS_PART(object) && !w->report)
		look_for_sbom(w, GMIME_PART(object), name);
	type_text(object, type);
	if (is_tnef(type, name))
		parts_flag(w->parts, "tnef");
	attachment = json_object();
	json_put_str(attachment, "name", name);
	json_put_str(attachment, "type", type);
	json_put_int(attachment, "offset", (int64_t)w->offset);
	json_put_int(attachment, "size", (int64_t)size);
	json_add(w->parts->attachments, attachment);
	w->offset += size;
	return 0;
}

// --- reports ---------------------------------------------------------------------------------------------------------

static json_t *report_of(struct walk *w)
{
	if (!w->parts->report)
		w->parts->report = json_object();
	return w->parts->report;
}

static void read_status(struct walk *w, GMimePart *part)
{
	_buf_ struct buf text = BUF(REPORT_MAX);
	struct failure ignored;
	bool cut = false;
	_json_ json_t *report = NULL;

	if (decode_strict(part, &text, &cut, &ignored) < 0)
		return;
	report = report_read(buf_text(&text), text.len);
	json_object_update(report_of(w), report);
}

static void read_original(struct walk *w, GMimeObject *object)
{
	_buf_ struct buf text = BUF(REPORT_MAX);
	struct failure ignored;
	bool cut = false;

	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		_free_ char *headers = message ? g_mime_object_get_headers(GMIME_OBJECT(message), NULL) : NULL;

		if (headers)
			report_original(report_of(w), headers, strlen(headers));
	} else if (GMIME_IS_PART(object) && decode_strict(GMIME_PART(object), &text, &cut, &ignored) == 0) {
		report_original(report_of(w), buf_text(&text), text.len);
	}
}

static void read_report_part(struct walk *w, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	if (GMIME_IS_PART(object) && (g_mime_content_type_is_type(type, "message", "delivery-status") ||
	                              g_mime_content_type_is_type(type, "message", "global-delivery-status")))
		read_status(w, GMIME_PART(object));
	else if (GMIME_IS_MESSAGE_PART(object) || g_mime_content_type_is_type(type, "text", "rfc822-headers") ||
	         g_mime_content_type_is_type(type, "message", "global-headers"))
		read_original(w, object);
}

// --- the walk --------------------------------------------------------------------------------------------------------

static int walk(struct walk *w, GMimeObject *object, bool is_root);

static int walk_children(struct walk *w, GMimeMultipart *multipart)
{
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		if (walk(w, g_mime_multipart_get_part(multipart, i), false) < 0)
			return -1;
	return 0;
}

static struct piece *new_piece(struct parts *parts)
{
	return parts->count < PIECES_MAX ? &parts->pieces[parts->count++] : NULL;
}

static int walk_multipart(struct walk *w, GMimeMultipart *multipart)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
	struct piece *outer = w->alternative;
	int result;

	if (g_mime_content_type_is_type(type, "multipart", "alternative") && !outer)
		w->alternative = new_piece(w->parts);
	else if (g_mime_content_type_is_type(type, "multipart", "mixed"))
		w->alternative = NULL;
	if (g_mime_content_type_is_type(type, "multipart", "report")) {
		w->report = true;
		report_of(w);
	}
	if (g_mime_content_type_is_type(type, "multipart", "signed"))
		parts_flag(w->parts, "signed");
	if (g_mime_content_type_is_type(type, "multipart", "encrypted"))
		parts_flag(w->parts, "encrypted");
	result = walk_children(w, multipart);
	w->alternative = outer;
	return result;
}

// Text that the mail program shows as the message.  What has a file name is a file, even if it is text.
static bool is_shown(GMimePart *part, bool is_root)
{
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(GMIME_OBJECT(part));

	if (disposition && g_mime_content_disposition_is_attachment(disposition))
		return false;
	return is_root || !g_mime_part_get_filename(part);
}

// Takes a text as one form of a piece; false when it is no text, or one too many.
static bool take_text(struct walk *w, GMimePart *part, bool is_root)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	bool plain = g_mime_content_type_is_type(type, "text", "plain");
	bool html = g_mime_content_type_is_type(type, "text", "html");
	struct piece *piece = w->alternative;

	if ((!plain && !html) || !is_shown(part, is_root))
		return false;
	if (!piece || (plain && piece->plain) || (html && piece->html)) {
		if (w->alternative)
			return false;
		piece = new_piece(w->parts);
	}
	if (!piece)
		return false;
	if (plain)
		piece->plain = part;
	else
		piece->html = part;
	return true;
}

static int walk(struct walk *w, GMimeObject *object, bool is_root)
{
	if (GMIME_IS_MULTIPART(object))
		return walk_multipart(w, GMIME_MULTIPART(object));
	if (w->report)
		read_report_part(w, object);
	if (GMIME_IS_PART(object) && take_text(w, GMIME_PART(object), is_root))
		return 0;
	if (GMIME_IS_MESSAGE_PART(object) && !w->report)
		parts_flag(w->parts, "forwarded");
	return add_attachment(w, object);
}

int parts_sort(GMimeObject *root, size_t max, int fd, struct parts *out, struct failure *f)
{
	struct walk w = { .parts = out, .failure = f, .fd = fd, .max = max, .sbom_bytes = SBOM_BYTES_MAX };

	*out = (struct parts){ .attachments = json_array(), .sboms = json_array(), .flags = json_array() };
	return walk(&w, root, true);
}

void parts_free(struct parts *parts)
{
	json_decref(parts->attachments);
	json_decref(parts->sboms);
	json_decref(parts->flags);
	json_decref(parts->report);
	*parts = (struct parts){ 0 };
}

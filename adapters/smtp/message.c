// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/message.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/smtp/header.h"
#include "adapters/smtp/part.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

enum {
	LINE_MAX_BYTES = 998, // RFC 5322, 2.1.1
};

static int check_document(const json_t *document, struct err *e)
{
	static const struct json_key keys[] = {
		{ "from", 'O', 0 },
		{ "to", 'O', 0 },
		{ "reply_to", 'o', 0 },
		{ "subject", 'S', 8000 },
		{ "date", 'S', 64 },
		{ "message_id", 'S', 500 },
		{ "in_reply_to", 's', 0 },
		{ "references", 'a', 0 },
		{ "headers", 'o', 50 },
		{ "text", 'S', 0 },
		{ "html", 's', 0 },
		{ "attachments", 'a', 100 },
		{ "sender_envelope", 'S', 254 },
		{ 0 },
	};
	const char *sender;

	if (json_check(document, keys, "mail", e) < 0)
		return -1;
	sender = json_str(document, "sender_envelope");
	return *sender ? address_check("sender_envelope", sender, e) : 0;
}

// The promise of message.h, checked on the very bytes that leave: a mistake here or in GMime must not become two
// mails out of one (BAD-INPUTS M33) or a line that a relay cuts.
static int check_bytes(const char *bytes, size_t len, struct err *e)
{
	size_t line = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\r' && i + 1 < len && bytes[i + 1] == '\n') {
			i++;
			line = 0;
		} else if (c == '\r' || c == '\n' || c == '\0' || c >= 0x80) {
			return err_set(e, EX_DATAERR, "the mail would hold byte 0x%02x where none may be", c);
		} else if (++line > LINE_MAX_BYTES) {
			return err_set(e, EX_DATAERR, "the mail would hold a line of more than %d bytes",
			               LINE_MAX_BYTES);
		}
	}
	return line == 0 ? 0 : err_set(e, EX_DATAERR, "the mail would not end with a line end");
}

static int write_out(GMimeMessage *mail, struct message *out, struct err *e)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new();
	GMimeFormatOptions *format = g_mime_format_options_new();
	GByteArray *array;

	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_object_write_to_stream(GMIME_OBJECT(mail), format, stream);
	g_mime_format_options_free(format);
	array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	if (check_bytes((const char *)array->data, array->len, e) < 0)
		return -1;
	out->len = array->len;
	out->bytes = text_copy_n((const char *)array->data, array->len);
	return 0;
}

int message_build(const json_t *document, struct message *out, struct err *e)
{
	_object_ GMimeMessage *mail = NULL;
	_object_ GMimeObject *body = NULL;

	*out = (struct message){ 0 };
	if (check_document(document, e) < 0)
		return -1;
	mail = g_mime_message_new(FALSE);
	if (header_set_date(mail, document, e) < 0 || header_set_parties(mail, document, e) < 0 ||
	    header_set_subject(mail, document, e) < 0 || header_set_ids(mail, document, e) < 0 ||
	    header_set_others(mail, document, e) < 0)
		return -1;
	body = part_body(document, e);
	if (!body)
		return -1;
	g_mime_message_set_mime_part(mail, body);
	if (write_out(mail, out, e) < 0)
		return -1;
	out->sender = text_copy(json_str(document, "sender_envelope"));
	out->recipient = text_copy(json_str(json_obj(document, "to"), "address"));
	return 0;
}

void message_free(struct message *m)
{
	free(m->sender);
	free(m->recipient);
	free(m->bytes);
	*m = (struct message){ 0 };
}

// SPDX-License-Identifier: Apache-2.0
// What the tests of building mails share: documents, and mails read back by GMime's own parser.
#ifndef TESTS_UNIT_SMTP_MAIL_H
#define TESTS_UNIT_SMTP_MAIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gmime/gmime.h>

#include <cmocka.h>

#include "adapters/smtp/message.h"
#include "adapters/smtp/part.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

// The least that is a mail, with `changes` (JSON) on top; a null takes the key away.
static inline json_t *document_with(const char *changes)
{
	json_t *document =
	        json_loads("{\"from\": {\"name\": \"Licensing desk\", \"address\": \"licensing@example.com\"},"
	                   " \"to\": {\"name\": \"Bo\", \"address\": \"bo@example.com\"},"
	                   " \"sender_envelope\": \"bounces@example.com\", \"subject\": \"CS-1\","
	                   " \"date\": \"2026-11-24T09:12:33.120Z\","
	                   " \"message_id\": \"<cs1.9.a.b.c@example.com>\", \"text\": \"Hello\\n\"}",
	                   0, NULL);
	json_error_t error;
	json_t *top = json_loads(changes, 0, &error), *value;
	const char *key;

	if (!top)
		fail_msg("%s: %s", error.text, changes);
	json_object_foreach(top, key, value) {
		if (json_is_null(value))
			json_object_del(document, key);
		else
			json_object_set(document, key, value);
	}
	json_decref(top);
	return document;
}

static inline int build(const char *changes, struct message *out, struct err *e)
{
	_json_ json_t *document = document_with(changes);

	return message_build(document, out, e);
}

static inline GMimeMessage *parse(const struct message *m)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new_with_buffer(m->bytes, m->len);
	_object_ GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *mail = g_mime_parser_construct_message(parser, NULL);

	assert_non_null(mail);
	return mail;
}

static inline GMimeMessage *built(const char *changes, struct message *m)
{
	struct err e = { 0 };

	if (build(changes, m, &e) < 0)
		fail_msg("%s: %s", changes, e.text);
	return parse(m);
}

// The decoded bytes of a leaf.
static inline char *content_of(GMimeObject *part)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *array;
	char *copy;

	assert_true(GMIME_IS_PART(part));
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
	array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	copy = calloc(1, array->len + 1);
	assert_non_null(copy);
	if (array->len)
		memcpy(copy, array->data, array->len);
	return copy;
}

// As content_of(), with LF line ends.
static inline char *text_of(GMimeObject *part)
{
	char *text = content_of(part), *to = text;

	for (const char *p = text; *p; p++)
		if (!(p[0] == '\r' && p[1] == '\n'))
			*to++ = *p;
	*to = '\0';
	return text;
}

static inline void assert_type(GMimeObject *object, const char *type)
{
	g_autofree char *got = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));

	assert_string_equal(got, type);
}

static inline GMimeObject *child(GMimeObject *multipart, int i)
{
	assert_true(GMIME_IS_MULTIPART(multipart));
	return g_mime_multipart_get_part(GMIME_MULTIPART(multipart), i);
}

static inline size_t count(const struct message *m, const char *what)
{
	size_t n = 0;

	for (const char *p = m->bytes; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static inline void assert_clean_lines(const struct message *m)
{
	size_t line = 0;

	for (size_t i = 0; i < m->len; i++) {
		if (m->bytes[i] == '\n') {
			assert_true(i > 0 && m->bytes[i - 1] == '\r');
			line = 0;
			continue;
		}
		assert_true((m->bytes[i] & 0x80) == 0 && m->bytes[i] != '\0');
		assert_true(++line <= 999); // 998 and the CR
	}
}

static inline int start(void **state)
{
	(void)state;
	g_mime_init();
	return 0;
}

static inline int finish(void **state)
{
	(void)state;
	g_mime_shutdown();
	return 0;
}

#endif

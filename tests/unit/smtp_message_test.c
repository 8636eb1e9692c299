// SPDX-License-Identifier: Apache-2.0
// Mails are built from documents, read back by GMime's parser and compared; what must not be built is refused.
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

// --- a document, and a mail read back --------------------------------------------------------------------------------

// The least that is a mail, with `changes` (JSON) on top; a null takes the key away.
static json_t *document_with(const char *changes)
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

static int build(const char *changes, struct message *out, struct err *e)
{
	_json_ json_t *document = document_with(changes);

	return message_build(document, out, e);
}

static GMimeMessage *parse(const struct message *m)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new_with_buffer(m->bytes, m->len);
	_object_ GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *mail = g_mime_parser_construct_message(parser, NULL);

	assert_non_null(mail);
	return mail;
}

static GMimeMessage *built(const char *changes, struct message *m)
{
	struct err e = { 0 };

	if (build(changes, m, &e) < 0)
		fail_msg("%s: %s", changes, e.text);
	return parse(m);
}

// The decoded bytes of a leaf.
static char *content_of(GMimeObject *part)
{
	_object_ GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *array;

	assert_true(GMIME_IS_PART(part));
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
	array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	return memcpy(calloc(1, array->len + 1), array->data, array->len);
}

// As content_of(), with LF line ends.
static char *text_of(GMimeObject *part)
{
	char *text = content_of(part), *to = text;

	for (const char *p = text; *p; p++)
		if (!(p[0] == '\r' && p[1] == '\n'))
			*to++ = *p;
	*to = '\0';
	return text;
}

static void assert_type(GMimeObject *object, const char *type)
{
	g_autofree char *got = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));

	assert_string_equal(got, type);
}

static GMimeObject *child(GMimeObject *multipart, int i)
{
	assert_true(GMIME_IS_MULTIPART(multipart));
	return g_mime_multipart_get_part(GMIME_MULTIPART(multipart), i);
}

static size_t count(const struct message *m, const char *what)
{
	size_t n = 0;

	for (const char *p = m->bytes; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void assert_clean_lines(const struct message *m)
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

// --- headers ---------------------------------------------------------------------------------------------------------

static void plain_mail(void **state)
{
	static const char expected[] = "Date: Tue, 24 Nov 2026 09:12:33 +0000\r\n"
	                               "From: Licensing desk <licensing@example.com>\r\n"
	                               "To: Bo <bo@example.com>\r\n"
	                               "Subject: CS-1\r\n"
	                               "Message-Id: <cs1.9.a.b.c@example.com>\r\n"
	                               "MIME-Version: 1.0\r\n"
	                               "Content-Type: text/plain; charset=utf-8\r\n"
	                               "Content-Transfer-Encoding: 7bit\r\n"
	                               "\r\n"
	                               "Hello\r\n";
	struct message m;
	_object_ GMimeMessage *mail = built("{}", &m);

	(void)state;
	assert_string_equal(m.bytes, expected);
	assert_int_equal(m.len, strlen(expected));
	assert_string_equal(m.sender, "bounces@example.com");
	assert_string_equal(m.recipient, "bo@example.com");
	message_free(&m);
}

// GMime's parser leaves the fold between an encoded word and a quoted string in a name.
static char *unfolded(const char *name)
{
	char *copy = text_copy(name), *to = copy;

	for (const char *p = copy; *p; p++)
		if (*p != '\r' && *p != '\n')
			*to++ = *p == '\t' ? ' ' : *p;
	*to = '\0';
	return copy;
}

// Subjects and names come back as they went in, in lines that fit; what looks encoded must not be decoded.
static void names_and_subjects(void **state)
{
	static const struct {
		const char *value, *expected; // expected: NULL = as value
	} cases[] = {
		{ "plain", NULL },
		{ "Grüße aus Köln", NULL },
		{ "許諾の例外について、ご確認ください", NULL },
		{ "“quoted” \"quotes\", a comma; <angle> (paren) \\ back: colon@", NULL },
		{ "Łukasz, Esq. (Büro) \"Jo\"", NULL },
		{ "emoji "
		  "🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾"
		  "🧾🧾🧾🧾🧾🧾",
		  NULL },
		{ "bo@example.com", NULL },
		{ "Grün kohl ü ü", NULL },
		{ X100 X10 X10 X10 X10, NULL },
		{ "encoded: =?utf-8?q?a=0D=0ABcc:_x?= end", "encoded: = ?utf-8?q?a=0D=0ABcc:_x?= end" },
		{ "=?utf-8?q?bo=40example.com?=", "= ?utf-8?q?bo=40example.com?=" },
		{ "ends in =?", "ends in = ?" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *expected = cases[i].expected ? cases[i].expected : cases[i].value;
		_json_ json_t *document = document_with("{}");
		InternetAddressList *from;
		struct message m;
		struct err e = { 0 };

		json_put_str(document, "subject", cases[i].value);
		json_put_str(json_obj(document, "from"), "name", cases[i].value);
		if (message_build(document, &m, &e) < 0)
			fail_msg("%s: %s", cases[i].value, e.text);
		_object_ GMimeMessage *mail = parse(&m);
		assert_clean_lines(&m);
		assert_string_equal(g_mime_message_get_subject(mail), expected);
		from = g_mime_message_get_from(mail);
		assert_int_equal(internet_address_list_length(from), 1);
		_free_ char *name = unfolded(internet_address_get_name(internet_address_list_get_address(from, 0)));
		assert_string_equal(name, expected);
		message_free(&m);
	}
}

// A name of any length and no sense leaves a mail that can be sent.
static void overlong_name_is_cut(void **state)
{
	_json_ json_t *document = document_with("{}");
	struct message m;
	struct err e = { 0 };

	(void)state;
	json_put_str(json_obj(document, "to"), "name", X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 "xxxxxxxxxü");
	assert_int_equal(message_build(document, &m, &e), 0);
	_object_ GMimeMessage *mail = parse(&m);
	assert_clean_lines(&m);
	assert_string_equal(
	        internet_address_get_name(internet_address_list_get_address(g_mime_message_get_to(mail), 0)),
	        X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 "xxxxxxxxx");
	message_free(&m);
}

static void long_subject(void **state)
{
	struct message m;
	_object_ GMimeMessage *mail = built("{\"subject\": \"" X1000 " " X1000 X1000 " ü\"}", &m);

	(void)state;
	assert_clean_lines(&m);
	assert_string_equal(g_mime_message_get_subject(mail), X1000 " " X1000 X1000 " ü");
	message_free(&m);
}

static void ids_and_other_headers(void **state)
{
	struct message m;
	_object_ GMimeMessage *mail =
	        built("{\"in_reply_to\": \"<p@example.com>\", \"references\": [\"<r@example.com>\", \"junk\", "
	              "\"<p@example.com>\"],"
	              " \"reply_to\": {\"address\": \"licensing+tok@example.com\"}, \"sender_envelope\": \"\","
	              " \"headers\": {\"Auto-Submitted\": \"auto-generated\", \"List-Id\": \"Größe <l.example.com>\", "
	              "\"List-Unsubscribe\": \"<https://example.com/" X100 X100 ">\"}}",
	              &m);
	GMimeObject *o = GMIME_OBJECT(mail);

	(void)state;
	assert_string_equal(m.sender, "");
	assert_string_equal(g_mime_object_get_header(o, "In-Reply-To"), "<p@example.com>");
	assert_string_equal(g_mime_object_get_header(o, "References"), "<r@example.com> <p@example.com>");
	assert_string_equal(g_mime_object_get_header(o, "Reply-To"), "licensing+tok@example.com");
	assert_string_equal(g_mime_object_get_header(o, "Auto-Submitted"), "auto-generated");
	assert_string_equal(g_mime_object_get_header(o, "List-Id"), "Größe <l.example.com>");
	assert_int_equal(count(&m, "\r\nList-Unsubscribe: <https://example.com/" X100 X100 ">\r\n"), 1);
	message_free(&m);
}

// Of a thread of 300 mails the root and the last ones stay.
static void references_are_trimmed(void **state)
{
	_json_ json_t *document = document_with("{}"), *references = json_array();
	_json_ json_t *held = references;
	struct message m;
	struct err e = { 0 };
	GMimeReferences *list;

	(void)state;
	for (int i = 0; i < 300; i++) {
		_free_ char *id = text_format("<%d." X100 "@example.com>", i);

		json_add_str(references, id);
	}
	json_put(document, "references", json_incref(held));
	assert_int_equal(message_build(document, &m, &e), 0);
	assert_clean_lines(&m);
	_object_ GMimeMessage *mail = parse(&m);
	list = g_mime_references_parse(NULL, g_mime_object_get_header(GMIME_OBJECT(mail), "References"));
	assert_int_equal(g_mime_references_length(list), 21);
	assert_true(text_starts(g_mime_references_get_message_id(list, 0), "0.x"));
	assert_true(text_starts(g_mime_references_get_message_id(list, 1), "280.x"));
	assert_true(text_starts(g_mime_references_get_message_id(list, 20), "299.x"));
	g_mime_references_free(list);
	message_free(&m);
}

// --- bodies ----------------------------------------------------------------------------------------------------------

static void texts_come_back(void **state)
{
	static const struct {
		const char *text, *encoding, *expected; // expected: NULL = as text
	} cases[] = {
		{ "", "7bit", NULL },
		{ "one\n\n.\n..\n-- \nend\n", "7bit", NULL },
		{ "one\nFrom here\n.\n", "quoted-printable", NULL },
		{ "no line end", "7bit", "no line end\n" },
		{ "CR LF\r\nand CR\rand LF\n", "7bit", "CR LF\nand CR\nand LF\n" },
		{ "Grüße, and much ordinary text that makes it worthwhile to keep it readable\n", "quoted-printable",
		  NULL },
		{ "trailing space \nand tab\t\nGrüße, with more text than umlauts in the whole of it\n",
		  "quoted-printable", NULL },
		{ "許諾の例外について\nご確認ください\n", "base64", NULL },
		{ X1000 X1000 "\n", "quoted-printable", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *document = document_with("{}");
		struct message m;
		struct err e = { 0 };

		json_put_str(document, "text", cases[i].text);
		if (message_build(document, &m, &e) < 0)
			fail_msg("case %zu: %s", i, e.text);
		assert_clean_lines(&m);
		_object_ GMimeMessage *mail = parse(&m);
		GMimeObject *part = g_mime_message_get_mime_part(mail);
		_free_ char *text = text_of(part);

		assert_string_equal(text, cases[i].expected ? cases[i].expected : cases[i].text);
		assert_string_equal(g_mime_object_get_header(part, "Content-Transfer-Encoding"), cases[i].encoding);
		message_free(&m);
	}
}

static void text_before_html(void **state)
{
	struct message m;
	_object_ GMimeMessage *mail = built("{\"text\": \"Größe\\n\", \"html\": \"<p>Größe</p>\\n\"}", &m);
	GMimeObject *body = g_mime_message_get_mime_part(mail);
	_free_ char *text = text_of(child(body, 0)), *html = text_of(child(body, 1));

	(void)state;
	assert_type(body, "multipart/alternative");
	assert_int_equal(g_mime_multipart_get_count(GMIME_MULTIPART(body)), 2);
	assert_type(child(body, 0), "text/plain");
	assert_type(child(body, 1), "text/html");
	assert_string_equal(text, "Größe\n");
	assert_string_equal(html, "<p>Größe</p>\n");
	message_free(&m);
}

static void attachments(void **state)
{
	struct message m;
	_object_ GMimeMessage *mail = built(
	        "{\"html\": \"<p>x</p>\", \"attachments\": ["
	        " {\"name\": \"Prüfbericht „final“ " X100 ".txt\", \"type\": \"text/plain\", \"text\": \"gut\\n\"},"
	        " {\"name\": \"a; b=\\\"c\\\".bin\", \"type\": \"application/octet-stream\", \"base64\": \"AA0KDQr/\"},"
	        " {\"name\": \"empty\", \"type\": \"application/json\", \"base64\": \"\"}]}",
	        &m);
	GMimeObject *body = g_mime_message_get_mime_part(mail);
	_free_ char *text = text_of(child(body, 1)), *bytes = content_of(child(body, 2));

	(void)state;
	assert_clean_lines(&m);
	assert_type(body, "multipart/mixed");
	assert_int_equal(g_mime_multipart_get_count(GMIME_MULTIPART(body)), 4);
	assert_type(child(body, 0), "multipart/alternative");
	assert_string_equal(g_mime_part_get_filename(GMIME_PART(child(body, 1))), "Prüfbericht „final“ " X100 ".txt");
	assert_string_equal(g_mime_part_get_filename(GMIME_PART(child(body, 2))), "a; b=\"c\".bin");
	assert_string_equal(g_mime_object_get_disposition(child(body, 1)), "attachment");
	assert_non_null(strstr(m.bytes, "filename*0*=UTF-8''Pr%C3%BCf")); // RFC 2231, in pieces
	assert_string_equal(text, "gut\n");
	assert_memory_equal(bytes, "\0\r\n\r\n\xff", 6);
	message_free(&m);
}

// A second sending of the same document must be the same mail.
static void same_document_same_bytes(void **state)
{
	static const char changes[] =
	        "{\"html\": \"<p>x</p>\", \"attachments\": [{\"name\": \"a\", \"type\": \"text/plain\","
	        " \"text\": \"b\"}]}";
	struct message a, b;
	struct err e;

	(void)state;
	assert_int_equal(build(changes, &a, &e), 0);
	assert_int_equal(build(changes, &b, &e), 0);
	assert_string_equal(a.bytes, b.bytes);
	message_free(&a);
	message_free(&b);
}

// --- what is refused -------------------------------------------------------------------------------------------------

static void refused(void **state)
{
	static const struct {
		const char *changes, *why;
	} cases[] = {
		{ "{\"subject\": \"a\\r\\nBcc: mal@evil.example\"}", "subject" },
		{ "{\"subject\": \"a\\nb\"}", "subject" },
		{ "{\"subject\": \"a\\tb\"}", "subject" },
		{ "{\"subject\": \"a\\u007fb\"}", "subject" },
		{ "{\"from\": {\"name\": \"A\\r\\nBcc: x@y\", \"address\": \"a@b\"}}", "from" },
		{ "{\"from\": {\"name\": \"A\", \"address\": \"a@b>\\r\\nX: y\"}}", "from" },
		{ "{\"to\": {\"address\": \"a@b,c@d\"}}", "to" },
		{ "{\"to\": {\"address\": \"a@b c\"}}", "to" },
		{ "{\"to\": {\"address\": \"a b@c\"}}", "to" },
		{ "{\"to\": {\"address\": \"\\\"a@b\\\"@c\"}}", "to" },
		{ "{\"to\": {\"address\": \"<a@b>\"}}", "to" },
		{ "{\"to\": {\"address\": \"a..b@c\"}}", "to" },
		{ "{\"to\": {\"address\": \"a@\"}}", "to" },
		{ "{\"to\": {\"address\": \"@a\"}}", "to" },
		{ "{\"to\": {\"address\": \"\"}}", "to" },
		{ "{\"to\": {\"address\": \"bo@exаmple.com\"}}", "to" }, // Cyrillic
		{ "{\"to\": [{\"address\": \"a@b\"}, {\"address\": \"c@d\"}]}", "to" },
		{ "{\"to\": null}", "to" },
		{ "{\"reply_to\": {\"address\": \"a@b\\n\"}}", "reply_to" },
		{ "{\"sender_envelope\": \"a@b>\\r\\nRCPT TO:<x@y\"}", "sender_envelope" },
		{ "{\"message_id\": \"no brackets\"}", "message_id" },
		{ "{\"message_id\": \"<a@b>\\r\\nX: y\"}", "message_id" },
		{ "{\"in_reply_to\": \"<a@b>\\r\\nX: y\"}", "in_reply_to" },
		{ "{\"references\": [\"<a@b>\\nX: y\"]}", "references" },
		{ "{\"references\": [1]}", "references" },
		{ "{\"headers\": {\"X\\r\\nBcc\": \"y\"}}", "headers" },
		{ "{\"headers\": {\"X: y\": \"z\"}}", "headers" },
		{ "{\"headers\": {\"\": \"z\"}}", "headers" },
		{ "{\"headers\": {\"X-A\": \"b\\r\\nBcc: c@d\"}}", "X-A" },
		{ "{\"headers\": {\"X-A\": 1}}", "X-A" },
		{ "{\"headers\": {\"bcc\": \"x@y\"}}", "bcc" },
		{ "{\"headers\": {\"FROM\": \"x@y\"}}", "FROM" },
		{ "{\"headers\": {\"Content-Type\": \"text/html\"}}", "Content-Type" },
		{ "{\"headers\": {\"Resent-To\": \"x@y\"}}", "Resent-To" },
		{ "{\"headers\": {\"X-A\": \"=?utf-8?q?a=0D=0Ab?=\"}}", "X-A" },
		{ "{\"date\": \"yesterday\"}", "date" },
		{ "{\"text\": null}", "text" },
		{ "{\"bcc\": \"x@y\"}", "bcc" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"text/plain\"}]}", "attachment" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"text/plain\", \"text\": \"\", \"base64\": \"\"}]}",
		  "one of" },
		{ "{\"attachments\": [{\"name\": \"a\\r\\nX: y\", \"type\": \"text/plain\", \"text\": \"\"}]}",
		  "name" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"text\", \"text\": \"\"}]}", "type" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"text/plain\\r\\nX: y\", \"text\": \"\"}]}",
		  "type" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"message/rfc822\", \"text\": \"\"}]}", "message" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"a/b\", \"base64\": \"AAA\"}]}", "base64" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"a/b\", \"base64\": \"A===\"}]}", "base64" },
		{ "{\"attachments\": [{\"name\": \"a\", \"type\": \"a/b\", \"base64\": \"AA\\nA\"}]}", "base64" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct message m;
		struct err e = { 0 };

		if (build(cases[i].changes, &m, &e) == 0)
			fail_msg("built: %s\n%s", cases[i].changes, m.bytes);
		assert_int_equal(e.code, EX_DATAERR);
		if (!strstr(e.text, cases[i].why) || strstr(e.text, "evil"))
			fail_msg("%s: %s", cases[i].changes, e.text);
		message_free(&m);
	}
}

// A header value that looks like a field of its own stays a value.
static void nothing_becomes_a_field(void **state)
{
	struct message m;
	_object_ GMimeMessage *mail =
	        built("{\"subject\": \"=?utf-8?q?a=0D=0ABcc:_x?= Bcc: a@b\", \"headers\": {\"X-Note\": \"Bcc: " X100
	              " Bcc: x\"}}",
	              &m);

	(void)state;
	assert_int_equal(count(&m, "\r\nBcc:"), 0);
	assert_null(g_mime_object_get_header(GMIME_OBJECT(mail), "Bcc"));
	message_free(&m);
}

static int start(void **state)
{
	(void)state;
	g_mime_init();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	g_mime_shutdown();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_mail),
		cmocka_unit_test(names_and_subjects),
		cmocka_unit_test(overlong_name_is_cut),
		cmocka_unit_test(long_subject),
		cmocka_unit_test(ids_and_other_headers),
		cmocka_unit_test(references_are_trimmed),
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(text_before_html),
		cmocka_unit_test(attachments),
		cmocka_unit_test(same_document_same_bytes),
		cmocka_unit_test(refused),
		cmocka_unit_test(nothing_becomes_a_field),
	};

	return cmocka_run_group_tests(tests, start, finish);
}

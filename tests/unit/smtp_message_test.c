// SPDX-License-Identifier: Apache-2.0
// The body of a mail, built from a document, read back and compared; and the documents that become no mail.
#include "tests/unit/smtp_mail.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back), cmocka_unit_test(text_before_html),
		cmocka_unit_test(attachments),     cmocka_unit_test(same_document_same_bytes),
		cmocka_unit_test(refused),         cmocka_unit_test(nothing_becomes_a_field),
	};

	return cmocka_run_group_tests(tests, start, finish);
}

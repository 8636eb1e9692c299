// SPDX-License-Identifier: Apache-2.0
// The header of a mail: built from a document, read back, compared.
#include "tests/unit/smtp_mail.h"

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
	struct err e = { 0 };

	(void)state;
	assert_int_equal(build("{}", &m, &e), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_mail),
		cmocka_unit_test(names_and_subjects),
		cmocka_unit_test(overlong_name_is_cut),
		cmocka_unit_test(long_subject),
		cmocka_unit_test(ids_and_other_headers),
		cmocka_unit_test(references_are_trimmed),
	};

	return cmocka_run_group_tests(tests, start, finish);
}

// SPDX-License-Identifier: Apache-2.0
// What `configure` may tell the imap adapter, and what a token server may answer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/imap/settings.h"
#include "adapters/login.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#define NOW 1795500000000

static json_t *object(const char *text)
{
	return json_loads(text, 0, NULL);
}

static void test_settings(void **state)
{
	static const struct {
		const char *config;
		const char *host, *port; // NULL: refused
		enum tls_mode tls;
		const char *says;
	} cases[] = {
		{ "{'url':'imaps://mail.example.com','user':'bot'}", "mail.example.com", "993", TLS_FIRST, NULL },
		{ "{'url':'IMAPS://mail.example.com:1993/','user':'bot'}", "mail.example.com", "1993", TLS_FIRST,
		  NULL },
		{ "{'url':'imap://mail.example.com','user':'bot'}", "mail.example.com", "143", TLS_STARTTLS, NULL },
		{ "{'url':'imap://127.0.0.1:11430','user':'bot','tls':'none'}", "127.0.0.1", "11430", TLS_NONE, NULL },
		{ "{'url':'imaps://[::1]:993','user':'bot'}", "::1", "993", TLS_FIRST, NULL },
		{ "{'url':'imaps://[::1','user':'bot'}", NULL, NULL, 0, "names no host" },
		{ "{'url':'imaps://','user':'bot'}", NULL, NULL, 0, "names no host" },
		{ "{'url':'imaps://u:p@host','user':'bot'}", NULL, NULL, 0, "no port" },
		{ "{'url':'imaps://host:','user':'bot'}", NULL, NULL, 0, "no port" },
		{ "{'url':'imaps://host:99/INBOX','user':'bot'}", NULL, NULL, 0, "more than" },
		{ "{'url':'http://host','user':'bot'}", NULL, NULL, 0, "imaps://" },
		{ "{'url':'imaps://host','user':'bot','tls':'none'}", NULL, NULL, 0, "imap.tls" },
		{ "{'url':'imap://host','user':'bot','tls':'maybe'}", NULL, NULL, 0, "imap.tls" },
		{ "{'url':'imap://host','user':''}", NULL, NULL, 0, "imap.user" },
		{ "{'url':'imap://host','user':'bot\\r\\nx'}", NULL, NULL, 0, "imap.user" },
		{ "{'url':'imap://host','user':'bot','folder':'A','processed':'A'}", NULL, NULL, 0, "same folder" },
		{ "{'url':'imap://host','user':'bot','folder':'Entw\u00fcrfe'}", NULL, NULL, 0, "imap.folder" },
	};
	_json_ json_t *secrets = object("{\"password\":\"pw\"}");

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *text = text_copy(cases[i].config);
		_json_ json_t *config = NULL;
		struct settings s;
		struct err e = { 0 };

		for (char *p = text; *p; p++)
			if (*p == '\'')
				*p = '"';
		config = object(text);
		assert_non_null(config);
		assert_int_equal(settings_take(&s, config, secrets, &e), cases[i].host ? 0 : -1);
		if (cases[i].host) {
			assert_string_equal(s.host, cases[i].host);
			assert_string_equal(s.port, cases[i].port);
			assert_int_equal(s.tls, cases[i].tls);
			assert_string_equal(s.folder, "INBOX");
		} else {
			assert_non_null(strstr(e.text, cases[i].says));
		}
		settings_free(&s);
	}
}

static void test_secrets(void **state)
{
#define REST "\"oauth_client_id\":\"c\",\"oauth_refresh_token\":\"r\""
	static const struct {
		const char *secrets;
		const char *says; // NULL: accepted
	} cases[] = {
		{ "{\"password\":\"pw\"}", NULL },
		{ "{\"oauth_token_url\":\"https://login.example.com/token\"," REST "}", NULL },
		{ "{\"oauth_token_url\":\"http://127.0.0.1:8080/token\"," REST "}", NULL },
		{ "{\"oauth_token_url\":\"http://login.example.com/token\"," REST "}", "https://" },
		{ "{\"oauth_token_url\":\"http://127.0.0.1:1@example.com/token\"," REST "}", "user" },
		{ "{\"oauth_token_url\":\"http://127.0.0.1.example.com/token\"," REST "}", "https://" },
		{ "{\"oauth_token_url\":\"file:///etc/passwd\"," REST "}", "" },
		{ "{\"oauth_token_url\":\"https://login.example.com/token\"}", "not all" },
		{ "{}", "no password" },
		{ "{\"password\":\"pw\"," REST "}", "both" },
		{ "{\"password\":\"p\\r\\nA1 DELETE INBOX\"}", "control byte" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *secrets = object(cases[i].secrets);
		struct login login;
		struct err e = { 0 };

		assert_int_equal(login_take(&login, secrets, &e), cases[i].says ? -1 : 0);
		if (cases[i].says)
			assert_non_null(strstr(e.text, cases[i].says));
		login_free(&login);
	}
}

static void test_token_answers(void **state)
{
	static const struct {
		long status;
		const char *answer;
		int code;         // 0: accepted
		int64_t life;     // ms
		const char *next; // refresh token from then on
	} cases[] = {
		{ 200, "{\"access_token\":\"t\",\"expires_in\":1800}", 0, 1800 * CLOCK_SECOND, "old" },
		{ 200, "{\"access_token\":\"t\"}", 0, CLOCK_HOUR, "old" },
		{ 200, "{\"access_token\":\"t\",\"expires_in\":-5}", 0, CLOCK_HOUR, "old" },
		{ 200, "{\"access_token\":\"t\",\"expires_in\":9223372036854775807}", 0, CLOCK_DAY, "old" },
		{ 200, "{\"access_token\":\"t\",\"expires_in\":60,\"refresh_token\":\"new\"}", 0, CLOCK_MINUTE, "new" },
		{ 200, "{\"access_token\":\"\"}", EX_TEMPFAIL, 0, "old" },
		{ 200, "{\"access_token\":\"a\\u0001b\"}", EX_TEMPFAIL, 0, "old" },
		{ 200, "{\"access_token\":7}", EX_TEMPFAIL, 0, "old" },
		{ 200, "<html>", EX_TEMPFAIL, 0, "old" },
		{ 200, "", EX_TEMPFAIL, 0, "old" },
		{ 302, "{\"access_token\":\"t\"}", EX_TEMPFAIL, 0, "old" },
		{ 400, "{\"error\":\"invalid_grant\"}", EX_NOPERM, 0, "old" },
		{ 401, "{\"error\":\"invalid_client\",\"error_description\":\"who?\"}", EX_NOPERM, 0, "old" },
		{ 400, "{\"error\":\"temporarily_unavailable\"}", EX_TEMPFAIL, 0, "old" },
		{ 503, "busy", EX_TEMPFAIL, 0, "old" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct login login = { .oauth.refresh_token = text_copy("old") };
		const char *answer = cases[i].answer;
		struct err e = { 0 };
		int r = oauth_take_answer(&login.oauth, cases[i].status, answer, strlen(answer), NOW, &e);

		assert_int_equal(r, cases[i].code ? -1 : 0);
		assert_int_equal(e.code, cases[i].code);
		assert_string_equal(login.oauth.refresh_token, cases[i].next);
		if (r == 0) {
			assert_string_equal(login.oauth.access_token, "t");
			assert_int_equal(login.oauth.expires, NOW + cases[i].life);
		} else {
			assert_null(login.oauth.access_token);
		}
		login_free(&login);
	}
}

static void test_token_cache(void **state)
{
	struct login login = { .oauth = { .token_url = text_copy("http://127.0.0.1:1/token"), // nobody listens there
		                          .client_id = text_copy("c"),
		                          .client_secret = text_copy(""),
		                          .refresh_token = text_copy("r"),
		                          .access_token = text_copy("kept"),
		                          .expires = NOW + CLOCK_HOUR } };
	struct err e = { 0 };

	(void)state;
	{
		_secret_ char *token = NULL;

		assert_int_equal(oauth_access_token(&login.oauth, NOW, &token, &e), 0);
		assert_string_equal(token, "kept");
	}
	{
		_secret_ char *token = NULL;

		assert_int_equal(oauth_access_token(&login.oauth, NOW + CLOCK_HOUR - 30 * CLOCK_SECOND, &token, &e),
		                 -1);
		assert_null(token);
		assert_int_equal(e.code, EX_TEMPFAIL);
	}
	oauth_forget(&login.oauth);
	{
		_secret_ char *token = NULL;

		assert_int_equal(oauth_access_token(&login.oauth, NOW, &token, &e), -1);
	}
	login_free(&login);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_token_answers),
		cmocka_unit_test(test_token_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

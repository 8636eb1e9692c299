// SPDX-License-Identifier: Apache-2.0
// The part of `configure` that says where mail is submitted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/smtp/settings.h"
#include "base/auto.h"

static const struct {
	const char *url, *tls, *user, *domain, *secrets;
	const char *expected; // the url for libcurl, or part of the sentence that refuses
	bool taken;
} cases[] = {
	{ "smtp://mx.example.com:587", "required", "a", "example.com", "{\"password\":\"p\"}",
	  "smtp://mx.example.com:587/example.com", true },
	{ "smtps://mx.example.com", "required", "a", "example.com", "{\"password\":\"p\"}",
	  "smtps://mx.example.com/example.com", true },
	{ "smtp://127.0.0.1:25", "none", "", "example.com", "{}", "smtp://127.0.0.1:25/example.com", true },
	{ "smtp://[::1]:25/", "none", "", "example.com", "{}", "smtp://[::1]:25/example.com", true },
	{ "smtp://h", "required", "a", "x", "{}", "no password", false },
	{ "smtp://h", "try", "a", "x", "{\"password\":\"p\"}", "mail.smtp.tls", false },
	{ "smtps://h", "none", "a", "x", "{\"password\":\"p\"}", "contradict", false },
	{ "https://h", "required", "a", "x", "{\"password\":\"p\"}", "smtp://", false },
	{ "smtp://a:b@h", "required", "a", "x", "{\"password\":\"p\"}", "nothing else", false },
	{ "smtp://h/path", "required", "a", "x", "{\"password\":\"p\"}", "nothing else", false },
	{ "", "required", "a", "x", "{\"password\":\"p\"}", "not a URL", false },
	{ "smtp://h", "required", "a\nb", "x", "{\"password\":\"p\"}", "control byte", false },
	{ "smtp://h", "required", "a", "x\r\nMAIL", "{\"password\":\"p\"}", "EHLO", false },
	{ "smtp://h", "required", "a", "", "{\"password\":\"p\"}", "EHLO", false },
	{ "smtp://h", "required", "a", "x", "{\"password\":\"p\\nq\"}", "control byte", false },
};

static void taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *config = json_pack("{s:s, s:s, s:s, s:s}", "url", cases[i].url, "tls", cases[i].tls,
		                                  "user", cases[i].user, "domain", cases[i].domain);
		_json_ json_t *secrets = json_loads(cases[i].secrets, 0, NULL);
		struct settings s;
		struct err e = { 0 };
		int r = settings_take(&s, config, secrets, &e);

		if ((r == 0) != cases[i].taken || !strstr(r == 0 ? s.url : e.text, cases[i].expected))
			fail_msg("case %zu (%s): %d %s %s", i, cases[i].url, r, r == 0 ? s.url : "-", e.text);
		if (r == 0)
			assert_int_equal(s.tls, strcmp(cases[i].tls, "required") == 0);
		settings_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(taken_or_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

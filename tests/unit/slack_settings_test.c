// SPDX-License-Identifier: Apache-2.0
// The part of `configure` that says where Slack is and by which tokens; and which URLs from outside are Slack's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/peer.h"
#include "adapters/slack/settings.h"
#include "base/auto.h"

#define APP "xapp-1-A012-345-abc"
#define BOT "xoxb-12-34-abc"

static const struct {
	const char *api, *app, *bot;
	const char *expected; // part of the sentence that refuses; NULL: taken
} cases[] = {
	{ "https://slack.com/api/", APP, BOT, NULL },
	{ "https://localhost:4443/api/", APP, BOT, NULL },
	{ "http://127.0.0.1:8080/api/", APP, BOT, NULL },
	{ "http://localhost/api/", APP, BOT, NULL },
	{ "http://slack.com/api/", APP, BOT, "https://" },
	{ "http://127.0.0.1.example.com/api/", APP, BOT, "https://" },
	{ "ftp://localhost/api/", APP, BOT, "https://" },
	{ "", APP, BOT, "not a URL" },
	{ "slack", APP, BOT, "not a URL" },
	{ "https://slack.com/api", APP, BOT, "a slash at the end" },
	{ "https://a:b@slack.com/api/", APP, BOT, "nothing" },
	{ "https://slack.com/api/?x=/", APP, BOT, "a path with a slash" },
	{ "https://slack.com/api/", BOT, APP, "slack.app_token" },
	{ "https://slack.com/api/", APP, APP, "slack.bot_token" },
	{ "https://slack.com/api/", APP, "xoxp-12-34", "slack.bot_token" },
	{ "https://slack.com/api/", "", BOT, "slack.app_token" },
	{ "https://slack.com/api/", APP "\r\nX: y", BOT, "slack.app_token" },
	{ "https://slack.com/api/", APP, BOT "\xc3\xa4", "slack.bot_token" },
};

static void taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *config = json_pack("{s:s, s:[s, s]}", "api", cases[i].api, "listed", "U1", "U2");
		_json_ json_t *secrets = json_pack("{s:s, s:s}", "app_token", cases[i].app, "bot_token", cases[i].bot);
		struct settings s;
		struct err e = { 0 };
		int r = settings_take(&s, config, secrets, &e);

		if ((r == 0) != !cases[i].expected)
			fail_msg("case %zu (%s): %d %s", i, cases[i].api, r, e.text);
		// A word that every case's refusal has; never a token.
		if (r < 0 && strcmp(cases[i].expected, "nothing") != 0 && !strstr(e.text, cases[i].expected))
			fail_msg("case %zu (%s): %s", i, cases[i].api, e.text);
		assert_null(strstr(e.text, "12-34"));
		if (r == 0) {
			assert_string_equal(s.api, cases[i].api);
			assert_true(json_object_get(s.listed, "U2") != NULL);
			assert_int_equal(s.plain, strncmp(cases[i].api, "http:", 5) == 0);
			assert_int_equal(s.ping, 10);
			assert_int_equal(s.dead, 30);
		}
		settings_free(&s);
	}
}

static void what_else_is_refused(void **state)
{
	static const char *const configs[] = {
		"{\"api\":\"https://slack.com/api/\",\"listed\":[\"U1\",2]}",
		"{\"api\":\"https://slack.com/api/\",\"ping\":30,\"dead\":30}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(configs); i++) {
		_json_ json_t *config = json_loads(configs[i], 0, NULL);
		_json_ json_t *secrets = json_pack("{s:s, s:s}", "app_token", APP, "bot_token", BOT);
		struct settings s;
		struct err e = { 0 };

		assert_int_equal(settings_take(&s, config, secrets, &e), -1);
		assert_int_equal(e.code, EX_CONFIG);
		settings_free(&s);
	}
}

static const struct {
	const char *api, *url;
	bool token, answer; // may it be shown our token, may it be answered to?
} peers[] = {
	{ "https://slack.com/api/", "https://files.slack.com/files-pri/T1-F1/a.txt", true, false },
	{ "https://slack.com/api/", "https://acme.slack.com/files/a", true, false },
	{ "https://slack.com/api/", "https://slack.com/api/x", true, false },
	{ "https://slack.com/api/", "https://FILES.Slack.COM/a", true, false },
	{ "https://slack.com/api/", "http://files.slack.com/a", false, false },
	{ "https://slack.com/api/", "https://files.slack.com:8443/a", false, false },
	{ "https://slack.com/api/", "https://evilslack.com/a", false, false },
	{ "https://slack.com/api/", "https://slack.com.evil.example/a", false, false },
	{ "https://slack.com/api/", "https://files.slack.com@evil.example/a", false, false },
	{ "https://slack.com/api/", "https://evil.example/?files.slack.com", false, false },
	{ "https://slack.com/api/", "https://evil.example#.slack.com", false, false },
	{ "https://slack.com/api/", "https://.slack.com/", false, false },
	{ "https://slack.com/api/", "file:///etc/passwd", false, false },
	{ "https://slack.com/api/", "", false, false },
	{ "https://slack.com/api/", "https://hooks.slack.com/actions/T1/1/a", true, true },
	{ "https://slack.com/api/", "http://hooks.slack.com/actions/T1/1/a", false, false },
	{ "https://slack.com/api/", "https://hooks.slack.com:444/actions", false, false },
	{ "https://slack.com/api/", "https://hooks.slack.com.evil.example/", false, false },
	{ "https://slack.com/api/", "http://169.254.169.254/latest", false, false },
	{ "https://slack.com/api/", "http://127.0.0.1/hooks/", false, false },
	{ "https://slack.com/api/", "https://slack.com/hooks/", true, false },
	{ "https://localhost:99/api/", "https://localhost:99/hooks/1", true, true },
	{ "https://localhost:99/api/", "https://localhost:98/hooks/1", false, false },
	{ "https://localhost:99/api/", "http://localhost:99/hooks/1", false, false },
	{ "https://chat.example/api/", "https://chat.example/hooks/1", true, false },
};

static void whose_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(peers); i++) {
		_json_ json_t *config = json_pack("{s:s}", "api", peers[i].api);
		_json_ json_t *secrets = json_pack("{s:s, s:s}", "app_token", APP, "bot_token", BOT);
		struct settings s;

		assert_int_equal(settings_take(&s, config, secrets, NULL), 0);
		if (peer_may_have_token(&s, peers[i].url) != peers[i].token)
			fail_msg("a token for %s", peers[i].url);
		if (peer_may_be_answered(&s, peers[i].url) != peers[i].answer)
			fail_msg("an answer to %s", peers[i].url);
		settings_free(&s);
	}
}

static void parts_of_a_socket(void **state)
{
	struct peer p;

	(void)state;
	assert_int_equal(peer_read("wss://WSS-primary.slack.com/link/?ticket=5f&app_id=01", &p), 0);
	assert_true(p.tls);
	assert_string_equal(p.host, "wss-primary.slack.com");
	assert_int_equal(p.port, 443);
	assert_string_equal(p.path, "/link/?ticket=5f&app_id=01");
	peer_free(&p);
	assert_int_equal(peer_read("ws://localhost:81/x", &p), 0);
	assert_false(p.tls);
	assert_int_equal(p.port, 81);
	peer_free(&p);
	assert_int_equal(peer_read("gopher://localhost/", &p), -1);
	assert_int_equal(peer_read("wss://", &p), -1);
	assert_int_equal(peer_read("wss://u:p@h/", &p), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_or_refused),
		cmocka_unit_test(what_else_is_refused),
		cmocka_unit_test(whose_url),
		cmocka_unit_test(parts_of_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

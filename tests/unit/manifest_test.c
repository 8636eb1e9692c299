// SPDX-License-Identifier: Apache-2.0
// The manifest of the Slack app: well-formed, within Slack's limits, and asking for what is used and nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/slack_account.h"
#include "bot/yaml.h"

#define MANIFEST SOURCE_DIR "/templates/slack/manifest.yaml"

static int setup(void **state)
{
	_buf_ struct buf text = BUF(YAML_MAX);
	struct err e = { 0 };

	if (file_read(MANIFEST, &text, &e) == 0)
		*state = yaml_read(buf_text(&text), text.len, MANIFEST, &e);
	if (!*state)
		fail_msg("%s", e.text);
	return 0;
}

static int teardown(void **state)
{
	yaml_free((struct yaml **)state);
	return 0;
}

static const json_t *at(void **state, const char *path)
{
	const json_t *value = yaml_json(*state);

	for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/')
		value = json_object_getn(value, p, strcspn(p, "/"));
	if (!value)
		fail_msg("there is no %s", path);
	return value;
}

static void assert_length(const char *what, const char *text, size_t max)
{
	if (!*text || strlen(text) > max)
		fail_msg("%s: \"%s\" is longer than %zu", what, text, max);
}

static void test_keys(void **state)
{
	static const struct json_key keys[] = { { "_metadata", 'O', 0 }, { "display_information", 'O', 0 },
		                                { "features", 'O', 0 },  { "oauth_config", 'O', 0 },
		                                { "settings", 'O', 0 },  { 0 } };
	static const struct json_key features[] = { { "bot_user", 'O', 0 },
		                                    { "app_home", 'O', 0 },
		                                    { "slash_commands", 'A', 0 },
		                                    { "shortcuts", 'A', 0 },
		                                    { 0 } };
	struct err e = { 0 };

	if (json_check(yaml_json(*state), keys, "the manifest", &e) < 0 ||
	    json_check(at(state, "features"), features, "features", &e) < 0)
		fail_msg("%s", e.text);
}

static void test_switches(void **state)
{
	static const char *const switches[][2] = {
		{ "settings/socket_mode_enabled", "true" },
		{ "settings/interactivity/is_enabled", "true" },
		{ "settings/org_deploy_enabled", "false" },
		{ "settings/token_rotation_enabled", "false" },
		{ "features/app_home/home_tab_enabled", "true" },
		{ "features/app_home/messages_tab_enabled", "true" },
		{ "features/app_home/messages_tab_read_only_enabled", "false" },
	};

	for (size_t i = 0; i < LENGTH(switches); i++)
		assert_string_equal(json_string_value(at(state, switches[i][0])), switches[i][1]);
}

static void test_names(void **state)
{
	const json_t *commands = at(state, "features/slash_commands"), *shortcuts = at(state, "features/shortcuts");
	const json_t *command = json_array_get(commands, 0);

	assert_length("name", json_string_value(at(state, "display_information/name")), 35);
	assert_length("description", json_string_value(at(state, "display_information/description")), 140);
	assert_length("bot", json_string_value(at(state, "features/bot_user/display_name")), 80);
	assert_int_equal(json_array_size(commands), 1);
	assert_string_equal(json_str(command, "command"), "/countersign");
	assert_string_equal(json_str(command, "should_escape"), "true");
	assert_null(json_object_get(command, "url")); // Socket Mode
	assert_length("description", json_str(command, "description"), 2000);
	assert_length("usage_hint", json_str(command, "usage_hint"), 1000);
	assert_int_equal(json_array_size(shortcuts), 2);
	assert_string_equal(json_str(json_array_get(shortcuts, 0), "callback_id"), "new_request");
	assert_string_equal(json_str(json_array_get(shortcuts, 0), "type"), "global");
	assert_string_equal(json_str(json_array_get(shortcuts, 1), "callback_id"), "message_request");
	assert_string_equal(json_str(json_array_get(shortcuts, 1), "type"), "message");
	for (size_t i = 0; i < 2; i++) {
		assert_length("shortcut", json_str(json_array_get(shortcuts, i), "name"), 24);
		assert_length("shortcut", json_str(json_array_get(shortcuts, i), "description"), 150);
	}
}

// The scopes that doctor looks for, each with a comment that says what it is for; no user scopes.
static void test_scopes(void **state)
{
	const json_t *scopes = at(state, "oauth_config/scopes/bot");
	const char *text = yaml_text(*state, NULL);
	size_t count = 0;

	for (const struct slack_scope *s = slack_scopes; s->scope; s++, count++) {
		_free_ char *line = text_format("      - %s ", s->scope);
		const char *found = strstr(text, line);

		if (!json_has_str(scopes, s->scope) || !found)
			fail_msg("the scope %s is missing", s->scope);
		found += strlen(line);
		found += strspn(found, " ");
		if (*found != '#' || strcspn(found, "\n") < 12)
			fail_msg("nothing says what the scope %s is for", s->scope);
	}
	assert_int_equal(json_array_size(scopes), count);
	assert_int_equal(json_object_size(at(state, "oauth_config/scopes")), 1);
}

static void test_events(void **state)
{
	static const struct {
		const char *event, *scope; // that Slack wants for it
	} wanted[] = {
		{ "app_home_opened", NULL },
		{ "app_mention", "app_mentions:read" },
		{ "message.im", "im:history" },
		{ "message.channels", "channels:history" },
		{ "message.groups", "groups:history" },
	};
	const json_t *events = at(state, "settings/event_subscriptions/bot_events");

	assert_int_equal(json_array_size(events), LENGTH(wanted));
	for (size_t i = 0; i < LENGTH(wanted); i++) {
		assert_true(json_has_str(events, wanted[i].event));
		if (wanted[i].scope)
			assert_true(json_has_str(at(state, "oauth_config/scopes/bot"), wanted[i].scope));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),   cmocka_unit_test(test_switches), cmocka_unit_test(test_names),
		cmocka_unit_test(test_scopes), cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

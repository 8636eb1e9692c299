// SPDX-License-Identifier: Apache-2.0
// What a message of the socket is: who acted, what goes to the core, what is acknowledged here; and how it is put
// together.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/ack.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/message.h"
#include "base/auto.h"

#define EVENT(event) "{\"envelope_id\":\"e\",\"type\":\"events_api\",\"payload\":{\"event\":{" event "}}}"
#define INTERACTIVE(payload) \
	"{\"envelope_id\":\"e\",\"type\":\"interactive\",\"accepts_response_payload\":true,\"payload\":{" payload "}}"

static const struct {
	const char *text;
	enum envelope_kind kind;
	const char *user;
} cases[] = {
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"text\":\"hi\""), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"subtype\":\"file_share\""), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"subtype\":\"thread_broadcast\""), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"subtype\":null"), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"message\",\"subtype\":\"message_changed\",\"message\":{\"user\":\"U1\"}"),
	  ENVELOPE_ACKNOWLEDGE, "" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"subtype\":\"channel_join\""), ENVELOPE_ACKNOWLEDGE, "U1" },
	{ EVENT("\"type\":\"message\",\"user\":\"U9\",\"bot_id\":\"B1\""), ENVELOPE_ACKNOWLEDGE, "U9" },
	{ EVENT("\"type\":\"message\",\"user\":\"U1\",\"bot_id\":null"), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"message\",\"user\":\"U0BOT\""), ENVELOPE_ACKNOWLEDGE, "U0BOT" },
	{ EVENT("\"type\":\"app_mention\",\"user\":\"U1\",\"subtype\":\"odd\""), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"app_home_opened\",\"user\":\"U1\",\"tab\":\"home\""), ENVELOPE_HAND_OVER, "U1" },
	{ EVENT("\"type\":\"team_join\",\"user\":{\"id\":\"U7\"}"), ENVELOPE_HAND_OVER, "U7" },
	{ EVENT("\"type\":\"message\",\"user\":"
	        "\"U0123456789012345678901234567890123456789012345678901234567890123456789\""),
	  ENVELOPE_HAND_OVER, "" },
	{ "{\"envelope_id\":\"e\",\"type\":\"events_api\",\"payload\":{\"type\":\"app_rate_limited\"}}",
	  ENVELOPE_ACKNOWLEDGE, "" },
	{ "{\"envelope_id\":\"e\",\"type\":\"events_api\",\"payload\":{}}", ENVELOPE_ACKNOWLEDGE, "" },
	{ "{\"envelope_id\":\"e\",\"type\":\"events_api\"}", ENVELOPE_ACKNOWLEDGE, "" },
	{ INTERACTIVE("\"type\":\"block_actions\",\"user\":{\"id\":\"U2\"}"), ENVELOPE_HAND_OVER, "U2" },
	{ INTERACTIVE("\"type\":\"view_submission\",\"user\":{\"id\":\"U2\"}"), ENVELOPE_HAND_OVER, "U2" },
	{ INTERACTIVE("\"type\":\"block_actions\",\"user\":null"), ENVELOPE_HAND_OVER, "" },
	{ "{\"envelope_id\":\"e\",\"type\":\"slash_commands\",\"payload\":{\"user_id\":\"U3\"}}", ENVELOPE_HAND_OVER,
	  "U3" },
	{ "{\"envelope_id\":\"e\",\"type\":\"slash_commands\",\"payload\":\"?\"}", ENVELOPE_HAND_OVER, "" },

	{ "{\"type\":\"hello\"}", ENVELOPE_HELLO, "" },
	{ "{\"type\":\"disconnect\"}", ENVELOPE_DISCONNECT, "" },
	{ "{\"envelope_id\":\"e\",\"type\":\"of_the_future\",\"payload\":{}}", ENVELOPE_NOTHING, "" },
	{ "{\"envelope_id\":\"\",\"type\":\"interactive\",\"payload\":{}}", ENVELOPE_NOTHING, "" },
	{ "{\"envelope_id\":7,\"type\":\"interactive\",\"payload\":{}}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"interactive\",\"payload\":{}}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":null}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"hello\",\"type\":\"hello\"}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"hello\"} ", ENVELOPE_HELLO, "" },
	{ "{\"type\":\"hello\"}x", ENVELOPE_NOTHING, "" },
	{ "[\"hello\"]", ENVELOPE_NOTHING, "" },
	{ "\"hello\"", ENVELOPE_NOTHING, "" },
	{ "hello", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"hello\",\"x\":\"\xff\"}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"hello\",\"x\":\"\\ud800\"}", ENVELOPE_NOTHING, "" },
	{ "{\"type\":\"hello\",\"x\":1e999}", ENVELOPE_NOTHING, "" },
	{ "", ENVELOPE_NOTHING, "" },
};

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct envelope e;

		envelope_read(cases[i].text, strlen(cases[i].text), "U0BOT", &e);
		if (e.kind != cases[i].kind || strcmp(e.user, cases[i].user) != 0)
			fail_msg("%s: kind %d, user %s", cases[i].text, e.kind, e.user);
		if (e.kind == ENVELOPE_HAND_OVER || e.kind == ENVELOPE_ACKNOWLEDGE)
			assert_string_equal(e.id, "e");
	}
}

static void id_of_any_kind(void **state)
{
	char text[600], id[ENVELOPE_ID_MAX + 2];
	struct envelope e;

	(void)state;
	for (int longer = 0; longer < 2; longer++) {
		memset(id, 'x', sizeof id);
		id[ENVELOPE_ID_MAX + longer] = '\0';
		snprintf(text, sizeof text, "{\"type\":\"interactive\",\"envelope_id\":\"%s\",\"payload\":{}}", id);
		envelope_read(text, strlen(text), "", &e);
		assert_int_equal(e.kind, longer ? ENVELOPE_NOTHING : ENVELOPE_HAND_OVER);
	}
}

static void greeting_and_farewell(void **state)
{
	static const char hello[] = "{\"type\":\"hello\",\"num_connections\":3,\"debug_info\":"
	                            "{\"approximate_connection_time\":18060}}";
	static const struct {
		const char *text;
		enum disconnect_reason reason;
	} farewells[] = {
		{ "{\"type\":\"disconnect\",\"reason\":\"warning\"}", REASON_REFRESH },
		{ "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}", REASON_REFRESH },
		{ "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}", REASON_LINK_DISABLED },
		{ "{\"reason\":\"too_many_websockets\",\"type\":\"disconnect\"}", REASON_TOO_MANY },
		{ "{\"type\":\"disconnect\",\"reason\":7}", REASON_REFRESH },
	};
	struct envelope e;

	(void)state;
	envelope_read(hello, strlen(hello), "", &e);
	assert_int_equal(e.connections, 3);
	assert_int_equal(e.seconds, 18060);
	for (size_t i = 0; i < LENGTH(farewells); i++) {
		envelope_read(farewells[i].text, strlen(farewells[i].text), "", &e);
		assert_int_equal(e.reason, farewells[i].reason);
	}
}

static void flags(void **state)
{
	static const char limited[] =
	        "{\"envelope_id\":\"e\",\"type\":\"events_api\",\"payload\":{\"type\":\"app_rate_limited\"}}";
	static const char wanted[] = INTERACTIVE("\"type\":\"view_submission\"");
	static const char odd[] =
	        "{\"envelope_id\":\"e\",\"type\":\"interactive\",\"accepts_response_payload\":\"true\"}";
	struct envelope e;

	(void)state;
	envelope_read(limited, strlen(limited), "", &e);
	assert_true(e.rate_limited);
	envelope_read(wanted, strlen(wanted), "", &e);
	assert_true(e.payload_wanted && !e.rate_limited);
	assert_string_equal(e.type, "interactive");
	envelope_read(odd, strlen(odd), "", &e);
	assert_false(e.payload_wanted);
}

static void acknowledgements(void **state)
{
	_json_ json_t *payload = json_pack("{s:s}", "response_action", "clear");
	_free_ char *plain = ack_text("a\"b", NULL), *more = ack_text("e", payload);

	(void)state;
	assert_string_equal(plain, "{\"envelope_id\":\"a\\\"b\"}");
	assert_non_null(strstr(more, "\"payload\":{\"response_action\":\"clear\"}"));
}

// --- pieces ----------------------------------------------------------------------------------------------------------

static void pieces(void **state)
{
	struct message m = message_new();

	(void)state;
	assert_int_equal(message_add(&m, "{\"a\"", 4, true, false, false), MESSAGE_PART);
	assert_int_equal(message_add(&m, "", 0, false, false, false), MESSAGE_PART);
	assert_int_equal(message_add(&m, ":1}", 3, false, true, false), MESSAGE_WHOLE);
	assert_string_equal(buf_text(&m.bytes), "{\"a\":1}");
	assert_false(m.binary);
	// A new one, whatever became of the last.
	assert_int_equal(message_add(&m, "half", 4, true, false, false), MESSAGE_PART);
	assert_int_equal(message_add(&m, "x", 1, true, true, true), MESSAGE_WHOLE);
	assert_string_equal(buf_text(&m.bytes), "x");
	assert_true(m.binary);
	assert_int_equal(message_add(&m, NULL, 0, true, true, false), MESSAGE_WHOLE);
	assert_string_equal(buf_text(&m.bytes), "");
	message_free(&m);
}

static void too_large(void **state)
{
	static char piece[64 << 10];
	struct message m = message_new();
	size_t i;

	(void)state;
	memset(piece, 'x', sizeof piece);
	for (i = 0; i < MESSAGE_MAX / sizeof piece; i++)
		assert_int_equal(message_add(&m, piece, sizeof piece, i == 0, false, false), MESSAGE_PART);
	assert_int_equal(message_add(&m, "", 0, false, true, false), MESSAGE_WHOLE);
	for (i = 0; i < MESSAGE_MAX / sizeof piece; i++)
		assert_int_equal(message_add(&m, piece, sizeof piece, i == 0, false, false), MESSAGE_PART);
	assert_int_equal(message_add(&m, "y", 1, false, true, false), MESSAGE_TOO_LARGE);
	assert_int_equal(message_add(&m, "small", 5, true, true, false), MESSAGE_WHOLE);
	assert_true(m.bytes.cap < sizeof piece);
	message_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(id_of_any_kind),
		cmocka_unit_test(greeting_and_farewell),
		cmocka_unit_test(flags),
		cmocka_unit_test(acknowledgements),
		cmocka_unit_test(pieces),
		cmocka_unit_test(too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

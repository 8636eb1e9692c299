// SPDX-License-Identifier: Apache-2.0
// Every way in which a call can end, and what the core is told about it; arguments as a form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/answer.h"
#include "adapters/slack/methods.h"
#include "adapters/slack/self.h"
#include "adapters/slack/sends.h"
#include "adapters/slack/users.h"
#include "base/auto.h"
#include "base/json.h"

enum { NOT_DONE = 0, PERMANENT = 1, UNKNOWN = 2, AGAIN = 4, LIMITED = 8, DONE = 16 };

static const struct {
	const char *what;
	enum method_id method;
	CURLcode code;
	long status;
	bool sent;
	int64_t retry_after; // of the header
	const char *body;
	int flags;
	const char *error;
	const char *why; // part of the sentence
	int64_t wait;    // seconds that the core is told; -1: some
	enum trouble trouble;
} cases[] = {
	{ "good", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1, "{\"ok\":true,\"ts\":\"1.2\"}", DONE, "", "", 0, 0 },
	{ "good with a warning", METHOD_UPDATE, CURLE_OK, 200, true, -1,
	  "{\"ok\":true,\"warning\":\"missing_charset\"}", DONE, "", "", 0, 0 },

	{ "no host", METHOD_POST_MESSAGE, CURLE_COULDNT_RESOLVE_HOST, 0, false, -1, "", AGAIN, "unreachable", "reached",
	  -1, 0 },
	{ "no connection", METHOD_POST_MESSAGE, CURLE_COULDNT_CONNECT, 0, false, -1, "", AGAIN, "unreachable",
	  "reached", -1, 0 },
	{ "bad certificate", METHOD_POST_MESSAGE, CURLE_PEER_FAILED_VERIFICATION, 0, false, -1, "", NOT_DONE,
	  "certificate", "certificate", -1, 0 },
	{ "lost after the request", METHOD_POST_MESSAGE, CURLE_RECV_ERROR, 0, true, -1, "", AGAIN | UNKNOWN,
	  "unreachable", "reached", -1, 0 },
	{ "lost after one that may be repeated", METHOD_UPDATE, CURLE_GOT_NOTHING, 0, true, -1, "", AGAIN,
	  "unreachable", "reached", -1, 0 },
	{ "no answer in time", METHOD_POST_MESSAGE, CURLE_OPERATION_TIMEDOUT, 0, true, -1, "", AGAIN | UNKNOWN,
	  "timeout", "in time", -1, 0 },
	{ "no connection in time", METHOD_POST_MESSAGE, CURLE_OPERATION_TIMEDOUT, 0, false, -1, "", AGAIN, "timeout",
	  "in time", -1, 0 },
	{ "a view in time", METHOD_VIEWS_PUBLISH, CURLE_OPERATION_TIMEDOUT, 0, true, -1, "", AGAIN, "timeout",
	  "in time", -1, 0 },
	{ "stopped before it went out", METHOD_POST_MESSAGE, CURLE_ABORTED_BY_CALLBACK, 0, false, -1, "", AGAIN,
	  "stopping", "stopping", -1, 0 },
	{ "stopped meanwhile", METHOD_POST_MESSAGE, CURLE_ABORTED_BY_CALLBACK, 0, true, -1, "", AGAIN | UNKNOWN,
	  "stopping", "stopping", -1, 0 },
	{ "file too large", METHOD_DOWNLOAD, CURLE_FILESIZE_EXCEEDED, 200, true, -1, "", PERMANENT, "too-large",
	  "larger", 0, 0 },

	{ "429", METHOD_POST_MESSAGE, CURLE_OK, 429, true, 7, "{\"ok\":false,\"error\":\"ratelimited\"}",
	  AGAIN | LIMITED, "ratelimited", "wait 7 s", 7, 0 },
	{ "429 of HTML", METHOD_POST_MESSAGE, CURLE_OK, 429, true, -1, "<html>", AGAIN | LIMITED, "ratelimited",
	  "wait 30 s", 30, 0 },
	{ "429 for ever", METHOD_UPDATE, CURLE_OK, 429, true, 99999999999, "", AGAIN | LIMITED, "ratelimited", "wait",
	  86400, 0 },
	{ "429 of a file", METHOD_DOWNLOAD, CURLE_OK, 429, true, 2, "", AGAIN | LIMITED, "ratelimited", "wait 2 s", 2,
	  0 },
	{ "ratelimited with 200", METHOD_POST_MESSAGE, CURLE_OK, 200, true, 3,
	  "{\"ok\":false,\"error\":\"rate_limited\"}", AGAIN | LIMITED, "ratelimited", "wait 3 s", 3, 0 },

	{ "500", METHOD_POST_MESSAGE, CURLE_OK, 500, true, -1, "<html>", AGAIN | UNKNOWN, "http-500", "status 500", -1,
	  0 },
	{ "503 of one that may be repeated", METHOD_UPDATE, CURLE_OK, 503, true, -1, "", AGAIN, "http-503",
	  "status 503", -1, 0 },
	{ "404", METHOD_POST_MESSAGE, CURLE_OK, 404, true, -1, "", NOT_DONE, "http-404", "status 404", -1, 0 },
	{ "a redirect", METHOD_POST_MESSAGE, CURLE_OK, 302, true, -1, "", NOT_DONE, "http-302", "status 302", -1, 0 },
	{ "fatal_error", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"fatal_error\"}",
	  AGAIN | UNKNOWN, "fatal_error", "broke at Slack", -1, 0 },
	{ "internal_error", METHOD_UPDATE, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"internal_error\"}",
	  AGAIN, "internal_error", "broke at Slack", -1, 0 },

	{ "no JSON", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1, "ok", AGAIN | UNKNOWN, "no-answer", "no answer", -1,
	  0 },
	{ "nothing", METHOD_UPDATE, CURLE_OK, 200, true, -1, "", AGAIN, "no-answer", "no answer", -1, 0 },
	{ "an array", METHOD_UPDATE, CURLE_OK, 200, true, -1, "[]", AGAIN, "no-answer", "no answer", -1, 0 },
	{ "ok is a string", METHOD_UPDATE, CURLE_OK, 200, true, -1, "{\"ok\":\"true\"}", AGAIN, "no-answer",
	  "no answer", -1, 0 },
	{ "ok:false without a word", METHOD_UPDATE, CURLE_OK, 200, true, -1, "{\"ok\":false}", PERMANENT,
	  "unknown_error", "refused", 0, 0 },
	{ "a word that could be anything", METHOD_UPDATE, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"<a href>\\n\"}", PERMANENT, "unknown_error", "refused", 0, 0 },

	{ "dead token", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"account_inactive\"}",
	  PERMANENT, "account_inactive", "deactivated", 0, TROUBLE_TOKEN },
	{ "swapped tokens", METHOD_CONNECTIONS_OPEN, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"not_allowed_token_type\"}", PERMANENT, "not_allowed_token_type", "swapped", 0,
	  TROUBLE_TOKEN },
	{ "missing scope", METHOD_USERS_LOOKUP, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"users:read.email\",\"provided\":\"chat:write\"}",
	  PERMANENT, "missing_scope", "users:read.email", 0, TROUBLE_SCOPE },
	{ "wrong blocks", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"invalid_blocks\",\"response_metadata\":{\"messages\":[\"[ERROR] must be less than "
	  "3001 "
	  "characters [json-pointer:/blocks/0/text/text]\"]}}",
	  PERMANENT, "invalid_blocks", "/blocks/0/text/text", 0, TROUBLE_REQUEST },
	{ "a cold click by its old name", METHOD_VIEWS_OPEN, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"invalid_arguments\",\"response_metadata\":{\"messages\":[\"[ERROR] `trigger_id` "
	  "expired "
	  "[json-pointer:/trigger_id]\"]}}",
	  PERMANENT, "expired_trigger_id", "trigger_id", 0, 0 },
	{ "a cold click", METHOD_VIEWS_OPEN, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"expired_trigger_id\"}",
	  PERMANENT, "expired_trigger_id", "three seconds", 0, 0 },
	{ "not invited", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"not_in_channel\"}",
	  PERMANENT, "not_in_channel", "invited", 0, 0 },
	{ "a restriction that has a long name", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"restricted_action_read_only_channel\"}", PERMANENT,
	  "restricted_action_read_only_channel", "setting", 0, 0 },
	{ "gone", METHOD_CONVERSATIONS_OPEN, CURLE_OK, 200, true, -1, "{\"ok\":false,\"error\":\"user_disabled\"}",
	  PERMANENT, "user_disabled", "deactivated", 0, 0 },
	{ "a word of the future", METHOD_POST_MESSAGE, CURLE_OK, 200, true, -1,
	  "{\"ok\":false,\"error\":\"too_purple\"}", PERMANENT, "too_purple", "refused", 0, 0 },

	{ "a file", METHOD_DOWNLOAD, CURLE_OK, 200, true, -1, NULL, DONE, "", "", 0, 0 },
	{ "no such file", METHOD_DOWNLOAD, CURLE_OK, 404, true, -1, NULL, PERMANENT, "http-404", "404", 0, 0 },
	{ "a file elsewhere", METHOD_DOWNLOAD, CURLE_OK, 302, true, -1, NULL, PERMANENT, "http-302", "302", 0, 0 },
	{ "an answer that was taken", METHOD_RESPOND, CURLE_OK, 200, true, -1, "ok", DONE, "", "", 0, 0 },
	{ "an address that is used up", METHOD_RESPOND, CURLE_OK, 404, true, -1,
	  "{\"ok\":false,\"error\":\"used_url\"}", PERMANENT, "used_url", "used up", 0, 0 },
	{ "an answer that broke", METHOD_RESPOND, CURLE_OK, 500, true, -1, "", AGAIN | UNKNOWN, "http-500", "500", -1,
	  0 },
};

static int flags_of(const struct answer *a)
{
	return (a->permanent ? PERMANENT : 0) | (a->unknown ? UNKNOWN : 0) | (a->again ? AGAIN : 0) |
	       (a->limited ? LIMITED : 0) | (a->ok ? DONE : 0);
}

static void fates(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct response r = { .code = cases[i].code,
			                    .status = cases[i].status,
			                    .sent = cases[i].sent,
			                    .retry_after = cases[i].retry_after,
			                    .body = cases[i].body,
			                    .len = cases[i].body ? strlen(cases[i].body) : 42,
			                    .detail = "",
			                    .scopes = "" };
		struct answer a;

		answer_judge(&methods[cases[i].method], &r, &a);
		if (flags_of(&a) != cases[i].flags || strcmp(a.error, cases[i].error) != 0 ||
		    !strstr(a.why, cases[i].why) || a.trouble != cases[i].trouble)
			fail_msg("%s: %x, %s, trouble %d: %s", cases[i].what, (unsigned)flags_of(&a), a.error,
			         a.trouble, a.why);
		if (cases[i].wait < 0 ? a.retry_after <= 0 : a.retry_after != cases[i].wait)
			fail_msg("%s: again after %lld s", cases[i].what, (long long)a.retry_after);
		if (!a.ok && !strstr(a.why, methods[cases[i].method].name))
			fail_msg("%s: names no method: %s", cases[i].what, a.why);
		answer_free(&a);
	}
}

static void long_words_are_cut(void **state)
{
	_free_ char *body = NULL;
	_buf_ struct buf text = BUF(1 << 20);
	struct response r = { .status = 200, .sent = true, .retry_after = -1, .detail = "", .scopes = "" };
	struct answer a;

	(void)state;
	buf_puts(&text, "{\"ok\":false,\"error\":\"invalid_blocks\",\"response_metadata\":{\"messages\":[\"");
	for (int i = 0; i < 5000; i++)
		buf_puts(&text, "\xc3\xa4");
	buf_puts(&text, "\",7,null,\"x\"]}}");
	r.len = text.len;
	r.body = body = buf_steal(&text);
	answer_judge(&methods[METHOD_POST_MESSAGE], &r, &a);
	assert_string_equal(a.error, "invalid_blocks");
	assert_true(strlen(a.why) < sizeof a.why);
	answer_free(&a);
}

// --- what the core is told -------------------------------------------------------------------------------------------

static void results(void **state)
{
	static const struct {
		enum method_id method;
		const char *answer, *expected;
	} given[] = {
		{ METHOD_POST_MESSAGE, "{\"ok\":true,\"channel\":\"D1\",\"ts\":\"1.2\",\"message\":{\"user\":\"U1\"}}",
		  "{\"channel\":\"D1\",\"ts\":\"1.2\"}" },
		{ METHOD_POST_EPHEMERAL, "{\"ok\":true,\"message_ts\":\"3.4\"}", "{\"ts\":\"3.4\"}" },
		{ METHOD_CONVERSATIONS_OPEN, "{\"ok\":true,\"channel\":{\"id\":\"D2\"}}", "{\"channel\":\"D2\"}" },
		{ METHOD_VIEWS_OPEN, "{\"ok\":true,\"view\":{\"id\":\"V1\",\"hash\":\"1.a\",\"blocks\":[]}}",
		  "{\"view\":{\"id\":\"V1\",\"hash\":\"1.a\"}}" },
		{ METHOD_USERS_LOOKUP,
		  "{\"ok\":true,\"user\":{\"id\":\"U1\",\"team_id\":\"T1\",\"deleted\":true,\"profile\":{\"email\":\"a@"
		  "b.c\","
		  "\"real_name\":\"Ann\"}}}",
		  "{\"user\":{\"id\":\"U1\",\"team\":\"T1\",\"email\":\"a@b.c\",\"name\":\"Ann\",\"deleted\":true,"
		  "\"bot\":false,\"guest\":false}}" },
		{ METHOD_UPDATE, "{\"ok\":true}", "{}" },
		{ METHOD_AUTH_TEST,
		  "{\"ok\":true,\"user_id\":\"U0\",\"bot_id\":\"B0\",\"team_id\":\"T1\",\"team\":\"Acme\",\"url\":"
		  "\"https://a/\"}",
		  "{\"user_id\":\"U0\",\"bot_id\":\"B0\",\"team_id\":\"T1\",\"team\":\"Acme\",\"url\":\"https://a/\","
		  "\"scopes\":[\"chat:write\",\"commands\"]}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(given); i++) {
		struct answer a = { .ok = true,
			            .scopes = "chat:write, commands,,",
			            .json = json_loads(given[i].answer, 0, NULL) };
		_json_ json_t *expected = json_loads(given[i].expected, 0, NULL),
		              *got = sends_result(given[i].method, &a);

		if (!json_equal(got, expected)) {
			_free_ char *text = json_text(got);

			fail_msg("%s: %s", given[i].answer, text);
		}
		answer_free(&a);
	}
}

static void guests(void **state)
{
	static const struct {
		const char *user;
		bool guest, bot;
	} given[] = {
		{ "{\"id\":\"U1\"}", false, false },
		{ "{\"id\":\"U1\",\"is_restricted\":true}", true, false },
		{ "{\"id\":\"U1\",\"is_ultra_restricted\":true}", true, false },
		{ "{\"id\":\"U1\",\"is_bot\":true,\"profile\":7}", false, true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(given); i++) {
		_json_ json_t *user = json_loads(given[i].user, 0, NULL), *got = user_describe(user);

		assert_int_equal(json_bool(got, "guest"), given[i].guest);
		assert_int_equal(json_bool(got, "bot"), given[i].bot);
	}
	assert_null(user_describe(NULL));
}

static void no_text_is_endless(void **state)
{
	char name[5000];
	_json_ json_t *user = json_pack("{s:s}", "id", "U1"), *got = NULL;
	size_t len;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	memcpy(name + 999, "\xc3\xa4", 2);
	name[sizeof name - 1] = '\0';
	json_put_str(user, "name", name);
	got = user_describe(user);
	len = strlen(json_str(got, "name"));
	assert_int_equal(len, 999);
}

static void forms(void **state)
{
	_json_ json_t *args =
	        json_loads("{\"text\":\"a&b=\xc3\xa4 +\",\"blocks\":[{\"x\":\"y\"}],\"no\":null,\"empty\":\"\","
	                   "\"yes\":true,\"n\":42,\"\":\"nameless\"}",
	                   0, NULL);
	_buf_ struct buf out = BUF(4096), small = BUF(10);

	(void)state;
	assert_int_equal(method_form(args, &out), 0);
	assert_string_equal(buf_text(&out),
	                    "text=a%26b%3D%C3%A4%20%2B&blocks=%5B%7B%22x%22%3A%22y%22%7D%5D&empty=&yes=true&n=42");
	assert_int_equal(method_form(args, &small), -1);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(method_id(method_find("chat.postMessage")), METHOD_POST_MESSAGE);
	assert_int_equal(method_id(method_find("auth.test")), METHOD_AUTH_TEST);
	assert_null(method_find("apps.connections.open"));
	assert_null(method_find("chat.postmessage"));
	assert_null(method_find("../api.test"));
	assert_null(method_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fates),  cmocka_unit_test(long_words_are_cut), cmocka_unit_test(results),
		cmocka_unit_test(guests), cmocka_unit_test(no_text_is_endless), cmocka_unit_test(forms),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The query of `find`: each kind of key, and what is said about those that are none.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "bot/query.h"

// 2026-11-24T09:00:00Z; 2027-03-31 is 1806451200000, a day 86400000.
#define NOW INT64_C(1795510800000)

static const struct {
	const char *query, *terms, *text; // NULL = none
} good[] = {
	{ "", NULL, NULL },
	{ "  \t ", NULL, NULL },
	{ "state:approved license:GPL-* risk>=7 tag.region:EU \"free text\"",
	  "{\"key\":\"state\",\"op\":\"=\",\"value\":\"approved\"},{\"key\":\"license\",\"op\":\"glob\",\"value\":"
	  "\"GPL-*\"},"
	  "{\"key\":\"risk\",\"op\":\">=\",\"value\":7},"
	  "{\"key\":\"tag\",\"name\":\"region\",\"op\":\"=\",\"value\":\"EU\"}",
	  "\"free text\"" },
	{ "State=Approved Licence!=MIT",
	  "{\"key\":\"state\",\"op\":\"=\",\"value\":\"approved\"},"
	  "{\"key\":\"license\",\"op\":\"!=\",\"value\":\"MIT\"}",
	  NULL },
	{ "product:\"Orion Gateway\" vendor:\"a \\\"b\\\" \\\\ *\"",
	  "{\"key\":\"product\",\"op\":\"=\",\"value\":\"Orion Gateway\"},"
	  "{\"key\":\"vendor\",\"op\":\"=\",\"value\":\"a \\\"b\\\" \\\\ *\"}",
	  NULL },
	{ "approver:ann requester:person:bo",
	  "{\"key\":\"approver\",\"op\":\"=\",\"value\":\"ann\"},"
	  "{\"key\":\"requester\",\"op\":\"=\",\"value\":\"person:bo\"}",
	  NULL },
	{ "spend>50000 quantity:0",
	  "{\"key\":\"spend\",\"op\":\">\",\"value\":50000},"
	  "{\"key\":\"quantity\",\"op\":\"=\",\"value\":0}",
	  NULL },
	{ "expires<30d", "{\"key\":\"expires\",\"op\":\"<\",\"value\":1798102800000}", NULL },
	{ "due<=12h", "{\"key\":\"due\",\"op\":\"<=\",\"value\":1795554000000}", NULL },
	{ "opened<30d", "{\"key\":\"opened\",\"op\":\">\",\"value\":1792918800000}", NULL },
	{ "opened>=1w", "{\"key\":\"opened\",\"op\":\"<=\",\"value\":1794906000000}", NULL },
	{ "expires<2027-03-31", "{\"key\":\"expires\",\"op\":\"<\",\"value\":1806451200000}", NULL },
	{ "expires<=2027-03-31", "{\"key\":\"expires\",\"op\":\"<\",\"value\":1806537600000}", NULL },
	{ "opened>2027-03-31", "{\"key\":\"opened\",\"op\":\">=\",\"value\":1806537600000}", NULL },
	{ "opened>=2027-03-31", "{\"key\":\"opened\",\"op\":\">=\",\"value\":1806451200000}", NULL },
	{ "expires:2027-03-31",
	  "{\"key\":\"expires\",\"op\":\">=\",\"value\":1806451200000},"
	  "{\"key\":\"expires\",\"op\":\"<\",\"value\":1806537600000}",
	  NULL },
	{ "libfoo GPL-3.0 http://x.example/a=b 3:4 -5=x \xc3\xa9t\xc3\xa9:x", NULL,
	  "\"libfoo\",\"GPL-3.0\",\"http://x.example/a=b\",\"3:4\",\"-5=x\",\"\xc3\xa9t\xc3\xa9:x\"" },
	{ "\"state:approved\" \"\"", NULL, "\"state:approved\"" },
};

static const struct {
	const char *query, *says, *says_too;
} bad[] = {
	{ "stat:approved", "unknown key 'stat'", "did you mean 'state'?" },
	{ "LISENSE:MIT", "unknown key 'lisense'", "did you mean 'license'?" },
	{ "foo:bar", "unknown key 'foo'", "the keys are state, " },
	{ "tag:EU", "unknown key 'tag'", "tag.NAME" },
	{ "tag.:EU", "unknown key 'tag.'", "tag.NAME" },
	{ "state:aproved", "unknown state 'aproved'", "did you mean 'approved'?" },
	{ "state:*", "unknown state '*'", "incomplete" },
	{ "state>approved", "'state' has no order", "use : or !=" },
	{ "license>=MIT", "'license' has no order", ">=" },
	{ "tag.seats>5", "'tag' has no order", ">" },
	{ "license!=GPL-*", "cannot stand behind !=", "license" },
	{ "risk>=high", "'risk' needs a whole number", "'high'" },
	{ "risk:7.5", "'risk' needs a whole number", "7.5" },
	{ "risk:-1", "'risk' needs a whole number", "-1" },
	{ "spend>9999999999999", "'spend' needs a whole number", "spend" },
	{ "expires<soon", "'expires' needs a day", "30d" },
	{ "expires<2027-02-30", "'expires' needs a day", "2027-02-30" },
	{ "expires<2027-3-1", "'expires' needs a day", "2027-3-1" },
	{ "expires<99999d", "'expires' needs a day", "99999d" },
	{ "expires:30d", "needs < or >", "expires<30d" },
	{ "expires!=2027-03-31", "!=", "expires" },
	{ "state:", "'state' has no value", "state:approved" },
	{ "state: approved", "'state' has no value", "without blanks" },
	{ "\"free", "second quotation mark", "" },
	{ "product:\"free", "second quotation mark", "" },
	{ "\"free\"text", "second quotation mark", "blank" },
	{ "\xff", "UTF-8", "" },
};

static void good_queries(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		_buf_ struct buf want = BUF(4096);
		struct err e = { 0 };
		_json_ json_t *got = query_parse(good[i].query, NOW, &e), *expected = NULL;

		buf_printf(&want, "{\"terms\":[%s],\"text\":[%s]}", good[i].terms ? good[i].terms : "",
		           good[i].text ? good[i].text : "");
		expected = json_read(want.data, want.len, NULL);
		assert_non_null(expected);
		if (!json_equal(got, expected)) {
			_free_ char *text = got ? json_text(got) : NULL;

			fail_msg("%s: %s %s", good[i].query, text ? text : "", e.text);
		}
	}
}

static void bad_queries(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = { 0 };

		assert_null(query_parse(bad[i].query, NOW, &e));
		if (!strstr(e.text, bad[i].says) || !strstr(e.text, bad[i].says_too))
			fail_msg("%s: %s", bad[i].query, e.text);
	}
}

static void queries_are_bounded(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		_buf_ struct buf words = BUF(65536), terms = BUF(65536), word = BUF(65536), value = BUF(65536);
		json_t *got[4];

		for (int i = 0; i < 32 + over; i++) {
			buf_puts(&words, "x ");
			buf_puts(&terms, "risk>1 ");
		}
		buf_puts(&value, "vendor:");
		for (int i = 0; i < 256 + over; i++) {
			buf_putc(&word, 'x');
			buf_putc(&value, 'x');
		}
		got[0] = query_parse(words.data, NOW, NULL);
		got[1] = query_parse(terms.data, NOW, NULL);
		got[2] = query_parse(word.data, NOW, NULL);
		got[3] = query_parse(value.data, NOW, NULL);
		for (int i = 0; i < 4; i++) {
			assert_int_equal(got[i] == NULL, over);
			json_decref(got[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_queries),
		cmocka_unit_test(bad_queries),
		cmocka_unit_test(queries_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

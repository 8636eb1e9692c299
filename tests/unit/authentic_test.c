// SPDX-License-Identifier: Apache-2.0
// Whether a mail comes from where its From says (BAD-INPUTS M11-M20): one document for each row.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/authentic.h"

#define NOW "2026-11-24T09:00:00Z"
#define RESULTS(list) "\"auth\":[{\"authserv\":\"mx.example.com\",\"results\":[" list "]}]"
#define RESULT(method, result, name, value) \
	"{\"method\":\"" method "\",\"result\":\"" result "\",\"props\":{\"" name "\":\"" value "\"}}"
#define DMARC_PASS RESULT("dmarc", "pass", "header.from", "example.com")
#define DKIM_PASS RESULT("dkim", "pass", "header.d", "example.com")
#define SPF_PASS RESULT("spf", "pass", "smtp.mailfrom", "bounce@example.com")
#define SIGNED(domain, rest) "\"dkim\":[{\"domain\":\"" domain "\"," rest "}]"
#define WHOLE "\"l\":false,\"headers\":[\"From\",\"subject\",\"date\"]"

static const struct {
	const char *what, *from, *rest, *code; // code NULL: authentic
} cases[] = {
	{ "DMARC passes", "bo@example.com", RESULTS(DMARC_PASS), NULL },
	{ "case does not matter", "bo@EXAMPLE.com", RESULTS(RESULT("DMARC", "Pass", "header.from", "Example.Com")),
	  NULL },
	{ "with a whole signature", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", WHOLE ",\"timestamp\":1795500000"), NULL },
	{ "three lines of three filters", "bo@example.com",
	  "\"auth\":[{\"results\":[" SPF_PASS "]},{\"results\":[" DKIM_PASS "]},{\"results\":[" DMARC_PASS "]}]",
	  NULL },
	{ "SPF fails after forwarding, DKIM carries DMARC", "bo@example.com",
	  RESULTS(RESULT("spf", "fail", "smtp.mailfrom", "x@list.example") "," DKIM_PASS "," DMARC_PASS), NULL },
	{ "M11 nothing", "bo@example.com", "\"auth\":[]", "auth-missing" },
	{ "M11 no list", "bo@example.com", "\"subject\":\"x\"", "auth-missing" },
	{ "only none", "bo@example.com",
	  RESULTS(RESULT("spf", "none", "a", "b") "," RESULT("dmarc", "none", "header.from", "example.com")),
	  "auth-missing" },
	{ "M13 the second fails", "bo@example.com",
	  "\"auth\":[{\"results\":[" DMARC_PASS
	  "]},{\"results\":[" RESULT("dmarc", "fail", "header.from", "example.com") "]}]",
	  "auth-fail" },
	{ "M13 the first fails", "bo@example.com",
	  "\"auth\":[{\"results\":[" RESULT("dmarc", "fail", "header.from",
	                                    "example.com") "]},{\"results\":[" DMARC_PASS "]}]",
	  "auth-fail" },
	{ "one of two could not check", "bo@example.com",
	  RESULTS(DMARC_PASS "," RESULT("dmarc", "temperror", "header.from", "example.com")), "auth-fail" },
	{ "M16 another domain", "bo@example.com", RESULTS(RESULT("dmarc", "pass", "header.from", "evil.example")),
	  "auth-fail" },
	{ "M16 a domain below", "bo@example.com", RESULTS(RESULT("dmarc", "pass", "header.from", "x.example.com")),
	  "auth-fail" },
	{ "M16 a longer one", "bo@example.com",
	  RESULTS(RESULT("dmarc", "pass", "header.from", "example.com.evil.example")), "auth-fail" },
	{ "M16 both", "bo@example.com", RESULTS(DMARC_PASS "," RESULT("dmarc", "pass", "header.from", "evil.example")),
	  "auth-fail" },
	{ "for no domain", "bo@example.com", RESULTS("{\"method\":\"dmarc\",\"result\":\"pass\"}"), "auth-weak" },
	{ "a guess", "bo@example.com", RESULTS(RESULT("dmarc", "bestguesspass", "header.from", "example.com")),
	  "auth-weak" },
	{ "an unknown word", "bo@example.com", RESULTS(RESULT("dmarc", "passed", "header.from", "example.com")),
	  "auth-fail" },
	{ "M18 a part of the body", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", "\"l\":true,\"headers\":[\"from\",\"subject\"]"),
	  "dkim-partial" },
	{ "M18 though SPF passed too", "bo@example.com",
	  RESULTS(SPF_PASS "," DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com",
	                                                            "\"l\":true,\"headers\":[\"from\",\"subject\"]"),
	  "dkim-partial" },
	{ "M18 of two signatures", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) ",\"dkim\":[{\"domain\":\"example.com\"," WHOLE
	                                    "},{\"domain\":\"example.com\","
	                                    "\"l\":true,\"headers\":[\"from\",\"subject\"]}]",
	  "dkim-partial" },
	{ "M18 by somebody else", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) ",\"dkim\":[{\"domain\":\"example.com\"," WHOLE
	                                    "},{\"domain\":\"list.example\","
	                                    "\"l\":true,\"headers\":[\"from\"]}]",
	  NULL },
	{ "M18 by the domain above", "bo@eng.example.com",
	  RESULTS(RESULT("dkim", "pass", "header.i", "@example.com") "," RESULT(
	          "dmarc", "pass", "header.from",
	          "eng.example.com")) "," SIGNED("example.com", "\"l\":true,\"headers\":[\"from\",\"subject\"]"),
	  "dkim-partial" },
	{ "M19 without From", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", "\"l\":false,\"headers\":[\"subject\"]"),
	  "dkim-weak" },
	{ "M19 without Subject", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", "\"l\":false,\"headers\":[\"from\",\"to\"]"),
	  "dkim-weak" },
	{ "M19 without any", "bo@example.com", RESULTS(DMARC_PASS) "," SIGNED("example.com", "\"l\":false"),
	  "dkim-weak" },
	{ "M19 a signature that did not count", "bo@example.com",
	  RESULTS(SPF_PASS "," RESULT("dkim", "fail", "header.d", "example.com") "," DMARC_PASS) "," SIGNED(
	          "example.com", "\"l\":false,\"headers\":[\"to\"]"),
	  NULL },
	{ "M19 seven days old", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", WHOLE ",\"timestamp\":1794906000"), NULL },
	{ "M19 a second older", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) "," SIGNED("example.com", WHOLE ",\"timestamp\":1794905999"), "stale" },
	{ "M19 a signed Date", "bo@example.com",
	  RESULTS(DKIM_PASS "," DMARC_PASS) ",\"date\":\"2026-11-17T08:59:59Z\"," SIGNED("example.com", WHOLE),
	  "stale" },
	{ "M35 an unsigned Date", "bo@example.com", RESULTS(DMARC_PASS) ",\"date\":\"1970-01-01T00:00:00Z\"", NULL },
	{ "M20 only SPF", "bo@example.com", RESULTS(SPF_PASS), "auth-weak" },
	{ "only DKIM", "bo@example.com", RESULTS(DKIM_PASS), "auth-weak" },
	{ "SPF, and DMARC none", "bo@example.com",
	  RESULTS(SPF_PASS "," RESULT("dmarc", "none", "header.from", "example.com")), "auth-weak" },
	{ "SPF fails, no DMARC", "bo@example.com", RESULTS(RESULT("spf", "softfail", "smtp.mailfrom", "x@example.com")),
	  "auth-fail" },
	{ "no domain", "bo", RESULTS(DMARC_PASS), "from-missing" },
	{ "no From", "", RESULTS(DMARC_PASS) ",\"from_problem\":\"from-not-unique\"", "from-not-unique" },
	{ "results of another kind", "bo@example.com", "\"auth\":{\"results\":7}", "auth-missing" },
	{ "results that are no objects", "bo@example.com", "\"auth\":[7,{\"results\":[null,\"dmarc=pass\"]}]",
	  "auth-missing" },
};

static void each_row(void **state)
{
	int64_t now;

	(void)state;
	assert_int_equal(clock_parse(NOW, &now), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *text = text_format("{\"from\":{\"address\":\"%s\"},%s}", cases[i].from, cases[i].rest);
		_json_ json_t *document = json_read(text, strlen(text), NULL);
		const char *code = NULL;
		char why[AUTHENTIC_WHY];
		int status;

		assert_non_null(document);
		status = authentic(document, now, &code, why);
		if (status != (cases[i].code ? -1 : 0) || strcmp(code, cases[i].code ? cases[i].code : "") != 0)
			fail_msg("%s: %d %s (%s)", cases[i].what, status, code, why);
		assert_int_equal(*why != '\0', status < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

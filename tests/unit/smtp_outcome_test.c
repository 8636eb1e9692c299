// SPDX-License-Identifier: Apache-2.0
// Every way in which libcurl can end a mail, and what the core is told about it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/smtp/outcome.h"
#include "base/auto.h"

struct given {
	const char *what;
	CURLcode code;
	long response;
	enum body_read body;
	enum fate fate;
	bool patience; // when it is to be tried again: not before minutes
};

static const struct given cases[] = {
	{ "accepted", CURLE_OK, 250, BODY_WHOLE, FATE_SENT, false },

	{ "RCPT refused for now", CURLE_SEND_ERROR, 450, BODY_UNREAD, FATE_RETRY, false },
	{ "RCPT refused", CURLE_SEND_ERROR, 550, BODY_UNREAD, FATE_PERMANENT, false },
	{ "going down at MAIL", CURLE_SEND_ERROR, 421, BODY_UNREAD, FATE_RETRY, false },
	{ "mail refused for now", CURLE_WEIRD_SERVER_REPLY, 451, BODY_WHOLE, FATE_RETRY, false },
	{ "mail refused", CURLE_WEIRD_SERVER_REPLY, 554, BODY_WHOLE, FATE_PERMANENT, false },
	{ "mail refused half-way", CURLE_RECV_ERROR, 552, BODY_PART, FATE_PERMANENT, false },

	{ "no route", CURLE_COULDNT_CONNECT, 0, BODY_UNREAD, FATE_RETRY, false },
	{ "no such host", CURLE_COULDNT_RESOLVE_HOST, 0, BODY_UNREAD, FATE_RETRY, false },
	{ "greeting 554 is not about the mail", CURLE_WEIRD_SERVER_REPLY, 554, BODY_UNREAD, FATE_RETRY, false },
	{ "EHLO refused", CURLE_REMOTE_ACCESS_DENIED, 550, BODY_UNREAD, FATE_RETRY, true },
	{ "wrong certificate", CURLE_PEER_FAILED_VERIFICATION, 220, BODY_UNREAD, FATE_RETRY, true },
	{ "no CA file", CURLE_SSL_CACERT_BADFILE, 0, BODY_UNREAD, FATE_RETRY, true },
	{ "STARTTLS stripped", CURLE_USE_SSL_FAILED, 250, BODY_UNREAD, FATE_RETRY, true },
	{ "STARTTLS refused with 5xx", CURLE_USE_SSL_FAILED, 554, BODY_UNREAD, FATE_RETRY, true },
	{ "TLS 1.0 only", CURLE_SSL_CONNECT_ERROR, 220, BODY_UNREAD, FATE_RETRY, true },
	{ "wrong password", CURLE_LOGIN_DENIED, 535, BODY_UNREAD, FATE_RETRY, true },
	{ "login needed", CURLE_SEND_ERROR, 530, BODY_UNREAD, FATE_RETRY, true },
	{ "mechanism too weak", CURLE_SEND_ERROR, 534, BODY_UNREAD, FATE_RETRY, true },

	{ "a desynchronised connection: 250 and yet unsent", CURLE_SEND_ERROR, 250, BODY_UNREAD, FATE_RETRY, false },
	{ "the kept connection was dead", CURLE_SEND_ERROR, 0, BODY_UNREAD, FATE_RETRY, false },
	{ "lost after DATA's 354, nothing read", CURLE_RECV_ERROR, 354, BODY_UNREAD, FATE_RETRY, false },
	{ "lost within the mail", CURLE_SEND_ERROR, 354, BODY_PART, FATE_RETRY, false },
	{ "lost after the mail", CURLE_RECV_ERROR, 354, BODY_WHOLE, FATE_UNKNOWN, false },
	{ "lost after the mail, at the last write", CURLE_SEND_ERROR, 354, BODY_WHOLE, FATE_UNKNOWN, false },
	{ "accepted, but libcurl failed", CURLE_RECV_ERROR, 250, BODY_WHOLE, FATE_UNKNOWN, false },
	{ "no answer to EHLO", CURLE_OPERATION_TIMEDOUT, 220, BODY_UNREAD, FATE_RETRY, false },
	{ "too slow within the mail", CURLE_OPERATION_TIMEDOUT, 354, BODY_PART, FATE_RETRY, false },
	{ "no answer to the mail", CURLE_OPERATION_TIMEDOUT, 354, BODY_WHOLE, FATE_UNKNOWN, false },
	{ "stopped before the mail", CURLE_ABORTED_BY_CALLBACK, 0, BODY_UNREAD, FATE_RETRY, false },
	{ "stopped after the mail", CURLE_ABORTED_BY_CALLBACK, 354, BODY_WHOLE, FATE_UNKNOWN, false },
};

static void fates(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct given *g = &cases[i];
		struct outcome o = outcome_of(g->code, g->response, g->body, "its words");
		bool again = g->fate == FATE_RETRY || g->fate == FATE_UNKNOWN;

		if (o.fate != g->fate || (o.retry_after > 0) != again || (o.retry_after >= 300) != g->patience)
			fail_msg("%s: fate %d, again after %u s: %s", g->what, o.fate, o.retry_after, o.why);
		assert_non_null(strstr(o.why, "its words"));
	}
}

// The one promise that everything hangs on, for every code that libcurl has.
static void sent_only_when_libcurl_says_so(void **state)
{
	static const long responses[] = { 0, 220, 250, 354, 421, 450, 550, 999 };

	(void)state;
	for (int code = 1; code < CURL_LAST; code++)
		for (size_t i = 0; i < LENGTH(responses); i++)
			for (int body = BODY_UNREAD; body <= BODY_WHOLE; body++) {
				struct outcome o = outcome_of((CURLcode)code, responses[i], (enum body_read)body, "");

				assert_int_not_equal(o.fate, FATE_SENT);
				if (responses[i] < 500)
					assert_int_not_equal(o.fate, FATE_PERMANENT);
				if (body != BODY_WHOLE)
					assert_int_not_equal(o.fate, FATE_UNKNOWN);
			}
}

static void sentence_without_detail(void **state)
{
	struct outcome o = outcome_of(CURLE_COULDNT_CONNECT, 0, BODY_UNREAD, "");

	(void)state;
	assert_string_equal(o.why, "the mail server cannot be reached");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fates),
		cmocka_unit_test(sent_only_when_libcurl_says_so),
		cmocka_unit_test(sentence_without_detail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

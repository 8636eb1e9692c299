// SPDX-License-Identifier: Apache-2.0
// Which names the doctor finds in a mail's header, and that it stops where the header does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "bot/doctor_trace.h"

static const struct {
	const char *mail, *authservs, *hosts;
} cases[] = {
	{ "", "", "" },
	{ "\n", "", "" },
	{ "Received:", "", "" },
	{ "Received: by", "", "" },
	{ "Received: x by ", "", "" },
	{ "Received: from a (b) by mx.a.example; now\nReceived: by store\n", "", "mx.a.example, store" },
	{ "received:\r\n from a\r\n\tBY\r\n mx.a.example (x) by other\r\nSubject: by nobody\r\n", "", "mx.a.example" },
	{ "Received: from baby.example standby x\n", "", "" },
	{ "Authentication-Results: mx.a.example; dmarc=pass\nAuthentication-Results:\n mx.b.example 1;none\n",
	  "mx.a.example, mx.b.example", "" },
	{ "Authentication-Results: a.example; x\nAuthentication-Results: a.example; y\n", "a.example", "" },
	{ "Authentication-Results: \"quoted\"; x\nX-Authentication-Results: c.example\n", "", "" },
	{ "Authentication-Results: a\x1b[2J; x\n", "a", "" },
	{ "Subject: x\n\nReceived: by body\nAuthentication-Results: body\n", "", "" },
	{ "Subject: x\r\n\r\nReceived: by body\r\n", "", "" },
	{ " Received: by folded.example\nReceived: by b\n", "", "b" },
	{ "Received: by a\nReceived: by b\nReceived: by c\nReceived: by d\nReceived: by e\nReceived: by f\n"
	  "Received: by g\nReceived: by h\nReceived: by i\nReceived: by j\nReceived: by k\n",
	  "", "a, b, c, d, e, f, g, h, i, j" },
};

static void finds_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_buf_ struct buf mail = BUF(4096);
		_free_ char *authservs = NULL, *hosts = NULL;

		buf_puts(&mail, cases[i].mail);
		authservs = trace_authservs(&mail);
		hosts = trace_hosts(&mail);
		if (strcmp(authservs, cases[i].authservs) != 0 || strcmp(hosts, cases[i].hosts) != 0)
			fail_msg("case %zu: '%s' and '%s'", i, authservs, hosts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

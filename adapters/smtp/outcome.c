// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/outcome.h"

#include <stdio.h>

#include "base/auto.h"

enum {
	SOON = 10,       // something broke on the way
	LATER = 60,      // the server asked for patience
	MUCH_LATER = 300 // nothing changes until somebody mends something
};

// Conditions of a rule.  libcurl's code for a refused MAIL, RCPT or DATA is CURLE_SEND_ERROR, for a refused greeting or
// a refused mail CURLE_WEIRD_SERVER_REPLY: only the reply code and what was read of the body tell them apart.
enum {
	ANY = -1,
	UNREAD = 1 << BODY_UNREAD,
	PART = 1 << BODY_PART,
	WHOLE = 1 << BODY_WHOLE,
	ALWAYS = UNREAD | PART | WHOLE,
};

struct rule {
	int code;      // a CURLcode, or ANY
	int low, high; // reply codes, inclusive
	int body;      // which of UNREAD, PART, WHOLE
	enum fate fate;
	unsigned retry_after;
	const char *says;
};

// The first rule that fits decides.  What is about the server, the login or TLS is never the mail's fault, whatever
// the reply code: a password that expired must not bounce a whole outbox.
static const struct rule rules[] = {
	{ CURLE_OK, 0, 999, ALWAYS, FATE_SENT, 0, "accepted" },

	{ CURLE_PEER_FAILED_VERIFICATION, 0, 999, ALWAYS, FATE_RETRY, MUCH_LATER,
	  "the mail server's certificate was refused" },
	{ CURLE_SSL_CACERT_BADFILE, 0, 999, ALWAYS, FATE_RETRY, MUCH_LATER, "the CA file cannot be read" },
	{ CURLE_USE_SSL_FAILED, 0, 999, ALWAYS, FATE_RETRY, MUCH_LATER, "the mail server does not offer TLS" },
	{ CURLE_SSL_CONNECT_ERROR, 0, 999, UNREAD, FATE_RETRY, MUCH_LATER,
	  "no TLS connection to the mail server came about" },
	{ CURLE_LOGIN_DENIED, 0, 999, ALWAYS, FATE_RETRY, MUCH_LATER, "the mail server refused the login" },
	{ CURLE_AUTH_ERROR, 0, 999, ALWAYS, FATE_RETRY, MUCH_LATER, "the login to the mail server failed" },
	{ ANY, 530, 530, UNREAD, FATE_RETRY, MUCH_LATER, "the mail server wants a login first" },
	{ ANY, 534, 538, UNREAD, FATE_RETRY, MUCH_LATER, "the mail server refused the login" },
	{ CURLE_COULDNT_RESOLVE_HOST, 0, 999, ALWAYS, FATE_RETRY, LATER, "the mail server's name cannot be resolved" },
	{ CURLE_COULDNT_CONNECT, 0, 999, ALWAYS, FATE_RETRY, LATER, "the mail server cannot be reached" },
	{ CURLE_REMOTE_ACCESS_DENIED, 0, 999, UNREAD, FATE_RETRY, MUCH_LATER, "the mail server refused our greeting" },
	{ CURLE_WEIRD_SERVER_REPLY, 400, 999, UNREAD, FATE_RETRY, LATER, "the mail server does not serve us now" },

	{ ANY, 400, 499, ALWAYS, FATE_RETRY, LATER, "the mail server asks to try again later" },
	{ ANY, 500, 599, ALWAYS, FATE_PERMANENT, 0, "the mail server refused the mail" },

	// From here on there was no answer.  The last code is of an earlier command (220, 250, 354), or 0.
	{ CURLE_OPERATION_TIMEDOUT, 0, 399, UNREAD | PART, FATE_RETRY, LATER,
	  "the mail server did not answer in time" },
	{ CURLE_OPERATION_TIMEDOUT, 0, 399, WHOLE, FATE_UNKNOWN, LATER,
	  "the mail server got the mail but did not say in time whether it has accepted it" },
	{ ANY, 0, 999, UNREAD | PART, FATE_RETRY, SOON, "the connection was lost before the mail was handed over" },
	{ ANY, 0, 999, WHOLE, FATE_UNKNOWN, SOON,
	  "the connection was lost before the mail server said whether it has accepted the mail" },
};

static const struct rule *rule_for(CURLcode code, long response, enum body_read body)
{
	for (size_t i = 0; i + 1 < LENGTH(rules); i++) {
		const struct rule *r = &rules[i];

		if ((r->code == ANY || r->code == (int)code) && response >= r->low && response <= r->high &&
		    r->body & 1 << body)
			return r;
	}
	return &rules[LENGTH(rules) - 1];
}

struct outcome outcome_of(CURLcode code, long response, enum body_read body, const char *detail)
{
	const struct rule *r = rule_for(code, response, body);
	struct outcome out = { .fate = r->fate, .retry_after = r->retry_after };

	snprintf(out.why, sizeof out.why, *detail ? "%s: %s" : "%s", r->says, detail);
	return out;
}

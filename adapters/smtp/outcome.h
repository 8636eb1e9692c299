// SPDX-License-Identifier: Apache-2.0
// What became of a mail, from what libcurl can say about it.  A pure function: no curl handle, no clock.
#ifndef ADAPTERS_SMTP_OUTCOME_H
#define ADAPTERS_SMTP_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>

enum fate {
	FATE_SENT,
	FATE_RETRY,     // the server does not have it: try again
	FATE_PERMANENT, // the server will never take this mail
	FATE_UNKNOWN,   // the server may have it: sending it again must carry the same Message-ID
};

// How much of the mail libcurl took from us.  Less than all means that the server cannot have accepted it.
enum body_read {
	BODY_UNREAD,
	BODY_PART,
	BODY_WHOLE,
};

struct outcome {
	enum fate fate;
	unsigned retry_after; // seconds, for FATE_RETRY and FATE_UNKNOWN
	char why[512];        // one sentence for the operator; holds the server's words, so it must go through redact()
};

// `response` is the last reply code of the server (0: none), `detail` its last line or libcurl's own words, or "".
struct outcome outcome_of(CURLcode code, long response, enum body_read body, const char *detail);

#endif

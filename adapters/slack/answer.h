// SPDX-License-Identifier: Apache-2.0
// What became of a call, from what came back.  A pure function: no handle, no clock.
#ifndef ADAPTERS_SLACK_ANSWER_H
#define ADAPTERS_SLACK_ANSWER_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct method; // methods.h

// What came back, or did not.
struct response {
	CURLcode code;
	long status;         // of HTTP; 0: none came
	bool sent;           // the connection stood, so that Slack may have the request
	int64_t retry_after; // seconds; -1: no such header
	const char *body;
	size_t len;
	const char *detail; // libcurl's own words, or ""
	const char *scopes; // X-OAuth-Scopes, or ""
};

enum trouble {
	TROUBLE_NONE,
	TROUBLE_TOKEN,   // dead: nothing will work with it
	TROUBLE_SCOPE,   // the app was not given a right that it needs
	TROUBLE_REQUEST, // we asked for nonsense
};

struct answer {
	bool ok;
	char error[64];      // Slack's word, "http-500", "timeout", "unreachable", "late", ...
	char why[768];       // one sentence for the operator
	bool permanent;      // asking again changes nothing
	bool unknown;        // it may have been done
	bool again;          // worth asking again from here
	bool limited;        // refused for want of patience: surely not done
	int64_t retry_after; // seconds; 0: nobody said
	enum trouble trouble;
	json_t *json;      // of an answer that is JSON; answer_free() gives it up
	char scopes[1024]; // X-OAuth-Scopes, or ""
	size_t bytes;      // of a raw answer
};

void answer_judge(const struct method *m, const struct response *r, struct answer *out);

// An answer of our own, without having asked.
struct answer answer_own(const char *error, bool permanent, int64_t retry_after, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

void answer_free(struct answer *a);

// Puts a text of Slack's into what the core is told, cut at 1000 bytes: a frame must not grow with what comes.
void answer_put(json_t *out, const char *key, const char *text);

#endif

// SPDX-License-Identifier: Apache-2.0
// Whom an address or a URL belongs to.
#ifndef ADAPTERS_SLACK_PEER_H
#define ADAPTERS_SLACK_PEER_H

#include <stdbool.h>

struct settings;
struct sockaddr;

bool peer_is_loopback(const struct sockaddr *address);

// A taken apart URL; peer_free() gives it back.
struct peer {
	bool tls;
	char *host;
	int port;
	char *path; // with the query
};

// ws, wss, http, https and nothing else, without a login.  0, or -1 when the text is anything else.
int peer_read(const char *url, struct peer *out);
void peer_free(struct peer *p);

// May this URL of a file, which came from outside, be sent our bot's token?  Slack's own hosts, or the API's.
bool peer_may_have_token(const struct settings *s, const char *url);

// May an answer be posted to this URL, which came from outside?  Only Slack's own place for it, or, where the API is on
// this machine, the API's.
bool peer_may_be_answered(const struct settings *s, const char *url);

#endif

// SPDX-License-Identifier: Apache-2.0
// Which methods of Slack there are for us, how often each may be called, and what it means to call one twice.
#ifndef ADAPTERS_SLACK_METHODS_H
#define ADAPTERS_SLACK_METHODS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

enum method_id {
	METHOD_POST_MESSAGE,
	METHOD_UPDATE,
	METHOD_POST_EPHEMERAL,
	METHOD_DELETE,
	METHOD_VIEWS_OPEN,
	METHOD_VIEWS_UPDATE,
	METHOD_VIEWS_PUBLISH,
	METHOD_CONVERSATIONS_OPEN,
	METHOD_USERS_INFO,
	METHOD_USERS_LOOKUP,
	METHOD_AUTH_TEST,
	// for ourselves
	METHOD_CONNECTIONS_OPEN,
	METHOD_UPLOAD_URL,
	METHOD_UPLOAD_BYTES,
	METHOD_UPLOAD_COMPLETE,
	METHOD_DOWNLOAD,
	METHOD_RESPOND,
	METHOD_COUNT,
};

struct method {
	const char *name;
	unsigned per_minute; // Slack's tier
	unsigned burst;
	unsigned parallel; // calls under way at the same time; 1 keeps them in order
	bool repeatable;   // to do it twice is to do it once
	bool raw;          // not a method of the Web API: the answer need not be JSON with "ok"
};

extern const struct method methods[METHOD_COUNT];

// Of those that the core may ask for; NULL when there is none of that name.
const struct method *method_find(const char *name);
enum method_id method_id(const struct method *m);

// The arguments as a form: strings as they are, null left out, everything else as JSON text.  -1 when it grew too
// large.
int method_form(const json_t *args, struct buf *out);

#endif

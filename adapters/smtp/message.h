// SPDX-License-Identifier: Apache-2.0
// One mail, from the JSON document that the core hands over to the bytes that SMTP's DATA takes.
#ifndef ADAPTERS_SMTP_MESSAGE_H
#define ADAPTERS_SMTP_MESSAGE_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct message {
	char *sender;    // of the envelope; "" is the null path
	char *recipient; // there is exactly one
	char *bytes;     // header and body: CR LF, 7-bit, lines of at most 998 bytes, dots not doubled
	size_t len;
};

// Checks the document key by key and builds the mail.  0, or -1 (EX_DATAERR: this document can never be sent); the
// caller gives it back with message_free().  g_mime_init() must have been called.
int message_build(const json_t *document, struct message *out, struct err *e);

void message_free(struct message *m);

#endif

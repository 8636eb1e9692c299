// SPDX-License-Identifier: Apache-2.0
// What may be believed of a header.  Fields are read from the top: those that our own servers put on lie above the
// first Received field of a server that is not one of ours; everything from there on the sender may have written.
#ifndef MIME_TRUST_H
#define MIME_TRUST_H

#include <jansson.h>
#include <stddef.h>

#include "adapters/mime/fields.h"

struct trust {
	const json_t *authserv; // ids (RFC 8601 section 2.5) whose results count
	const json_t *hosts;    // servers of ours that mail passes behind the one that checks it
};

// How many fields stand above the trust line.  None when there is no Received field that makes one: then no server of
// ours has seen the message come in.
size_t trust_line(const struct fields *fields, const struct trust *trust);

// Authentication-Results above the trust line, as the document's "auth".
json_t *trust_results(const struct fields *fields, size_t trusted, const struct trust *trust);

// Every DKIM-Signature, as the document's "dkim".
json_t *trust_signatures(const struct fields *fields);

#endif

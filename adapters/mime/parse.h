// SPDX-License-Identifier: Apache-2.0
// One raw message in, one document out: a pure function, so that it can be tested and fuzzed without a process around
// it.  The document is described in countersign-frames(7).
#ifndef MIME_PARSE_H
#define MIME_PARSE_H

#include <jansson.h>
#include <stddef.h>

#include "adapters/mime/failure.h"
#include "adapters/mime/limits.h"
#include "adapters/mime/trust.h"
#include "base/err.h"

struct charsets;

struct mime_config {
	struct trust trust;
	struct limits limits;
	struct charsets *charsets;
};

// Once per process, before the fence closes: libraries and converters.  0, or -1.
int mime_start(struct mime_config *config, struct err *e);
void mime_end(struct mime_config *config);

// Decoded attachments go to `attachments`, one behind the other (-1: nowhere).  The document, or NULL and why.
json_t *mime_parse(const char *bytes, size_t len, const struct mime_config *config, int attachments, struct failure *f);

#endif

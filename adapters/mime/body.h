// SPDX-License-Identifier: Apache-2.0
// The text of a message: its pieces decoded, as UTF-8 lines, and the person's own words in it.
#ifndef MIME_BODY_H
#define MIME_BODY_H

#include <jansson.h>

#include "adapters/mime/failure.h"
#include "adapters/mime/limits.h"
#include "adapters/mime/parts.h"

struct charsets;

// Puts "own", "text", "html_only" and "pairs" into the document and flags into `parts`.  0, or -1.
int body_put(json_t *document, struct parts *parts, const struct limits *limits, struct charsets *charsets,
             struct failure *f);

#endif

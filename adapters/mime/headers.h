// SPDX-License-Identifier: Apache-2.0
// The header of a message as the document shows it: who wrote it, to whom, about what, in answer to what.
#ifndef MIME_HEADERS_H
#define MIME_HEADERS_H

#include <jansson.h>
#include <stddef.h>

#include "adapters/mime/fields.h"

struct charsets;

// Puts "from" or "from_problem", "to", "cc", "reply_to", "subject", "date", "message_id", "in_reply_to", "references",
// "delivered_to" (from the first `trusted` fields alone) and "loop" into the document.
void headers_put(json_t *document, const struct fields *fields, size_t trusted, struct charsets *charsets);

// The message ids ("<...>") of a field, at most `max`, the last ones when there are more; `value` may be NULL.
json_t *headers_ids(const char *value, size_t max);

#endif

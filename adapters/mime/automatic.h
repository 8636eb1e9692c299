// SPDX-License-Identifier: Apache-2.0
// Was this sent by a program?  An answer to a program's mail may loop, and no program decides (RFC 3834).
#ifndef MIME_AUTOMATIC_H
#define MIME_AUTOMATIC_H

#include <jansson.h>

#include "adapters/mime/fields.h"

// Why it is automatic, by its header: "auto-submitted", "precedence", "x-autoreply", "list", "null-return-path"; ""
// when it is not.  ("report" is the parts' to say.)
const char *automatic_reason(const struct fields *fields);

// The first group with a status in a message/delivery-status part (RFC 3464), as the document's "report".  The message
// that could not be delivered is added with report_original().
json_t *report_read(const char *text, size_t len);
void report_original(json_t *report, const char *header, size_t len);

#endif

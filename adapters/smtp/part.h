// SPDX-License-Identifier: Apache-2.0
// The bodies of an outgoing mail: text, HTML and attachments as GMime parts, each in the transfer encoding that fits
// (7bit, quoted-printable or base64), and the multiparts around them.
#ifndef ADAPTERS_SMTP_PART_H
#define ADAPTERS_SMTP_PART_H

#include <gmime/gmime.h>
#include <jansson.h>

#include "base/err.h"

// The whole body that "text", "html" and "attachments" of the document ask for: text/plain alone, or
// multipart/alternative (text first, HTML second: RFC 2046, 5.1.4), inside multipart/mixed when there are attachments.
// The caller owns it.  NULL when an attachment is not what it should be.
GMimeObject *part_body(const json_t *document, struct err *e);

static inline void auto_unref(void *p)
{
	GObject **object = p;

	g_clear_object(object);
}
#define _object_ __attribute__((cleanup(auto_unref)))

#endif

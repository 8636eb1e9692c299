// SPDX-License-Identifier: Apache-2.0
// Plain text to lines: CR LF and lone CR become LF, other control characters U+FFFD; format=flowed
// (RFC 3676) is undone, so that a sentence that the sender's program broke is one line again.
#ifndef MIME_FLOWED_H
#define MIME_FLOWED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

// `in` holds no NUL.
void text_lines(const char *in, size_t len, struct buf *out);

// `delete_space`: the parameter DelSp=yes.
void text_unflow(const char *text, bool delete_space, struct buf *out);

#endif

// SPDX-License-Identifier: Apache-2.0
// The bytes of one part.  Text that may hold a command is decoded strictly: what two decoders could read differently is
// refused, never repaired.  Attachments are decoded as far as it goes; their raw form is kept elsewhere.
#ifndef MIME_DECODE_H
#define MIME_DECODE_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapters/mime/failure.h"
#include "base/buf.h"
#include "base/err.h"

// Adds the decoded bytes to `out`, at most its maximum (`*cut` is set when there were more).  0, or -1 (mime-decode)
// when the encoding is unknown or its text is not exactly what RFC 2045 section 6 allows.
int decode_strict(GMimePart *part, struct buf *out, bool *cut, struct failure *f);

// Adds the decoded bytes to `out`, as far as it goes; `*cut` is set when its maximum was reached.
void decode_bytes(GMimePart *part, struct buf *out, bool *cut);

// Writes the decoded bytes to `fd` (-1: nowhere); 0 and the number of bytes, or -1.
int decode_write(GMimePart *part, int fd, size_t *size, struct err *e);

// Writes an embedded message; likewise.
int decode_write_message(GMimeMessagePart *part, int fd, size_t *size, struct err *e);

#endif

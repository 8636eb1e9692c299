// SPDX-License-Identifier: Apache-2.0
// A mail that somebody saved as a file, for what is attached to it.  The mime worker reads it, behind its fence.
#ifndef BOT_KEPT_MAIL_H
#define BOT_KEPT_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

// Does it begin as a mail does, with a header field (or the "From " line of a mailbox file)?
bool mail_begins(const char *bytes, size_t len);

// The first attachment that `wanted` takes, into `out`; it may change line ends in place.  EX_DATAERR when there is
// none.
int mail_attachment(const struct buf *mail, bool (*wanted)(struct buf *attachment), struct buf *out, struct err *e);

#endif

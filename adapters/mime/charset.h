// SPDX-License-Identifier: Apache-2.0
// Bytes of a named charset to UTF-8, by libc's iconv.  Every converter is opened at the start and kept: behind the
// fence no file can be opened, and a converter is a file.
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct charsets;

// Opens all converters; NULL on error.  The caller gives it back with charsets_close().
struct charsets *charsets_open(struct err *e);
void charsets_close(struct charsets **charsets);

// Adds `in` to `out` as UTF-8.  No name, "us-ascii" and unknown names are read as UTF-8, "iso-8859-1" as windows-1252
// (as browsers and mail programs do).  What has no meaning becomes U+FFFD, and `*lossy` is set (never cleared).
void charset_convert(struct charsets *charsets, const char *name, const char *in, size_t len, struct buf *out,
                     bool *lossy);

// Is this a charset that we have a converter for, or one of those that are read as UTF-8?
bool charset_known(const char *name);

// Do its letters take more than one byte each, so that NUL bytes are no NUL characters?
bool charset_is_wide(const char *name);

// Replaces control characters (C0, DEL, C1) of UTF-8 text by U+FFFD; what is kept is named: "\n", "\t" or "".
void charset_clean(const char *text, const char *kept, struct buf *out);

#endif

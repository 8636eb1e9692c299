// SPDX-License-Identifier: Apache-2.0
// Words of a structured header field: blanks and comments passed over, quoted strings as one word without their quotes.
#ifndef MIME_TOKEN_H
#define MIME_TOKEN_H

#include <stdbool.h>

#define TOKEN_MAX 512

// Takes the next word at `*p` into `out` (cut to fit, valid UTF-8).  Each character of `marks` is a word by itself.
// False at the end of the field, or where a comment or a quoted string is never closed.
bool token_next(const char **p, const char *marks, char out[TOKEN_MAX]);

#endif

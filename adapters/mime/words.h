// SPDX-License-Identifier: Apache-2.0
// Encoded words (RFC 2047) in header fields.  Decoded by ourselves: GMime drops the word after a padded base64 word.
// What comes out is for people to read; no address is ever taken from it.
#ifndef MIME_WORDS_H
#define MIME_WORDS_H

#include <stddef.h>

struct charsets;

// Valid UTF-8 of at most `max` bytes without control characters (they become U+FFFD).  The caller frees; never NULL.
char *words_decode(struct charsets *charsets, const char *value, size_t max);

#endif

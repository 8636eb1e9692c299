// SPDX-License-Identifier: Apache-2.0
// How large a message may be in each direction, looked at on the raw bytes before any parser sees them: libraries
// overflow their stack on deep nesting and grow quadratic on wide ones.
#ifndef MIME_LIMITS_H
#define MIME_LIMITS_H

#include <jansson.h>
#include <stddef.h>

#include "adapters/mime/failure.h"
#include "base/err.h"

struct limits {
	size_t header_bytes; // of one header, the message's own or a part's
	size_t fields;       // in one header
	size_t hops;         // Received fields
	size_t depth;        // multiparts and messages inside each other
	size_t parts;        // together
	size_t boundary;     // bytes of a boundary (RFC 2046 section 5.1.1)
	size_t text;         // bytes of text that are read and kept; the rest is cut and flagged
	size_t own;          // bytes of own words; likewise
	size_t html;         // bytes of one HTML part that are read; likewise
};

#define LIMITS_DEPTH_MAX 64

struct limits limits_default(void);
// Replaces what `overrides` (an object, or NULL) names; 0, or -1.
int limits_read(const json_t *overrides, struct limits *limits, struct err *e);

// Bytes up to and with the empty line that ends a header, or `len` when there is none.
size_t header_length(const char *bytes, size_t len);

// The header of the message itself: size, number of fields, hops, NUL.  0, or -1.
int limits_check_header(const char *bytes, size_t len, const struct limits *limits, struct failure *f);

// The nesting of its parts: depth, number, boundaries.  0, or -1.
int limits_check_structure(const char *bytes, size_t len, const struct limits *limits, struct failure *f);

#endif

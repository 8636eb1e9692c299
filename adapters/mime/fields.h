// SPDX-License-Identifier: Apache-2.0
// The fields of one header, in their order, unfolded, not decoded.  Lines that are no field are passed over, so that
// one malformed line does not turn the rest of the header into body.
#ifndef MIME_FIELDS_H
#define MIME_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct field {
	const char *name;  // as written, without blanks
	const char *value; // unfolded and trimmed; may hold any byte but NUL and LF
};

struct fields {
	struct field *list;
	size_t count;
	size_t bytes; // length of the header, its empty line included
	bool malformed;
	char *memory;
};

// Splits the header at the beginning of `bytes`; the caller gives it back with fields_free().
void fields_split(const char *bytes, size_t len, struct fields *out);
void fields_free(struct fields *fields);
#define _fields_ __attribute__((cleanup(fields_free)))

// The value of the first field of this name, or NULL.
const char *fields_get(const struct fields *fields, const char *name);
// How many fields of this name there are.
size_t fields_count(const struct fields *fields, const char *name);

#endif

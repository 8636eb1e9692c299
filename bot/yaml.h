// SPDX-License-Identifier: Apache-2.0
// YAML as people write it for us, read into jansson with the place of every value kept, so that any later complaint
// points at its line.  Not for: what the keys mean (see yaml_check.h).
//
// Refused: aliases, anchors, tags, merge keys, duplicate keys, several documents, a byte-order mark, NUL, tabs as
// indent, more than 32 levels, more than 1 MiB.  Every plain scalar is text ("NO" is a country, 1.10 a version and 007
// an id); yaml_check() turns the ones that a table calls numbers or booleans into these.
#ifndef BOT_YAML_H
#define BOT_YAML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define YAML_MAX (1024 * 1024)
#define YAML_DEPTH 32

struct yaml;

// Reads a document; `file` is the name that errors carry.  NULL on error (EX_CONFIG, with the line and a caret).
struct yaml *yaml_read(const char *text, size_t len, const char *file, struct err *e);

// Reads a file with yaml_read().  Refused, naming why: what is not a regular file, is larger than YAML_MAX, can be
// written by everyone, or is owned by somebody other than root or the user of this process.  NULL on error.
struct yaml *yaml_load(const char *path, struct err *e);

void yaml_free(struct yaml **y);
#define _yaml_ __attribute__((cleanup(yaml_free)))

// The document: objects, arrays and strings (an empty value is ""), borrowed.
json_t *yaml_json(const struct yaml *y);
const char *yaml_file(const struct yaml *y);
// The text as read (NUL-terminated), borrowed.
const char *yaml_text(const struct yaml *y, size_t *len);

// Says "file:line:column: sentence", the source line and a caret, for a value that yaml_json() holds.  Returns -1
// with EX_CONFIG.  A value that is not of this document gets "file: sentence".
int yaml_error(const struct yaml *y, const json_t *value, struct err *e, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
// As yaml_error(), pointing at a key of `object` rather than at what stands behind it.
int yaml_error_key(const struct yaml *y, const json_t *object, const char *key, struct err *e, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

// Where a value stands, lines and columns (in characters) from 1; 0 and 0 for a value that is not of this document.
void yaml_mark(const struct yaml *y, const json_t *value, unsigned *line, unsigned *column);

// Was this string written without quotes?  (`need: "2"` is text and no number.)
bool yaml_plain(const struct yaml *y, const json_t *value);

// Puts `fresh` (its reference is taken) where member `key` of `object` stood, at the same place in the file.
void yaml_replace(struct yaml *y, json_t *object, const char *key, json_t *fresh);
// The same for a member of an array.
void yaml_replace_at(struct yaml *y, json_t *array, size_t index, json_t *fresh);

#endif

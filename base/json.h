// SPDX-License-Identifier: Apache-2.0
// JSON as the project uses it, over jansson: strict reading of outside bytes, canonical writing (RFC 8785), checks of
// an object against a table of keys, and getters that never fail.
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"

// Reads one JSON value; refuses duplicate keys, trailing data, invalid UTF-8, NUL in strings.  NULL on error.
json_t *json_read(const char *text, size_t len, struct err *e);

// Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no spaces, shortest escapes.  Numbers must be integers
// within 2^53.  The caller frees.  NULL (and err) for a real number or when memory ran out.
char *json_canonical(const json_t *value, size_t *len, struct err *e);

// Compact text of a value made by ourselves; the caller frees; panics if memory ran out.
char *json_text(const json_t *value);

// What a key of an object must be.  `kind` is one of: 's' string, 'i' integer, 'b' boolean, 'o' object, 'a' array,
// '*' anything.  A capital letter means that the key is required.  `max` bounds a string's bytes, an array's or
// object's members, or an integer's value (which is never negative); 0 = no bound of its own.
struct json_key {
	const char *name;
	char kind;
	size_t max;
};

// Exact types, unknown key refused: 0, or -1 naming `what` and the key.  The table ends with a NULL name.
int json_check(const json_t *object, const struct json_key *keys, const char *what, struct err *e);

// Getters: the value, or the fallback when the key is absent or of another type.
const char *json_str(const json_t *object, const char *key);         // or ""
const char *json_str_or_null(const json_t *object, const char *key); // or NULL
int64_t json_int(const json_t *object, const char *key);             // or 0
bool json_bool(const json_t *object, const char *key);               // or false
json_t *json_arr(const json_t *object, const char *key);             // borrowed, or NULL
json_t *json_obj(const json_t *object, const char *key);             // borrowed, or NULL

// Setters for objects of our own making; panic when memory ran out.  A NULL text sets nothing.
void json_put_str(json_t *object, const char *key, const char *text);
void json_put_int(json_t *object, const char *key, int64_t value);
void json_put_bool(json_t *object, const char *key, bool value);
void json_put(json_t *object, const char *key, json_t *value); // takes the reference
void json_add(json_t *array, json_t *value);                   // takes the reference
void json_add_str(json_t *array, const char *text);

// Does an array of strings hold this one?
bool json_has_str(const json_t *array, const char *text);

#endif

// SPDX-License-Identifier: Apache-2.0
// What a YAML document is made of: its text, its values, and a table telling where each of them stood.  Private to
// bot/yaml*.c.
#ifndef BOT_YAML_PLACE_H
#define BOT_YAML_PLACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

// Lines and columns (in characters) count from 1.
struct mark {
	uint32_t line, column;
};

struct place {
	const json_t *value;
	struct mark at, key; // key.line is 0 for what has no key
	bool plain;          // a scalar without quotes
};

// All zero = empty.  Values are told apart by address, so they must outlive the table.
struct places {
	struct place *slots;
	size_t count, size;
};

void places_add(struct places *p, const struct place *place); // panics if memory ran out
const struct place *places_find(const struct places *p, const json_t *value);
void places_free(struct places *p);

struct yaml {
	char *file, *text;
	size_t len;
	json_t *root;
	json_t *retired; // what yaml_replace() took out: kept, so that no address is used twice
	struct places places;
};

// Fills y->root and y->places from y->text.  0, or -1.
int yaml_parse(struct yaml *y, struct err *e);

// The complaint itself, at a place that is no value's.  Returns -1.
int yaml_error_at(const struct yaml *y, struct mark at, struct err *e, const char *sentence);

#endif

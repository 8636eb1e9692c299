// SPDX-License-Identifier: Apache-2.0
// Checks a YAML document against a table of keys, kinds and bounds.  Everything that passes has exactly the kinds
// of its table: what is called a number or a boolean there becomes one.
#ifndef BOT_YAML_CHECK_H
#define BOT_YAML_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/yaml.h"

enum yaml_kind {
	YAML_TEXT,       // min/max: bytes
	YAML_INTEGER,    // decimal digits, unquoted, no sign, no leading zero; min/max: its value
	YAML_BOOLEAN,    // true or false, unquoted
	YAML_LIST,       // an array of `sub` (objects); min/max: its members
	YAML_TEXTS,      // an array of texts; min/max: its members
	YAML_MAP,        // an object checked against `sub`
	YAML_MAPS,       // an object of any keys, each holding an object checked against `sub`; min/max: its members
	YAML_TEXT_LISTS, // an object of any keys, each holding an array of texts; min/max: its members
	YAML_NAMED,      // an object of any keys, each holding a text; min/max: its members
	YAML_ITEMS,      // an array of texts and of objects checked against `sub`; min/max: its members
};

// A table ends with a NULL name.  max 0 = 4096 bytes for text, 1024 members, any integer.
struct yaml_key {
	const char *name;
	enum yaml_kind kind;
	bool required;
	int64_t min, max;
	const struct yaml_key *sub;
};

// Checks an object of the document (the root: yaml_json()), whole.  An unknown key is refused with the nearest known
// one named.  0, or -1.
int yaml_check(struct yaml *y, json_t *object, const struct yaml_key *keys, struct err *e);

#endif

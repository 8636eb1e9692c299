// SPDX-License-Identifier: Apache-2.0
// The mapping of an import (countersign-import(5)): how a register is written, and which of its columns is what.
#ifndef BOT_IMPORT_MAP_H
#define BOT_IMPORT_MAP_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct import_map;

// How the file itself is written.
struct import_format {
	bool json; // a list of objects; else CSV
	char delimiter, quote;
	bool latin1;
};

// NULL on error (EX_CONFIG, "file:line:column: sentence").
struct import_map *import_map_load(const char *path, struct err *e);
void import_map_free(struct import_map **map);
#define _import_map_ __attribute__((cleanup(import_map_free)))

const struct import_format *import_map_format(const struct import_map *map);
// What the register is called; its ids are unique within it.  Borrowed.
const char *import_map_register(const struct import_map *map);

// Is every column that the mapping names among these (an array of strings)?  0, or -1 naming the line of the mapping.
int import_map_columns(const struct import_map *map, const json_t *columns, struct err *e);
// The column that holds a member of a row ("outcome", "facts.license"), or NULL when none does.  Borrowed.
const char *import_map_column(const struct import_map *map, const char *name);

// One record, {column: text}, as the core takes it; empty texts are left out, days are YYYY-MM-DD:
// {"id","outcome","opened"?,"decided"?,"until"?,"requester"?,"decider"?,"text"?,"facts":{name: words}}
// outcome: approved, rejected, expired, or "skip": not decided, to be left out.
// What is wrong with it is added to `problems`: {"name","value","why"}.  New reference.
json_t *import_map_row(const struct import_map *map, const json_t *record, json_t *problems);

#endif

// SPDX-License-Identifier: Apache-2.0
// What `countersign import` says: which rows are bad and why, what comes of the others, and the tally.
#ifndef BOT_IMPORT_REPORT_H
#define BOT_IMPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bot/import_file.h"
#include "bot/import_map.h"

struct import_report {
	const struct import_map *map;
	const char *file;
	bool json, dry, table; // table: rows are told as they come
	int64_t rows, imported, had, left, bad;
	int64_t told;                      // lines about bad rows
	char *first, *last;                // case ids; owned
	json_t *json_rows, *json_problems; // for --json; owned
};

void report_begin(struct import_report *r);
void report_end(struct import_report *r);

// A bad row: `problems` are [{"name","value"?,"why"}]; the register's own column and value are named.
void report_bad(struct import_report *r, const struct import_record *record, const json_t *problems);
// A good one: the row as the mapping gave it, and the core's answer (see bot/import_take.h).
void report_good(struct import_report *r, const json_t *row, const json_t *answer);

// The tally, on standard output; an exit code.
int report_tell(const struct import_report *r, bool nothing);

#endif

// SPDX-License-Identifier: Apache-2.0
// Reading a register's file, record by record: CSV (RFC 4180, by libcsv) or a JSON list of objects.
#ifndef BOT_IMPORT_FILE_H
#define BOT_IMPORT_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bot/import_map.h"

#define IMPORT_FILE_MAX (64U << 20) // bytes
#define IMPORT_ROWS_MAX 100000
#define IMPORT_COLUMNS_MAX 256

struct import_record {
	int64_t row;        // from 1; the head of a CSV file is none
	int64_t line;       // where it begins in the file, from 1; 0 in JSON
	json_t *values;     // {column: text}; borrowed
	const json_t *keys; // all columns that there are, in CSV from its head; borrowed
};

// What is done with a record; -1 with an error ends the reading.
typedef int import_take(void *context, const struct import_record *record, struct err *e);

// Reads `text` and gives every record to `take` once.  `file` is the name that errors carry.  What cannot be read at
// all (a quote that is never closed, a row with more fields than the head has, NUL, bytes that are not of the
// encoding, nothing at all) is -1, with the line; then some records may have been taken.  EX_DATAERR.
// CSV: the first row is the head; a byte-order mark is skipped; a row of nothing but empty fields is no record; blanks
// around a field that is not quoted are not part of it.
// JSON: numbers, booleans and lists of texts (joined by "; ") count as text; null and absent as empty.
int import_read(const struct import_format *format, const char *text, size_t len, const char *file, import_take *take,
                void *context, struct err *e);

// For import_file.c.
int import_read_csv(const struct import_format *format, const char *text, size_t len, const char *file,
                    import_take *take, void *context, struct err *e);
int import_read_json(const char *text, size_t len, const char *file, import_take *take, void *context, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// Label and value side by side: rows of two cells, and <dt> with <dd>.  Forms and issue trackers send facts like that.
#ifndef MIME_PAIRS_H
#define MIME_PAIRS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapters/mime/sheet.h"

#define TABLES_MAX 8 // tables inside each other that are looked at

struct row {
	size_t cells;
	bool in_cell;
	bool nested; // a cell holds a table: this one only arranges others
	struct sheet text[2];
};

struct pairs {
	json_t *list;                // the document's "pairs"
	struct row rows[TABLES_MAX]; // rows[0] is for <dl>
	size_t tables;               // how many <table> are open
};

void pairs_open(struct pairs *pairs);
void pairs_close(struct pairs *pairs);

// The element begins or ends; others than those of tables and lists of definitions are passed over.
void pairs_begin(struct pairs *pairs, const char *name);
void pairs_end(struct pairs *pairs, const char *name);

// Text of the person's own that can be seen; `NULL` for a line end.
void pairs_text(struct pairs *pairs, const char *text, size_t len);

#endif

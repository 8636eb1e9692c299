// SPDX-License-Identifier: Apache-2.0
// Tables as plain text: "| License | MIT |", cells parted by tabs.
#ifndef BOT_FACT_ROWS_H
#define BOT_FACT_ROWS_H

#include <jansson.h>
#include <stdbool.h>

// The cells of a line, without blanks around them; NULL when it has fewer than two.  New reference.
json_t *row_cells(const char *line);

// "|---|:---:|": a line that only draws.
bool row_is_rule(const char *line);

// The names of the facts that the cells of a heading label, in their order, null for a column that means none; NULL
// when it is no heading: fewer than two of its cells are labels, or a cell is longer than a label.  New reference.
json_t *row_heading(const json_t *declared, const json_t *cells);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_rows.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"

#define CELLS_MAX 32
#define HEADING_MAX 60 // bytes of one cell

json_t *row_cells(const char *line)
{
	const char *p = line + strspn(line, " ");
	const char mark = *p == '|' || strchr(p, '|') ? '|' : '\t';
	_json_ json_t *cells = NULL;

	p += *p == '|';
	if (!strchr(p, mark))
		return NULL;
	cells = json_array();
	while (json_array_size(cells) < CELLS_MAX) {
		size_t len = strcspn(p, mark == '|' ? "|" : "\t");
		_free_ char *cell = text_copy_n(p, len);
		const char *trimmed = text_trim(cell);

		if (!p[len] && !*trimmed && mark == '|') // behind the last mark
			break;
		json_add_str(cells, trimmed);
		if (!p[len])
			break;
		p += len + 1;
	}
	return json_array_size(cells) >= 2 ? steal_ptr(cells) : NULL;
}

bool row_is_rule(const char *line)
{
	const char *p = line + strspn(line, " ");

	return (*p == '|' || *p == '+') && !p[strspn(p, "|+-=: ")];
}

json_t *row_heading(const json_t *declared, const json_t *cells)
{
	json_t *names = json_array(), *cell;
	size_t i, labels = 0;

	json_array_foreach(cells, i, cell) {
		const char *name = json_string_length(cell) <= HEADING_MAX
		                           ? fact_of_label(declared, json_string_value(cell))
		                           : NULL;

		labels += name != NULL;
		json_add(names, name ? json_string(name) : json_null());
	}
	if (labels >= 2)
		return names;
	json_decref(names);
	return NULL;
}

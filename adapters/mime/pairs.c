// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/pairs.h"

#include <string.h>

#include "adapters/mime/own.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define PAIRS_MAX 200
#define LABEL_MAX 200
#define VALUE_MAX 4096

static void row_reset(struct row *row)
{
	buf_free(&row->text[0].text);
	buf_free(&row->text[1].text);
	*row = (struct row){ .text = { SHEET(LABEL_MAX), SHEET(VALUE_MAX) } };
}

void pairs_open(struct pairs *pairs)
{
	*pairs = (struct pairs){ .list = json_array() };
	for (size_t i = 0; i < TABLES_MAX; i++)
		row_reset(&pairs->rows[i]);
}

void pairs_close(struct pairs *pairs)
{
	json_decref(pairs->list);
	for (size_t i = 0; i < TABLES_MAX; i++)
		row_reset(&pairs->rows[i]);
}

static struct row *innermost(struct pairs *pairs)
{
	return pairs->tables && pairs->tables < TABLES_MAX ? &pairs->rows[pairs->tables] : NULL;
}

// "License: " -> "License"
static char *label_text(const char *text)
{
	_free_ char *copy = text_copy(text + own_blanks(text));
	char *trimmed = text_trim(copy);
	size_t len = strlen(trimmed);

	if (len > 0 && trimmed[len - 1] == ':')
		trimmed[len - 1] = '\0';
	return text_copy(text_trim(trimmed));
}

static void add(struct pairs *pairs, const struct row *row)
{
	_free_ char *label = NULL, *value = NULL;
	json_t *pair;

	if (row->text[0].text.full || json_array_size(pairs->list) >= PAIRS_MAX)
		return;
	label = label_text(buf_text(&row->text[0].text));
	value = text_copy(buf_text(&row->text[1].text));
	value[utf8_prefix(value, VALUE_MAX - 4)] = '\0';
	if (!*label || !utf8_valid(label, strlen(label)) || !utf8_valid(value, strlen(value)))
		return;
	pair = json_array();
	json_add_str(pair, label);
	json_add_str(pair, text_trim(value));
	json_add(pairs->list, pair);
}

static void begin_table(struct pairs *pairs)
{
	struct row *outer = innermost(pairs), *row;

	if (outer)
		outer->nested = true;
	pairs->tables++;
	row = innermost(pairs);
	if (row)
		row_reset(row);
}

static bool is_cell(const char *name)
{
	return strcmp(name, "td") == 0 || strcmp(name, "th") == 0;
}

void pairs_begin(struct pairs *pairs, const char *name)
{
	struct row *row = innermost(pairs), *list = &pairs->rows[0];

	if (strcmp(name, "table") == 0) {
		begin_table(pairs);
	} else if (strcmp(name, "tr") == 0 && row) {
		row_reset(row);
	} else if (is_cell(name) && row) {
		row->cells++;
		row->in_cell = true;
	} else if (strcmp(name, "dt") == 0) {
		row_reset(list);
		list->cells = 1;
		list->in_cell = true;
	} else if (strcmp(name, "dd") == 0 && list->cells) {
		buf_free(&list->text[1].text);
		list->text[1] = SHEET(VALUE_MAX);
		list->cells = 2;
		list->in_cell = true;
	}
}

void pairs_end(struct pairs *pairs, const char *name)
{
	struct row *row = innermost(pairs), *list = &pairs->rows[0];

	if (strcmp(name, "table") == 0 && pairs->tables) {
		pairs->tables--;
	} else if (strcmp(name, "tr") == 0 && row) {
		if (row->cells == 2 && !row->nested)
			add(pairs, row);
		row_reset(row);
	} else if (is_cell(name) && row) {
		row->in_cell = false;
	} else if (strcmp(name, "dd") == 0 && list->cells == 2) {
		add(pairs, list);
		list->in_cell = false;
	} else if (strcmp(name, "dt") == 0) {
		list->in_cell = false;
	}
}

void pairs_text(struct pairs *pairs, const char *text, size_t len)
{
	struct row *row = pairs->tables ? innermost(pairs) : &pairs->rows[0];
	struct sheet *sheet;

	if (!row || !row->in_cell || row->cells < 1 || row->cells > 2)
		return;
	sheet = &row->text[row->cells - 1];
	if (text)
		sheet_add(sheet, text, len, false);
	else
		sheet_break(sheet, 1);
}

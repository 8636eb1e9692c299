// SPDX-License-Identifier: Apache-2.0
// CSV by libcsv, fed line by line so that every row knows where it begins.
#include <csv.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/import_file.h"

#define FIELD_STEP (1U << 20) // a field's room grows by so much: 128 bytes, libcsv's own, take for ever with a huge one

struct csv_reading {
	const char *file;
	import_take *take;
	void *context;
	struct err *e;
	json_t *head;  // NULL until it is read
	json_t *row;   // the fields so far
	int64_t line;  // that is being fed, from 1
	int64_t begin; // line of the row under way
	int64_t rows;
	bool ended;  // a row ended in this line
	bool failed; // and `e` says why
};

static void fail(struct csv_reading *r, const char *why)
{
	if (!r->failed)
		err_set(r->e, EX_DATAERR, "%s:%lld: %s", r->file, (long long)r->begin, why);
	r->failed = true;
}

static void on_field(void *data, size_t len, void *context)
{
	struct csv_reading *r = context;

	if (json_array_size(r->row) > IMPORT_COLUMNS_MAX)
		return;
	json_add(r->row, json_stringn(data ? data : "", len));
}

static void take_head(struct csv_reading *r)
{
	json_t *name;
	size_t i, k;

	json_array_foreach(r->row, i, name) {
		for (k = 0; k < i; k++)
			if (*json_string_value(name) && json_equal(name, json_array_get(r->row, k)))
				fail(r, "two columns of the head have the same name");
	}
	r->head = json_deep_copy(r->row);
}

static bool is_empty(const json_t *row)
{
	json_t *field;
	size_t i;

	json_array_foreach(row, i, field)
		if (json_string_length(field))
			return false;
	return true;
}

static void take_row(struct csv_reading *r)
{
	_json_ json_t *values = json_object();
	json_t *field;
	size_t i;

	if (json_array_size(r->row) != json_array_size(r->head)) {
		fail(r,
		     json_array_size(r->row) > json_array_size(r->head)
		             ? "the row has more fields than the head; is a quote missing, or is it another delimiter?"
		             : "the row has fewer fields than the head; is a quote missing, or is it another "
		               "delimiter?");
		return;
	}
	if (++r->rows > IMPORT_ROWS_MAX) {
		fail(r, "there are more rows than can be imported at once (100000): split the file");
		return;
	}
	json_array_foreach(r->row, i, field)
		json_put(values, json_string_value(json_array_get(r->head, i)), json_incref(field));
	if (r->take(r->context, &(struct import_record){ r->rows, r->begin, values, r->head }, r->e) < 0)
		r->failed = true;
}

static void on_row(int c, void *context)
{
	struct csv_reading *r = context;

	(void)c;
	r->ended = true;
	if (r->failed)
		return;
	if (json_array_size(r->row) > IMPORT_COLUMNS_MAX)
		fail(r, "more than 256 fields; is a quote missing?");
	else if (!r->head)
		take_head(r);
	else if (!is_empty(r->row))
		take_row(r);
	json_array_clear(r->row);
}

// How long the line at `text` is, with its end: LF, CR LF or CR.
static size_t line_length(const char *text, size_t left)
{
	for (size_t i = 0; i < left; i++) {
		if (text[i] == '\n')
			return i + 1;
		if (text[i] == '\r')
			return i + 1 + (i + 1 < left && text[i + 1] == '\n');
	}
	return left;
}

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text_is_space(text[i]))
			return false;
	return true;
}

static void feed(struct csv_reading *r, struct csv_parser *parser, const char *text, size_t len)
{
	bool inside = false; // a quoted field goes on over the end of a line

	for (size_t at = 0, n; at < len && !r->failed; at += n) {
		n = line_length(text + at, len - at);
		r->line++;
		if (!inside)
			r->begin = r->line;
		r->ended = false;
		if (csv_parse(parser, text + at, n, on_field, on_row, r) != n && !r->failed)
			fail(r, csv_error(parser) == CSV_EPARSE
			                ? "a quote stands where none may; one within a quoted field is doubled"
			                : "out of memory");
		inside = !r->ended && (inside || !is_blank(text + at, n));
	}
	if (!r->failed && csv_fini(parser, on_field, on_row, r) != 0)
		fail(r, "a quoted field that begins in this row is never closed");
}

int import_read_csv(const struct import_format *format, const char *text, size_t len, const char *file,
                    import_take *take, void *context, struct err *e)
{
	struct csv_reading r = {
		.file = file, .take = take, .context = context, .e = e, .row = json_array(), .begin = 1
	};
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		panic("libcsv did not begin");
	csv_set_blk_size(&parser, FIELD_STEP);
	csv_set_delim(&parser, (unsigned char)format->delimiter);
	csv_set_quote(&parser, (unsigned char)format->quote);
	feed(&r, &parser, text, len);
	if (!r.failed && r.rows == 0)
		fail(&r, r.head ? "there is no row below the head" : "the file is empty");
	csv_free(&parser);
	json_decref(r.head);
	json_decref(r.row);
	return r.failed ? -1 : 0;
}

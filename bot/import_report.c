// SPDX-License-Identifier: Apache-2.0
#include "bot/import_report.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"

#define TOLD_MAX 200 // bad rows told of one by one
#define VALUE_MAX 60 // bytes of a value in a sentence
#define LINE_MAX 4096

void report_begin(struct import_report *r)
{
	if (r->json) {
		r->json_rows = json_array();
		r->json_problems = json_array();
	}
}

void report_end(struct import_report *r)
{
	json_decref(r->json_rows);
	json_decref(r->json_problems);
	free(r->first);
	free(r->last);
}

// What came from outside, harmless on a terminal, at most so many bytes and padded to a width.
static void put_cell(struct buf *line, const char *text, size_t max, int width)
{
	_buf_ struct buf cell = BUF(LINE_MAX);
	size_t len = utf8_prefix(text, max);

	escape_text(&cell, ESCAPE_HEADER, text, len);
	if (text[len])
		buf_puts(&cell, "...");
	buf_printf(line, "%-*s", width, buf_text(&cell));
}

// "register.csv:17: column 'Licence', 'GPL': ..."
static void tell_problem(const struct import_report *r, const struct import_record *record, const json_t *problem)
{
	const char *name = json_str(problem, "name"), *column = import_map_column(r->map, name);
	const char *value = column ? json_str(record->values, column) : json_str(problem, "value");
	_buf_ struct buf line = BUF(LINE_MAX);

	if (record->line)
		buf_printf(&line, "%s:%lld: ", r->file, (long long)record->line);
	else
		buf_printf(&line, "%s: row %lld: ", r->file, (long long)record->row);
	if (column) {
		buf_puts(&line, "column '");
		put_cell(&line, column, VALUE_MAX, 0);
		buf_puts(&line, "'");
	} else
		buf_printf(&line, "%s", name);
	if (*value) {
		buf_puts(&line, ", '");
		put_cell(&line, value, VALUE_MAX, 0);
		buf_puts(&line, "'");
	}
	buf_puts(&line, ": ");
	put_cell(&line, json_str(problem, "why"), LINE_MAX / 4, 0);
	fprintf(stderr, "%s\n", buf_text(&line));
}

static void keep_problem(const struct import_report *r, const struct import_record *record, const json_t *problem)
{
	const char *name = json_str(problem, "name"), *column = import_map_column(r->map, name);
	json_t *item = json_object();

	json_put_int(item, "row", record->row);
	if (record->line)
		json_put_int(item, "line", record->line);
	json_put_str(item, "name", name);
	json_put_str(item, "column", column);
	json_put_str(item, "value", column ? json_str(record->values, column) : json_str(problem, "value"));
	json_put_str(item, "why", json_str(problem, "why"));
	json_add(r->json_problems, item);
}

void report_bad(struct import_report *r, const struct import_record *record, const json_t *problems)
{
	json_t *problem;
	size_t i;

	r->bad++;
	json_array_foreach(problems, i, problem) {
		if (r->json)
			keep_problem(r, record, problem);
		else if (r->told++ < TOLD_MAX)
			tell_problem(r, record, problem);
		else if (r->told == TOLD_MAX + 1)
			fprintf(stderr, "%s: more is wrong; --json lists all of it\n", r->file);
	}
}

static void tell_row(const json_t *row, const json_t *answer)
{
	_buf_ struct buf line = BUF(LINE_MAX);
	const char *had = json_str(answer, "had"), *id = json_str(answer, "case"), *until = json_str(row, "until");

	buf_printf(&line, "%6lld  ", (long long)json_int(row, "row"));
	put_cell(&line, json_str(row, "id"), 16, 16);
	buf_printf(&line, " %-9s %-11s", json_str(row, "outcome"), json_str(row, "decided"));
	buf_printf(&line, " %-11s ", *until ? until : "no end");
	if (*had)
		buf_printf(&line, "imported before, as %s", had);
	else {
		buf_printf(&line, "%s%s", id, *id ? " " : "");
		put_cell(&line, json_str(answer, "title"), 120, 0);
	}
	puts(buf_text(&line));
}

static void keep_row(const struct import_report *r, const json_t *row, const json_t *answer)
{
	static const char *const members[] = { "id", "outcome", "opened", "decided", "until", "requester", "decider" };
	json_t *item = json_deep_copy(answer);

	for (size_t i = 0; i < LENGTH(members); i++)
		json_put_str(item, members[i], json_str_or_null(row, members[i]));
	json_add(r->json_rows, item);
}

void report_good(struct import_report *r, const json_t *row, const json_t *answer)
{
	const char *id = json_str_or_null(answer, "case");

	if (json_str_or_null(answer, "had"))
		r->had++;
	else
		r->imported++;
	if (id) {
		free(r->last);
		r->last = text_copy(id);
		r->first = r->first ? r->first : text_copy(id);
	}
	if (r->json && r->table)
		keep_row(r, row, answer);
	else if (r->table && r->dry)
		tell_row(row, answer);
}

static json_t *tally(const struct import_report *r, bool nothing)
{
	json_t *out = json_object();

	json_put_bool(out, "ok", !nothing);
	json_put_bool(out, "dry", r->dry);
	json_put_int(out, "rows", r->rows);
	json_put_int(out, "imported", nothing || r->dry ? 0 : r->imported);
	json_put_int(out, "had", r->had);
	json_put_int(out, "left_out", r->left);
	json_put_int(out, "bad", r->bad);
	json_put(out, "cases", json_incref(r->json_rows));
	json_put(out, "problems", json_incref(r->json_problems));
	return out;
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

int report_tell(const struct import_report *r, bool nothing)
{
	_buf_ struct buf text = BUF(LINE_MAX);

	if (r->json) {
		_json_ json_t *out = tally(r, nothing);
		int code = cli_print_json(out);

		return code ? code : nothing ? EX_DATAERR : 0;
	}
	if (nothing) {
		fprintf(stderr,
		        "countersign: nothing was imported: %lld of %lld rows are bad; --skip-bad leaves them out\n",
		        (long long)r->bad, (long long)r->rows);
		return EX_DATAERR;
	}
	buf_printf(&text, "%s: %lld case%s %s imported", r->file, (long long)r->imported, plural(r->imported),
	           r->dry             ? "would be"
	           : r->imported == 1 ? "was"
	                              : "were");
	if (r->imported == 1 && r->first)
		buf_printf(&text, " (%s)", r->first);
	else if (r->first)
		buf_printf(&text, " (%s to %s)", r->first, r->last);
	if (r->had)
		buf_printf(&text, "; %lld row%s had been imported before", (long long)r->had, plural(r->had));
	if (r->left)
		buf_printf(&text, "; %lld row%s left out, not decided", (long long)r->left, plural(r->left));
	if (r->bad)
		buf_printf(&text, "; %lld bad row%s left out", (long long)r->bad, plural(r->bad));
	return cli_print(buf_text(&text));
}

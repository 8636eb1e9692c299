// SPDX-License-Identifier: Apache-2.0
// `countersign import`: reads a register twice - first to see that every row is good, then to hand them to the core,
// a batch at a time.  The core judges every row itself, both times.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/import_file.h"
#include "bot/import_map.h"
#include "bot/import_report.h"
#include "bot/import_take.h"

#define USAGE "import FILE --map MAP [--dry-run] [--skip-bad]"
#define SOURCE_MAX 255
#define BATCH_BYTES (IMPORT_BATCH_MAX / 2) // a batch that has grown beyond goes off

struct importing {
	const char *run, *path, *source, *map_path;
	struct import_map *map;
	struct buf text;
	bool dry, skip_bad, json;
	bool check;      // the first pass
	bool *bad;       // by row: found in the first pass
	json_t *ids;     // every id so far -> its row
	json_t *batch;   // rows for the core
	json_t *records; // the register's own, one for one: {"row","line","values"}
	size_t bytes;    // of the batch, roughly
	struct import_report report;
};

// --- batches ---

static json_t *ask_core(const struct importing *i, struct err *e)
{
	_free_ char *text = json_text(i->batch);
	_close_ int fd = memfd_of("import", text, strlen(text), e);
	json_t *request = json_object();
	_json_ json_t *answer = NULL;

	json_put_str(request, "verb", "import");
	json_put_str(request, "register", import_map_register(i->map));
	json_put_str(request, "source", i->source);
	json_put_bool(request, "dry", i->check);
	if (fd < 0) {
		json_decref(request);
		return NULL;
	}
	answer = cli_request(i->run, request, fd, e);
	if (!answer)
		return NULL;
	if (!json_bool(answer, "ok")) {
		err_set(e, (int)json_int(answer, "exit"), "%s", json_str(answer, "text"));
		return NULL;
	}
	return steal_ptr(answer);
}

static int take_answer(struct importing *i, size_t at, const json_t *answer, struct err *e)
{
	const json_t *record = json_array_get(i->records, at), *problems = json_arr(answer, "problems");
	struct import_record r = { json_int(record, "row"), json_int(record, "line"), json_obj(record, "values"),
		                   NULL };

	if (!problems) {
		report_good(&i->report, json_array_get(i->batch, at), answer);
		return 0;
	}
	report_bad(&i->report, &r, problems);
	i->bad[r.row] = true;
	if (i->check)
		return 0;
	return err_set(
	        e, EX_TEMPFAIL,
	        "row %lld was good a moment ago: the catalogue was changed meanwhile. Import again; rows that were "
	        "imported are left as they are",
	        (long long)r.row);
}

static int flush(struct importing *i, struct err *e)
{
	_json_ json_t *answer = NULL;
	json_t *rows, *row;
	size_t at;

	if (json_array_size(i->batch) == 0)
		return 0;
	answer = ask_core(i, e);
	rows = json_arr(answer, "rows");
	if (!answer)
		return -1;
	if (json_array_size(rows) != json_array_size(i->batch))
		return err_set(e, EX_PROTOCOL, "the desk did not answer for every row");
	json_array_foreach(rows, at, row)
		if (take_answer(i, at, row, e) < 0)
			return -1;
	json_array_clear(i->batch);
	json_array_clear(i->records);
	i->bytes = 0;
	return 0;
}

static int add_to_batch(struct importing *i, const struct import_record *record, json_t *row, struct err *e)
{
	json_t *kept = json_object();
	_free_ char *text = json_text(row);

	json_put_int(kept, "row", record->row);
	json_put_int(kept, "line", record->line);
	json_put(kept, "values", json_incref(record->values));
	json_put_int(row, "row", record->row);
	json_add(i->records, kept);
	json_add(i->batch, json_incref(row));
	i->bytes += strlen(text);
	if (json_array_size(i->batch) < IMPORT_BATCH_ROWS && i->bytes < BATCH_BYTES)
		return 0;
	return flush(i, e);
}

// --- rows ---

static void check_id(struct importing *i, const struct import_record *record, const json_t *row, json_t *problems)
{
	const char *id = json_str(row, "id");
	int64_t before = json_int(i->ids, id);
	_free_ char *why = NULL;
	json_t *problem;

	if (!before) {
		json_put_int(i->ids, id, record->row);
		return;
	}
	why = text_format("row %lld has the same id", (long long)before);
	problem = json_object();
	json_put_str(problem, "name", "id");
	json_put_str(problem, "why", why);
	json_add(problems, problem);
}

static int take_record(void *context, const struct import_record *record, struct err *e)
{
	struct importing *i = context;
	_json_ json_t *problems = json_array(), *row = NULL;

	if (i->check && record->row == 1 && import_map_columns(i->map, record->keys, e) < 0)
		return -1;
	row = import_map_row(i->map, record->values, problems);
	if (i->check) {
		i->report.rows++;
		check_id(i, record, row, problems);
	}
	if (i->bad[record->row])
		return 0;
	if (json_array_size(problems)) {
		i->bad[record->row] = true;
		report_bad(&i->report, record, problems);
		return 0;
	}
	if (strcmp(json_str(row, "outcome"), "skip") == 0) {
		i->report.left += i->check;
		return 0;
	}
	return add_to_batch(i, record, row, e);
}

static int pass(struct importing *i, bool check, struct err *e)
{
	i->check = check;
	i->report.table = check == i->dry;
	i->report.imported = i->report.had = 0;
	if (import_read(import_map_format(i->map), buf_text(&i->text), i->text.len, i->path, take_record, i, e) < 0)
		return -1;
	return flush(i, e);
}

static int run(struct importing *i)
{
	struct err e = { 0 };
	bool nothing;

	if (file_read(i->path, &i->text, &e) < 0 || !(i->map = import_map_load(i->map_path, &e)))
		return cli_fail(&e);
	i->report = (struct import_report){ .map = i->map, .file = i->path, .json = i->json, .dry = i->dry };
	report_begin(&i->report);
	if (pass(i, true, &e) < 0)
		return cli_fail(&e);
	nothing = i->report.bad && !i->skip_bad;
	if (!nothing && !i->dry && pass(i, false, &e) < 0) {
		if (i->report.imported)
			fprintf(stderr, "countersign: %lld cases were imported before that (%s to %s)\n",
			        (long long)i->report.imported, i->report.first, i->report.last);
		return cli_fail(&e);
	}
	return report_tell(&i->report, nothing);
}

// --- the command line ---

static bool take_options(struct importing *i, const struct cli *c)
{
	for (int at = 0; at < c->count; at++) {
		const char *word = c->arguments[at];

		if (strcmp(word, "--dry-run") == 0)
			i->dry = true;
		else if (strcmp(word, "--skip-bad") == 0)
			i->skip_bad = true;
		else if (strcmp(word, "--map") == 0 && at + 1 < c->count)
			i->map_path = c->arguments[++at];
		else if (text_starts(word, "--map=") && word[strlen("--map=")])
			i->map_path = word + strlen("--map=");
		else if (*word == '-' || !*word || i->path)
			return false;
		else
			i->path = word;
	}
	return i->path && i->map_path;
}

int cli_import(const struct cli *c)
{
	_config_ struct config config = { 0 };
	struct importing i = { .json = c->json, .text = BUF(IMPORT_FILE_MAX) };
	struct err e = { 0 };
	int code;

	if (!take_options(&i, c))
		return cli_usage(USAGE);
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	i.run = config.run;
	i.source = strrchr(i.path, '/') ? strrchr(i.path, '/') + 1 : i.path;
	if (!utf8_valid(i.source, strlen(i.source)) || strlen(i.source) > SOURCE_MAX)
		return cli_usage(USAGE ", FILE a name in UTF-8 of at most 255 bytes");
	i.bad = calloc(IMPORT_ROWS_MAX + 1, sizeof *i.bad);
	if (!i.bad)
		panic("out of memory");
	i.ids = json_object();
	i.batch = json_array();
	i.records = json_array();
	code = run(&i);
	report_end(&i.report);
	import_map_free(&i.map);
	json_decref(i.ids);
	json_decref(i.batch);
	json_decref(i.records);
	free(i.bad);
	buf_free(&i.text);
	return code;
}

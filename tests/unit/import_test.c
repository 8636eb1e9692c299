// SPDX-License-Identifier: Apache-2.0
// bot/import_file, bot/import_map: registers as they come, broken ones too, and what a mapping makes of a record.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/import_file.h"
#include "bot/import_map.h"

static const struct import_format csv = { .delimiter = ',', .quote = '"' };
static const struct import_format json = { .json = true };
static const struct import_format latin1 = { .delimiter = ';', .quote = '\'', .latin1 = true };

// "row@line a=1 b=2|...": all records in one line.
static int tell(void *context, const struct import_record *record, struct err *e)
{
	struct buf *out = context;
	json_t *key;
	size_t i;

	(void)e;
	buf_printf(out, "%s%lld@%lld", out->len ? "|" : "", (long long)record->row, (long long)record->line);
	json_array_foreach(record->keys, i, key)
		if (json_object_get(record->values, json_string_value(key)))
			buf_printf(out, " %s=%s", json_string_value(key),
			           json_str(record->values, json_string_value(key)));
	return 0;
}

struct reading {
	const struct import_format *format;
	const char *text;
	size_t len; // 0: of the text
	const char *told, *error;
};

static const struct reading readings[] = {
	{ &csv, "a,b\n1,2\n", .told = "1@2 a=1 b=2" },
	{ &csv, "a,b\r\n1,2\r\n3,4", .told = "1@2 a=1 b=2|2@3 a=3 b=4" },
	{ &csv, "a,b\r1,2\r3,4\r", .told = "1@2 a=1 b=2|2@3 a=3 b=4" },
	{ &csv,
	  "\xef\xbb\xbf"
	  "a,b\n1,2\n",
	  .told = "1@2 a=1 b=2" },
	{ &csv, "a,b\n\n\n1,2\n,\n3,4\n", .told = "1@4 a=1 b=2|2@6 a=3 b=4" },
	{ &csv, "a,b\n\"x\ny\",\"say \"\"no\"\"\"\n3,4\n", .told = "1@2 a=x\ny b=say \"no\"|2@4 a=3 b=4" },
	{ &csv, "a,b\n\"\n\n\",2\n3,4\n", .told = "1@2 a=\n\n b=2|2@5 a=3 b=4" },
	{ &csv, "a,b\n 1 ,\" 2 \"\n", .told = "1@2 a=1 b= 2 " },
	{ &csv, "a,b\n1,\xc3\xa4\n", .told = "1@2 a=1 b=\xc3\xa4" },
	{ &latin1, "a;b\n1;'x;y \xe4'\n", .told = "1@2 a=1 b=x;y \xc3\xa4" },

	{ &csv, "a,b\n1,2\n3,\"never\nclosed\n\n", .error = "register:3: a quoted field that begins in this row" },
	{ &csv, "a,b\n1,2 \"inch\"\n", .error = "register:2: a quote stands where none may" },
	{ &csv, "a,b\n1,\"2\"x\n", .error = "register:2: a quote stands where none may" },
	{ &csv, "a,b\n1,2\n1,2,3\n", .error = "register:3: the row has more fields" },
	{ &csv, "a,b\n1,2\n1\n", .error = "register:3: the row has fewer fields" },
	{ &csv, "a,a\n1,2\n", .error = "register:1: two columns of the head have the same name" },
	{ &csv, "a,b\n", .error = "there is no row below the head" },
	{ &csv, "", .error = "the file is empty" },
	{ &csv, "a,b\n1,\0\n", 8, .error = "register:2: there is a NUL byte" },
	{ &csv, "a,b\n1,\xe4\n", .error = "register:2: this is not UTF-8; is the encoding latin-1?" },
	{ &csv,
	  "\xff\xfe"
	  "a\0,\0b\0",
	  8, .error = "register:1: this is not UTF-8" },

	{ &json, "[{\"a\":\"1\",\"b\":2},{\"a\":null,\"b\":true}]", .told = "1@0 a=1 b=2|2@0 b=true" },
	{ &json, "[{\"a\":[\"x\",\"y\"],\"b\":1.5}]", .told = "1@0 a=x; y b=1.5" },
	{ &json, "{\"a\":1}", .error = "register: it is no list of objects" },
	{ &json, "[]", .error = "register: it is no list of objects" },
	{ &json, "[{\"a\":1},2]", .error = "register: row 2 is no object" },
	{ &json, "[{\"a\":{}}]", .error = "register: row 1: 'a' is neither" },
	{ &json, "[{\"a\":1,\"a\":2}]", .error = "register: " },
	{ &json, "[{\"a\":1}", .error = "register: " },
};

static void test_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(readings); i++) {
		const struct reading *r = &readings[i];
		_buf_ struct buf told = BUF(4096);
		struct err e = { 0 };
		int done =
		        import_read(r->format, r->text, r->len ? r->len : strlen(r->text), "register", tell, &told, &e);

		if (r->error && (done == 0 || !strstr(e.text, r->error)))
			fail_msg("%zu: '%s' instead of '%s'", i, e.text, r->error);
		if (!r->error && (done < 0 || strcmp(buf_text(&told), r->told) != 0))
			fail_msg("%zu: '%s' (%s) instead of '%s'", i, buf_text(&told), e.text, r->told);
	}
}

static void test_large(void **state)
{
	_buf_ struct buf text = BUF(32 << 20), told = BUF(32 << 20);
	struct err e = { 0 };

	(void)state;
	buf_puts(&text, "a,b\n1,\"");
	for (int i = 0; i < 10 << 20; i++)
		buf_putc(&text, i % 80 ? 'x' : '\n');
	buf_puts(&text, "\"\n");
	assert_int_equal(import_read(&csv, buf_text(&text), text.len, "register", tell, &told, &e), 0);
	text.len = 0;
	for (int i = 0; i < 300; i++)
		buf_puts(&text, "x,");
	buf_puts(&text, "x\n1\n");
	assert_int_equal(import_read(&csv, buf_text(&text), text.len, "register", tell, &told, &e), -1);
	assert_non_null(strstr(e.text, "register:1: more than 256 fields"));
}

// --- mappings ---

#define MAP "register: old\nformat: csv\nid: {column: Id}\noutcome: {column: State}\ndecided: {column: When}\n"
#define FACTS "facts: {license: {column: Licence}}\n"

static const struct {
	const char *map, *error;
} bad_maps[] = {
	{ "format: csv\n" FACTS, "'register' is missing" },
	{ MAP, "'facts' is missing" },
	{ "register: old\nformat: xls\nid: {column: I}\noutcome: {column: O}\ndecided: {column: D}\n" FACTS,
	  "map.yaml:2:9: 'format' must be csv or json" },
	{ MAP FACTS "delimiter: \"::\"\n", "'delimiter' must be one printable character" },
	{ MAP FACTS "delimiter: '\"'\n", "must differ" },
	{ MAP FACTS "encoding: utf-16\n", "'encoding' must be utf-8 or latin-1" },
	{ MAP FACTS "dates: [\"%d.%m.\"]\n", "this names no day" },
	{ MAP FACTS "until: {column: End, value: 2027-01-01}\n", "either a 'column' or a 'value'" },
	{ MAP FACTS "until: {}\n", "either a 'column' or a 'value'" },
	{ MAP "facts: {license: {column: Licence}, expires: {column: End}}\n", "is 'until'" },
	{ MAP FACTS "colour: {column: C}\n", "unknown key 'colour'" },
	{ "register: old\nformat: csv\nid: {value: \"1\"}\noutcome: {column: O}\ndecided: {column: D}\n" FACTS,
	  "an id must differ" },
	{ "register: old\nformat: csv\nid: {column: I}\noutcome: {column: O, also: {ok: [yes]}}\n"
	  "decided: {column: D}\n" FACTS,
	  "an outcome is approved" },
};

static char *write_map(void **state, const char *text)
{
	char *path = text_format("%s/map.yaml", (const char *)*state);
	struct err e = { 0 };

	assert_int_equal(file_replace(path, text, strlen(text), 0600, &e), 0);
	return path;
}

static void test_bad_maps(void **state)
{
	for (size_t i = 0; i < LENGTH(bad_maps); i++) {
		_free_ char *path = write_map(state, bad_maps[i].map);
		struct err e = { 0 };
		_import_map_ struct import_map *map = import_map_load(path, &e);

		if (map || !strstr(e.text, bad_maps[i].error))
			fail_msg("%zu: '%s' instead of '%s'", i, e.text, bad_maps[i].error);
	}
}

static void test_columns(void **state)
{
	_free_ char *path = write_map(state, MAP FACTS);
	struct err e = { 0 };
	_import_map_ struct import_map *map = import_map_load(path, &e);
	_json_ json_t *good = json_pack("[s,s,s,s,s]", "Id", "State", "When", "Licence", "Other");
	_json_ json_t *bad = json_pack("[s,s,s,s]", "Id", "State", "When", "License");

	assert_non_null(map);
	assert_int_equal(import_map_columns(map, good, &e), 0);
	assert_int_equal(import_map_columns(map, bad, &e), -1);
	assert_non_null(
	        strstr(e.text, "map.yaml:6:27: the register has no column 'Licence' - did you mean 'License'?"));
	assert_string_equal(import_map_column(map, "facts.license"), "Licence");
	assert_null(import_map_column(map, "until"));
}

static const char rich[] = "register: old\nformat: csv\nid: {column: Id}\n"
                           "outcome: {column: State, also: {approved: [OK, Granted], skip: [open]}}\n"
                           "decided: {column: When}\nuntil: {column: End, dates: [\"%d.%m.%Y\", \"%m/%d/%Y\"]}\n"
                           "facts:\n  license: {column: Licence, also: {GPL-3.0-only: [\"GPL, v3\"]}}\n"
                           "  product: {value: Widget}\n";

static const struct {
	const char *record, *row, *problem; // JSON; a name
} records[] = {
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"2024-02-29\",\"End\":\"31.12.2027\",\"Licence\":\"gpl, V3\"}",
	  "{\"decided\":\"2024-02-29\",\"facts\":{\"license\":\"GPL-3.0-only\",\"product\":\"Widget\"},\"id\":\"7\","
	  "\"outcome\":\"approved\",\"until\":\"2027-12-31\"}",
	  NULL },
	{ "{\"Id\":\" 7 \",\"State\":\"rejected\",\"When\":\"2024-02-28T23:10:00Z\",\"End\":\"12/31/2027\"}",
	  "{\"decided\":\"2024-02-28\",\"facts\":{\"product\":\"Widget\"},\"id\":\"7\",\"outcome\":\"rejected\","
	  "\"until\":\"2027-12-31\"}",
	  NULL },
	{ "{\"Id\":\"7\",\"State\":\"OPEN\",\"When\":\"\"}",
	  "{\"facts\":{\"product\":\"Widget\"},\"id\":\"7\",\"outcome\":\"skip\"}", NULL },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"2024-02-30\"}", NULL, "decided" },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"03/04/2024\"}", NULL, "decided" }, // March or April?
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"today\"}", NULL, "decided" },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"in 3 weeks\"}", NULL, "decided" },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"2024-02-01\",\"End\":\"30.02.2025\"}", NULL, "until" },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"2024-02-01\",\"End\":\"1.3.24\"}", NULL, "until" },
	{ "{\"Id\":\"7\",\"State\":\"ok\",\"When\":\"2024-02-01\",\"End\":\"01.03.2024 or later\"}", NULL, "until" },
	{ "{\"Id\":\"\",\"State\":\"ok\",\"When\":\"2024-02-01\"}", NULL, "id" },
	{ "{\"Id\":\"7\",\"State\":\"\",\"When\":\"2024-02-01\"}", NULL, "outcome" },
	{ "{\"Id\":\"7\",\"State\":\"perhaps\",\"When\":\"2024-02-01\"}", NULL, "outcome" },
};

static void test_rows(void **state)
{
	_free_ char *path = write_map(state, rich);
	struct err e = { 0 };
	_import_map_ struct import_map *map = import_map_load(path, &e);

	assert_non_null(map);
	for (size_t i = 0; i < LENGTH(records); i++) {
		_json_ json_t *record = json_read(records[i].record, strlen(records[i].record), &e);
		_json_ json_t *problems = json_array();
		_json_ json_t *row = import_map_row(map, record, problems);
		_free_ char *text = json_canonical(row, NULL, NULL);
		const char *problem = json_str(json_array_get(problems, 0), "name");

		if (strcmp(problem, records[i].problem ? records[i].problem : "") != 0)
			fail_msg("%zu: '%s' is wrong instead of '%s'", i, problem, records[i].problem);
		if (records[i].row)
			assert_string_equal(text, records[i].row);
	}
}

static int setup(void **state)
{
	char *dir = text_copy("/tmp/import_test.XXXXXX");

	*state = dir;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	_free_ char *dir = *state, *path = text_format("%s/map.yaml", dir);

	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading), cmocka_unit_test(test_large), cmocka_unit_test(test_bad_maps),
		cmocka_unit_test(test_columns), cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

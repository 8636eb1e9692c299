// SPDX-License-Identifier: Apache-2.0
// bot/yaml: what is read, what is refused (BAD-INPUTS Y), where errors point, and how fast the hostile fails.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/nearest.h"
#include "bot/yaml.h"
#include "bot/yaml_check.h"

static const struct yaml_key stage_keys[] = {
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = 8 },
	{ .name = "need", .kind = YAML_INTEGER, .required = true, .min = 1, .max = 99 },
	{ .name = "approvers", .kind = YAML_TEXTS, .min = 1 },
	{ .name = "open", .kind = YAML_BOOLEAN },
	{ .name = NULL },
};
static const struct yaml_key root_keys[] = {
	{ .name = "name", .kind = YAML_TEXT },
	{ .name = "ca", .kind = YAML_TEXT, .min = -1 },
	{ .name = "stages", .kind = YAML_LIST, .sub = stage_keys, .max = 3 },
	{ .name = "main", .kind = YAML_MAP, .sub = stage_keys },
	{ .name = "named", .kind = YAML_MAPS, .sub = stage_keys },
	{ .name = "families", .kind = YAML_TEXT_LISTS },
	{ .name = NULL },
};

static void reads(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "a: b", "{\"a\":\"b\"}" },
		{ "a: [x, 'y', \"z\"]\nb: {c: d}\r\n", "{\"a\":[\"x\",\"y\",\"z\"],\"b\":{\"c\":\"d\"}}" },
		// Y06: what YAML 1.1 called booleans.
		{ "no: x\ncountry: NO\non: yes\noff: ~",
		  "{\"no\":\"x\",\"country\":\"NO\",\"on\":\"yes\",\"off\":\"~\"}" },
		// Y12: what looks like a number, a date or an octal number.
		{ "version: 1.10\nid: 007\nday: 2026-11-24\nhex: 0x2\n",
		  "{\"version\":\"1.10\",\"id\":\"007\",\"day\":\"2026-11-24\",\"hex\":\"0x2\"}" },
		{ "# only\n---\na:\nb: |\n  two\n  lines\nc: >-\n  fol\n  ded\n...\n",
		  "{\"a\":\"\",\"b\":\"two\\nlines\\n\",\"c\":\"fol ded\"}" },
		{ "a: \"\\u00e9\\t\"", "{\"a\":\"é\\t\"}" },
		{ "- a\n- - b\n", "[\"a\",[\"b\"]]" },
		{ "just text", "\"just text\"" },
		{ "a: \"&x *y !z <<\"", "{\"a\":\"&x *y !z <<\"}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		_yaml_ struct yaml *y = yaml_read(cases[i].text, strlen(cases[i].text), "f", &e);

		assert_string_equal(e.text, "");
		assert_non_null(y);
		_free_ char *text = json_text(yaml_json(y));

		assert_string_equal(text, cases[i].json);
		assert_string_equal(yaml_text(y, NULL), cases[i].text);
	}
}

// `text` may hold a NUL where it says `len`.
static void refuses(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *error;
	} cases[] = {
		{ "a: &x b", 0, "f:1:4: anchors and aliases are not allowed\n  a: &x b\n     ^" },
		{ "a: b\nc: *x\n", 0, "f:2:4: anchors and aliases are not allowed\n  c: *x\n     ^" },
		{ "&k a: b\n", 0, "f:1:1: anchors and aliases are not allowed\n  &k a: b\n  ^" },
		{ "a: !!python/object x", 0, "f:1:4: tags are not allowed\n  a: !!python/object x\n     ^" },
		{ "a: !include /etc/shadow", 0, "f:1:4: tags are not allowed\n  a: !include /etc/shadow\n     ^" },
		{ "a: !!str x", 0, "f:1:4: tags are not allowed\n  a: !!str x\n     ^" },
		{ "a:\n  <<: {b: c}", 0, "f:2:3: merge keys are not allowed\n    <<: {b: c}\n    ^" },
		{ "a: 1\nb: 2\na: 3\n", 0, "f:3:1: key 'a' stands here a second time\n  a: 3\n  ^" },
		{ "a: {b: 1, \"b\": 2}", 0,
		  "f:1:11: key 'b' stands here a second time\n  a: {b: 1, \"b\": 2}\n            ^" },
		{ "? [a, b]\n: c", 0, "f:1:3: a key must be one word or text\n  ? [a, b]\n    ^" },
		{ "? {a: b}\n: c", 0, "f:1:3: a key must be one word or text\n  ? {a: b}\n    ^" },
		{ "a: b\0c", 6, "f:1:1: a NUL byte is not allowed\n  a: b\n  ^" },
		{ "a: \"x\\0y\"", 0, "f:1:4: this text holds a character that is not allowed\n  a: \"x\\0y\"\n     ^" },
		{ "a: \"\\e[2J\"", 0,
		  "f:1:4: this text holds a character that is not allowed\n  a: \"\\e[2J\"\n     ^" },
		{ "a:\n\tb: c", 0, "f:2:1: a tab cannot indent; use spaces\n   b: c\n  ^" },
		{ "a:\n  \tb: c", 0, "f:2:3: a tab cannot indent; use spaces\n     b: c\n    ^" },
		{ "\xef\xbb\xbf"
		  "a: b",
		  0,
		  "f:1:1: a byte-order mark is not allowed\n  \xef\xbb\xbf"
		  "a: b\n  ^" },
		{ "a: b\rc: d\r", 0, "f:1:1: a carriage return alone does not end a line\n  a: b\n  ^" },
		{ "a: b\x1b[2J", 0, "f:1:1: a control character is not allowed\n  a: b [2J\n  ^" },
		{ "a: b\nc: \xff\xfe", 0, "f:2:1: this line is not UTF-8" },
		{ "a: b\n---\nc: d\n", 0, "f:2:1: a second document in one file is not allowed\n  ---\n  ^" },
		{ "%YAML 1.1\n---\na: b\n", 0, "f:2:1: directives (%) are not allowed\n  ---\n  ^" },
		{ "", 0, "f:1:1: the file is empty\n  \n  ^" },
		{ "# nothing\n", 0, "f:1:1: the file is empty\n  # nothing\n  ^" },
		{ "a: [b, c", 0, NULL },
		{ "a: b: c", 0, NULL },
		{ "a: 'b", 0, NULL },
		{ "a: @b", 0, NULL },
		{ "}", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		size_t len = cases[i].len ? cases[i].len : strlen(cases[i].text);
		_yaml_ struct yaml *y = yaml_read(cases[i].text, len, "f", &e);

		assert_null(y);
		assert_int_equal(e.code, EX_CONFIG);
		if (cases[i].error)
			assert_string_equal(e.text, cases[i].error);
		else if (!strstr(e.text, "not YAML: ") || strncmp(e.text, "f:", 2) != 0)
			fail_msg("'%s' gave '%s'", cases[i].text, e.text);
	}
}

static void checks(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "name: x\nca: \"\"\nstages: [{name: a, need: 1, open: true}]\nnamed: {a: {name: b, need: 99}}\n"
		  "families: {x: [MIT]}\n",
		  "" },
		{ "nane: x", "f:1:1: unknown key 'nane' - did you mean 'name'?\n  nane: x\n  ^" },
		{ "main: {name: a, need: 1, aprovers: [x]}",
		  "f:1:26: unknown key 'aprovers' - did you mean 'approvers'?\n"
		  "  main: {name: a, need: 1, aprovers: [x]}\n                           ^" },
		{ "zebra: x", "f:1:1: unknown key 'zebra'\n  zebra: x\n  ^" },
		{ "stages:\n  - name: a\n", "f:2:5: 'need' is missing\n    - name: a\n      ^" },
		{ "main: {name: a, need: 0}", "f:1:23: 'need' must be from 1 to 99\n  main: {name: a, need: 0}\n"
		                              "                        ^" },
		{ "main: {name: a, need: -1}", "f:1:23: 'need' must be a whole number\n  main: {name: a, need: -1}\n"
		                               "                        ^" },
		{ "main:\n  name: a\n  need: two", "f:3:9: 'need' must be a whole number\n    need: two\n          ^" },
		{ "main:\n  name: a\n  need: 1.5", "f:3:9: 'need' must be a whole number\n    need: 1.5\n          ^" },
		{ "main:\n  name: a\n  need: 0x2", "f:3:9: 'need' must be a whole number\n    need: 0x2\n          ^" },
		{ "main:\n  name: a\n  need: 02", "f:3:9: 'need' must be a whole number\n    need: 02\n          ^" },
		{ "main:\n  name: a\n  need: \"2\"",
		  "f:3:9: 'need' must be a whole number without quotes\n    need: \"2\"\n          ^" },
		{ "main:\n  name: a\n  need: 99999999999999999999",
		  "f:3:9: 'need' must be a whole number\n    need: 99999999999999999999\n          ^" },
		{ "main:\n  name: a\n  need:\n", "f:3:3: 'need' must be a whole number\n    need:\n    ^" },
		{ "main:\n  name: a\n  need: 1\n  open: yes",
		  "f:4:9: 'open' must be true or false\n    open: yes\n          ^" },
		{ "name: ''", "f:1:7: 'name' must not be empty\n  name: ''\n        ^" },
		{ "name: [a]", "f:1:7: 'name' must be text\n  name: [a]\n        ^" },
		{ "main: x", "f:1:7: 'main' must have keys\n  main: x\n        ^" },
		{ "named: {a: x}", "f:1:12: 'a' must have keys\n  named: {a: x}\n             ^" },
		{ "named: x", "f:1:8: 'named' must have keys\n  named: x\n         ^" },
		{ "stages: {}", "f:1:9: 'stages' must be a list\n  stages: {}\n          ^" },
		{ "stages: [x]", "f:1:10: each member of 'stages' must have keys\n  stages: [x]\n           ^" },
		{ "families: {x: MIT}",
		  "f:1:15: 'x' must be a list, [like, this]\n  families: {x: MIT}\n                ^" },
		{ "main: {name: a, need: 1, approvers: []}",
		  "f:1:37: 'approvers' needs at least 1 member\n  main: {name: a, need: 1, approvers: []}\n"
		  "                                      ^" },
		{ "main: {name: a, need: 1, approvers: [x, {}]}",
		  "f:1:41: each member of 'approvers' must be text\n  main: {name: a, need: 1, approvers: [x, {}]}\n"
		  "                                          ^" },
		{ "main: {name: abcdefghi, need: 1}",
		  "f:1:14: 'name' is longer than 8 bytes\n  main: {name: abcdefghi, need: 1}\n               ^" },
		{ "- a", "f:1:1: keys are expected here, like 'name: value'\n  - a\n  ^" },
		{ "é: 1", "f:1:1: unknown key 'é'\n  é: 1\n  ^" },
		{ "name: é\nmain: {é: x}", "f:2:8: unknown key 'é'\n  main: {é: x}\n         ^" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		_yaml_ struct yaml *y = yaml_read(cases[i].text, strlen(cases[i].text), "f", &e);

		assert_non_null(y);
		assert_int_equal(yaml_check(y, yaml_json(y), root_keys, &e), cases[i].error[0] ? -1 : 0);
		assert_string_equal(e.text, cases[i].error);
	}
}

static void converts(void **state)
{
	static const char text[] = "main: {name: a, need: 12, open: false}";
	struct err e = { 0 };
	_yaml_ struct yaml *y = yaml_read(text, sizeof text - 1, "f", &e);

	(void)state;
	assert_int_equal(yaml_check(y, yaml_json(y), root_keys, &e), 0);
	json_t *stage = json_obj(yaml_json(y), "main");

	assert_true(json_is_integer(json_object_get(stage, "need")));
	assert_int_equal(json_int(stage, "need"), 12);
	assert_true(json_is_false(json_object_get(stage, "open")));
	// What was turned into a number still knows its place.
	yaml_error(y, json_object_get(stage, "need"), &e, "too %s", "many");
	assert_string_equal(e.text, "f:1:23: too many\n  main: {name: a, need: 12, open: false}\n"
	                            "                        ^");
	yaml_error_key(y, stage, "need", &e, "here");
	assert_string_equal(e.text, "f:1:17: here\n  main: {name: a, need: 12, open: false}\n                  ^");
	yaml_error(y, NULL, &e, "cut %.1s and %.3s%s", "é", "éé", "é");
	assert_string_equal(e.text, "f: cut ? and é?é");
	yaml_error(y, NULL, &e, "nowhere");
	assert_string_equal(e.text, "f: nowhere");
}

// A long line is shown around the place, not whole.
static void long_lines(void **state)
{
	_buf_ struct buf b = BUF(65536);
	struct err e = { 0 };

	(void)state;
	buf_puts(&b, "name: [");
	for (int i = 0; i < 5000; i++)
		buf_puts(&b, "é, ");
	buf_puts(&b, "*x]\n");
	assert_null(yaml_read(b.data, b.len, "f", &e));
	assert_true(strlen(e.text) < 400);
	assert_non_null(strstr(e.text, "f:1:15008: anchors and aliases are not allowed\n"));
	const char *caret = strrchr(e.text, '\n') + 1;

	assert_int_equal(strlen(caret), 2 + 59 + 1);
}

static void expect_fast(const char *text, size_t len, const char *error)
{
	struct err e = { 0 };
	clock_t start = clock();

	assert_null(yaml_read(text, len, "f", &e));
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	if (!strstr(e.text, error))
		fail_msg("'%s' instead of '%s'", e.text, error);
}

static void hostile(void **state)
{
	_buf_ struct buf laughs = BUF(65536), nested = BUF(65536), blocks = BUF(65536), wide = BUF(2 * YAML_MAX),
	                 open = BUF(2 * YAML_MAX);

	(void)state;
	buf_puts(&laughs, "a: &a [x,x,x,x,x,x,x,x,x]\n");
	for (char c = 'b'; c < 'k'; c++)
		buf_printf(&laughs, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1, c - 1,
		           c - 1, c - 1, c - 1, c - 1, c - 1);
	expect_fast(laughs.data, laughs.len, "f:1:4: anchors and aliases are not allowed\n");

	for (int i = 0; i < 5000; i++)
		buf_putc(&nested, '[');
	expect_fast(nested.data, nested.len, "f:1:33: nested more than 32 levels deep\n");

	for (int i = 0; i < 5000; i++)
		buf_puts(&blocks, "- ");
	expect_fast(blocks.data, blocks.len, "f:1:65: nested more than 32 levels deep\n");

	buf_putc(&wide, '[');
	while (wide.len < 1000000)
		buf_puts(&wide, "a,");
	buf_putc(&wide, ']');
	expect_fast(wide.data, wide.len, "more than 100000 values\n");

	while (open.len <= YAML_MAX)
		buf_puts(&open, "a: b\n");
	expect_fast(open.data, open.len, "f: larger than 1048576 bytes");
	open.len = 0;
	while (open.len < 1000000)
		buf_puts(&open, "{[\"'?:- ");
	expect_fast(open.data, open.len, "f:1:");
}

static void refuses_files(void **state)
{
	char folder[] = "/tmp/countersign-yaml-XXXXXX";
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	_free_ char *path = path_join(folder, "a.yaml"), *link = path_join(folder, "link.yaml"),
	            *fifo = path_join(folder, "fifo.yaml");

	assert_null(yaml_load(path, &e));
	assert_int_equal(e.code, EX_NOINPUT);
	assert_non_null(strstr(e.text, "a.yaml: No such file"));

	assert_int_equal(file_replace(path, "a: b\n", 5, 0644, &e), 0);
	_yaml_ struct yaml *y = yaml_load(path, &e);
	assert_non_null(y);
	yaml_free(&y);

	// A link is read as what it leads to.
	assert_int_equal(symlink(path, link), 0);
	y = yaml_load(link, &e);
	assert_non_null(y);

	assert_int_equal(chmod(path, 0666), 0);
	assert_null(yaml_load(link, &e));
	assert_int_equal(e.code, EX_CONFIG);
	assert_non_null(strstr(e.text, "link.yaml: everyone can write to it (mode 0666)"));
	assert_int_equal(chmod(path, 0644), 0);

	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_null(yaml_load(path, &e));
		assert_non_null(
		        strstr(e.text, "a.yaml: belongs to user 12345, not to root or to user 0 who runs this"));
		assert_int_equal(chown(path, 0, 0), 0);
	}

	assert_int_equal(truncate(path, 50 << 20), 0);
	assert_null(yaml_load(path, &e));
	assert_non_null(strstr(e.text, "a.yaml: larger than 1048576 bytes"));

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(yaml_load(fifo, &e));
	assert_non_null(strstr(e.text, "fifo.yaml: not a regular file"));
	assert_null(yaml_load(folder, &e));
	assert_non_null(strstr(e.text, ": not a regular file"));

	unlink(fifo);
	unlink(link);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void nearest(void **state)
{
	static const char *const words[] = { "approvers", "license", "from", "to", NULL };

	(void)state;
	assert_string_equal(text_nearest("licence", words), "license");
	assert_string_equal(text_nearest("form", words), "from");
	assert_string_equal(text_nearest("too", words), "to");
	assert_null(text_nearest("quantity", words));
	assert_null(text_nearest("x", words));
	assert_null(text_nearest("approversapproversapproversapproversapprovers", words));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),         cmocka_unit_test(refuses),    cmocka_unit_test(checks),
		cmocka_unit_test(converts),      cmocka_unit_test(long_lines), cmocka_unit_test(hostile),
		cmocka_unit_test(refuses_files), cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}

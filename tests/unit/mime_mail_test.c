// SPDX-License-Identifier: Apache-2.0
// Every message in tests/mail, parsed and compared with the .want file beside it.  A .want file has one expectation per
// line ("from bo@example.com", "flag tnef", "no-flag tnef", "code mime-limit", "pairs [[...]]"); behind a line "own:"
// stand the person's own words, exactly.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "adapters/mime/parse.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define FOLDER SOURCE_DIR "/tests/mail"

struct fixture {
	struct mime_config config;
	json_t *authserv, *hosts;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err e;

	if (!f || mime_start(&f->config, &e) < 0)
		return -1;
	f->config.trust.authserv = f->authserv = json_pack("[s]", "mx.example.com");
	f->config.trust.hosts = f->hosts = json_pack("[s]", "store.example.com");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	mime_end(&f->config);
	json_decref(f->authserv);
	json_decref(f->hosts);
	free(f);
	return 0;
}

// --- what the document says, as the text of an expectation -----------------------------------------------------------

static void add_joined(const json_t *list, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		buf_printf(out, "%s%s", i ? " " : "", json_string_value(json_array_get(list, i)));
}

static void add_attachments(const json_t *list, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		buf_printf(out, "%s%s '%s' %d", i ? ", " : "", json_str(one, "type"), json_str(one, "name"),
		           (int)json_int(one, "size"));
	}
}

static void actual_value(const json_t *document, const char *key, struct buf *out)
{
	const json_t *value = json_object_get(document, key);
	struct err e;

	if (strcmp(key, "from") == 0) {
		buf_puts(out, json_str(value, "address"));
	} else if (strcmp(key, "name") == 0) {
		buf_puts(out, json_str(json_obj(document, "from"), "name"));
	} else if (strcmp(key, "attachments") == 0) {
		add_attachments(value, out);
	} else if (strcmp(key, "to") == 0 || strcmp(key, "delivered_to") == 0) {
		add_joined(value, out);
	} else if (json_is_string(value)) {
		buf_puts(out, json_string_value(value));
	} else if (json_is_boolean(value)) {
		buf_puts(out, json_is_true(value) ? "true" : "false");
	} else if (value) {
		_free_ char *text = json_canonical(value, NULL, &e);

		buf_puts(out, text ? text : "?");
	}
}

static int complain(const char *name, const char *key, const char *want, const char *got)
{
	fprintf(stderr, "%s: %s\n  want: %s\n  got:  %s\n", name, key, want, got);
	return 1;
}

static int check_line(const char *name, char *line, const json_t *document, const struct failure *failure)
{
	_buf_ struct buf got = BUF(1 << 20);
	char *want = strchr(line, ' ');

	if (line[0] == '#')
		return 0;
	assert_non_null(want);
	*want++ = '\0';
	if (strcmp(line, "code") == 0)
		return strcmp(document ? "" : failure->code, want)
		               ? complain(name, line, want, document ? "" : failure->code)
		               : 0;
	if (!document)
		return complain(name, line, want, failure->why);
	if (strcmp(line, "flag") == 0 || strcmp(line, "no-flag") == 0) {
		bool has = json_has_str(json_arr(document, "flags"), want);

		return has == (line[0] == 'f') ? 0 : complain(name, line, want, has ? "set" : "not set");
	}
	actual_value(document, line, &got);
	return strcmp(buf_text(&got), want) ? complain(name, line, want, buf_text(&got)) : 0;
}

// How many expectations were not met.
static int check_want(const char *name, char *want, const json_t *document, const struct failure *failure)
{
	char *own = strncmp(want, "own:\n", 5) == 0 ? want : strstr(want, "\nown:\n");
	int bad = 0;

	if (own) {
		char *text = strchr(own + 1, '\n') + 1;
		size_t len = strlen(text);

		if (own != want)
			*own = '\0';
		if (len > 0 && text[len - 1] == '\n')
			text[len - 1] = '\0';
		if (!document)
			bad += complain(name, "own", text, failure->why);
		else if (strcmp(json_str(document, "own"), text) != 0)
			bad += complain(name, "own", text, json_str(document, "own"));
	}
	for (char *line = want; line && *line;) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = '\0';
		bad += check_line(name, line, document, failure);
		line = next;
	}
	return bad;
}

static int check_mail(const struct fixture *f, const char *name)
{
	_free_ char *mail_path = text_format(FOLDER "/%s", name);
	_free_ char *want_path = text_format(FOLDER "/%.*s.want", (int)strlen(name) - 4, name);
	_buf_ struct buf mail = BUF(16 << 20), want = BUF(1 << 20);
	_json_ json_t *document = NULL;
	struct failure failure = { 0 };
	struct err e;

	assert_int_equal(file_read(mail_path, &mail, &e), 0);
	assert_int_equal(file_read(want_path, &want, &e), 0);
	document = mime_parse(buf_text(&mail), mail.len, &f->config, -1, &failure);
	return check_want(name, want.data, document, &failure);
}

static void every_mail_gives_what_is_wanted(void **state)
{
	DIR *dir = opendir(FOLDER);
	struct dirent *entry;
	int bad = 0, seen = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 4, ".eml") != 0)
			continue;
		seen++;
		bad += check_mail(*state, entry->d_name);
	}
	closedir(dir);
	assert_true(seen >= 150);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mail_gives_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

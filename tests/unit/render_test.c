// SPDX-License-Identifier: Apache-2.0
// Every template of the house, with the models of render_models.json: whole, almost empty, and with every text of the
// model replaced by something hostile.
#include "bot/render.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define HOSTILE \
	"x<script>alert(1)</script><img src=q>\r\nFORGED: line\n\nFORGED again\x1b[31;1m\x07" \
	"\xc2\x9b\xe2\x80\xae{{desk.name}}{{{x}}}\t\" onclick='y' & &amp;"

struct fixture {
	json_t *models;
	struct templates *templates;
};

static int setup(void **state)
{
	static struct fixture f;
	_buf_ struct buf text = BUF(1 << 20);
	struct err e = { 0 };

	if (file_read(SOURCE_DIR "/tests/unit/render_models.json", &text, &e) < 0)
		fail_msg("%s", e.text);
	f.models = json_read(buf_text(&text), text.len, &e);
	f.templates = templates_open(SOURCE_DIR "/templates", &e);
	if (!f.models || !f.templates)
		fail_msg("%s", e.text);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->models);
	templates_close(&f->templates);
	return 0;
}

static json_t *model_of(const struct fixture *f, const char *name)
{
	json_t *model = json_deep_copy(json_obj(f->models, "common"));

	assert_int_equal(json_object_update_recursive(model, json_obj(f->models, name)), 0);
	return model;
}

static bool is_mail(const char *name)
{
	static const char *const others[] = { "common", "status",  "case", "reminder",
		                              "reason", "request", "home", "receipt" };

	for (size_t i = 0; i < LENGTH(others); i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return true;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void assert_clean(const char *name, const char *text)
{
	assert_true(utf8_valid(text, strlen(text)));
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\n' && *at != '\t')
			fail_msg("%s: a control byte %#x", name, *at);
	if (strstr(text, "\xc2\x9b") || strstr(text, "\xe2\x80\xae"))
		fail_msg("%s: a control character", name);
}

static void assert_fits(const char *name, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), width = 0, indent = strspn(text, " |>");

		for (size_t i = 0; i < len; i++)
			width += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (width > 76 && indent < len && memchr(text + indent, ' ', len - indent))
			fail_msg("%s: a line of %zu columns: %.*s", name, width, (int)len, text);
		text += len + (text[len] == '\n');
		if (text_starts(text, "\n\n"))
			fail_msg("%s: two empty lines", name);
	}
}

static void assert_mail(const char *name, const struct mail_text *m)
{
	assert_true(*m->subject && strlen(m->subject) <= RENDER_SUBJECT_MAX);
	assert_null(strchr(m->subject, '\n'));
	assert_clean(name, m->subject);
	assert_clean(name, m->text);
	assert_clean(name, m->html);
	assert_null(strchr(m->text, '\t'));
	assert_fits(name, m->text);
	assert_non_null(strstr(m->text, "\n-- \n"));
	assert_true(text_starts(m->html, "<!DOCTYPE html>\n<html lang=\"en\""));
	assert_true(strstr(m->html, "</html>\n") != NULL);
	assert_int_equal(count(m->html, "href="), count(m->html, "href=\"mailto:"));
	assert_null(strstr(m->html, "src=\""));
	assert_null(strstr(m->html, "url("));
	assert_int_equal(count(m->html, "<table"), count(m->html, "</table>"));
	assert_int_equal(count(m->html, "<td"), count(m->html, "</td>"));
	assert_int_equal(count(m->html, "<tr"), count(m->html, "</tr>"));
	assert_int_equal(count(m->html, "<div"), count(m->html, "</div>"));
}

static void assert_ours(const char *name, const char *text)
{
	if (strstr(text, "{{") || strstr(text, "}}"))
		fail_msg("%s: a tag is left over", name);
	if (strstr(text, "http"))
		fail_msg("%s: a web address", name);
}

static void test_all_parse(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	if (templates_check(f->templates, &e) < 0)
		fail_msg("%s", e.text);
}

// Every mail of the folder has a model here, and every model a mail.
static void test_all_have_models(void **state)
{
	struct fixture *f = *state;
	DIR *d = opendir(SOURCE_DIR "/templates/mail");
	const struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		_free_ char *name = text_copy_n(entry->d_name, strcspn(entry->d_name, "."));

		if (strstr(entry->d_name, ".html") && !json_obj(f->models, name))
			fail_msg("render_models.json has no model for %s", entry->d_name);
	}
	closedir(d);
}

static void test_whole(void **state)
{
	static const struct {
		const char *name, *text, *html;
	} expected[] = {
		{ "review", "Decide by    Tue 22 December 2026", ">Approve</a>" },
		{ "review", "- OSS-7.2: Shipping it", "Open Source Policy 7.2, GPL-3.0 section 6, control ISO5230" },
		{ "review", "Channel      binary [inferred: please check]", "Inferred from the request" },
		{ "review", "  | we ship the Widget", "Hello,<br>we ship the Widget" },
		{ "review", "7 of 10, high", "7 of 10, high" },
		{ "review", "  before  31 December 2027\n  now     31 March 2027", "now: 31 March 2027" },
		{ "review", "WHAT HAPPENS OTHERWISE\n  If nobody decides", "What happens otherwise" },
		{ "review", "  - Cy Doan\n", "Cy Doan" },
		{ "review", "SHA-256 b94d27b9934d3e08", "b94d27b9934d3e08" },
		{ "review", "- CS-61, rejected, Fri 9 May 2025: GPL-2.0-only ncurses",
		  "<b>CS-88</b>, approved and in force" },
		{ "review", "  Cy Doan approved: the tool ships apart", "Cy Doan approved: the tool ships apart" },
		{ "review", "- Offer the source: Give whoever", "<b>Offer the source</b>: Give whoever" },
		{ "show", "EARLIER DECISIONS LIKE THIS", "Earlier decisions like this" },
		{ "missing", "\n    Product:\n    Channel:\n    Expires:\n    Remediation:\n", "Product:<br>Channel:" },
		{ "missing", "Not accepted: 2026-02-30 is not a date", "2026-02-30" },
		{ "received", "under review as CS-142", "Your request is under review" },
		{ "decided", "Cy Doan rejected, Thu 26 November 2026, 12:02 (dissenting)", "#1a7f37" },
		{ "recorded", "recorded: you approved.", "You <b>approved</b> CS-142" },
		{ "comment", "Bo Berg asks a question on CS-142", "Bo Berg asks a question" },
		{ "refused", "Reason code: sender-mismatch", "bo@example.com" },
		{ "understood", "kept as a comment", "kept as a comment" },
		{ "show", "State        under review", "<b>under review</b>" },
		{ "history", "Bo Berg (mail): approved version 2", "entry 1219" },
		{ "find", "- CS-88: GPL-3.0-only readline in Atlas\n  expired", "<b>CS-88</b><br>expired" },
		{ "help", "show CASE", "show CASE" },
		{ "manager", "You are not asked to decide.", "You are not asked to decide." },
		{ "alarm", "rollback-detected", "rollback-detected" },
		{ "again", "WHAT HAPPENS MEANWHILE\n  It stays in force", "It <b>stays in force</b>" },
		{ "decided", "WHAT IS GRANTED\n- GPL-3.0-only for readline 8.2.x", "takes the place of CS-101" },
		{ "show", "WHAT IT GRANTS\n- GPL-3.0-only for readline 8.2.x in Widget (binary): in force",
		  "Linked cases" },
		{ "ending", "renew: why it is still needed", "renew: why it is still needed" },
	};
	struct fixture *f = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < LENGTH(expected); i++) {
		const char *name = expected[i].name;
		_json_ json_t *model = model_of(f, name);
		_mail_text_ struct mail_text m = { 0 };

		if (render_mail(f->templates, name, model, &m, &e) < 0)
			fail_msg("%s", e.text);
		assert_mail(name, &m);
		assert_ours(name, m.subject);
		assert_ours(name, m.text);
		assert_ours(name, m.html);
		if (!strstr(m.text, expected[i].text) || !strstr(m.html, expected[i].html))
			fail_msg("%s: no \"%s\" or no \"%s\" in\n%s", name, expected[i].text, expected[i].html, m.text);
	}
}

// Keys may be absent: with none at all, and with no more than the desk's.
static void test_minimal(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *none = json_object(), *desk = json_object();
	struct err e = { 0 };
	const char *name;
	json_t *unused;

	json_put(desk, "desk", json_deep_copy(json_obj(json_obj(f->models, "common"), "desk")));
	json_object_foreach(f->models, name, unused)
		for (int i = 0; is_mail(name) && i < 2; i++) {
			_mail_text_ struct mail_text m = { 0 };

			if (render_mail(f->templates, name, i ? desk : none, &m, &e) < 0)
				fail_msg("%s", e.text);
			assert_mail(name, &m);
			assert_ours(name, m.text);
			assert_ours(name, m.html);
			assert_null(strstr(m.html, "<a "));
		}
}

static bool is_word(const char *key)
{
	return strcmp(key, "state") == 0 || strcmp(key, "verdict") == 0 || strcmp(key, "kind") == 0;
}

static bool is_link(const char *key)
{
	return strcmp(key, "approve") == 0 || strcmp(key, "reject") == 0 || strcmp(key, "ask") == 0 ||
	       strcmp(key, "answer") == 0;
}

// The model with `text` for every text but the few that templates compare with words.
static json_t *replaced(const json_t *value, const char *key, const char *text)
{
	json_t *member, *copy;
	const char *name;

	if (json_is_string(value) && !is_word(key))
		return json_sprintf("%s%s", is_link(key) ? "mailto:a@example.com?subject=" : "", text);
	if (json_is_array(value)) {
		copy = json_array();
		for (size_t i = 0; i < json_array_size(value); i++)
			json_add(copy, replaced(json_array_get(value, i), key, text));
		return copy;
	}
	if (!json_is_object(value))
		return json_deep_copy(value);
	copy = json_object();
	json_object_foreach((json_t *)value, name, member)
		json_put(copy, name, replaced(member, name, text));
	return copy;
}

static void test_hostile(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const char *name;
	json_t *unused;

	json_object_foreach(f->models, name, unused) {
		_json_ json_t *model = model_of(f, name);
		_json_ json_t *good = replaced(model, "", "word"), *bad = replaced(model, "", HOSTILE);
		_mail_text_ struct mail_text before = { 0 }, after = { 0 };

		if (!is_mail(name))
			continue;
		if (render_mail(f->templates, name, good, &before, &e) < 0 ||
		    render_mail(f->templates, name, bad, &after, &e) < 0)
			fail_msg("%s", e.text);
		assert_mail(name, &after);
		assert_null(strstr(after.html, "<script"));
		assert_null(strstr(after.html, "<img"));
		assert_null(strstr(after.html, "onclick='"));
		assert_int_equal(count(after.html, "<") - count(after.html, "<br>"),
		                 count(before.html, "<") - count(before.html, "<br>"));
		assert_int_equal(count(after.html, "\""), count(before.html, "\""));
		if (strstr(after.text, "\nFORGED"))
			fail_msg("%s: a line of the text part was forged:\n%s", name, after.text);
		assert_null(strstr(after.text, "{{desk.name}}\n{{"));
		if (strstr(after.html, "Licensing desk"))
			fail_msg("%s: a tag in a value was obeyed", name);
	}
}

// Whoever decides about a renewal reads what changes and what was granted, not all of it again; about what is judged
// again that it is in force.
static void test_renewal(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *model = model_of(f, "review");
	_mail_text_ struct mail_text m = { 0 }, again = { 0 };
	struct err e = { 0 };

	json_put_bool(model, "changed", false);
	json_put(model, "renewal",
	         json_pack("{ss ss ss ss s[{ss}] s[{ss ss ss ss}] s[{ss ss ss}]}", "of", "CS-101", "title", "t",
	                   "until", "2026-12-31", "conditions", "on condition that it is linked dynamically", "granted",
	                   "text", "MIT for libfoo 2.1.x", "grounds", "name", "Bo Berg", "verdict", "approve",
	                   "at_text", "Tue 6 January 2026", "why", "it is small", "difference", "title", "Needed until",
	                   "old", "2026-12-31", "new", "2027-06-30"));
	assert_int_equal(render_mail(f->templates, "review", model, &m, &e), 0);
	assert_mail("review", &m);
	assert_non_null(strstr(m.text, "WHAT CHANGES\n- Needed until\n  before  2026-12-31\n  now     2027-06-30\n"));
	assert_non_null(strstr(m.text, "WHAT CS-101 GRANTS\n- MIT for libfoo 2.1.x\n"));
	assert_non_null(strstr(m.text, "- Bo Berg approved, Tue 6 January 2026: it is small"));
	assert_non_null(strstr(m.text, "on condition that it is linked dynamically"));
	assert_non_null(strstr(m.html, "before: 2026-12-31<br>now: 2027-06-30"));
	assert_null(strstr(m.text, "WHAT IS ASKED"));
	json_put_bool(model, "again", true);
	assert_int_equal(render_mail(f->templates, "review", model, &again, &e), 0);
	assert_mail("review", &again);
	assert_non_null(strstr(again.text, "CS-142 was approved and is in force"));
}

static void test_links(void **state)
{
	static const char *const links[] = { "javascript:alert(1)", "https://example.com/approve", " mailto:x", "" };
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(links); i++) {
		_json_ json_t *model = model_of(f, "review");
		_mail_text_ struct mail_text m = { 0 };
		struct err e = { 0 };
		bool empty = !*links[i];

		json_put_str(model, "approve", links[i]);
		assert_int_equal(render_mail(f->templates, "review", model, &m, &e), empty ? 0 : -1);
		if (!empty)
			assert_non_null(strstr(e.text, "mail/review.html: a link that does not begin with mailto:"));
		else
			assert_null(strstr(m.html, ">Approve<"));
	}
}

static void test_terminal(void **state)
{
	static const char *const names[] = { "show", "history", "find", "help", "status" };
	struct fixture *f = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < LENGTH(names); i++) {
		_json_ json_t *model = model_of(f, names[i]), *bad = replaced(model, "", HOSTILE),
		              *none = json_object();
		_free_ char *path = text_format("cli/%s", names[i]);
		_free_ char *whole = render_text(f->templates, path, model, &e);
		_free_ char *minimal = render_text(f->templates, path, none, &e);
		_free_ char *after = render_text(f->templates, path, bad, &e);

		if (!whole || !minimal || !after)
			fail_msg("%s", e.text);
		assert_ours(path, whole);
		assert_ours(path, minimal);
		assert_fits(path, whole);
		assert_clean(path, after);
		assert_null(strstr(after, "\nFORGED"));
	}
}

static void test_subject(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *model = model_of(f, "decided");
	_mail_text_ struct mail_text m = { 0 }, again = { 0 };
	_buf_ struct buf title = BUF(10000);
	struct err e = { 0 };

	for (int i = 0; i < 500; i++)
		buf_puts(&title, "\xc3\xa9");
	json_put_str(json_obj(model, "case"), "title", buf_text(&title));
	assert_int_equal(render_mail(f->templates, "decided", model, &m, &e), 0);
	assert_true(strlen(m.subject) > 190 && strlen(m.subject) <= RENDER_SUBJECT_MAX);
	assert_string_equal(m.subject + strlen(m.subject) - 3, "\xe2\x80\xa6");
	assert_true(utf8_valid(m.subject, strlen(m.subject)));
	json_put_str(model, "thread_subject", "Question\r\nBcc: mallory@example.net");
	assert_int_equal(render_mail(f->templates, "decided", model, &again, &e), 0);
	assert_string_equal(again.subject, "Re: Question Bcc: mallory@example.net");
}

static void test_mailto(void **state)
{
	static const struct {
		const char *address, *subject, *body, *wanted;
	} tests[] = {
		{ "a@example.com", NULL, NULL, "mailto:a@example.com" },
		{ "a@example.com", "Hi", NULL, "mailto:a@example.com?subject=Hi" },
		{ "a@example.com", NULL, "x", "mailto:a@example.com?body=x" },
		{ "licensing+tok@example.com", "Re: CS-1", "reject: \n",
		  "mailto:licensing%2Btok@example.com?subject=Re%3A%20CS-1&body=reject%3A%20%0D%0A" },
		{ "a@example.com", "x&cc=m@example.net", "y&bcc=m@example.net#z",
		  "mailto:a@example.com?subject=x%26cc%3Dm%40example.net&body=y%26bcc%3Dm%40example.net%23z" },
		{ "a@example.com", "x\r\nBcc: m@example.net", "1\r\n2",
		  "mailto:a@example.com?subject=x%20Bcc%3A%20m%40example.net&body=1%0D%0A2" },
		{ "a?bcc=m@b,c@example.com", NULL, NULL, "mailto:a%3Fbcc%3Dm%40b%2Cc@example.com" },
		{ "nobody", "\xc3\xa9", NULL, "mailto:nobody?subject=%C3%A9" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(tests); i++) {
		_free_ char *got = mailto(tests[i].address, tests[i].subject, tests[i].body);

		assert_string_equal(got, tests[i].wanted);
	}
}

static void write_file(const char *dir, const char *name, const char *text)
{
	_free_ char *path = path_join(dir, name);

	assert_int_equal(file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static void remove_file(const char *dir, const char *name)
{
	_free_ char *path = path_join(dir, name);

	remove(path);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *html, *part, *error;
	} tests[] = {
		{ "Subject: a\n\n{{#x}}\n", "h", "", "/mail/m.txt:3: section \"x\" is never closed" },
		{ "{{! c }}\nSubject: {{a\n\nb", "h", "", "/mail/m.txt:2: a tag is opened" },
		{ "no subject\n", "h", "", "/mail/m.txt: there is no line \"Subject: ...\"" },
		{ "Subject: {{> p}}\n\nb", "h", "", "/mail/m.txt:1: there are no partials here" },
		{ "Subject: a\n\nb\n{{> p}}\n", "h", "{{x", "/mail/m.txt:4: " },
		{ "Subject: a\n\nb\n{{> p}}\n", "h", "\n\n{{> p}}", "/mail/p.txt:3: partials are nested too deeply" },
		{ "Subject: a\n\nb\n{{> gone}}\n", "h", "", "/mail/gone.txt" },
		{ "Subject: a\n\nb\n", "\n{{&x}}", "", "/mail/m.html:2: an unescaped tag" },
		{ "Subject: a\n\nb\n", "<a href=\"{{x}}\">", "",
		  "/mail/m.html: a link that does not begin with mailto:" },
	};
	char dir[] = "/tmp/render-XXXXXX";
	_free_ char *mail = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	mail = path_join(dir, "mail");
	assert_int_equal(mkdir(mail, 0700), 0);
	for (size_t i = 0; i < LENGTH(tests); i++) {
		struct err e = { 0 };
		_templates_ struct templates *t = templates_open(dir, &e);
		_json_ json_t *model = json_pack("{s:s}", "x", "y");
		_mail_text_ struct mail_text m = { 0 };

		write_file(mail, "m.txt", tests[i].text);
		write_file(mail, "m.html", tests[i].html);
		write_file(mail, "p.txt", tests[i].part);
		assert_int_equal(render_mail(t, "m", model, &m, &e), -1);
		assert_null(m.subject);
		if (!strstr(e.text, tests[i].error))
			fail_msg("wanted \"%s\", got \"%s\"", tests[i].error, e.text);
	}
	remove_file(mail, "m.txt");
	remove_file(mail, "m.html");
	remove_file(mail, "p.txt");
	remove(mail);
	remove(dir);
	assert_null(templates_open(dir, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_parse), cmocka_unit_test(test_all_have_models),
		cmocka_unit_test(test_whole),     cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_hostile),   cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_links),     cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_subject),   cmocka_unit_test(test_mailto),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

// SPDX-License-Identifier: Apache-2.0
// What is taken from sixty mails that people could have written (tests/requests), read by the real mime worker that was
// built beside this test.  At least 95 % of what they state must be right, and nothing may be invented.  What is
// not right is named; of the mails in holdout/ only numbers are told, unless HOLDOUT=1.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/frame.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/doctor_adapter.h"
#include "bot/document.h"
#include "bot/fact_fold.h"
#include "bot/request.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24T09:00Z
#define MAIL_MAX (1 << 20)
#define WAIT_MS 20000

static const char folder[] = SOURCE_DIR "/tests/requests";

struct tally {
	int mails, right, wrong, missing, invented;
};

struct corpus {
	struct helper mime;
	json_t *declared;
	struct tally tuned, held;
	json_t *by_fact; // {name: [right, wrong, missing, invented]}
};

enum { RIGHT, WRONG, MISSING, INVENTED };

static void load_text(const char *path, struct buf *text)
{
	struct err e = { 0 };

	if (file_read(path, text, &e) < 0)
		panic("%s", e.text);
}

static json_t *load(const char *path)
{
	_buf_ struct buf text = BUF(MAIL_MAX);
	struct err e = { 0 };
	json_t *value;

	load_text(path, &text);
	value = json_read(buf_text(&text), text.len, &e);
	if (!value)
		panic("%s: %s", path, e.text);
	return value;
}

// --- the worker ---

static json_t *read_mail(struct corpus *c, const char *path)
{
	_buf_ struct buf mail = BUF(MAIL_MAX), text = BUF(MAIL_MAX);
	_json_ json_t *frame = json_pack("{s:s,s:s}", "type", "send", "id", "1"), *document = NULL;
	_frame_ struct frame answer = { 0 };
	struct err e = { 0 };
	int fds[3];

	load_text(path, &mail);
	fds[0] = memfd_of("mail", mail.data, mail.len, &e);
	fds[1] = memfd_of("document", NULL, 0, &e);
	fds[2] = memfd_of("attachments", NULL, 0, &e);
	assert_int_equal(helper_send(&c->mime, frame, fds, 3, &e), 0);
	assert_int_equal(helper_next(&c->mime, clock_monotonic() + WAIT_MS, &answer), HELPER_FRAME);
	if (strcmp(json_str(answer.json, "type"), "sent") != 0)
		panic("%s: %s", path, json_str(answer.json, "why"));
	assert_int_equal(fd_read(fds[1], "document", &text, &e), 0);
	for (size_t i = 0; i < LENGTH(fds); i++)
		close(fds[i]);
	document = json_read(buf_text(&text), text.len, &e);
	if (!document || document_check(document, &e) < 0)
		panic("%s: %s", path, e.text);
	return steal_ptr(document);
}

// --- comparing ---

static bool holds_all(const char *text, const json_t *words)
{
	json_t *part;
	size_t i;

	json_array_foreach(words, i, part) {
		_free_ char *flat = clean_words(text, false), *wanted = clean_words(json_string_value(part), false);

		if (!strstr(flat, wanted))
			return false;
	}
	return true;
}

static bool is_right(const json_t *want, const json_t *got)
{
	const json_t *holds = json_arr(want, "holds");

	return holds ? json_is_string(got) && holds_all(json_string_value(got), holds) : json_equal(want, got);
}

static void count(struct corpus *c, struct tally *t, const char *name, int outcome)
{
	json_t *row = json_arr(c->by_fact, name);
	int *const counts[] = { &t->right, &t->wrong, &t->missing, &t->invented };

	if (!row) {
		row = json_pack("[i,i,i,i]", 0, 0, 0, 0);
		json_put(c->by_fact, name, row);
	}
	json_integer_set(json_array_get(row, (size_t)outcome),
	                 json_integer_value(json_array_get(row, (size_t)outcome)) + 1);
	++*counts[outcome];
}

static void tell(bool shown, const char *mail, const char *what, const char *name, const json_t *want,
                 const json_t *got)
{
	_free_ char *a = want ? json_dumps(want, JSON_ENCODE_ANY) : NULL;
	_free_ char *b = got ? json_dumps(got, JSON_ENCODE_ANY) : NULL;

	if (shown)
		printf("  %s: %s %s: wanted %s, got %s\n", mail, what, name, a ? a : "nothing", b ? b : "nothing");
}

static void compare(struct corpus *c, struct tally *t, const char *mail, const json_t *want, const json_t *reading,
                    bool shown)
{
	static const char *const outcomes[] = { "right", "WRONG", "MISSING", "INVENTED" };
	_json_ json_t *wanted = json_deep_copy(json_obj(want, "facts")),
	              *got = json_deep_copy(json_obj(reading, "facts"));
	const char *name;
	json_t *value;

	if (json_arr(want, "components"))
		json_put(wanted, "components", json_incref(json_arr(want, "components")));
	if (json_arr(reading, "components"))
		json_put(got, "components", json_incref(json_arr(reading, "components")));
	json_object_foreach(wanted, name, value) {
		const json_t *other = json_object_get(got, name);
		int outcome = !other ? MISSING : is_right(value, other) ? RIGHT : WRONG;

		count(c, t, name, outcome);
		tell(shown && outcome != RIGHT, mail, outcomes[outcome], name, value, other);
	}
	json_object_foreach(got, name, value) {
		if (json_object_get(wanted, name) || json_has_str(json_arr(want, "may"), name))
			continue;
		count(c, t, name, INVENTED);
		tell(shown, mail, outcomes[INVENTED], name, NULL, value);
	}
}

// What must be asked about counts like a fact, "ask NAME"; so does a question that is not due.
static void compare_questions(struct corpus *c, struct tally *t, const char *mail, const json_t *want,
                              const json_t *reading, bool shown)
{
	_json_ json_t *asked = json_array();
	json_t *name, *problem;
	size_t i;

	json_array_foreach(json_arr(reading, "problems"), i, problem)
		json_add_str(asked, json_str(problem, "name"));
	json_array_foreach(json_arr(want, "asks"), i, name) {
		bool right = json_has_str(asked, json_string_value(name));

		count(c, t, "(a question)", right ? RIGHT : MISSING);
		tell(shown && !right, mail, "NOT ASKED", json_string_value(name), NULL, NULL);
	}
	json_array_foreach(json_arr(reading, "problems"), i, problem) {
		const char *about = json_str(problem, "name");

		if (json_has_str(json_arr(want, "asks"), about) || json_has_str(json_arr(want, "may"), about))
			continue;
		count(c, t, "(a question)", INVENTED);
		tell(shown, mail, "ASKED", about, NULL, problem);
	}
}

static void read_one(struct corpus *c, struct tally *t, const char *dir, const char *name, bool shown)
{
	_free_ char *path = path_join(dir, name), *beside = text_format("%.*s.json", (int)strlen(path) - 4, path);
	_json_ json_t *document = read_mail(c, path), *want = load(beside), *reading = NULL;
	const struct request_rules rules = { .declared = c->declared, .licences = known_licences(), .now = NOW };

	reading = request_of(&rules, document, false);
	t->mails++;
	compare(c, t, name, want, reading, shown);
	compare_questions(c, t, name, want, reading, shown);
}

static int is_mail(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".eml") == 0;
}

static void read_all(struct corpus *c, struct tally *t, const char *dir, bool shown)
{
	struct dirent **names;
	int found = scandir(dir, &names, is_mail, alphasort);

	assert_true(found > 0);
	for (int i = 0; i < found; i++) {
		read_one(c, t, dir, names[i]->d_name, shown);
		free(names[i]);
	}
	free(names);
}

// --- the figures ---

static double rate(const struct tally *t)
{
	return 100.0 * t->right / (t->right + t->wrong + t->missing);
}

static void print_tally(const char *what, const struct tally *t)
{
	printf("%-24s %2d mails: %3d right, %d wrong, %d missing, %d invented: %.1f %%\n", what, t->mails, t->right,
	       t->wrong, t->missing, t->invented, rate(t));
}

static void print_facts(const struct corpus *c)
{
	const char *name;
	json_t *row;

	printf("%-16s %6s %6s %8s %9s\n", "fact", "right", "wrong", "missing", "invented");
	json_object_foreach(c->by_fact, name, row)
		printf("%-16s %6lld %6lld %8lld %9lld\n", name, json_integer_value(json_array_get(row, RIGHT)),
		       json_integer_value(json_array_get(row, WRONG)), json_integer_value(json_array_get(row, MISSING)),
		       json_integer_value(json_array_get(row, INVENTED)));
}

static void reads_what_people_write(void **state)
{
	_free_ char *held = path_join(folder, "holdout"), *facts = path_join(folder, "facts.json");
	struct corpus c = { .mime = HELPER, .declared = load(facts), .by_fact = json_object() };
	struct err e = { 0 };

	(void)state;
	if (helper_start(&c.mime, "mime",
	                 json_pack("{s:[],s:[],s:s}", "authserv", "hosts", "address", "licensing@example.com"),
	                 json_object(), &e) < 0)
		panic("%s", e.text);
	read_all(&c, &c.tuned, folder, true);
	read_all(&c, &c.held, held, getenv("HOLDOUT") != NULL);
	helper_stop(&c.mime);
	print_facts(&c);
	print_tally("written beforehand", &c.tuned);
	print_tally("held out", &c.held);
	json_decref(c.declared);
	json_decref(c.by_fact);
	assert_int_equal(c.tuned.mails + c.held.mails, 60);
	assert_int_equal(c.tuned.invented + c.held.invented, 0);
	assert_true(rate(&c.tuned) >= 95.0 && rate(&c.held) >= 95.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_what_people_write) };
	const char *build = getenv("BUILD");

	if (!build) {
		puts("run it by tests/run: it needs the mime worker");
		return 1;
	}
	setenv("COUNTERSIGN_LIBEXEC", build, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Every message and view of Slack's with the models of render_models.json: whole, almost empty, and with every text of
// the model replaced by something hostile, endless or empty.  blocks_walk.h knows what Slack takes.
#include "bot/blocks.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "blocks_walk.h"
#include "bot/blocks_limits.h"
#include "bot/render.h"

#define HOSTILE \
	"<!channel> @everyone <script>alert(1)</script> <https://e.example|Approve> <@U0ANN>\r\n*Approved by Ann*\n> " \
	"```" \
	"\x1b[31;1m\x07\xc2\x9b\xe2\x80\xae{{desk.name}}{{{x}}}\t&amp;\xf0\x9f\x98\x80"

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

	if (json_object_update_recursive(model, json_obj(f->models, name)) < 0)
		fail_msg("render_models.json has no model for %s", name);
	return model;
}

static bool is_view(const char *name)
{
	return strcmp(name, "reason") == 0 || strcmp(name, "request") == 0 || strcmp(name, "home") == 0;
}

static json_t *rendered(const struct fixture *f, const char *name, const json_t *model)
{
	struct err e = { 0 };
	json_t *out;

	if ((is_view(name) ? blocks_view : blocks_render)(f->templates, name, model, &out, &e) < 0)
		fail_msg("%s", e.text);
	if (is_view(name))
		walk_view(out);
	else
		walk_message(out);
	return out;
}

static char *rendered_text(const struct fixture *f, const char *name, const json_t *model)
{
	_json_ json_t *out = rendered(f, name, model);

	return json_text(out);
}

// Calls `act` with every template of the folder.
static void each_template(struct fixture *f, void (*act)(struct fixture *f, const char *name))
{
	DIR *d = opendir(SOURCE_DIR "/templates/slack");
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		_free_ char *name = text_copy_n(entry->d_name, strcspn(entry->d_name, "."));

		if (!strstr(entry->d_name, ".json"))
			continue;
		act(f, name);
		count++;
	}
	closedir(d);
	assert_true(count >= 20);
}

// The model with `text` for every text but those that templates compare with words.
static json_t *replaced(const json_t *value, const char *key, const char *text)
{
	json_t *member, *copy;
	const char *name;

	if (json_is_string(value)) {
		bool word = strcmp(key, "state") == 0 || strcmp(key, "verdict") == 0 || strcmp(key, "kind") == 0 ||
		            strcmp(key, "metadata") == 0 || strcmp(key, "verb") == 0;

		return word ? json_incref((json_t *)value) : json_string(text);
	}
	if (json_is_array(value)) {
		copy = json_array();
		for (size_t i = 0; i < json_array_size(value); i++)
			json_add(copy, replaced(json_array_get(value, i), key, text));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref((json_t *)value);
	copy = json_object();
	json_object_foreach((json_t *)value, name, member)
		json_put(copy, name, replaced(member, name, text));
	return copy;
}

// --- whole ---

static void render_whole(struct fixture *f, const char *name)
{
	_json_ json_t *model = model_of(f, name), *out = rendered(f, name, model);
	_free_ char *text = json_text(out);

	assert_false(blocks_cut(out));
	if (strstr(text, "{{") || strstr(text, "http"))
		fail_msg("%s: a tag is left over, or there is a web address: %s", name, text);
}

static void test_whole(void **state)
{
	static const struct {
		const char *name, *text;
	} expected[] = {
		{ "review", "Still open: Decision asked on CS-142" },
		{ "review", "*Asked by*\\nAnn Okafor (ann@example.com)" },
		{ "review", "*Decide by*\\nTue 22 December 2026, 17:00 (Berlin)" },
		{ "review", "*Risk*\\n7 of 10, high" },
		{ "review", "*Where*\\nWidget, binary" },
		{ "review", "*Needed until*\\n31 March 2027" },
		{ "review", "*Rationale*: Customers want line editing" },
		{ "review", "*Channel* _(read from the text: please check)_: binary" },
		{ "review", "fails:\\n> a penalty of 40,000 EUR is due\\n> and the pilot ends." },
		{ "review", "*In the requester's words*\\n> Hello,\\n> we ship" },
		{ "review", "*+5* OSS-7.2: Shipping it" },
		{ "review", "*Offer the source*: Give whoever" },
		{ "review", "CS-88, approved and in force, Tue 3 March 2026" },
		{ "review", "\\n   Cy Doan approved: the tool ships apart" },
		{ "review", "nordbahn-contract-annex-b.pdf (application/pdf, 48213 bytes)" },
		{ "review", "Stage legal needs any one of 3. Asked:\\n   Bo Berg\\n   Cy Doan" },
		{ "review", "before: 31 December 2027\\n   now: 31 March 2027" },
		{ "review", "\"action_id\":\"approve\",\"style\":\"primary\",\"value\":\"0123456789abcdef\"" },
		{ "review", "\"action_id\":\"reject\",\"style\":\"danger\",\"value\":\"0123456789abcdef\"" },
		{ "decided", "\"text\":\"CS-142: approved\"" },
		{ "decided", "Cy Doan rejected, Thu 26 November 2026, 12:02 (dissenting): We said the same" },
		{ "decided", "This takes the place of CS-101" },
		{ "recorded", "you *approved*" },
		{ "refused", "Reason code: sender-mismatch" },
		{ "missing", "Not accepted: 2026-02-30 is not a date" },
		{ "missing", "`Product: ...`" },
		{ "received", "*Asked*\\n   Bo Berg" },
		{ "comment", "*Bo Berg* asks a question on CS-142" },
		{ "comment", "> Is readline linked statically or loaded at run time?\\n> \\n> And which" },
		{ "understood", "> I would approve if the source is published" },
		{ "show", "CS-142: under review" },
		{ "history", "`1219` 26 Nov 2026, 11:40:02 Bo Berg (mail): approved version 2" },
		{ "find", "*3 cases match*: state:approved license:GPL-* risk&gt;=7" },
		{ "find", "1 more is not shown" },
		{ "help", "`show CASE`" },
		{ "head", "`9f2c41d07a3be855" },
		{ "manager", "You are not asked to decide." },
		{ "alarm", "Alarm: rollback-detected" },
		{ "again", "*stays in force* until 31 March 2027" },
		{ "ending", "CS-142 ends in 7 days" },
		{ "case", "Stage legal: asked, waiting for an answer" },
		{ "reason", "\"text\":\"Reject CS-142\"" },
		{ "reason", "\"private_metadata\":\"0123456789abcdef reject\"" },
		{ "request", "\"callback_id\":\"request\"" },
		{ "home", "*CS-142* GPL-3.0-only readline in Widget" },
	};
	struct fixture *f = *state;

	each_template(f, render_whole);
	for (size_t i = 0; i < LENGTH(expected); i++) {
		_json_ json_t *model = model_of(f, expected[i].name);
		_free_ char *text = rendered_text(f, expected[i].name, model);

		if (!strstr(text, expected[i].text))
			fail_msg("%s: no %s in %s", expected[i].name, expected[i].text, text);
	}
}

// --- what a review shows, and when it has buttons ---

static size_t buttons_of(const json_t *message)
{
	const json_t *blocks = json_arr(message, "blocks");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(blocks); i++)
		if (strcmp(json_str(json_array_get(blocks, i), "type"), "actions") == 0)
			count += json_array_size(json_arr(json_array_get(blocks, i), "elements"));
	return count;
}

static void test_buttons(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *model = model_of(f, "review"), *live = rendered(f, "review", model);
	_json_ json_t *settled = NULL, *bare = NULL, *asks = NULL;
	_free_ char *text = NULL, *asks_text = NULL;

	assert_int_equal(buttons_of(live), 5);
	json_put_bool(model, "approve_asks", true);
	asks = rendered(f, "review", model);
	asks_text = json_text(asks);
	assert_non_null(strstr(asks_text, "Approve\xe2\x80\xa6"));
	assert_null(strstr(asks_text, "Approve CS-142?"));
	json_put_str(model, "settled", "Cy Doan has approved it.");
	settled = rendered(f, "review", model);
	text = json_text(settled);
	assert_int_equal(buttons_of(settled), 0);
	assert_non_null(strstr(text, "No longer open: CS-142"));
	assert_non_null(strstr(text, "*Cy Doan has approved it.*"));
	assert_null(strstr(text, "your decision is still open"));
	json_object_del(model, "settled");
	json_object_del(model, "token");
	bare = rendered(f, "review", model);
	assert_int_equal(buttons_of(bare), 0);
}

static void test_renewal(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *model = model_of(f, "review");
	_free_ char *text = NULL;

	json_put(model, "renewal",
	         json_pack("{ss ss ss s[{ss}] s[{ss ss ss ss}] s[{ss ss ss}]}", "of", "CS-101", "until", "2026-12-31",
	                   "conditions", "that it is linked dynamically", "granted", "text", "MIT for libfoo 2.1.x",
	                   "grounds", "name", "Bo Berg", "verdict", "approve", "at_text", "Tue 6 January 2026", "why",
	                   "it is small", "difference", "title", "Needed until", "old", "2026-12-31", "new",
	                   "2027-06-30"));
	text = rendered_text(f, "review", model);
	assert_non_null(strstr(text, "*What changes*\\n• *Needed until*: before: 2026-12-31\\n   now: 2027-06-30"));
	assert_non_null(strstr(text, "*What CS-101 grants*\\n• MIT for libfoo 2.1.x\\n*Conditions*: that it is"));
	assert_non_null(strstr(text, "Bo Berg approved, Tue 6 January 2026: it is small"));
	assert_null(strstr(text, "*What is asked*"));
	assert_null(strstr(text, "Earlier decisions"));
}

// --- nothing, or too much ---

static void render_minimal(struct fixture *f, const char *name)
{
	_json_ json_t *none = json_object(), *model = model_of(f, name), *empty = replaced(model, "", "");
	_json_ json_t *blank = replaced(model, "", " \n\t"), *a = rendered(f, name, none),
	              *b = rendered(f, name, empty);
	_json_ json_t *c = rendered(f, name, blank);

	assert_false(blocks_cut(a));
	assert_false(blocks_cut(b));
	assert_false(blocks_cut(c));
}

static void test_minimal(void **state)
{
	each_template(*state, render_minimal);
}

static void count_types(const json_t *value, json_t *counts)
{
	const char *key;
	json_t *member;

	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		count_types(json_array_get(value, i), counts);
	json_object_foreach((json_t *)value, key, member) {
		if (strcmp(key, "type") == 0)
			json_put_int(counts, json_string_value(member),
			             json_int(counts, json_string_value(member)) + 1);
		count_types(member, counts);
	}
}

// No value changes what a message is made of; every line of a value but its first is a quoted one.
static void render_hostile(struct fixture *f, const char *name)
{
	static const char *const longer[] = { "section", "context", "mrkdwn" };
	_json_ json_t *model = model_of(f, name), *good = replaced(model, "", "word"),
	              *bad = replaced(model, "", HOSTILE);
	_json_ json_t *before = rendered(f, name, good), *after = rendered(f, name, bad);
	_json_ json_t *types_before = json_object(), *types_after = json_object();
	_free_ char *text = json_text(after);

	count_types(before, types_before);
	count_types(after, types_after);
	for (size_t i = 0; i < LENGTH(longer); i++) { // a long text goes on in another section
		json_object_del(types_before, longer[i]);
		json_object_del(types_after, longer[i]);
	}
	if (!json_equal(types_before, types_after))
		fail_msg("%s: a value changed the structure: %s", name, text);
	if (strstr(text, "\\n*Approved by Ann*"))
		fail_msg("%s: a line was forged: %s", name, text);
	if (strstr(text, "Licensing desk"))
		fail_msg("%s: a tag in a value was obeyed", name);
}

static void test_hostile(void **state)
{
	each_template(*state, render_hostile);
}

static char *endless(const char *piece, size_t bytes)
{
	_buf_ struct buf text = BUF(bytes + 100);

	while (text.len < bytes)
		buf_puts(&text, piece);
	return buf_steal(&text);
}

static void render_endless(struct fixture *f, const char *name)
{
	static const char *const pieces[] = { "words and ", "&",   "<!here>",       "\xf0\x9f\x98\x80",
		                              "\n",         "x\n", "a&b<c>\xc3\xa9" };

	for (size_t i = 0; i < LENGTH(pieces); i++) {
		_free_ char *text = endless(pieces[i], strcmp(name, "review") == 0 ? 100000 : 10000);
		_json_ json_t *model = model_of(f, name), *bad = replaced(model, "", text),
		              *out = rendered(f, name, bad);

		if (strcmp(name, "review") != 0 || strcmp(pieces[i], "\n") == 0)
			continue;
		assert_true(blocks_cut(out));
		assert_int_equal(buttons_of(out), 0); // a token as long as that is none
		json_put_str(bad, "token", "0123456789abcdef");
		json_decref(out);
		out = rendered(f, name, bad);
		assert_int_equal(buttons_of(out), 5);
	}
}

static void test_endless(void **state)
{
	each_template(*state, render_endless);
}

// Every list as long as can be.
static json_t *multiplied(const json_t *value, size_t times)
{
	json_t *member, *copy;
	const char *name;

	if (json_is_array(value)) {
		copy = json_array();
		for (size_t i = 0; i < times * json_array_size(value); i++)
			json_array_append(copy, json_array_get(value, i % json_array_size(value)));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref((json_t *)value);
	copy = json_object();
	json_object_foreach((json_t *)value, name, member)
		json_put(copy, name, multiplied(member, times));
	return copy;
}

static void render_many(struct fixture *f, const char *name)
{
	static const size_t times[] = { 3, 20, 1000 };

	for (size_t i = 0; i < LENGTH(times); i++) {
		_json_ json_t *model = model_of(f, name), *many = multiplied(model, times[i]),
		              *out = rendered(f, name, many);

		if (strcmp(name, "review") == 0)
			assert_int_equal(buttons_of(out), 5);
	}
}

static void test_many(void **state)
{
	each_template(*state, render_many);
}

// Long but real: all facts, findings and grounds stay, shorter; the note names the case.
static void test_shortened(void **state)
{
	struct fixture *f = *state;
	_json_ json_t *model = model_of(f, "review"), *out = NULL;
	json_t *fact;
	_free_ char *words = endless("why it is needed, and ", 4000), *text = NULL;
	size_t i;

	json_array_foreach(json_arr(model, "fact_list"), i, fact)
		json_put_str(fact, "value", words);
	out = rendered(f, "review", model);
	text = json_text(out);
	assert_true(blocks_cut(out));
	assert_non_null(strstr(text, "Cut: `/countersign show CS-142` has all of it."));
	assert_non_null(strstr(text, "*Remediation*: why it is needed"));
	assert_non_null(strstr(text, "*+5* OSS-7.2: Shipping it"));
	assert_non_null(strstr(text, "Bo Berg rejected"));
	assert_int_equal(buttons_of(out), 5);
}

// --- cutting ---

static void test_cut(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *wanted;
	} tests[] = {
		{ "", 5, "" },
		{ "hello", 5, "hello" },
		{ "hello!", 5, "hell\xe2\x80\xa6" },
		{ "one two", 5, "one\xe2\x80\xa6" },
		{ "a&amp;b", 7, "a&amp;b" },
		{ "a&amp;bc", 7, "a&amp;\xe2\x80\xa6" },
		{ "a&amp;bc", 6, "a\xe2\x80\xa6" },
		{ "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" },
		{ "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 3, "\xf0\x9f\x98\x80\xe2\x80\xa6" },
		{ "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 2, "\xe2\x80\xa6" },
		{ "x<!date^1^{date}|then> y", 10, "x\xe2\x80\xa6" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(tests); i++) {
		bool cut = false;
		_free_ char *got = slack_cut(tests[i].text, tests[i].max, &cut);

		assert_string_equal(got, tests[i].wanted);
		assert_int_equal(cut, strcmp(tests[i].text, tests[i].wanted) != 0);
		assert_true(slack_units(got) <= tests[i].max);
	}
}

// --- templates that are wrong ---

static void test_errors(void **state)
{
	static const struct {
		const char *template, *part, *error;
	} tests[] = {
		{ "{\"text\":\"a\",", "[]", "/slack/m.json" },
		{ "{\"text\":\"{{#x}}\",\"blocks\":[]}", "[]", "section \"x\" is never closed" },
		{ "{\"text\":\"{{{x}}}\",\"blocks\":[]}", "[]", "an unescaped tag" },
		{ "{\"text\":\"{{> words/gone}}\",\"blocks\":[]}", "[]", "words/gone.txt" },
		{ "{\"text\":\"{{> p}}\",\"blocks\":[]}", "[]", "\"p\" is none of the pieces in words/" },
		{ "{\"blocks\":[{\"if\":\"x\"}]}", "[]", "slack/m.json" },
		{ "{\"blocks\":[{\"if\":\"x\",\"then\":[],\"els\":[]}]}", "[]", "els" },
		{ "{\"blocks\":[{\"if\":\"x}}\",\"then\":[]}]}", "[]", "is no condition" },
		{ "{\"blocks\":[{\"each\":\"x\",\"do\":[],\"most\":1000}]}", "[]", "most" },
		{ "{\"blocks\":[{\"include\":\"gone\"}]}", "[]", "slack/gone.json" },
		{ "{\"blocks\":[{\"include\":\"p\"}]}", "{}", "must be a list" },
		{ "{\"blocks\":[{\"include\":\"p\"}]}", "[{\"include\":\"p\"}]", "" },
		{ "{\"blocks\":{\"if\":\"x\",\"then\":[]}}", "[]", "\"if\" is for lists only" },
	};
	char dir[] = "/tmp/blocks-XXXXXX";
	_free_ char *folder = NULL, *file = NULL, *part = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	folder = path_join(dir, "slack");
	file = path_join(folder, "m.json");
	part = path_join(folder, "p.json");
	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < LENGTH(tests); i++) {
		_json_ json_t *model = json_pack("{s:s}", "x", "y"), *out = NULL;
		struct err e = { 0 };
		_templates_ struct templates *t = templates_open(dir, &e);

		assert_int_equal(file_replace(file, tests[i].template, strlen(tests[i].template), 0600, NULL), 0);
		assert_int_equal(file_replace(part, tests[i].part, strlen(tests[i].part), 0600, NULL), 0);
		if (*tests[i].error)
			assert_int_equal(blocks_check(t, "slack/m.json", &e), -1);
		else // an endless loop of files shows when it is rendered
			assert_int_equal(blocks_render(t, "m", model, &out, &e), -1);
		if (!strstr(e.text, tests[i].error))
			fail_msg("wanted \"%s\", got \"%s\"", tests[i].error, e.text);
		assert_true(templates_check(t, &e) < 0 || !*tests[i].error);
	}
	remove(file);
	remove(part);
	remove(folder);
	remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),   cmocka_unit_test(test_buttons),   cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_minimal), cmocka_unit_test(test_hostile),   cmocka_unit_test(test_endless),
		cmocka_unit_test(test_many),    cmocka_unit_test(test_shortened), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

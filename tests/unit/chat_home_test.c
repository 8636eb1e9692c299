// SPDX-License-Identifier: Apache-2.0
// The Home tab over a real database: what waits for somebody, what they asked for, what an auditor finds.
#include "bot/chat_home.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "bot/desk.h"
#include "bot/perform.h"
#include "bot/render.h"
#include "store/cases.h"
#include "tests/unit/blocks_walk.h"
#include "tests/unit/story.h"

static const char config_yaml[] = "name: Desk\nstate: state\nrun: run\npolicy: policy.yaml\npeople: people.yaml\n"
                                  "templates: " SOURCE_DIR "/templates\n"
                                  "tokens: {key: \"file:token.key\"}\nmail:\n  address: licensing@example.com\n"
                                  "  imap: {url: \"imaps://imap.example.com\", user: u, password: \"file:none\"}\n"
                                  "  smtp: {url: \"smtps://smtp.example.com\", user: u, password: \"file:none\"}\n";
static const char people_yaml[] = "people:\n"
                                  "- {id: ann, name: Ann, mail: [ann@example.com], zone: Europe/Berlin}\n"
                                  "- {id: bo, name: Bo, mail: [bo@example.com], groups: [legal]}\n"
                                  "- {id: cy, name: Cy, mail: [cy@example.com], groups: [legal]}\n"
                                  "- {id: gus, name: Gus, mail: [gus@example.com], groups: [auditor]}\n"
                                  "requesters: [example.com]\n";
static const char policy_yaml[] =
        "catalogue: example.com/licensing\nversion: 1\n"
        "types:\n- {id: oss, title: Licence, when: license IS NOT NULL, needs: [license, product]}\n"
        "checks:\n- {id: RISK, when: license = 'AGPL-3.0-only', risk: 5, says: Risky.}\n"
        "routes:\n- {stages: [{name: legal, need: 2, from: [legal]}]}\n"
        "escalation: {remind: [1d], lapse: 10d}\n";

struct fixture {
	char *dir;
	struct desk desk;
	struct templates *templates;
};

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	_free_ char *path = text_format("%s/%s", f->dir, name);

	assert_int_equal(file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static int setup(void **state)
{
	static struct fixture f;
	_free_ char *key = text_format("1 %064d\n", 7), *config = NULL, *folder = NULL;
	struct err e = { 0 };

	f.dir = state_make();
	config = text_format("%s/countersign.yaml", f.dir);
	folder = text_format("%s/state", f.dir);
	write_file(&f, "countersign.yaml", config_yaml);
	write_file(&f, "people.yaml", people_yaml);
	write_file(&f, "policy.yaml", policy_yaml);
	write_file(&f, "token.key", key);
	assert_int_equal(mkdir(folder, 0700), 0);
	f.templates = templates_open(SOURCE_DIR "/templates", &e);
	if (desk_open(&f.desk, config, DB_WRITE, &e) < 0)
		fail_msg("%s", e.text);
	f.desk.now = STORY_START;
	if (db_begin(f.desk.db, "test", &e) < 0 || desk_publish(&f.desk, &e) < 0 || db_commit(f.desk.db, &e) < 0)
		fail_msg("%s", e.text);
	f.desk.now += CLOCK_SECOND;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	desk_close(&f->desk);
	templates_close(&f->templates);
	state_remove(&f->dir);
	return 0;
}

static void carry_out(struct fixture *f, const char *case_id, struct order *order, struct performed *done)
{
	struct refusal refusal = { 0 };
	struct err e = { 0 };

	order->name = desk_name(&f->desk, order->actor);
	order->address = "ann@example.com";
	order->person = text_starts(order->actor, "person:") ? people_find(f->desk.people, order->actor + 7) : NULL;
	order->via = "slack";
	order->authenticated = true;
	order->message = -1;
	assert_int_equal(db_begin(f->desk.db, "test", &e), 0);
	if (perform(&f->desk, case_id, order, NULL, done, &refusal, &e) != DECIDED)
		fail_msg("%s%s", refusal.reason, e.text);
	assert_int_equal(db_commit(f->desk.db, &e), 0);
}

static void ask(struct fixture *f, const char *licence, char id[32])
{
	_json_ json_t *reading =
	        json_pack("{s{ss ss ss} s{} s{} s[] ss}", "facts", "license", licence, "component", "readline",
	                  "product", "Widget <b>", "origin", "words", "problems", "rest", "");
	_json_ json_t *evidence = json_array();
	struct order order = { .kind = ORDER_OPEN,
		               .actor = "person:ann",
		               .subject = "A licence",
		               .thread = "<t@example.com>",
		               .reading = reading,
		               .evidence = evidence };
	struct performed done;

	case_next_number(f->desk.db, &order.number, NULL);
	carry_out(f, NULL, &order, &done);
	snprintf(id, 32, "%s", done.case_id);
}

static void vote(struct fixture *f, const char *id, const char *who)
{
	struct order order = { .kind = ORDER_VOTE, .actor = who, .verdict = "approve", .code = "" };
	struct performed done;

	carry_out(f, id, &order, &done);
}

static const char *token(void *data, const char *case_id)
{
	return strcmp(case_id, data) == 0 ? NULL : "0123456789abcdef";
}

static char *home_of(struct fixture *f, const char *who, const char *query)
{
	char without[] = "CS-2";
	struct err e = { 0 };
	_json_ json_t *view = chat_home(&f->desk, f->templates, who, query, token, without, &e);

	if (!view)
		fail_msg("%s", e.text);
	walk_view(view);
	assert_string_equal(json_str(view, "type"), "home");
	return json_text(view);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void test_home(void **state)
{
	struct fixture *f = *state;
	_free_ char *nothing = home_of(f, "person:bo", NULL);
	char first[32], id[32];

	assert_non_null(strstr(nothing, "Nothing waits for you."));
	assert_non_null(strstr(nothing, "You have asked for nothing yet."));
	assert_non_null(strstr(nothing, "\"action_id\":\"new\""));
	ask(f, "AGPL-3.0-only", first);
	ask(f, "GPL-2.0-only", id);
	{
		_free_ char *bo = home_of(f, "person:bo", "state:pending"), *ann = home_of(f, "person:ann", NULL);

		assert_non_null(strstr(bo, "*CS-1* AGPL-3.0-only for readline in Widget &lt;b&gt;"));
		assert_non_null(strstr(bo, "Risk 5 of 10, medium. Decide by "));
		assert_int_equal(count(bo, "\"action_id\":\"approve\""), 1); // CS-2 has no token
		assert_int_equal(count(bo, "\"action_id\":\"show\""), 2);
		assert_int_equal(count(bo, "\"value\":\"0123456789abcdef\""), 2);
		assert_null(strstr(bo, "Search"));
		assert_non_null(strstr(ann, "Nothing waits for you."));
		assert_int_equal(count(ann, "\\nunder review, asked "), 2);
	}
	vote(f, first, "person:bo");
	{
		_free_ char *bo = home_of(f, "person:bo", NULL), *cy = home_of(f, "person:cy", NULL);

		assert_null(strstr(bo, "CS-1"));
		assert_non_null(strstr(bo, "CS-2"));
		assert_non_null(strstr(cy, "CS-1"));
	}
	vote(f, first, "person:cy");
	{
		_free_ char *cy = home_of(f, "person:cy", NULL), *ann = home_of(f, "person:ann", NULL);

		assert_null(strstr(cy, "CS-1"));
		assert_non_null(strstr(ann, "\\napproved and in force, asked "));
	}
}

static void test_many(void **state)
{
	struct fixture *f = *state;
	char id[32];

	for (int i = 0; i < 14; i++)
		ask(f, "GPL-3.0-only", id);
	{
		_free_ char *bo = home_of(f, "person:bo", NULL), *ann = home_of(f, "person:ann", NULL);

		assert_int_equal(count(bo, "\"action_id\":\"show\""), 10);
		assert_non_null(strstr(bo, "5 more: `/countersign open`"));
		assert_int_equal(count(ann, "\"action_id\":\"show\""), 10);
		assert_non_null(strstr(ann, "6 more: `/countersign find`"));
	}
}

static void test_search(void **state)
{
	static const struct {
		const char *query, *wanted;
	} tests[] = {
		{ NULL, "Find cases" },
		{ "", "Find cases" },
		{ "state:approved", "*1 case matches*" },
		{ "state:approved", "*CS-1* AGPL" },
		{ "license:ISC", "*No cases match*" },
		{ "state:perhaps", "perhaps" },
		{ "risk>=7 <!channel>", "*No cases match*" },
		{ "\"never closed", "never closed" },
		{ "license:GPL-3.0-only", "*14 cases match*" },
	};

	for (size_t i = 0; i < LENGTH(tests); i++) {
		_free_ char *gus = home_of(*state, "person:gus", tests[i].query);

		if (!strstr(gus, tests[i].wanted))
			fail_msg("%s: no %s in %s", tests[i].query, tests[i].wanted, gus);
	}
}

// Nobody, or something endless, is no harm.
static void test_strange(void **state)
{
	_buf_ struct buf endless = BUF(200000);
	_free_ char *nobody = home_of(*state, "person:nobody", "state:pending"), *other = NULL, *gus = NULL;

	while (endless.len < 100000)
		buf_puts(&endless, "<&>\xf0\x9f\x98\x80 ");
	assert_null(strstr(nobody, "Search"));
	other = home_of(*state, "mail:kim@example.com", NULL);
	gus = home_of(*state, "person:gus", buf_text(&endless));
	assert_non_null(strstr(other, "Nothing waits for you."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_strange),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

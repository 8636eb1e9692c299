// SPDX-License-Identifier: Apache-2.0
// store/condition: what holds, what is explained, and that nothing but computing gets through.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "store/condition.h"

// starts(text, word); 'boom' fails, 'dusk' cannot be told.
static int starts(void *context, const char *text, const char *word, struct err *e)
{
	++*(int *)context;
	if (strcmp(word, "dusk") == 0)
		return CONDITION_UNKNOWN;
	if (strcmp(word, "boom") == 0)
		return err_set(e, EX_DATAERR, "no family 'boom'");
	return strncmp(text, word, strlen(word)) == 0;
}

static const struct condition_function functions[] = { { "starts", starts }, { NULL, NULL } };

static struct conditions *make(int *calls)
{
	_json_ json_t *names = json_pack("[ssssss]", "license", "channel", "risk", "spend", "linking", "order");
	struct err e = { 0 };
	struct conditions *c = conditions_new(names, functions, calls, &e);

	assert_string_equal(e.text, "");
	return c;
}

static int ask(struct conditions *c, struct condition *condition, const json_t *facts, bool *result, struct err *e)
{
	*result = false;
	return conditions_fill(c, facts, e) < 0 ? -1 : condition_holds(condition, result, e);
}

static void holds(void **state)
{
	static const struct {
		const char *expression;
		bool holds;
	} cases[] = {
		{ "license IS NOT NULL", true },
		{ "license = 'MIT'", true },
		{ "license = 'mit'", false },
		{ "channel = 'saas'", false }, // absent: NULL
		{ "channel <> 'saas'", false },
		{ "channel IS NULL", true },
		{ "risk >= 8 OR spend > 50000", true },
		{ "risk >= 8", false },
		{ "risk = 7", true },
		{ "spend > 50000 AND spend < 60000.5", true },
		{ "linking LIKE '%dynamic%'", true },
		{ "linking = 'static, dynamic'", true },
		{ "starts(license, 'M') AND NOT starts(license, 'X')", true },
		{ "starts(channel, 'M')", false },
		{ "NOT starts(channel, 'M')", false }, // unknown stays unknown
		{ "starts(channel, 'M') IS NULL", true },
		{ "lower(license) IN ('mit', 'isc')", true },
		{ "coalesce(channel, 'none') = 'none'", true },
		{ "CASE WHEN risk > 5 THEN 1 ELSE 0 END", true },
		{ "substr(license, 1, 1) || 'x' = 'Mx'", true },
		{ "risk BETWEEN 1 AND 9", true },
		{ "license GLOB 'M*'", true },
		{ "\"order\" IS NULL", true },
		{ "'a -- b; ? /* (' <> ''", true },
		{ "license = 'it''s'", false },
		{ "1", true },
		{ "0", false },
		{ "NULL", false },
		{ "0.5", true },
		{ "'text'", false },
		{ "1/0", false },
		{ "max(risk, 9) = 9", true },
		{ "starts(license, 'dusk') IS NULL", true },
		{ "NOT starts(license, 'dusk')", false },
		{ "license LIKE 'm%'", true },
		{ "license LIKE 'm_t'", true },
		{ "license LIKE 'm!%' ESCAPE '!'", false },
		{ "channel LIKE '%'", false },
		{ "license NOT LIKE channel", false },
	};
	int calls = 0;
	struct conditions *c = make(&calls);
	_json_ json_t *facts = json_pack("{s:s,s:i,s:f,s:[ss],s:s}", "license", "MIT", "risk", 7, "spend", 50000.5,
	                                 "linking", "static", "dynamic", "unknown", "x");

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct condition *condition;
		struct err e = { 0 };
		bool result = false;

		if (condition_prepare(c, cases[i].expression, &condition, &e) < 0 ||
		    ask(c, condition, facts, &result, &e) < 0)
			fail_msg("%s: %s", cases[i].expression, e.text);
		if (result != cases[i].holds)
			fail_msg("%s", cases[i].expression);
	}
	assert_int_equal(calls, 3); // what was answered before is known
	conditions_free(&c);
}

// The same condition on other facts: nothing of the first case stays.
static void forgets(void **state)
{
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *condition;
	struct err e = { 0 };
	_json_ json_t *first = json_pack("{s:s}", "license", "MIT"), *second = json_object();
	bool result;

	(void)state;
	assert_int_equal(condition_prepare(c, "license IS NOT NULL", &condition, &e), 0);
	assert_int_equal(ask(c, condition, first, &result, &e), 0);
	assert_true(result);
	assert_int_equal(ask(c, condition, second, &result, &e), 0);
	assert_false(result);
	conditions_free(&c);
}

static void refuses(void **state)
{
	static const struct {
		const char *expression, *error;
	} cases[] = {
		{ "licence = 'MIT'", "no fact 'licence' - did you mean 'license'?" },
		{ "\"licence\" = 'MIT'", "no fact 'licence' - did you mean 'license'?" },
		{ "license = \"MIT\"", "no fact 'MIT'" },
		{ "zebra", "no fact 'zebra'" },
		{ "start(license, 'x')", "no function 'start' - did you mean 'starts'?" },
		{ "zebra(license)", "no function 'zebra'" },
		{ "starts(license)", "not a condition: wrong number of arguments to function starts()" },
		{ "", "not a condition: near \")\": syntax error" },
		{ "license =", "not a condition: near \")\": syntax error" },
		{ "license = 'MIT", "not a condition: a quoted text does not end" },
		{ "(license", "not a condition: a parenthesis has no partner" },
		{ "1) FROM facts UNION SELECT (1", "not a condition: a parenthesis has no partner" },
		{ "1; DROP TABLE facts", "not a condition: ';' is not allowed in it" },
		{ "1 -- x", "not a condition: comments are not allowed in it" },
		{ "1 /* x", "not a condition: comments are not allowed in it" },
		{ "license = ?1", "not a condition: '?' is not allowed in it" },
		{ "license = :a", "not a condition: ':' is not allowed in it" },
		{ "[license] = 1", "not a condition: '[' is not allowed in it" },
		{ "license, 1", "not a condition: row value misused" },
		// Nothing but computing.
		{ "(SELECT 1)", "a condition cannot hold a query of its own" },
		{ "EXISTS (SELECT * FROM sqlite_master)", "a condition cannot read 'type'" },
		{ "license IN (SELECT license FROM facts)", "a condition cannot hold a query of its own" },
		{ "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c)",
		  "a condition cannot hold a query of its own" },
		{ "(SELECT sql FROM sqlite_master)", "a condition cannot read 'sql'" },
		{ "(VALUES(1))", "a condition cannot hold a query of its own" },
		{ "license IN sqlite_master", NULL },
		{ "license IN pragma_table_list", NULL },
		{ "rowid = 1", "a condition cannot read 'ROWID'" },
		{ "random()", "conditions have no use for the function 'random'" },
		{ "date('now') > '2026'", "conditions have no use for the function 'date'" },
		{ "CURRENT_TIMESTAMP > '2026'", "conditions have no use for the function 'current_timestamp'" },
		{ "load_extension('x')", "conditions have no use for the function 'load_extension'" },
		{ "length(zeroblob(1000000000))", "conditions have no use for the function 'zeroblob'" },
		{ "printf('%1000000d', 1)", "conditions have no use for the function 'printf'" },
		{ "readfile('/etc/shadow')", "no function 'readfile'" },
		{ "count(*) > 0", "conditions have no use for the function 'count'" },
		{ "RAISE(ABORT, 'x')", NULL },
		{ "license MATCH 'x'", NULL },
		{ "license REGEXP 'x'", NULL },
		{ "sqlite_version() = ''", "conditions have no use for the function 'sqlite_version'" },
		{ "instr(license, 'x')", "conditions have no use for the function 'instr'" },
		{ "trim(license, license) = ''", "conditions have no use for the function 'trim'" },
		{ "replace(license, 'a', license) = ''", "conditions have no use for the function 'replace'" },
	};
	int calls = 0;
	struct conditions *c = make(&calls);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct condition *condition = NULL;
		struct err e = { 0 };

		if (condition_prepare(c, cases[i].expression, &condition, &e) == 0)
			fail_msg("%s was taken", cases[i].expression);
		if (cases[i].error)
			assert_string_equal(e.text, cases[i].error);
		assert_true(strlen(e.text) > 0);
		assert_int_equal(e.code, EX_CONFIG);
	}
	assert_int_equal(calls, 0);
	conditions_free(&c);
}

static void fails_at_run_time(void **state)
{
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *condition;
	struct err e = { 0 };
	_json_ json_t *facts = json_pack("{s:s}", "license", "MIT");
	bool result = true;

	(void)state;
	assert_int_equal(condition_prepare(c, "starts(license, 'boom')", &condition, &e), 0);
	assert_int_equal(ask(c, condition, facts, &result, &e), -1);
	assert_false(result);
	assert_string_equal(e.text, "the condition 'starts(license, 'boom')' fails: no family 'boom'");
	// The next one is not harmed.
	assert_int_equal(condition_prepare(c, "license = 'MIT'", &condition, &e), 0);
	assert_int_equal(ask(c, condition, facts, &result, &e), 0);
	assert_true(result);
	conditions_free(&c);
}

// As slow as an expression can be made: it ends, and says so.
static void ends(void **state)
{
	static const char *const slow[] = {
		"license LIKE "
		"'%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab%'",
		"license GLOB "
		"'*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b*'",
		"starts(upper(license), 'B')",
	};
	_buf_ struct buf text = BUF(65536);
	int calls = 0;
	struct conditions *c = make(&calls);

	(void)state;
	for (int i = 0; i < 4096; i++)
		buf_putc(&text, 'a');
	_json_ json_t *facts = json_pack("{s:s}", "license", buf_text(&text));

	for (size_t i = 0; i < LENGTH(slow); i++) {
		struct condition *condition;
		struct err e = { 0 };
		clock_t start = clock();
		bool result = false;
		int asked = 0;

		assert_int_equal(condition_prepare(c, slow[i], &condition, &e), 0);
		assert_int_equal(conditions_fill(c, facts, &e), 0);
		while (condition_holds(condition, &result, &e) == 0 && asked < 1000000)
			asked++;
		assert_non_null(strstr(e.text, "takes too long"));
		assert_false(result);
		assert_true(clock() - start < 3 * CLOCKS_PER_SEC);  // a fraction of one, but for the sanitizers
		assert_int_equal(conditions_fill(c, facts, &e), 0); // the next case has its own time
		assert_int_equal(condition_holds(condition, &result, &e), 0);
	}
	conditions_free(&c);
}

// Texts that grow, nesting without end, patterns of any length.
static void bounds(void **state)
{
	_buf_ struct buf joined = BUF(65536), deep = BUF(65536), pattern = BUF(65536), text = BUF(65536);
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *condition;
	struct err e = { 0 };
	bool result;

	(void)state;
	for (int i = 0; i < 4096; i++)
		buf_putc(&text, 'a');
	_json_ json_t *facts = json_pack("{s:s}", "license", buf_text(&text));
	_json_ json_t *list = json_pack("{s:[]}", "linking");

	buf_puts(&joined, "license");
	for (int i = 0; i < 90; i++)
		buf_puts(&joined, " || license");
	assert_int_equal(condition_prepare(c, buf_text(&joined), &condition, &e), 0);
	assert_int_equal(ask(c, condition, facts, &result, &e), -1);
	assert_non_null(strstr(e.text, "string or blob too big"));
	for (int i = 0; i < 3000; i++)
		buf_putc(&deep, '(');
	buf_putc(&deep, '1');
	for (int i = 0; i < 3000; i++)
		buf_putc(&deep, ')');
	assert_int_equal(condition_prepare(c, buf_text(&deep), &condition, &e), -1);
	buf_printf(&pattern, "license LIKE '%.300s'", buf_text(&text));
	assert_int_equal(condition_prepare(c, buf_text(&pattern), &condition, &e), 0);
	assert_int_equal(ask(c, condition, facts, &result, &e), -1);
	assert_non_null(strstr(e.text, "a pattern has at most 256 bytes"));
	for (int i = 0; i < 20; i++)
		json_add_str(json_arr(list, "linking"), buf_text(&text));
	assert_int_equal(conditions_fill(c, list, &e), -1);
	assert_string_equal(e.text, "the facts cannot be judged: string or blob too big");
	conditions_free(&c);
}

// One column of the row changes; a column may be kept from conditions that come too early.
static void sets_and_hides(void **state)
{
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *condition, *late;
	struct err e = { 0 };
	_json_ json_t *facts = json_pack("{s:s,s:i}", "license", "MIT", "risk", 3), *nine = json_integer(9);
	bool result;

	(void)state;
	conditions_show(c, 3);
	assert_int_equal(condition_prepare(c, "risk > 8 AND license = 'MIT'", &condition, &e), 0);
	assert_int_equal(condition_prepare(c, "spend > 8", &late, &e), -1);
	assert_string_equal(e.text, "it is too early to ask for 'spend'");
	assert_false(conditions_read(c, "spend"));
	conditions_show(c, 6);
	assert_int_equal(condition_prepare(c, "spend > 8", &late, &e), 0);
	assert_true(conditions_read(c, "spend"));
	assert_true(conditions_read(c, "risk"));
	assert_false(conditions_read(c, "channel"));
	assert_int_equal(ask(c, condition, facts, &result, &e), 0);
	assert_false(result);
	assert_int_equal(conditions_set(c, "risk", nine, &e), 0);
	assert_int_equal(condition_holds(condition, &result, &e), 0);
	assert_true(result);
	assert_int_equal(conditions_set(c, "spend", nine, &e), 0);
	assert_int_equal(condition_holds(late, &result, &e), 0);
	assert_true(result);
	assert_int_equal(conditions_set(c, "spend", NULL, &e), 0);
	assert_int_equal(condition_holds(late, &result, &e), 0);
	assert_false(result);
	conditions_free(&c);
}

static void refuses_columns(void **state)
{
	static const char *const bad[] = { "a b", "a\"b", "", "A", "a-b" };

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		_json_ json_t *names = json_pack("[ss]", "license", bad[i]);
		struct err e = { 0 };

		assert_null(conditions_new(names, functions, NULL, &e));
		assert_string_equal(e.text, "this cannot be the name of a fact in a condition");
	}
}

// Asked together they answer as they do alone, and whichever fails is named.
static void asks_together(void **state)
{
	static const char *const texts[] = { "risk > 5", "channel = 'saas'", "license = 'MIT'",
		                             "starts(license, 'M')" };
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *list[LENGTH(texts) + 1];
	struct condition_group *group, *failing, *empty;
	struct err e = { 0 };
	_json_ json_t *facts = json_pack("{s:s,s:i}", "license", "MIT", "risk", 3);
	bool holds[LENGTH(texts) + 1], alone;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_int_equal(condition_prepare(c, texts[i], &list[i], &e), 0);
	assert_int_equal(condition_prepare(c, "starts(license, 'boom')", &list[LENGTH(texts)], &e), 0);
	group = condition_group(c, list, LENGTH(texts));
	failing = condition_group(c, list, LENGTH(texts) + 1);
	empty = condition_group(c, NULL, 0);
	assert_int_equal(conditions_fill(c, facts, &e), 0);
	assert_int_equal(condition_group_holds(group, holds, &e), 0);
	for (size_t i = 0; i < LENGTH(texts); i++) {
		assert_int_equal(condition_holds(list[i], &alone, &e), 0);
		assert_int_equal(holds[i], alone);
	}
	assert_int_equal(condition_group_holds(failing, holds, &e), -1);
	assert_string_equal(e.text, "the condition 'starts(license, 'boom')' fails: no family 'boom'");
	assert_int_equal(condition_group_holds(empty, holds, &e), 0);
	// Asking together does not open the fence.
	assert_int_equal(condition_prepare(c, "(SELECT 1)", &list[0], &e), -1);
	conditions_free(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds),
		cmocka_unit_test(forgets),
		cmocka_unit_test(refuses),
		cmocka_unit_test(fails_at_run_time),
		cmocka_unit_test(ends),
		cmocka_unit_test(bounds),
		cmocka_unit_test(sets_and_hides),
		cmocka_unit_test(asks_together),
		cmocka_unit_test(refuses_columns),
	};

	return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}

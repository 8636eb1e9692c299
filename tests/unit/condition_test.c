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

// starts(text, word); 'boom' fails.
static int starts(void *context, const char *text, const char *word, struct err *e)
{
	++*(int *)context;
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
		    condition_holds(condition, facts, &result, &e) < 0)
			fail_msg("%s: %s", cases[i].expression, e.text);
		if (result != cases[i].holds)
			fail_msg("%s", cases[i].expression);
	}
	assert_int_equal(calls, 2);
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
	assert_int_equal(condition_holds(condition, first, &result, &e), 0);
	assert_true(result);
	assert_int_equal(condition_holds(condition, second, &result, &e), 0);
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
	assert_int_equal(condition_holds(condition, facts, &result, &e), -1);
	assert_false(result);
	assert_string_equal(e.text, "the condition 'starts(license, 'boom')' fails: no family 'boom'");
	// The next one is not harmed.
	assert_int_equal(condition_prepare(c, "license = 'MIT'", &condition, &e), 0);
	assert_int_equal(condition_holds(condition, facts, &result, &e), 0);
	assert_true(result);
	conditions_free(&c);
}

// As slow as an expression can be made: it ends, whatever it says.
static void ends(void **state)
{
	_buf_ struct buf b = BUF(65536), text = BUF(65536), deep = BUF(65536);
	int calls = 0;
	struct conditions *c = make(&calls);
	struct condition *condition;
	struct err e = { 0 };
	bool result;
	clock_t start = clock();

	(void)state;
	for (int i = 0; i < 60000; i++)
		buf_putc(&text, 'a');
	_json_ json_t *facts = json_pack("{s:s}", "license", buf_text(&text));

	for (int i = 0; i < 90; i++)
		buf_printf(&b, "%slicense LIKE '%%a%%a%%a%%a%%a%%a%%a%%a%%b%%'", i ? " OR " : "");
	assert_int_equal(condition_prepare(c, buf_text(&b), &condition, &e), 0);
	assert_int_equal(condition_holds(condition, facts, &result, &e), 0);
	assert_false(result);
	b.len = 0;
	buf_puts(&b, "license");
	for (int i = 0; i < 90; i++)
		buf_puts(&b, " || license");
	assert_int_equal(condition_prepare(c, buf_text(&b), &condition, &e), 0);
	assert_int_equal(condition_holds(condition, facts, &result, &e), -1);
	assert_non_null(strstr(e.text, "string or blob too big"));
	for (int i = 0; i < 3000; i++)
		buf_putc(&deep, '(');
	buf_putc(&deep, '1');
	for (int i = 0; i < 3000; i++)
		buf_putc(&deep, ')');
	assert_int_equal(condition_prepare(c, buf_text(&deep), &condition, &e), -1);
	assert_true(clock() - start < 3 * CLOCKS_PER_SEC);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds),   cmocka_unit_test(forgets),
		cmocka_unit_test(refuses), cmocka_unit_test(fails_at_run_time),
		cmocka_unit_test(ends),    cmocka_unit_test(refuses_columns),
	};

	return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}

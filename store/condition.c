// SPDX-License-Identifier: Apache-2.0
#include "store/condition.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "store/condition_call.h"
#include "store/condition_guard.h"
#include "store/condition_memo.h"
#include "store/sql.h"

#define SQL_MAX 65536
#define COLUMNS_MAX 300

struct condition {
	struct conditions *home;
	sqlite3_stmt *statement;
	char *expression;
	struct condition *next;
};

struct conditions {
	sqlite3 *handle;
	struct guard guard;
	struct memo *memo;
	const char **columns; // ends with NULL; the strings are in `names`
	json_t *names;
	size_t column_count;
	const struct condition_function *functions;
	void *context;
	sqlite3_stmt *fill;  // the one row gets its values
	sqlite3_stmt **sets; // the same for one column; prepared when it is needed
	struct condition *all;
	struct condition_group *groups;
};

struct condition_group {
	struct conditions *home;
	sqlite3_stmt *statement;
	struct condition **list; // owned; the conditions are not
	size_t count;
	struct condition_group *next;
};

static bool is_column(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len <= 64 && name[len] == '\0';
}

static int take_columns(struct conditions *c, const json_t *names, struct err *e)
{
	size_t i;
	json_t *name;

	c->names = json_deep_copy(names);
	c->column_count = json_array_size(c->names);
	c->columns = calloc(c->column_count + 1, sizeof *c->columns);
	c->sets = calloc(c->column_count + 1, sizeof *c->sets);
	c->guard.read = calloc(c->column_count + 1, sizeof *c->guard.read);
	if (!c->columns || !c->sets || !c->guard.read)
		panic("out of memory");
	if (c->column_count == 0 || c->column_count > COLUMNS_MAX)
		return err_set(e, EX_SOFTWARE, "conditions know 1 to %d facts", COLUMNS_MAX);
	json_array_foreach(c->names, i, name) {
		c->columns[i] = json_string_value(name);
		if (!c->columns[i] || !is_column(c->columns[i]))
			return err_set(e, EX_SOFTWARE, "this cannot be the name of a fact in a condition");
	}
	return 0;
}

// The one view: a table of one row, whose columns have no type of their own, so that 10 stays a number and "10" a text.
static int make_row(struct conditions *c, struct err *e)
{
	_buf_ struct buf table = BUF(SQL_MAX), fill = BUF(SQL_MAX);

	buf_puts(&table, "CREATE TABLE facts(");
	buf_puts(&fill, "UPDATE facts SET ");
	for (size_t i = 0; i < c->column_count; i++) {
		buf_printf(&table, "%s\"%s\"", i ? "," : "", c->columns[i]);
		buf_printf(&fill, "%s\"%s\"=?%zu", i ? "," : "", c->columns[i], i + 1);
	}
	// The transaction stays open: beginning and ending one for each question costs more than most questions.
	buf_printf(&table, "); INSERT INTO facts(\"%s\") VALUES(NULL); BEGIN", c->columns[0]);
	if (sqlite3_exec(c->handle, buf_text(&table), NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v3(c->handle, buf_text(&fill), -1, SQLITE_PREPARE_PERSISTENT, &c->fill, NULL) != SQLITE_OK)
		return err_set(e, EX_SOFTWARE, "conditions: %s", sqlite3_errmsg(c->handle));
	return 0;
}

static void free_conditions(struct conditions *c)
{
	while (c->all) {
		struct condition *next = c->all->next;

		sqlite3_finalize(c->all->statement);
		free(c->all->expression);
		free(c->all);
		c->all = next;
	}
	while (c->groups) {
		struct condition_group *next = c->groups->next;

		sqlite3_finalize(c->groups->statement);
		free(c->groups->list);
		free(c->groups);
		c->groups = next;
	}
	for (size_t i = 0; c->sets && i < c->column_count; i++)
		sqlite3_finalize(c->sets[i]);
	sqlite3_finalize(c->fill);
	sqlite3_close(c->handle);
	memo_free(c->memo);
	free(c->sets);
	free(c->guard.read);
	free(c->columns);
	json_decref(c->names);
	free(c);
}

void conditions_free(struct conditions **c)
{
	if (*c)
		free_conditions(*c);
	*c = NULL;
}

struct conditions *conditions_new(const json_t *column_names, const struct condition_function *functions, void *context,
                                  struct err *e)
{
	_cleanup_(conditions_free) struct conditions *c = calloc(1, sizeof *c);

	if (!c)
		panic("out of memory");
	c->functions = functions;
	c->context = context;
	c->memo = memo_new();
	sql_library();
	if (sqlite3_open_v2(":memory:", &c->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		err_set(e, EX_OSERR, "conditions: %s", sqlite3_errmsg(c->handle));
		return NULL;
	}
	if (take_columns(c, column_names, e) < 0 ||
	    condition_calls(c->handle, &(struct caller){ c->functions, c->context, &c->guard, c->memo }, e) < 0 ||
	    make_row(c, e) < 0 || guard_patterns(&c->guard, c->handle, e) < 0)
		return NULL;
	c->guard.columns = c->columns;
	c->guard.functions = functions;
	guard_close(&c->guard, c->handle);
	conditions_show(c, c->column_count);
	return steal_ptr(c);
}

void conditions_show(struct conditions *c, size_t count)
{
	c->guard.shown = count < c->column_count ? count : c->column_count;
}

static size_t column_of(const struct conditions *c, const char *name)
{
	size_t i = 0;

	while (i < c->column_count && strcmp(c->columns[i], name) != 0)
		i++;
	return i;
}

bool conditions_read(const struct conditions *c, const char *column)
{
	size_t i = column_of(c, column);

	return i < c->column_count && c->guard.read[i];
}

// SQLite's words about what it does not know, in ours.
static int explain(struct conditions *c, struct err *e)
{
	const char *message = sqlite3_errmsg(c->handle), *near;
	static const char no_column[] = "no such column: ", no_function[] = "no such function: ";

	if (c->guard.reason[0])
		return err_set(e, EX_CONFIG, "%s", c->guard.reason);
	if (text_starts(message, no_column)) {
		message += sizeof no_column - 1;
		near = text_nearest(message, c->columns);
		return err_set(e, EX_CONFIG, "no fact '%.64s'%s%s%s", message, near ? " - did you mean '" : "",
		               near ? near : "", near ? "'?" : "");
	}
	if (text_starts(message, no_function)) {
		message += sizeof no_function - 1;
		near = guard_nearest_function(&c->guard, message);
		return err_set(e, EX_CONFIG, "no function '%.64s'%s%s%s", message, near ? " - did you mean '" : "",
		               near ? near : "", near ? "'?" : "");
	}
	return err_set(e, EX_CONFIG, "not a condition: %.200s", message);
}

int condition_prepare(struct conditions *c, const char *expression, struct condition **out, struct err *e)
{
	_buf_ struct buf sql = BUF(SQL_MAX);
	sqlite3_stmt *statement = NULL;
	struct condition *condition;

	if (guard_check_text(expression, e) < 0)
		return -1;
	buf_printf(&sql, "SELECT (%s) FROM facts", expression);
	guard_reset(&c->guard);
	if (sqlite3_prepare_v3(c->handle, buf_text(&sql), -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
		return explain(c, e);
	condition = calloc(1, sizeof *condition);
	if (!condition)
		panic("out of memory");
	*condition = (struct condition){
		.home = c, .statement = statement, .expression = text_copy(expression), .next = c->all
	};
	c->all = condition;
	*out = condition;
	return 0;
}

static int bind_array(sqlite3_stmt *fill, int at, const json_t *list)
{
	_buf_ struct buf joined = BUF(GUARD_TEXT_MAX);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		buf_printf(&joined, "%s%s", i ? ", " : "", text ? text : "");
	}
	return joined.full ? SQLITE_TOOBIG : sqlite3_bind_text(fill, at, buf_text(&joined), -1, SQLITE_TRANSIENT);
}

static int bind(sqlite3_stmt *fill, int at, const json_t *value)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING: // the statement runs before anybody can change the value
		return sqlite3_bind_text(fill, at, json_string_value(value), (int)json_string_length(value),
		                         SQLITE_STATIC);
	case JSON_INTEGER:
		return sqlite3_bind_int64(fill, at, json_integer_value(value));
	case JSON_REAL:
		return sqlite3_bind_double(fill, at, json_real_value(value));
	case JSON_TRUE:
	case JSON_FALSE:
		return sqlite3_bind_int(fill, at, json_is_true(value));
	case JSON_ARRAY:
		return bind_array(fill, at, value);
	case JSON_OBJECT:
	case JSON_NULL:
		return sqlite3_bind_null(fill, at);
	}
	panic("a JSON value of no type");
}

// Runs one of our own statements, whose values are bound unless `result` says otherwise.
static int change_row(struct conditions *c, sqlite3_stmt *statement, int result, struct err *e)
{
	// A fence that was closed after it was prepared makes SQLite prepare it again.
	c->guard.filling = true;
	sqlite3_limit(c->handle, SQLITE_LIMIT_LENGTH, GUARD_ROW_MAX);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	sqlite3_limit(c->handle, SQLITE_LIMIT_LENGTH, GUARD_TEXT_MAX);
	c->guard.filling = false;
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result == SQLITE_DONE
	               ? 0
	               : err_set(e, EX_SOFTWARE, "the facts cannot be judged: %s", sqlite3_errstr(result));
}

int conditions_fill(struct conditions *c, const json_t *facts, struct err *e)
{
	int result = SQLITE_OK;

	c->guard.work = 0;
	for (size_t i = 0; i < c->column_count && result == SQLITE_OK; i++)
		result = bind(c->fill, (int)i + 1, json_object_get(facts, c->columns[i]));
	return change_row(c, c->fill, result, e);
}

int conditions_set(struct conditions *c, const char *column, const json_t *value, struct err *e)
{
	size_t i = column_of(c, column);
	_free_ char *sql = text_format("UPDATE facts SET \"%s\"=?1", column);

	if (i == c->column_count)
		panic("there is no column '%s'", column);
	c->guard.filling = true;
	if (!c->sets[i] &&
	    sqlite3_prepare_v3(c->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->sets[i], NULL) != SQLITE_OK)
		panic("a column that cannot be set: %s", sqlite3_errmsg(c->handle));
	return change_row(c, c->sets[i], bind(c->sets[i], 1, value), e);
}

// Truth is SQL's: neither NULL nor 0.
static bool is_true(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) != SQLITE_NULL && sqlite3_column_double(row, column) != 0.0;
}

int condition_holds(struct condition *condition, bool *holds, struct err *e)
{
	struct conditions *c = condition->home;
	int result;

	guard_reset(&c->guard);
	result = guard_charge(&c->guard, 0) ? SQLITE_INTERRUPT : sqlite3_step(condition->statement);
	*holds = result == SQLITE_ROW && is_true(condition->statement, 0);
	if (result == SQLITE_INTERRUPT || (result != SQLITE_ROW && guard_charge(&c->guard, 0)))
		err_set(e, EX_CONFIG, "the condition '%.80s' takes too long", condition->expression);
	else if (result != SQLITE_ROW)
		err_set(e, EX_CONFIG, "the condition '%.80s' fails: %.200s", condition->expression,
		        sqlite3_errmsg(c->handle));
	sqlite3_reset(condition->statement);
	return result == SQLITE_ROW ? 0 : -1;
}

struct condition_group *condition_group(struct conditions *c, struct condition *const *list, size_t count)
{
	struct condition_group *g = calloc(1, sizeof *g);
	_buf_ struct buf sql = BUF(GUARD_GROUP_MAX);

	if (!g || !(g->list = calloc(count + 1, sizeof *g->list)) || count > CONDITIONS_TOGETHER)
		panic("a group of %zu conditions", count);
	g->home = c;
	g->count = count;
	buf_puts(&sql, "SELECT 1");
	for (size_t i = 0; i < count; i++) {
		g->list[i] = list[i];
		buf_printf(&sql, ",(%s)", list[i]->expression);
	}
	buf_puts(&sql, " FROM facts");
	// Each passed the fence alone, where it may be said what is wrong.  What is too long for SQLite or for us is
	// asked one by one.
	c->guard.filling = true;
	sqlite3_limit(c->handle, SQLITE_LIMIT_SQL_LENGTH, GUARD_GROUP_MAX);
	if (sql.full || sqlite3_prepare_v3(c->handle, buf_text(&sql), -1, SQLITE_PREPARE_PERSISTENT, &g->statement,
	                                   NULL) != SQLITE_OK)
		g->statement = NULL;
	guard_limit_sql(c->handle);
	c->guard.filling = false;
	g->next = c->groups;
	c->groups = g;
	return g;
}

int condition_group_holds(struct condition_group *g, bool *holds, struct err *e)
{
	struct conditions *c = g->home;
	bool together = g->statement && !guard_charge(&c->guard, 0);

	guard_reset(&c->guard);
	together = together && sqlite3_step(g->statement) == SQLITE_ROW;
	for (size_t i = 0; together && i < g->count; i++)
		holds[i] = is_true(g->statement, (int)i + 1);
	sqlite3_reset(g->statement);
	// One fails: which?  The work begins anew, so that whoever wastes it is found.
	c->guard.work = together ? c->guard.work : 0;
	for (size_t i = 0; !together && i < g->count; i++)
		if (condition_holds(g->list[i], &holds[i], e) < 0)
			return -1;
	return 0;
}

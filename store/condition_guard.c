// SPDX-License-Identifier: Apache-2.0
#include "store/condition_guard.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/nearest.h"
#include "base/text.h"

#define EXPRESSION_MAX 8192
#define STEP_UNIT 100    // virtual machine instructions between two looks
#define STEP_WORK 250000 // what so many cost at worst: each may copy or fold a text of GUARD_TEXT_MAX
#define WORK_MAX 250000000
#define FUNCTIONS_MAX 32 // of the caller's

// SQLite's own functions that neither remember, read the clock, nor make long values out of short ones, and whose time
// grows no faster than their texts (as that of instr() and trim() does).
static const char *const harmless[] = { "abs", "coalesce", "glob",   "ifnull", "iif",    "length",    "like",  "lower",
	                                "max", "min",      "nullif", "round",  "substr", "substring", "upper", NULL };

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (text_same(word, *words))
			return true;
	return false;
}

static bool is_ours(const struct guard *g, const char *name)
{
	for (const struct condition_function *f = g->functions; f->name; f++)
		if (text_same(name, f->name))
			return true;
	return false;
}

// The column is there, and known already.
static bool take_column(struct guard *g, const char *name)
{
	for (size_t i = 0; i < g->shown; i++)
		if (text_same(name, g->columns[i])) {
			g->read[i] = true;
			return true;
		}
	return false;
}

static int deny(struct guard *g, const char *sentence, const char *name)
{
	if (!g->reason[0])
		snprintf(g->reason, sizeof g->reason, "%s%s%.64s%s", sentence, name ? " '" : "", name ? name : "",
		         name ? "'" : "");
	return SQLITE_DENY;
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
	struct guard *g = context;

	(void)database;
	(void)trigger;
	if (g->filling)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
		if (g->selects++ > 0)
			return deny(g, "a condition cannot hold a query of its own", NULL);
		return SQLITE_OK;
	case SQLITE_READ:
		// The row itself, without a column, is read by a condition that names none.
		if (!first || !second || strcmp(first, "facts") != 0 || (*second && !is_one_of(second, g->columns)))
			return deny(g, "a condition cannot read", second && *second ? second : first);
		return !*second || take_column(g, second) ? SQLITE_OK : deny(g, "it is too early to ask for", second);
	case SQLITE_FUNCTION:
		if (!second || (!is_one_of(second, harmless) && !is_ours(g, second)))
			return deny(g, "conditions have no use for the function", second);
		return SQLITE_OK;
	default:
		return deny(g, "a condition can only compute", NULL);
	}
}

bool guard_charge(struct guard *g, int64_t work)
{
	g->work += work;
	return g->work > WORK_MAX;
}

static int on_steps(void *context)
{
	struct guard *g = context;

	return guard_charge(g, STEP_WORK) && !g->filling;
}

void guard_reset(struct guard *g)
{
	g->selects = 0;
	g->reason[0] = '\0';
}

void guard_limit_sql(struct sqlite3 *handle)
{
	sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, EXPRESSION_MAX + 64);
}

void guard_close(struct guard *g, struct sqlite3 *handle)
{
	static const struct {
		int id, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, GUARD_TEXT_MAX },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 2 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < LENGTH(limits); i++)
		sqlite3_limit(handle, limits[i].id, limits[i].value);
	guard_limit_sql(handle);
	// "misspelt" must be an unknown fact, not a text.
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_set_authorizer(handle, authorize, g);
	sqlite3_progress_handler(handle, STEP_UNIT, on_steps, g);
}

// Behind the quoted text that begins at `at`; NULL when it does not end.
static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at; at++)
		if (*at == quote && *++at != quote)
			return at;
	return NULL;
}

int guard_check_text(const char *expression, struct err *e)
{
	const char *at = expression;
	int depth = 0;

	if (strlen(expression) > EXPRESSION_MAX)
		return err_set(e, EX_CONFIG, "a condition has at most %d bytes", EXPRESSION_MAX);
	while (*at && depth >= 0) {
		if (*at == '\'' || *at == '"') {
			at = skip_quoted(at);
			if (!at)
				return err_set(e, EX_CONFIG, "not a condition: a quoted text does not end");
			continue;
		}
		if (strncmp(at, "--", 2) == 0 || strncmp(at, "/*", 2) == 0)
			return err_set(e, EX_CONFIG, "not a condition: comments are not allowed in it");
		if (strchr(";?:@$#`[]{}\\", *at))
			return err_set(e, EX_CONFIG, "not a condition: '%c' is not allowed in it", *at);
		depth += (*at == '(') - (*at == ')');
		at++;
	}
	if (depth != 0)
		return err_set(e, EX_CONFIG, "not a condition: a parenthesis has no partner");
	return 0;
}

const char *guard_nearest_function(const struct guard *g, const char *name)
{
	const char *names[FUNCTIONS_MAX + LENGTH(harmless)] = { NULL };
	size_t count = 0;

	for (const struct condition_function *f = g->functions; f->name && count < FUNCTIONS_MAX; f++)
		names[count++] = f->name;
	for (const char *const *h = harmless; *h; h++)
		names[count++] = *h;
	return text_nearest(name, names);
}

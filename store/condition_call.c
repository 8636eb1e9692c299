// SPDX-License-Identifier: Apache-2.0
#include "store/condition_call.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "store/condition_guard.h"
#include "store/condition_memo.h"

#define FUNCTION_WORK 200 // nanoseconds for each byte that a function of the caller's is told, at worst

// One of the caller's functions, as SQLite calls it.
struct bridge {
	const struct condition_function *function;
	struct caller caller;
};

// The answer to this text and word, from what is known or from the function itself.
static int answer_of(const struct bridge *b, const char *text, const char *word, struct err *e)
{
	int answer = memo_find(b->caller.memo, b->function, text, word);

	if (answer != MEMO_NONE)
		return answer;
	if (guard_charge(b->caller.guard, FUNCTION_WORK * (64 + (int64_t)strlen(text))))
		return err_set(e, EX_CONFIG, "it takes too long");
	answer = b->function->call(b->caller.context, text, word, e);
	if (answer >= 0)
		memo_keep(b->caller.memo, b->function, text, word, answer);
	return answer;
}

static void call_function(sqlite3_context *sql, int count, sqlite3_value **values)
{
	const struct bridge *b = sqlite3_user_data(sql);
	struct err e = { 0 };
	int result;

	if (count != 2 || sqlite3_value_type(values[0]) == SQLITE_NULL ||
	    sqlite3_value_type(values[1]) == SQLITE_NULL) {
		sqlite3_result_null(sql);
		return;
	}
	result = answer_of(b, (const char *)sqlite3_value_text(values[0]), (const char *)sqlite3_value_text(values[1]),
	                   &e);
	if (result < 0)
		sqlite3_result_error(sql, e.text, -1);
	else if (result == CONDITION_UNKNOWN)
		sqlite3_result_null(sql);
	else
		sqlite3_result_int(sql, result);
}

int condition_calls(sqlite3 *handle, const struct caller *caller, struct err *e)
{
	for (const struct condition_function *f = caller->functions; f->name; f++) {
		struct bridge *b = malloc(sizeof *b);

		if (!b)
			panic("out of memory");
		*b = (struct bridge){ f, *caller };
		// SQLite frees `b` with the connection, and when this call fails.
		if (sqlite3_create_function_v2(handle, f->name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, b, call_function,
		                               NULL, NULL, free) != SQLITE_OK)
			return err_set(e, EX_SOFTWARE, "function %s: %s", f->name, sqlite3_errmsg(handle));
	}
	return 0;
}

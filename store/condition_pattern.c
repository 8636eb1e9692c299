// SPDX-License-Identifier: Apache-2.0
// LIKE and GLOB that are charged for: to SQLite each is one step, however long it takes.
#include <sqlite3.h>
#include <string.h>

#include "base/auto.h"
#include "store/condition_guard.h"

#define PATTERN_MAX 256
#define CHARACTER_WORK 3 // nanoseconds

// What both come down to: X LIKE Y is like(Y, X).  The cost at worst is that of each character against each.
static bool refused(sqlite3_context *sql, sqlite3_value **values)
{
	int64_t pattern = sqlite3_value_bytes(values[0]), text = sqlite3_value_bytes(values[1]);

	if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL) {
		sqlite3_result_null(sql);
		return true;
	}
	if (pattern > PATTERN_MAX) {
		sqlite3_result_error(sql, "a pattern has at most 256 bytes", -1);
		return true;
	}
	if (guard_charge(sqlite3_user_data(sql), CHARACTER_WORK * pattern * text)) {
		sqlite3_result_error(sql, "it takes too long", -1);
		return true;
	}
	return false;
}

static void call_like(sqlite3_context *sql, int count, sqlite3_value **values)
{
	const char *escape = count == 3 ? (const char *)sqlite3_value_text(values[2]) : NULL;

	if (refused(sql, values))
		return;
	if (count == 3 && (!escape || !*escape || escape[1] || *escape < 0)) {
		sqlite3_result_error(sql, "ESCAPE takes one ASCII character", -1);
		return;
	}
	sqlite3_result_int(sql, sqlite3_strlike((const char *)sqlite3_value_text(values[0]),
	                                        (const char *)sqlite3_value_text(values[1]),
	                                        escape ? (unsigned char)*escape : 0) == 0);
}

static void call_glob(sqlite3_context *sql, int count, sqlite3_value **values)
{
	(void)count;
	if (!refused(sql, values))
		sqlite3_result_int(sql, sqlite3_strglob((const char *)sqlite3_value_text(values[0]),
		                                        (const char *)sqlite3_value_text(values[1])) == 0);
}

int guard_patterns(struct guard *g, struct sqlite3 *handle, struct err *e)
{
	static const struct {
		const char *name;
		int count;
		void (*call)(sqlite3_context *sql, int count, sqlite3_value **values);
	} functions[] = { { "like", 2, call_like }, { "like", 3, call_like }, { "glob", 2, call_glob } };

	for (size_t i = 0; i < LENGTH(functions); i++)
		if (sqlite3_create_function_v2(handle, functions[i].name, functions[i].count,
		                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, g, functions[i].call, NULL, NULL,
		                               NULL) != SQLITE_OK)
			return err_set(e, EX_SOFTWARE, "function %s: %s", functions[i].name, sqlite3_errmsg(handle));
	return 0;
}

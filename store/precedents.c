// SPDX-License-Identifier: Apache-2.0
#include "store/precedents.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/sql.h"

// clang-format off
#define TAGGED(name, value) "EXISTS (SELECT 1 FROM tag WHERE number = c.number AND name = '" name "' AND value = " value ")"
// Votes that count: only those are found by case without a look at all others.
#define SQL_NEAR \
	"SELECT id, license, component, channel, linking FROM (SELECT c.number, c.id," \
	" " TAGGED("license", "?3") " AS license, " TAGGED("component", "?4") " AS component," \
	" " TAGGED("channel", "?5") " AS channel, " TAGGED("linking", "?6") " AS linking," \
	" EXISTS (SELECT 1 FROM vote WHERE case_id = c.id AND voided IS NULL) AS voted" \
	" FROM tag t JOIN cases c ON c.number = t.number WHERE t.name = 'family' AND t.value = ?1" \
	" AND c.id IS NOT ?2 AND c.state IN ('approved', 'rejected', 'expired', 'revoked')" \
	" ORDER BY t.number DESC LIMIT 200)" \
	" ORDER BY 4 * license + 3 * component + 2 * channel + linking + 2 * voted DESC, number DESC LIMIT ?7"
// clang-format on
#define SQL_OF \
	"SELECT c.id, p.alike, c.state, c.title, c.closed FROM precedent p JOIN cases c ON c.id = p.other" \
	" WHERE p.case_id = ? ORDER BY p.number"
#define SQL_VOTES \
	"SELECT person, verdict, why FROM vote WHERE case_id = ? AND voided IS NULL" \
	" AND verdict IN ('approve', 'reject') ORDER BY seq"
#define SQL_SHOWN \
	"SELECT count(*) FROM precedent p JOIN review r ON r.case_id = p.case_id WHERE p.other = ? AND r.person = ?"
#define SQL_NONE "DELETE FROM precedent WHERE case_id = ?"
#define SQL_ADD "INSERT INTO precedent (case_id, number, other, alike) VALUES (?, ?, ?, ?)"

static json_t *alike_of(sqlite3_stmt *rows)
{
	static const char *const names[] = { "license", "component", "channel", "linking" };
	json_t *alike = json_array();

	for (int i = 0; i < (int)LENGTH(names); i++)
		if (sql_int(rows, i + 1))
			json_add_str(alike, names[i]);
	json_add_str(alike, "family");
	return alike;
}

// As tags are.
static char *folded(const char *text)
{
	return text ? text_lower(text_copy(text)) : NULL;
}

json_t *precedents_near(struct db *db, const struct likeness *like, size_t limit, struct err *e)
{
	_free_ char *license = folded(like->license), *component = folded(like->component);
	_free_ char *channel = folded(like->channel), *linking = folded(like->linking);
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_NEAR, TEXT(like->family), TEXT(like->case_id), TEXT(license),
	                                      TEXT(component), TEXT(channel), TEXT(linking), INT(limit));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *near = json_object();

		json_put_str(near, "case", sql_text(rows, 0));
		json_put(near, "alike", alike_of(rows));
		json_add(list, near);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

static json_t *votes_on(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_VOTES, TEXT(case_id));
	_json_ json_t *votes = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *vote = json_object();

		json_put_str(vote, "person", sql_text(rows, 0));
		json_put_str(vote, "verdict", sql_text(rows, 1));
		json_put_str(vote, "why", sql_text(rows, 2));
		json_add(votes, vote);
	}
	return row < 0 ? NULL : steal_ptr(votes);
}

json_t *precedents_of(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_OF, TEXT(case_id));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *item = json_object(), *votes;

		json_add(list, item);
		json_put_str(item, "case", sql_text(rows, 0));
		json_put(item, "alike", sql_json(rows, 1));
		json_put_str(item, "state", sql_text(rows, 2));
		json_put_str(item, "title", sql_text(rows, 3));
		if (sqlite3_column_type(rows, 4) != SQLITE_NULL)
			json_put_int(item, "closed", sql_int(rows, 4));
		votes = votes_on(db, sql_text(rows, 0), e);
		if (!votes)
			return NULL;
		json_put(item, "votes", votes);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

int precedent_shown(struct db *db, const char *case_id, const char *principal, struct err *e)
{
	int64_t count;

	return sql_number(db, e, &count, 0, SQL_SHOWN, TEXT(case_id), TEXT(principal)) < 0 ? -1 : count > 0;
}

int precedents_replace(struct db *db, const char *case_id, const json_t *list, struct err *e)
{
	json_t *item;
	size_t i;

	if (sql_run(db, e, SQL_NONE, TEXT(case_id)) < 0)
		return -1;
	json_array_foreach((json_t *)list, i, item) {
		_free_ char *alike = json_canonical(json_object_get(item, "alike"), NULL, e);

		if (!alike ||
		    sql_run(db, e, SQL_ADD, TEXT(case_id), INT(i), TEXT(json_str(item, "case")), TEXT(alike)) < 0)
			return -1;
	}
	return 0;
}

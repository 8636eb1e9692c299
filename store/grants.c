// SPDX-License-Identifier: Apache-2.0
#include "store/grants.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "store/sql.h"

#define SQL_FOR "SELECT scope, case_id FROM grants WHERE component = ? AND state = 'active' ORDER BY rowid DESC LIMIT ?"
#define SQL_OF "SELECT scope, state FROM grants WHERE case_id = ? ORDER BY number"
#define SQL_NONE "DELETE FROM grants WHERE case_id = ?"
#define SQL_ADD "INSERT INTO grants (case_id, number, component, state, scope) VALUES (?, ?, ?, 'active', ?)"
#define SQL_EXPIRED "UPDATE grants SET state = 'expired' WHERE case_id = ? AND state = 'active'"
#define SQL_REVOKED "UPDATE grants SET state = 'revoked' WHERE case_id = ?"
#define SQL_SUPERSEDED "UPDATE grants SET state = 'superseded' WHERE case_id = ? AND state <> 'revoked'"
#define SQL_LINK "INSERT INTO link (case_id, kind, other) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
#define SQL_LINKS \
	"SELECT l.kind, c.id, c.state, c.version, c.title, c.expires, g.scope ->> '$.conditions' FROM link l" \
	" JOIN cases c ON c.id = l.other LEFT JOIN grants g ON g.case_id = l.other AND g.number = 0" \
	" WHERE l.case_id = ? ORDER BY c.number"
// A grant may have answered thousands: in the order of the index, renewals first, so that the first ones cost nothing.
#define SQL_LINKED \
	"SELECT CASE l.kind WHEN 'grant' THEN 'answers' ELSE 'renewed_by' END, c.id, c.state, c.version, c.title," \
	" c.expires, NULL FROM link l JOIN cases c ON c.id = l.case_id WHERE l.other = ?" \
	" ORDER BY l.kind DESC, l.case_id DESC LIMIT 50"
#define SQL_RESTING \
	"WITH RECURSIVE held (id) AS (VALUES (?1) UNION" \
	" SELECT l.other FROM held h JOIN link l ON l.case_id = h.id AND l.kind = 'renews')," \
	" resting (id) AS (SELECT id FROM held UNION" \
	" SELECT l.case_id FROM held h JOIN link l ON l.other = h.id AND l.kind = 'grant')" \
	" SELECT c.id, c.version, c.title FROM resting r JOIN cases c ON c.id = r.id" \
	" WHERE c.state = 'approved' AND c.id <> ?1 ORDER BY c.number"

json_t *grants_for(struct db *db, const char *component, int64_t limit, struct err *e)
{
	_free_ char *folded = text_lower(text_copy(component));
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_FOR, TEXT(folded), INT(limit));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *grant = sql_json(rows, 0);

		json_put_str(grant, "case", sql_text(rows, 1));
		json_add(list, grant);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

json_t *grants_of(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_OF, TEXT(case_id));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *grant = sql_json(rows, 0);

		json_put_str(grant, "state", sql_text(rows, 1));
		json_add(list, grant);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

static int add_links(struct db *db, sqlite3_stmt *query, json_t *list, struct err *e)
{
	_rows_ sqlite3_stmt *rows = query;
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *link = json_object();

		json_put_str(link, "kind", sql_text(rows, 0));
		json_put_str(link, "case", sql_text(rows, 1));
		json_put_str(link, "state", sql_text(rows, 2));
		json_put_int(link, "version", sql_int(rows, 3));
		json_put_str(link, "title", sql_text(rows, 4));
		json_put_str(link, "expires", sql_text_or_null(rows, 5));
		json_put_str(link, "conditions", sql_text_or_null(rows, 6));
		json_add(list, link);
	}
	return row;
}

json_t *links_of(struct db *db, const char *case_id, struct err *e)
{
	_json_ json_t *list = json_array();

	if (add_links(db, sql_query(db, e, SQL_LINKS, TEXT(case_id)), list, e) < 0 ||
	    add_links(db, sql_query(db, e, SQL_LINKED, TEXT(case_id)), list, e) < 0)
		return NULL;
	return steal_ptr(list);
}

json_t *links_resting_on(struct db *db, const char *case_id, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_RESTING, TEXT(case_id));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *resting = json_object();

		json_put_str(resting, "case", sql_text(rows, 0));
		json_put_int(resting, "version", sql_int(rows, 1));
		json_put_str(resting, "title", sql_text(rows, 2));
		json_add(list, resting);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

static int add_row(struct db *db, const char *case_id, size_t number, const json_t *grant, const json_t *component,
                   struct err *e)
{
	_json_ json_t *scope = json_copy((json_t *)grant);
	_free_ char *name = text_lower(text_copy(json_str(component, "component"))), *text = NULL;

	json_object_del(scope, "components");
	json_object_update(scope, (json_t *)component);
	text = json_canonical(scope, NULL, e);
	return text ? sql_run(db, e, SQL_ADD, TEXT(case_id), INT(number), TEXT(name), TEXT(text)) : -1;
}

int grants_add(struct db *db, const char *case_id, const json_t *grant, struct err *e)
{
	const json_t *components = json_arr(grant, "components");
	_json_ json_t *unnamed = json_object();
	json_t *component;
	size_t i;

	if (sql_run(db, e, SQL_NONE, TEXT(case_id)) < 0)
		return -1;
	if (json_array_size(components) == 0)
		return add_row(db, case_id, 0, grant, unnamed, e);
	json_array_foreach(components, i, component)
		if (add_row(db, case_id, i, grant, component, e) < 0)
			return -1;
	return 0;
}

int grants_become(struct db *db, const char *case_id, const char *state, struct err *e)
{
	if (strcmp(state, "expired") == 0)
		return sql_run(db, e, SQL_EXPIRED, TEXT(case_id));
	if (strcmp(state, "revoked") == 0)
		return sql_run(db, e, SQL_REVOKED, TEXT(case_id));
	return sql_run(db, e, SQL_SUPERSEDED, TEXT(case_id));
}

int link_add(struct db *db, const char *case_id, const char *kind, const char *other, struct err *e)
{
	return sql_run(db, e, SQL_LINK, TEXT(case_id), TEXT(kind), TEXT(other));
}

// SPDX-License-Identifier: Apache-2.0
// One case whole, and small questions.  Queries over many are in find.c.
#include "store/cases.h"

#include <string.h>

#include "base/json.h"
#include "store/grants.h"
#include "store/imports.h"
#include "store/sql.h"

#define SQL_CASE \
	"SELECT c.id, c.number, c.state, c.type, c.title, c.requester, c.requester_name, c.requester_address," \
	" c.verified, c.filed_by, c.opened, c.updated, c.due, c.closed, c.expires, c.version, lower(hex(v.hash))," \
	" c.catalogue, c.risk, c.stage, c.thread, v.text, v.components, v.missing" \
	" FROM cases c JOIN version v ON v.case_id = c.id AND v.version = c.version WHERE c.id = ?"
#define SQL_FACTS "SELECT name, value, origin, words FROM fact WHERE case_id = ? AND version = ? ORDER BY name"
#define SQL_EDITORS "SELECT DISTINCT editor FROM version WHERE case_id = ? AND editor <> 'system' ORDER BY editor"
#define SQL_FINDINGS "SELECT detail FROM finding WHERE case_id = ? ORDER BY number"
#define SQL_EVIDENCE \
	"SELECT name, type, size, lower(hex(sha256)), lower(hex(commitment)), seq FROM evidence WHERE case_id = ?" \
	" ORDER BY seq"
#define SQL_STAGES "SELECT name, need, groups, factor, grounds, state FROM stage WHERE case_id = ? ORDER BY number"
#define SQL_ASKED "SELECT person, seat, at FROM review WHERE case_id = ? AND stage = ? ORDER BY at, person"
#define SQL_VOTES \
	"SELECT seq, person, seat, verdict, version, at, via, why FROM vote" \
	" WHERE case_id = ? AND version = ? AND stage = ? AND voided IS NULL ORDER BY seq"
#define SQL_COMMENTS "SELECT seq, kind, person, name, at, text FROM comment WHERE case_id = ? ORDER BY seq"
#define SQL_VERSION "SELECT lower(hex(hash)), text FROM version WHERE case_id = ? AND version = ?"
#define SQL_REVIEWED "SELECT max(version) FROM version WHERE case_id = ? AND version < ? AND missing = '[]'"
#define SQL_NUMBER "SELECT coalesce(max(number), 0) + 1 FROM cases"
#define SQL_RECENT "SELECT count(*) FROM cases WHERE requester = ? AND opened >= ?"
#define SQL_DUE "SELECT case_id, kind, number, at FROM timer WHERE at <= ? ORDER BY at, case_id, kind LIMIT ?"
#define SQL_NEXT "SELECT min(at) FROM timer"
#define SQL_MEMBERSHIPS "SELECT person, grp, since FROM membership ORDER BY person, grp"
#define SQL_PUBLISHED "SELECT lower(hex(sha256)) FROM publication WHERE kind = ? ORDER BY seq DESC LIMIT 1"
#define SQL_COUNT "SELECT state, count(*) FROM cases GROUP BY state ORDER BY state"

static void put_number(json_t *object, const char *key, sqlite3_stmt *rows, int column)
{
	if (sqlite3_column_type(rows, column) != SQLITE_NULL)
		json_put_int(object, key, sql_int(rows, column));
}

// How a column becomes a member: text, number, hidden when NULL, boolean, JSON.
struct column {
	const char *key;
	char kind; // 't' text (absent when NULL), 'n' number (absent when NULL), 'b' boolean, 'j' JSON
};

static void put_columns(json_t *object, sqlite3_stmt *rows, const struct column *columns)
{
	for (int i = 0; columns[i].key; i++) {
		switch (columns[i].kind) {
		case 't':
			json_put_str(object, columns[i].key, sql_text_or_null(rows, i));
			break;
		case 'n':
			put_number(object, columns[i].key, rows, i);
			break;
		case 'b':
			json_put_bool(object, columns[i].key, sql_int(rows, i) != 0);
			break;
		case 'j':
			json_put(object, columns[i].key, sql_json(rows, i));
			break;
		}
	}
}

// All rows of a query as objects.
static json_t *list_of(struct db *db, sqlite3_stmt *query, const struct column *columns, struct err *e)
{
	_rows_ sqlite3_stmt *rows = query;
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *object = json_object();

		put_columns(object, rows, columns);
		json_add(list, object);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

static int put_list(json_t *object, const char *key, json_t *list)
{
	if (!list)
		return -1;
	json_put(object, key, list);
	return 0;
}

// The members of a one-column query, as texts or as JSON.
static json_t *column_of(struct db *db, sqlite3_stmt *query, bool parse, struct err *e)
{
	_rows_ sqlite3_stmt *rows = query;
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_add(list, parse ? sql_json(rows, 0) : json_string(sql_text(rows, 0)));
	return row < 0 ? NULL : steal_ptr(list);
}

static int put_facts(struct db *db, json_t *c, const char *id, int64_t version, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_FACTS, TEXT(id), INT(version));
	json_t *facts = json_object(), *origin = json_object(), *words = json_object();
	int row;

	json_put(c, "facts", facts);
	json_put(c, "origin", origin);
	json_put(c, "words", words);
	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_put(facts, sql_text(rows, 0), sql_json(rows, 1));
		json_put_str(origin, sql_text(rows, 0), sql_text(rows, 2));
		json_put_str(words, sql_text(rows, 0), sql_text(rows, 3));
	}
	return row;
}

static json_t *votes_of(struct db *db, const char *id, int64_t version, size_t stage, struct err *e)
{
	static const struct column vote[] = { { "seq", 'n' },     { "person", 't' },  { "seat", 't' },
		                              { "verdict", 't' }, { "version", 'n' }, { "at", 'n' },
		                              { "via", 't' },     { "why", 't' },     { 0 } };

	return list_of(db, sql_query(db, e, SQL_VOTES, TEXT(id), INT(version), INT(stage)), vote, e);
}

static int put_stages(struct db *db, json_t *c, const char *id, struct err *e)
{
	static const struct column stage[] = { { "name", 't' },
		                               { "need", 'n' },
		                               { "from", 'j' },
		                               { "factor", 't' },
		                               { "grounds", 'b' },
		                               { "state", 't' },
		                               { 0 } };
	static const struct column asked[] = { { "person", 't' }, { "seat", 't' }, { "at", 'n' }, { 0 } };
	json_t *stages = list_of(db, sql_query(db, e, SQL_STAGES, TEXT(id)), stage, e);

	if (put_list(c, "stages", stages) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(stages); i++) {
		json_t *s = json_array_get(stages, i);

		if (put_list(s, "asked", list_of(db, sql_query(db, e, SQL_ASKED, TEXT(id), INT(i)), asked, e)) < 0 ||
		    put_list(s, "votes", votes_of(db, id, json_int(c, "version"), i, e)) < 0)
			return -1;
	}
	return 0;
}

json_t *case_load(struct db *db, const char *id, struct err *e)
{
	static const struct column columns[] = {
		{ "case", 't' },
		{ "number", 'n' },
		{ "state", 't' },
		{ "type", 't' },
		{ "title", 't' },
		{ "requester", 't' },
		{ "requester_name", 't' },
		{ "requester_address", 't' },
		{ "verified", 'b' },
		{ "filed_by", 't' },
		{ "opened", 'n' },
		{ "updated", 'n' },
		{ "due", 'n' },
		{ "closed", 'n' },
		{ "expires", 't' },
		{ "version", 'n' },
		{ "hash", 't' },
		{ "catalogue", 'n' },
		{ "risk", 'n' },
		{ "stage", 'n' },
		{ "thread", 't' },
		{ "text", 't' },
		{ "components", 'j' },
		{ "missing", 'j' },
		{ 0 },
	};
	static const struct column evidence[] = { { "name", 't' },
		                                  { "type", 't' },
		                                  { "size", 'n' },
		                                  { "sha256", 't' },
		                                  { "commitment", 't' },
		                                  { "seq", 'n' },
		                                  { 0 } };
	static const struct column comment[] = {
		{ "seq", 'n' }, { "kind", 't' }, { "person", 't' }, { "name", 't' }, { "at", 'n' }, { "text", 't' },
		{ 0 }
	};
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_CASE, TEXT(id));
	int row = rows ? sql_row(db, rows, e) : -1;
	_json_ json_t *c = NULL;

	if (row == 0)
		err_set(e, EX_NOINPUT, "there is no case %.40s", id);
	if (row <= 0)
		return NULL;
	c = json_object();
	put_columns(c, rows, columns);
	if (put_facts(db, c, id, json_int(c, "version"), e) < 0 || put_stages(db, c, id, e) < 0 ||
	    put_list(c, "editors", column_of(db, sql_query(db, e, SQL_EDITORS, TEXT(id)), false, e)) < 0 ||
	    put_list(c, "findings", column_of(db, sql_query(db, e, SQL_FINDINGS, TEXT(id)), true, e)) < 0 ||
	    put_list(c, "evidence", list_of(db, sql_query(db, e, SQL_EVIDENCE, TEXT(id)), evidence, e)) < 0 ||
	    put_list(c, "grants", grants_of(db, id, e)) < 0 || put_list(c, "links", links_of(db, id, e)) < 0 ||
	    import_put(db, id, c, e) < 0 ||
	    put_list(c, "comments", list_of(db, sql_query(db, e, SQL_COMMENTS, TEXT(id)), comment, e)) < 0)
		return NULL;
	return steal_ptr(c);
}

json_t *case_version(struct db *db, const char *id, int64_t version, struct err *e)
{
	static const struct column columns[] = { { "hash", 't' }, { "text", 't' }, { 0 } };
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_VERSION, TEXT(id), INT(version));
	int row = rows ? sql_row(db, rows, e) : -1;
	_json_ json_t *v = json_object();

	if (row == 0)
		err_set(e, EX_NOINPUT, "%s has no version %lld", id, (long long)version);
	if (row <= 0)
		return NULL;
	put_columns(v, rows, columns);
	return put_facts(db, v, id, version, e) < 0 ? NULL : steal_ptr(v);
}

int case_reviewed_before(struct db *db, const char *id, int64_t version, int64_t *before, struct err *e)
{
	return sql_number(db, e, before, 0, SQL_REVIEWED, TEXT(id), INT(version));
}

int case_next_number(struct db *db, int64_t *number, struct err *e)
{
	return sql_number(db, e, number, 1, SQL_NUMBER);
}

int cases_recent(struct db *db, const char *requester, int64_t since, int64_t *count, struct err *e)
{
	return sql_number(db, e, count, 0, SQL_RECENT, TEXT(requester), INT(since));
}

json_t *timers_due(struct db *db, int64_t now, int64_t limit, struct err *e)
{
	static const struct column timer[] = {
		{ "case", 't' }, { "kind", 't' }, { "number", 'n' }, { "at", 'n' }, { 0 }
	};

	return list_of(db, sql_query(db, e, SQL_DUE, INT(now), INT(limit)), timer, e);
}

int timers_next(struct db *db, int64_t *when, struct err *e)
{
	return sql_number(db, e, when, INT64_MAX, SQL_NEXT);
}

json_t *memberships_load(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_MEMBERSHIPS);
	_json_ json_t *all = json_object();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		const char *person = sql_text(rows, 0);

		if (!json_object_get(all, person))
			json_put(all, person, json_object());
		json_put_int(json_object_get(all, person), sql_text(rows, 1), sql_int(rows, 2));
	}
	return row < 0 ? NULL : steal_ptr(all);
}

int publication_last(struct db *db, const char *kind, char hex[65], struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_PUBLISHED, TEXT(kind));
	int row = rows ? sql_row(db, rows, e) : -1;
	const char *text = row > 0 ? sql_text(rows, 0) : "";

	memcpy(hex, text, strnlen(text, 64) + 1);
	return row < 0 ? -1 : 0;
}

json_t *cases_count(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_COUNT);
	_json_ json_t *counts = json_object();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_put_int(counts, sql_text(rows, 0), sql_int(rows, 1));
	return row < 0 ? NULL : steal_ptr(counts);
}

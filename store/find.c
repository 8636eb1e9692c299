// SPDX-License-Identifier: Apache-2.0
// Queries over many cases.  A statement is put together from the fixed fragments below, one for each term; whatever
// the user wrote is bound, never printed.
#include "store/cases.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "store/sql.h"

#define SQL_COUNT "SELECT count(*) FROM cases c WHERE 1"
#define SQL_LIST \
	"SELECT c.id, c.state, c.title, c.requester_name, c.risk, c.expires, c.opened, c.due," \
	" (SELECT value FROM fact f WHERE f.case_id = c.id AND f.version = c.version AND f.name = 'product')," \
	" (SELECT value FROM fact f WHERE f.case_id = c.id AND f.version = c.version AND f.name = 'license')" \
	" FROM cases c WHERE 1"
#define SQL_NEWEST " ORDER BY c.number DESC LIMIT ?"
#define SQL_MAY_SEE \
	" AND c.id IN (SELECT id FROM cases WHERE requester = ? UNION ALL" \
	" SELECT id FROM cases WHERE filed_by = ? AND filed_by <> requester UNION ALL" \
	" SELECT case_id FROM review WHERE person = ? UNION ALL SELECT case_id FROM vote WHERE person = ?)"
#define SQL_TEXT " AND c.number IN (SELECT rowid FROM search WHERE search MATCH ?)"
// Sets of cases, by a test such as "= ?".
#define TAGGED(test) " (SELECT number FROM tag WHERE name = ? AND value " test ")"
#define AMOUNT(test) " (SELECT number FROM tag WHERE name = ? AND amount " test ")"
#define REQUESTER(test) " (SELECT number FROM cases WHERE requester " test ")"
// An address is where they are answered, or who they are: whoever asked in Slack is answered there.
#define ADDRESS(test) \
	" (SELECT number FROM cases WHERE lower(requester_address) " test \
	" UNION ALL SELECT number FROM cases WHERE requester " test \
	" UNION ALL SELECT number FROM cases WHERE requester " test ")"

#define VALUES_MAX 256
#define SQL_MAX 32768

// A statement in the making.
struct find {
	struct buf sql;
	struct value values[VALUES_MAX];
	size_t count;
	char *texts[VALUES_MAX]; // folded and quoted texts that values point to
	size_t text_count;
};

static void find_free(struct find *f)
{
	buf_free(&f->sql);
	for (size_t i = 0; i < f->text_count; i++)
		free(f->texts[i]);
}

static void add_value(struct find *f, struct value value)
{
	if (f->count == VALUES_MAX)
		panic("a query of more than %d values", VALUES_MAX); // bot/query.h has a bound far below
	f->values[f->count++] = value;
}

// The text lives as long as the statement.
static struct value keep(struct find *f, char *text)
{
	if (f->text_count == VALUES_MAX)
		panic("a query of more than %d texts", VALUES_MAX);
	f->texts[f->text_count++] = text;
	return TEXT(text);
}

// How a key is looked for.
enum form {
	FORM_WORD,      // a text column of cases
	FORM_NUMBER,    // a number column
	FORM_DAY,       // a column of YYYY-MM-DD
	FORM_FACT,      // a fact of that name
	FORM_TAG,       // a fact of the name in the term
	FORM_AMOUNT,    // a fact that is a number
	FORM_APPROVER,  // who was asked or voted
	FORM_REQUESTER, // who asked
};

static const struct key {
	const char *name;
	enum form form;
	const char *column;
} keys[] = {
	{ "state", FORM_WORD, "c.state" },   { "type", FORM_WORD, "lower(c.type)" },
	{ "risk", FORM_NUMBER, "c.risk" },   { "opened", FORM_NUMBER, "c.opened" },
	{ "due", FORM_NUMBER, "c.due" },     { "expires", FORM_DAY, "c.expires" },
	{ "quantity", FORM_AMOUNT, NULL },   { "spend", FORM_AMOUNT, NULL },
	{ "approver", FORM_APPROVER, NULL }, { "requester", FORM_REQUESTER, NULL },
	{ "license", FORM_FACT, NULL },      { "component", FORM_FACT, NULL },
	{ "version", FORM_FACT, NULL },      { "product", FORM_FACT, NULL },
	{ "channel", FORM_FACT, NULL },      { "region", FORM_FACT, NULL },
	{ "vendor", FORM_FACT, NULL },       { "clause", FORM_FACT, NULL },
	{ "policy", FORM_FACT, NULL },       { "ticket", FORM_FACT, NULL },
	{ "family", FORM_FACT, NULL },       { "tag", FORM_TAG, NULL },
};

// An approver may have been asked about every case: to look at each is then far cheaper than to make the set.  For a
// pattern, which no index answers case by case, it is the other way round.
#define ASKED \
	" (EXISTS (SELECT 1 FROM review WHERE person = ? AND case_id = c.id) OR" \
	" EXISTS (SELECT 1 FROM vote WHERE person = ? AND case_id = c.id))"
#define ASKED_LIKE \
	" c.id IN (SELECT case_id FROM review WHERE person GLOB ? UNION ALL SELECT case_id FROM vote WHERE person " \
	"GLOB ?)"

// What each operator becomes, by form.  Where there is no column, "!=" is not being in the set of "=".
#define OP(name, column_test, no, test, asked) \
	{ \
		name, " " column_test, SET(no) TAGGED(test), SET(no) AMOUNT(test), " AND" no asked, \
		        SET(no) REQUESTER(test), SET(no) ADDRESS(test) \
	}
#define SET(no) " AND c.number" no " IN"
static const struct op {
	const char *name, *column, *tagged, *amount, *asked, *requester, *address;
} ops[] = {
	OP("=", "= ?", "", "= ?", ASKED),
	OP("!=", "<> ?", " NOT", "= ?", ASKED),
	OP("glob", "GLOB ?", "", "GLOB ?", ASKED_LIKE),
	OP("<", "< ?", "", "< ?", ASKED),
	OP("<=", "<= ?", "", "<= ?", ASKED),
	OP(">", "> ?", "", "> ?", ASKED),
	OP(">=", ">= ?", "", ">= ?", ASKED),
};

// For GLOB, "[" is made an ordinary character: * and ? are all that the query knows.
static char *pattern(const char *prefix, const char *text, const struct op *op)
{
	_buf_ struct buf word = BUF(4096);

	buf_puts(&word, prefix);
	for (const char *p = text; *p; p++) {
		if (*p == '[' && strcmp(op->name, "glob") == 0)
			buf_puts(&word, "[[]");
		else
			buf_putc(&word, *p);
	}
	return buf_steal(&word);
}

static struct value folded(struct find *f, const char *text, const struct op *op)
{
	return keep(f, text_lower(pattern("", text, op)));
}

static struct value principal(struct find *f, const char *who, const struct op *op)
{
	return keep(f, pattern(strchr(who, ':') ? "" : "person:", who, op));
}

// `expires` is a day, the value a moment.  A day begins before a moment inside it: "<" and ">=" compare with the day
// after, "<=" and ">" with the moment's own day.
static struct value day_value(struct find *f, int64_t moment, const struct op *op)
{
	char text[CLOCK_TEXT];
	bool next = strcmp(op->name, "<") == 0 || strcmp(op->name, ">=") == 0;

	return keep(f, text_copy(clock_format_date(next ? moment + CLOCK_DAY - 1 : moment, text)));
}

static void add_column(struct find *f, const struct key *key, const struct op *op, struct value value)
{
	buf_puts(&f->sql, " AND ");
	buf_puts(&f->sql, key->column);
	buf_puts(&f->sql, op->column);
	add_value(f, value);
}

static void add_fact(struct find *f, const char *set, const char *name, struct value value)
{
	buf_puts(&f->sql, set);
	add_value(f, TEXT(name));
	add_value(f, value);
}

static void add_asked(struct find *f, const struct op *op, const char *who)
{
	struct value value = principal(f, who, op);

	buf_puts(&f->sql, op->asked);
	add_value(f, value); // who was asked
	add_value(f, value); // who voted
}

static void add_requester(struct find *f, const struct op *op, const char *who, const char *listed)
{
	if (!strchr(who, '@') || strchr(who, ':')) {
		buf_puts(&f->sql, op->requester);
		add_value(f, principal(f, who, op));
		return;
	}
	buf_puts(&f->sql, op->address);
	add_value(f, folded(f, who, op));
	add_value(f, keep(f, text_lower(pattern("mail:", who, op))));
	add_value(f, TEXT(listed));
}

static void add_key(struct find *f, const struct key *key, const struct op *op, const json_t *term)
{
	const char *text = json_str(term, "value");
	int64_t number = json_int(term, "value");

	switch (key->form) {
	case FORM_WORD:
		add_column(f, key, op, folded(f, text, op));
		break;
	case FORM_NUMBER:
		add_column(f, key, op, INT(number));
		break;
	case FORM_DAY:
		add_column(f, key, op, day_value(f, number, op));
		break;
	case FORM_FACT:
		add_fact(f, op->tagged, key->name, folded(f, text, op));
		break;
	case FORM_TAG:
		add_fact(f, op->tagged, json_str(term, "name"), folded(f, text, op));
		break;
	case FORM_AMOUNT:
		add_fact(f, op->amount, key->name, INT(number));
		break;
	case FORM_APPROVER:
		add_asked(f, op, text);
		break;
	case FORM_REQUESTER:
		add_requester(f, op, text, json_str_or_null(term, "principal"));
		break;
	}
}

static int add_term(struct find *f, const json_t *term, struct err *e)
{
	size_t k = 0, o = 0;

	while (k < LENGTH(keys) && strcmp(keys[k].name, json_str(term, "key")) != 0)
		k++;
	while (o < LENGTH(ops) && strcmp(ops[o].name, json_str(term, "op")) != 0)
		o++;
	if (k == LENGTH(keys) || o == LENGTH(ops))
		return err_set(e, EX_USAGE, "cannot look for %.40s %.8s", json_str(term, "key"), json_str(term, "op"));
	add_key(f, &keys[k], &ops[o], term);
	return 0;
}

// Each text as a phrase in quotes, so that nothing in it is FTS syntax; all must be found.
static void add_texts(struct find *f, const json_t *texts)
{
	_buf_ struct buf match = BUF(SQL_MAX);
	json_t *text;
	size_t i;

	if (json_array_size(texts) == 0)
		return;
	json_array_foreach(texts, i, text) {
		buf_putc(&match, '"');
		for (const char *p = json_string_value(text); p && *p; p++) {
			if (*p == '"')
				buf_putc(&match, '"');
			buf_putc(&match, *p);
		}
		buf_puts(&match, "\" ");
	}
	buf_puts(&f->sql, SQL_TEXT);
	add_value(f, keep(f, buf_steal(&match)));
}

static int add_conditions(struct find *f, const json_t *query, const struct viewer *viewer, struct err *e)
{
	json_t *term;
	size_t i;

	json_array_foreach(json_arr(query, "terms"), i, term) {
		if (add_term(f, term, e) < 0)
			return -1;
	}
	add_texts(f, json_arr(query, "text"));
	if (!viewer->everything) {
		buf_puts(&f->sql, SQL_MAY_SEE);
		for (int n = 0; n < 4; n++)
			add_value(f, TEXT(viewer->principal ? viewer->principal : ""));
	}
	return 0;
}

// The statement is new each time, so it is not one of those that sql_query() keeps.
static sqlite3_stmt *prepare(struct db *db, struct find *f, struct err *e)
{
	sqlite3_stmt *rows = NULL;

	if (f->sql.full) {
		err_set(e, EX_USAGE, "the query is too long");
		return NULL;
	}
	if (sqlite3_prepare_v2(db->handle, f->sql.data, -1, &rows, NULL) != SQLITE_OK) {
		sql_error(db, e, "find");
		return NULL;
	}
	for (size_t i = 0; i < f->count; i++) {
		if (sql_bind(rows, (int)i + 1, &f->values[i]) != SQLITE_OK) {
			sql_error(db, e, "find");
			sqlite3_finalize(rows);
			return NULL;
		}
	}
	return rows;
}

static void finalize(sqlite3_stmt **rows)
{
	sqlite3_finalize(*rows);
}

static int count_all(struct db *db, const json_t *query, const struct viewer *viewer, int64_t *count, struct err *e)
{
	_cleanup_(find_free) struct find f = { .sql = BUF(SQL_MAX) };
	_cleanup_(finalize) sqlite3_stmt *rows = NULL;

	buf_puts(&f.sql, SQL_COUNT);
	if (add_conditions(&f, query, viewer, e) < 0 || !(rows = prepare(db, &f, e)) || sql_row(db, rows, e) < 0)
		return -1;
	*count = sql_int(rows, 0);
	return 0;
}

static json_t *summary(sqlite3_stmt *rows)
{
	json_t *c = json_object();

	json_put_str(c, "case", sql_text(rows, 0));
	json_put_str(c, "state", sql_text(rows, 1));
	json_put_str(c, "title", sql_text(rows, 2));
	json_put_str(c, "requester_name", sql_text(rows, 3));
	json_put_int(c, "risk", sql_int(rows, 4));
	json_put_str(c, "expires", sql_text_or_null(rows, 5));
	json_put_int(c, "opened", sql_int(rows, 6));
	if (sqlite3_column_type(rows, 7) != SQLITE_NULL)
		json_put_int(c, "due", sql_int(rows, 7));
	if (sqlite3_column_type(rows, 8) != SQLITE_NULL)
		json_put(c, "product", sql_json(rows, 8));
	if (sqlite3_column_type(rows, 9) != SQLITE_NULL)
		json_put(c, "license", sql_json(rows, 9));
	return c;
}

static json_t *list_newest(struct db *db, const json_t *query, const struct viewer *viewer, int64_t limit,
                           struct err *e)
{
	_cleanup_(find_free) struct find f = { .sql = BUF(SQL_MAX) };
	_cleanup_(finalize) sqlite3_stmt *rows = NULL;
	_json_ json_t *list = json_array();
	int row;

	buf_puts(&f.sql, SQL_LIST);
	if (add_conditions(&f, query, viewer, e) < 0)
		return NULL;
	buf_puts(&f.sql, SQL_NEWEST);
	add_value(&f, INT(limit));
	rows = prepare(db, &f, e);
	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_add(list, summary(rows));
	return row < 0 ? NULL : steal_ptr(list);
}

json_t *cases_find(struct db *db, const json_t *query, const struct viewer *viewer, int64_t limit, struct err *e)
{
	_json_ json_t *cases = NULL, *found = NULL;
	int64_t count;

	if (count_all(db, query, viewer, &count, e) < 0)
		return NULL;
	cases = list_newest(db, query, viewer, limit, e);
	if (!cases)
		return NULL;
	found = json_object();
	json_put_int(found, "count", count);
	json_put(found, "cases", steal_ptr(cases));
	return steal_ptr(found);
}

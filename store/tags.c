// SPDX-License-Identifier: Apache-2.0
#include "store/tags.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/sql.h"

#define SQL_NUMBER "SELECT number FROM cases WHERE id = ?"
#define SQL_NONE "DELETE FROM tag WHERE number = ?"
#define SQL_ADD "INSERT INTO tag (number, name, value, amount) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"

struct tagging {
	struct db *db;
	int64_t number; // the case's
	struct err *e;
};

static int add_word(const struct tagging *t, const char *name, const char *word, size_t len)
{
	_free_ char *folded = text_lower(text_copy_n(word, len));

	return sql_run(t->db, t->e, SQL_ADD, INT(t->number), TEXT(name), TEXT(folded), NOTHING);
}

static int add_amount(const struct tagging *t, const char *name, const char *amount)
{
	// SQLite turns the text of a number into the column's REAL; other text is refused by the STRICT table.
	if (!text_is_digit(amount[0]))
		return 0;
	return sql_run(t->db, t->e, SQL_ADD, INT(t->number), TEXT(name), TEXT(amount), TEXT(amount));
}

static bool is_operator(const char *word, size_t len)
{
	static const char *const operators[] = { "AND", "OR", "WITH" };

	for (size_t i = 0; i < LENGTH(operators); i++)
		if (strlen(operators[i]) == len && memcmp(operators[i], word, len) == 0)
			return true;
	return false;
}

// "MIT AND (GPL-2.0-only OR X)" is looked for by any of its licences.
static int add_licences(const struct tagging *t, const char *name, const char *expression)
{
	static const char between[] = " ()";

	for (const char *p = expression + strspn(expression, between); *p; p += strspn(p, between)) {
		size_t len = strcspn(p, between);

		if (!is_operator(p, len) && add_word(t, name, p, len) < 0)
			return -1;
		p += len;
	}
	return 0;
}

static int add_value(const struct tagging *t, const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	char number[32];
	json_t *item;
	size_t i;

	if (json_is_integer(value)) {
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		return add_amount(t, name, number);
	}
	if (json_is_object(value))
		return add_amount(t, name, json_str(value, "amount"));
	json_array_foreach(value, i, item) {
		if (add_value(t, name, item) < 0)
			return -1;
	}
	if (!text)
		return 0;
	if (add_word(t, name, text, strlen(text)) < 0)
		return -1;
	return strcmp(name, "license") == 0 ? add_licences(t, name, text) : 0;
}

static int add_values(const struct tagging *t, const json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		if (add_value(t, name, value) < 0)
			return -1;
	}
	return 0;
}

int tags_add_families(struct db *db, const char *case_id, const json_t *families, struct err *e)
{
	struct tagging t = { .db = db, .e = e };

	if (sql_number(db, e, &t.number, -1, SQL_NUMBER, TEXT(case_id)) < 0)
		return -1;
	return add_value(&t, "family", families);
}

int tags_replace(struct db *db, const char *case_id, const json_t *facts, const json_t *components, struct err *e)
{
	struct tagging t = { .db = db, .e = e };
	json_t *component;
	size_t i;

	if (sql_number(db, e, &t.number, -1, SQL_NUMBER, TEXT(case_id)) < 0 ||
	    sql_run(db, e, SQL_NONE, INT(t.number)) < 0 || add_values(&t, facts) < 0)
		return -1;
	json_array_foreach(components, i, component) {
		if (add_values(&t, component) < 0)
			return -1;
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/query.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/people.h"

#define TERMS_MAX 32
#define TEXT_BYTES 256

enum kind {
	KIND_TEXT,
	KIND_STATE,
	KIND_NUMBER,
	KIND_AHEAD,  // a moment to come: 30d is in thirty days
	KIND_BEHIND, // a moment that was: 30d is thirty days ago
	KIND_TAG,
};

static const struct key {
	const char *name;
	enum kind kind;
} keys[] = {
	{ "state", KIND_STATE },     { "type", KIND_TEXT },      { "license", KIND_TEXT },  { "family", KIND_TEXT },
	{ "component", KIND_TEXT },  { "version", KIND_TEXT },   { "product", KIND_TEXT },  { "channel", KIND_TEXT },
	{ "region", KIND_TEXT },     { "vendor", KIND_TEXT },    { "clause", KIND_TEXT },   { "policy", KIND_TEXT },
	{ "ticket", KIND_TEXT },     { "requester", KIND_TEXT }, { "approver", KIND_TEXT }, { "risk", KIND_NUMBER },
	{ "quantity", KIND_NUMBER }, { "spend", KIND_NUMBER },   { "expires", KIND_AHEAD }, { "due", KIND_AHEAD },
	{ "opened", KIND_BEHIND },
};

static const char *const states[] = { "incomplete", "pending", "approved", "rejected", "withdrawn",
	                              "lapsed",     "expired", "revoked",  NULL };

struct term {
	const char *key; // of the table, or "tag"
	enum kind kind;
	char *name;     // of a tag
	const char *op; // = != < <= > >=
	char *value;
	bool quoted;
};

static bool is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || text_is_digit(c) || c == '_' || c == '-' || c == '.';
}

// ":" and its like at p; *len its bytes; NULL when there is none.
static const char *read_op(const char *p, size_t *len)
{
	static const struct {
		const char *text, *op;
	} ops[] = { { "!=", "!=" }, { "<=", "<=" }, { ">=", ">=" }, { "<", "<" },
		    { ">", ">" },   { ":", "=" },   { "=", "=" } };

	for (size_t i = 0; i < LENGTH(ops); i++)
		if (text_starts(p, ops[i].text)) {
			*len = strlen(ops[i].text);
			return ops[i].op;
		}
	return NULL;
}

// Reads "..." at *p, with \" and \\ within.  The caller frees; NULL and err when it does not end.
static char *read_quoted(const char **p, struct err *e)
{
	struct buf out = BUF(strlen(*p) + 1);

	for ((*p)++; **p && **p != '"'; (*p)++) {
		if (**p == '\\' && ((*p)[1] == '"' || (*p)[1] == '\\'))
			(*p)++;
		buf_putc(&out, **p);
	}
	if (**p != '"' || ((*p)[1] && !text_is_space((*p)[1]))) {
		buf_free(&out);
		err_set(e, EX_USAGE, "a quoted phrase needs a second quotation mark, and a blank behind it");
		return NULL;
	}
	(*p)++;
	return buf_steal(&out);
}

static char *read_bare(const char **p)
{
	const char *from = *p;

	while (**p && !text_is_space(**p))
		(*p)++;
	return text_copy_n(from, (size_t)(*p - from));
}

// --- keys ---

static int unknown_key(const char *name, struct err *e)
{
	const char *names[LENGTH(keys) + 2] = { "tag" }, *near;
	_buf_ struct buf all = BUF(1024);

	for (size_t i = 0; i < LENGTH(keys); i++) {
		names[i + 1] = keys[i].name;
		buf_printf(&all, "%s, ", keys[i].name);
	}
	near = text_nearest(name, names);
	return err_set(e, EX_USAGE, "unknown key '%.64s'%s%s%s; the keys are %sand tag.NAME", name,
	               near ? " - did you mean '" : "", near ? near : "", near ? "'?" : "", buf_text(&all));
}

static int read_key(const char *from, size_t len, struct term *out, struct err *e)
{
	_free_ char *name = text_lower(text_copy_n(from, len));

	if (text_starts(name, "tag.") && name[4]) {
		out->key = "tag";
		out->kind = KIND_TAG;
		out->name = text_copy(name + 4);
		return 0;
	}
	for (size_t i = 0; i < LENGTH(keys); i++)
		if (strcmp(text_same(name, "licence") ? "license" : name, keys[i].name) == 0) {
			out->key = keys[i].name;
			out->kind = keys[i].kind;
			return 0;
		}
	return unknown_key(name, e);
}

// --- values ---

static bool is_pattern(const struct term *term)
{
	return !term->quoted && strpbrk(term->value, "*?");
}

static void put_term(json_t *terms, const struct term *term, const char *op, json_t *value)
{
	json_t *out = json_object();

	json_put_str(out, "key", term->key);
	json_put_str(out, "name", term->name);
	json_put_str(out, "op", op);
	json_put(out, "value", value);
	json_add(terms, out);
}

static int put_text(json_t *terms, const struct term *term, struct err *e)
{
	if (strcmp(term->op, "=") != 0 && strcmp(term->op, "!=") != 0)
		return err_set(e, EX_USAGE, "'%s' has no order: use : or !=, not %s", term->key, term->op);
	if (is_pattern(term) && strcmp(term->op, "!=") == 0)
		return err_set(e, EX_USAGE, "'%s': * and ? cannot stand behind !=", term->key);
	put_term(terms, term, is_pattern(term) ? "glob" : term->op, json_string(term->value));
	return 0;
}

static int put_state(json_t *terms, const struct term *term, struct err *e)
{
	const char *near;

	text_lower(term->value);
	for (size_t i = 0; states[i]; i++)
		if (strcmp(term->value, states[i]) == 0)
			return put_text(terms, term, e);
	near = text_nearest(term->value, states);
	return err_set(
	        e, EX_USAGE,
	        "unknown state '%.64s'%s%s%s; the states are incomplete, pending, approved, rejected, withdrawn, "
	        "lapsed, expired and revoked",
	        term->value, near ? " - did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int put_number(json_t *terms, const struct term *term, struct err *e)
{
	size_t digits = strspn(term->value, "0123456789");

	if (digits == 0 || digits > 12 || term->value[digits])
		return err_set(e, EX_USAGE, "'%s' needs a whole number, for example %s>=7, not '%.64s'", term->key,
		               term->key, term->value);
	put_term(terms, term, term->op, json_integer(strtoll(term->value, NULL, 10)));
	return 0;
}

// "30d" in ms; -1 when it is none.
static int64_t read_span(const char *text)
{
	static const struct {
		char unit;
		int64_t length;
	} units[] = { { 'h', CLOCK_HOUR },
		      { 'd', CLOCK_DAY },
		      { 'w', 7 * (int64_t)CLOCK_DAY },
		      { 'm', 30 * (int64_t)CLOCK_DAY },
		      { 'y', 365 * (int64_t)CLOCK_DAY } };
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 4 || !text[digits] || text[digits + 1])
		return -1;
	for (size_t i = 0; i < LENGTH(units); i++)
		if (text[digits] == units[i].unit)
			return strtoll(text, NULL, 10) * units[i].length;
	return -1;
}

static const char *turned(const char *op)
{
	switch (*op) {
	case '<':
		return op[1] ? ">=" : ">";
	case '>':
		return op[1] ? "<=" : "<";
	}
	return op;
}

static int put_span(json_t *terms, const struct term *term, int64_t span, int64_t now, struct err *e)
{
	if (strchr("=!", *term->op))
		return err_set(e, EX_USAGE, "'%s' with a span needs < or >, for example %s<%s", term->key, term->key,
		               term->value);
	if (term->kind == KIND_AHEAD)
		put_term(terms, term, term->op, json_integer(now + span));
	else
		put_term(terms, term, turned(term->op), json_integer(now - span));
	return 0;
}

static int put_moment(json_t *terms, const struct term *term, int64_t now, struct err *e)
{
	int64_t span = read_span(term->value), day;

	if (span >= 0)
		return put_span(terms, term, span, now, e);
	if (strlen(term->value) != 10 || clock_parse(term->value, &day) < 0)
		return err_set(e, EX_USAGE, "'%s' needs a day such as 2027-03-31 or a span such as 30d, not '%.64s'",
		               term->key, term->value);
	if (strcmp(term->op, "!=") == 0)
		return err_set(e, EX_USAGE, "'%s' cannot be compared with !=; use < or >", term->key);
	if (strcmp(term->op, "<") == 0 || strcmp(term->op, ">=") == 0) {
		put_term(terms, term, term->op, json_integer(day));
		return 0;
	}
	if (strcmp(term->op, "=") == 0)
		put_term(terms, term, ">=", json_integer(day));
	put_term(terms, term, strcmp(term->op, ">") == 0 ? ">=" : "<", json_integer(day + CLOCK_DAY));
	return 0;
}

static int put(json_t *terms, const struct term *term, int64_t now, struct err *e)
{
	if (!*term->value)
		return err_set(e, EX_USAGE, "'%s' has no value; write it without blanks, for example state:approved",
		               term->key);
	if (strlen(term->value) > TEXT_BYTES)
		return err_set(e, EX_USAGE, "the value of '%s' is longer than %d bytes", term->key, TEXT_BYTES);
	switch (term->kind) {
	case KIND_TEXT:
	case KIND_TAG:
		return put_text(terms, term, e);
	case KIND_STATE:
		return put_state(terms, term, e);
	case KIND_NUMBER:
		return put_number(terms, term, e);
	case KIND_AHEAD:
	case KIND_BEHIND:
		return put_moment(terms, term, now, e);
	}
	return -1;
}

// --- the whole ---

static int read_free(const char **p, json_t *texts, struct err *e)
{
	_free_ char *text = **p == '"' ? read_quoted(p, e) : read_bare(p);

	if (!text)
		return -1;
	if (strlen(text) > TEXT_BYTES)
		return err_set(e, EX_USAGE, "a word of the query is longer than %d bytes", TEXT_BYTES);
	if (*text)
		json_add_str(texts, text);
	return 0;
}

static int read_term(const char **p, json_t *terms, json_t *texts, int64_t now, struct err *e)
{
	struct term term = { .key = NULL };
	size_t key_len = 0, op_len;
	int status;

	while (is_key_byte((*p)[key_len]))
		key_len++;
	term.op = key_len && !text_is_digit(**p) && **p != '-' ? read_op(*p + key_len, &op_len) : NULL;
	if (!term.op || text_starts(*p + key_len, "://"))
		return read_free(p, texts, e);
	if (read_key(*p, key_len, &term, e) < 0)
		return -1;
	*p += key_len + op_len;
	term.quoted = **p == '"';
	term.value = term.quoted ? read_quoted(p, e) : read_bare(p);
	status = term.value ? put(terms, &term, now, e) : -1;
	free(term.name);
	free(term.value);
	return status;
}

json_t *query_parse(const char *text, int64_t now, struct err *e)
{
	_json_ json_t *terms = json_array(), *texts = json_array();

	if (!utf8_valid(text, strlen(text))) {
		err_set(e, EX_USAGE, "the query is not valid UTF-8");
		return NULL;
	}
	while (text_is_space(*text))
		text++;
	while (*text) {
		if (read_term(&text, terms, texts, now, e) < 0)
			return NULL;
		if (json_array_size(terms) > TERMS_MAX || json_array_size(texts) > TERMS_MAX) {
			err_set(e, EX_USAGE, "the query has more than %d terms", TERMS_MAX);
			return NULL;
		}
		while (text_is_space(*text))
			text++;
	}
	return json_pack("{s:O,s:O}", "terms", terms, "text", texts);
}

void query_name(json_t *query, const struct people *people)
{
	json_t *term;
	size_t i;

	json_array_foreach(json_arr(query, "terms"), i, term) {
		const struct person *person = strcmp(json_str(term, "key"), "requester") == 0
		                                      ? people_by_mail(people, json_str(term, "value"))
		                                      : NULL;
		_free_ char *principal = person ? text_format("person:%s", person->id) : NULL;

		if (principal)
			json_put_str(term, "principal", principal);
	}
}

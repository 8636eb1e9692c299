// SPDX-License-Identifier: Apache-2.0
#include "bot/expression.h"

#include <string.h>

#include "base/text.h"

#define ID_MAX 128

enum rule { RULE_CHECK, RULE_ANY, RULE_CHOICE };

// A reader of
//   or = and *("OR" and)   and = term *("AND" term)   term = id ["WITH" id] | "(" or ")"
struct reader {
	const char *at;
	enum rule rule;
	expression_member *member;
	void *context;
	size_t terms, depth;
	struct err *e;
};

static int read_or(struct reader *r);

static void skip_space(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

static size_t word_length(const char *at)
{
	return strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:+");
}

static bool is_operator(const char *word, size_t len)
{
	static const char *const operators[] = { "AND", "OR", "WITH" };

	for (size_t i = 0; i < 3; i++)
		if (len == strlen(operators[i]) && text_starts_fold(word, operators[i]))
			return true;
	return false;
}

static bool take_operator(struct reader *r, const char *operator)
{
	size_t len;

	skip_space(r);
	len = word_length(r->at);
	if (len != strlen(operator) || !text_starts_fold(r->at, operator))
		return false;
	r->at += len;
	return true;
}

// Copies an identifier to out[ID_MAX + 1].
static int take_id(struct reader *r, char *out)
{
	size_t len;

	skip_space(r);
	len = word_length(r->at);
	if (len == 0 && !*r->at)
		return err_set(r->e, EX_DATAERR, "a licence is missing at the end");
	if (len == 0)
		return err_set(r->e, EX_DATAERR, "a licence is expected at '%.*s'", (int)utf8_prefix(r->at, 32), r->at);
	if (is_operator(r->at, len))
		return err_set(r->e, EX_DATAERR, "a licence is missing before '%.*s'", (int)len, r->at);
	if (len > ID_MAX)
		return err_set(r->e, EX_DATAERR, "'%.32s...' is too long for a licence", r->at);
	memcpy(out, r->at, len);
	out[len] = '\0';
	r->at += len;
	return 0;
}

static int read_id(struct reader *r)
{
	char id[2 * ID_MAX + 8], exception[ID_MAX + 1];
	size_t len;

	if (take_id(r, id) < 0)
		return -1;
	if (take_operator(r, "WITH")) {
		if (take_id(r, exception) < 0)
			return -1;
		len = strlen(id);
		memcpy(id + len, " WITH ", 6);
		memcpy(id + len + 6, exception, strlen(exception) + 1);
	}
	if (++r->terms > EXPRESSION_TERMS)
		return err_set(r->e, EX_DATAERR, "more than %d licences", EXPRESSION_TERMS);
	return r->rule != RULE_CHECK && r->member(r->context, id);
}

static int read_term(struct reader *r)
{
	int result;

	skip_space(r);
	if (*r->at != '(')
		return read_id(r);
	if (++r->depth > EXPRESSION_DEPTH)
		return err_set(r->e, EX_DATAERR, "parentheses are nested more than %d deep", EXPRESSION_DEPTH);
	r->at++;
	result = read_or(r);
	if (result < 0)
		return -1;
	skip_space(r);
	if (*r->at != ')')
		return err_set(r->e, EX_DATAERR, "a ')' is missing");
	r->at++;
	r->depth--;
	return result;
}

static int read_and(struct reader *r)
{
	int result = read_term(r);

	while (result >= 0 && take_operator(r, "AND")) {
		int right = read_term(r);

		if (right < 0)
			return -1;
		result = r->rule == RULE_ANY ? (result || right) : (result && right);
	}
	return result;
}

static int read_or(struct reader *r)
{
	int result = read_and(r);

	while (result >= 0 && take_operator(r, "OR")) {
		int right = read_and(r);

		if (right < 0)
			return -1;
		result = result || right;
	}
	return result;
}

static int read_all(const char *text, enum rule rule, expression_member *member, void *context, struct err *e)
{
	struct reader r = { .at = text, .rule = rule, .member = member, .context = context, .e = e };
	int result = read_or(&r);

	if (result < 0)
		return -1;
	skip_space(&r);
	if (*r.at)
		return err_set(e, EX_DATAERR, "AND or OR is expected before '%.*s'", (int)utf8_prefix(r.at, 32), r.at);
	return result;
}

int expression_check(const char *text, struct err *e)
{
	return read_all(text, RULE_CHECK, NULL, NULL, e);
}

int expression_any(const char *text, expression_member *member, void *context, struct err *e)
{
	return read_all(text, RULE_ANY, member, context, e);
}

int expression_satisfied(const char *text, expression_member *member, void *context, struct err *e)
{
	return read_all(text, RULE_CHOICE, member, context, e);
}

bool expression_mentions(const char *text, expression_member *member, void *context)
{
	for (const char *at = text; *at;) {
		size_t len = word_length(at);
		char id[ID_MAX + 1];

		if (len == 0 || len > ID_MAX || is_operator(at, len)) {
			at += len ? len : 1;
			continue;
		}
		memcpy(id, at, len);
		id[len] = '\0';
		if (member(context, id))
			return true;
		at += len;
	}
	return false;
}

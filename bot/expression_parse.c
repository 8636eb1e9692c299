// SPDX-License-Identifier: Apache-2.0
// Reading an expression:
//   or = and *("OR" and)   and = part *("AND" part)   part = id ["WITH" id] | "(" or ")"
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/expression_parts.h"

struct reader {
	const struct licences *l;
	const char *text, *at;
	size_t terms, depth;
	struct err *e;
};

static struct expression *read_list(struct reader *r, enum expression_kind kind);

// --- words ---

// The next word, which may be a parenthesis; of length 0 at the end.
static struct expression_word look(struct reader *r)
{
	struct expression_word word;

	r->at += strspn(r->at, " \t\r\n");
	word = (struct expression_word){ r->at, strcspn(r->at, " \t\r\n()") };
	if (word.len == 0 && *word.at)
		word.len = 1;
	return word;
}

static bool is(struct expression_word word, const char *what)
{
	return word.len == strlen(what) && text_starts_fold(word.at, what);
}

static bool is_operator(struct expression_word word)
{
	return is(word, "AND") || is(word, "OR") || is(word, "WITH");
}

static bool take(struct reader *r, const char *what)
{
	struct expression_word word = look(r);

	if (!is(word, what))
		return false;
	r->at += word.len;
	return true;
}

// Adds the place to an error; returns NULL.
static void *refuse(struct reader *r, const char *where)
{
	size_t nth = 1;

	for (const char *at = r->text; at < where; at++)
		nth += (*at & 0xc0) != 0x80;
	if (r->e) {
		size_t len = strlen(r->e->text);

		snprintf(r->e->text + len, sizeof r->e->text - len, " (character %zu)", nth);
	}
	return NULL;
}

// --- terms ---

// A word that is no operator and no parenthesis; of length 0 after an error.
static struct expression_word take_word(struct reader *r, const char *what)
{
	struct expression_word word = look(r), none = { NULL, 0 };

	if (word.len && !is_operator(word) && *word.at != '(' && *word.at != ')') {
		r->at += word.len;
		return word;
	}
	if (word.len)
		err_set(r->e, EX_DATAERR, "%s is missing before '%.*s'", what, (int)word.len, word.at);
	else
		err_set(r->e, EX_DATAERR, "%s is missing at the end", what);
	if (word.len)
		refuse(r, word.at);
	return none;
}

static struct expression *read_term(struct reader *r)
{
	struct expression_word licence = take_word(r, "a licence"), exception = { NULL, 0 }, wrong;
	struct expression *x;

	if (!licence.at)
		return NULL;
	if (take(r, "WITH")) {
		exception = take_word(r, "an exception");
		if (!exception.at)
			return NULL;
	}
	if (++r->terms > EXPRESSION_TERMS) {
		err_set(r->e, EX_DATAERR, "more than %d licences", EXPRESSION_TERMS);
		return NULL;
	}
	x = expression_term_new(r->l, licence, exception, &wrong, r->e);
	return x ? x : refuse(r, wrong.at);
}

static struct expression *read_part(struct reader *r)
{
	struct expression_word open = look(r);
	_expression_ struct expression *x = NULL;

	if (!take(r, "("))
		return read_term(r);
	if (++r->depth > EXPRESSION_DEPTH) {
		err_set(r->e, EX_DATAERR, "parentheses are nested more than %d deep", EXPRESSION_DEPTH);
		return NULL;
	}
	x = read_list(r, EXPRESSION_OR);
	if (!x)
		return NULL;
	r->depth--;
	if (take(r, ")"))
		return steal_ptr(x);
	err_set(r->e, EX_DATAERR, "no ')' follows the '('");
	return refuse(r, open.at);
}

// --- lists ---

static struct expression *read_list(struct reader *r, enum expression_kind kind)
{
	_expression_ struct expression *first = NULL;
	struct expression **end = &first;

	do {
		*end = kind == EXPRESSION_OR ? read_list(r, EXPRESSION_AND) : read_part(r);
		if (!*end)
			return NULL;
		end = &(*end)->sibling;
	} while (take(r, kind == EXPRESSION_OR ? "OR" : "AND"));
	return expression_join(kind, steal_ptr(first));
}

struct expression *expression_parse(const struct licences *l, const char *text, struct err *e)
{
	struct reader r = { .l = l, .text = text, .at = text, .e = e };
	_expression_ struct expression *x = read_list(&r, EXPRESSION_OR);
	struct expression_word rest;

	if (!x)
		return NULL;
	rest = look(&r);
	if (!rest.len)
		return steal_ptr(x);
	err_set(e, EX_DATAERR, "AND or OR is missing before '%.*s'", (int)utf8_prefix(rest.at, 32), rest.at);
	return refuse(&r, rest.at);
}

// SPDX-License-Identifier: Apache-2.0
// The tree of an expression: building, walking, writing and judging it.
#include "bot/expression.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "bot/expression_parts.h"

#define TEXT_MAX (EXPRESSION_TERMS * (2 * EXPRESSION_ID + 16))

void expression_free(struct expression **root)
{
	struct expression *x = *root;

	while (x) {
		struct expression *sibling = x->sibling;

		expression_free(&x->child);
		free((char *)x->term.text);
		free((char *)x->term.licence);
		free((char *)x->term.exception);
		free(x);
		x = sibling;
	}
	*root = NULL;
}

// (a OR b) OR c is a OR b OR c: children of the same kind take their parent's place.
static void flatten(struct expression *x)
{
	for (struct expression **at = &x->child; *at; at = &(*at)->sibling) {
		struct expression *node = *at, *last = node->child;

		if (node->kind != x->kind)
			continue;
		while (last->sibling)
			last = last->sibling;
		last->sibling = steal_ptr(node->sibling);
		*at = steal_ptr(node->child);
		expression_free(&node);
	}
}

struct expression *expression_join(enum expression_kind kind, struct expression *first)
{
	struct expression *x;

	if (!first || !first->sibling)
		return first;
	x = calloc(1, sizeof *x);
	if (!x)
		panic("out of memory");
	x->kind = kind;
	x->child = first;
	flatten(x);
	return x;
}

enum expression_kind expression_kind(const struct expression *x)
{
	return x->kind;
}

const struct expression *expression_child(const struct expression *x)
{
	return x->child;
}

const struct expression *expression_sibling(const struct expression *x)
{
	return x->sibling;
}

const struct expression_term *expression_term(const struct expression *x)
{
	return x->kind == EXPRESSION_TERM ? &x->term : NULL;
}

static void write_node(struct buf *out, const struct expression *x, enum expression_kind parent)
{
	bool inner = x->kind == EXPRESSION_OR && parent == EXPRESSION_AND;

	if (x->kind == EXPRESSION_TERM)
		buf_puts(out, x->term.text);
	if (inner)
		buf_putc(out, '(');
	for (const struct expression *child = x->child; child; child = child->sibling) {
		if (child != x->child)
			buf_puts(out, x->kind == EXPRESSION_AND ? " AND " : " OR ");
		write_node(out, child, x->kind);
	}
	if (inner)
		buf_putc(out, ')');
}

char *expression_text(const struct expression *x)
{
	struct buf out = BUF(TEXT_MAX);

	write_node(&out, x, EXPRESSION_TERM);
	if (out.full)
		panic("an expression longer than its parts");
	return buf_steal(&out);
}

bool expression_any(const struct expression *x, expression_member *member, void *context)
{
	if (x->kind == EXPRESSION_TERM)
		return member(context, &x->term);
	for (x = x->child; x; x = x->sibling)
		if (expression_any(x, member, context))
			return true;
	return false;
}

bool expression_satisfied(const struct expression *x, expression_member *member, void *context)
{
	bool one_will_do = x->kind == EXPRESSION_OR;

	if (x->kind == EXPRESSION_TERM)
		return member(context, &x->term);
	for (x = x->child; x; x = x->sibling)
		if (expression_satisfied(x, member, context) == one_will_do)
			return one_will_do;
	return !one_will_do;
}

int expression_check(const struct licences *l, const char *text, struct err *e)
{
	_expression_ struct expression *x = expression_parse(l, text, e);

	return x ? 0 : -1;
}

char *expression_normal(const struct licences *l, const char *text, struct err *e)
{
	_expression_ struct expression *x = expression_parse(l, text, e);

	return x ? expression_text(x) : NULL;
}

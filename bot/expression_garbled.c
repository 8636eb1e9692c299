// SPDX-License-Identifier: Apache-2.0
// What a text mentions that is no expression.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/expression_parts.h"
#include "bot/licence_names.h"

#define BETWEEN " \t\r\n()[]{}<>\"'`,;/|&!?=*"

static bool word_belongs(const struct licences *l, struct expression_word word, expression_member *member,
                         void *context)
{
	struct expression_word none = { NULL, 0 }, wrong;
	_expression_ struct expression *x = expression_term_new(l, word, none, &wrong, NULL);

	return x && member(context, &x->term);
}

// Identifiers between blanks and punctuation.
static bool words_belong(const struct licences *l, const char *text, expression_member *member, void *context)
{
	for (const char *at = text + strspn(text, BETWEEN); *at; at += strspn(at, BETWEEN)) {
		struct expression_word word = { at, strcspn(at, BETWEEN) };

		at += word.len;
		while (word.len > 0 && (word.at[word.len - 1] == '.' || word.at[word.len - 1] == ':'))
			word.len--;
		if (word.len > 0 && word_belongs(l, word, member, context))
			return true;
	}
	return false;
}

// A name that can mean several counts for each of them.
static bool mention_belongs(const struct licences *l, const char *text, const struct licence_mention *m,
                            expression_member *member, void *context)
{
	_free_ char *name = m->expression ? NULL : text_copy_n(text + m->begin, m->end - m->begin);
	_free_ char *choices = name ? licence_choices(l, name) : NULL;
	_expression_ struct expression *x = m->expression ? expression_parse(l, m->expression, NULL) : NULL;

	if (x)
		return expression_any(x, member, context);
	return choices && words_belong(l, choices, member, context);
}

bool expression_mentions(const struct licences *l, const char *text, expression_member *member, void *context)
{
	struct licence_mention m;

	if (words_belong(l, text, member, context))
		return true;
	for (size_t at = 0; l && licence_mention(l, text, at, &m); at = m.end) {
		bool belongs = mention_belongs(l, text, &m, member, context);

		free(m.expression);
		if (belongs)
			return true;
	}
	return false;
}

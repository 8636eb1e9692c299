// SPDX-License-Identifier: Apache-2.0
// What expressions are made of.  Private to bot/expression*.c.
#ifndef BOT_EXPRESSION_PARTS_H
#define BOT_EXPRESSION_PARTS_H

#include "bot/expression.h"

struct expression {
	enum expression_kind kind;
	struct expression *child, *sibling;
	struct expression_term term; // its texts belong to the node
};

// A piece of the text that is being read, and where it begins.
struct expression_word {
	const char *at;
	size_t len;
};

// A term of one or two words (the exception's `at` is NULL without WITH).  NULL on error, whose text lacks the place;
// *wrong is set to the word that it is about.
struct expression *expression_term_new(const struct licences *l, struct expression_word licence,
                                       struct expression_word exception, struct expression_word *wrong, struct err *e);

// Puts a node around (or, when one of them is of this kind already, joins) the list of nodes that `first` begins.
struct expression *expression_join(enum expression_kind kind, struct expression *first);

#endif

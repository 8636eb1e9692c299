// SPDX-License-Identifier: Apache-2.0
// Licence expressions: the grammar of SPDX 2.3 (annex D) and 3.0 (annex B) - identifiers with '+', LicenseRef- and
// DocumentRef-, WITH an exception or AdditionRef-, AND, OR and parentheses; AND binds tighter than OR.  Identifiers are
// looked up in the list of licence.h and take its spelling; deprecated ones become what replaces them.  Operators count
// in any case.
#ifndef BOT_EXPRESSION_H
#define BOT_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bot/licence.h"

#define EXPRESSION_TERMS 1024
#define EXPRESSION_DEPTH 64 // of parentheses
#define EXPRESSION_ID 128   // bytes of one identifier

enum expression_kind { EXPRESSION_TERM, EXPRESSION_AND, EXPRESSION_OR };

// One licence as it stands in an expression.
struct expression_term {
	const char *text;      // all of it: "GPL-2.0-only WITH Classpath-exception-2.0", "MPL-1.1+"
	const char *licence;   // the identifier alone, without '+'
	const char *exception; // or NULL
	bool later;            // '+': this version or a later one
};

// A node of a parsed expression; the whole is its root.
struct expression;

// The error names what is wrong and at which character.  When `l` is NULL any identifier will do and stays as written.
// NULL on error (EX_DATAERR); the caller frees the root.
struct expression *expression_parse(const struct licences *l, const char *text, struct err *e);
void expression_free(struct expression **root);
static inline void auto_expression(struct expression **root)
{
	expression_free(root);
}
#define _expression_ __attribute__((cleanup(auto_expression)))

// Walking: an AND or OR has at least two children, none of its own kind; a term has none (and only a term a term).
enum expression_kind expression_kind(const struct expression *x);
const struct expression *expression_child(const struct expression *x);   // the first, or NULL
const struct expression *expression_sibling(const struct expression *x); // the next, or NULL
const struct expression_term *expression_term(const struct expression *x);

// The expression with only the parentheses that it needs, in the order it was written.  The caller frees.
char *expression_text(const struct expression *x);

// Does this licence belong to the set in question?
typedef bool expression_member(void *context, const struct expression_term *term);
// Does any licence of it belong?
bool expression_any(const struct expression *x, expression_member *member, void *context);
// Can the recipient choose so that all that remains belongs (of an OR one side must, of an AND all)?
bool expression_satisfied(const struct expression *x, expression_member *member, void *context);

// The same for a text.  Is it an expression?  0, or -1 with the error as above.
int expression_check(const struct licences *l, const char *text, struct err *e);
// In the one spelling that is right: expression_text() of it, or NULL with the error.  The caller frees.
char *expression_normal(const struct licences *l, const char *text, struct err *e);
// Does anything in a text that need not be an expression belong?  For what must be noticed even when it is garbled.
bool expression_mentions(const struct licences *l, const char *text, expression_member *member, void *context);

#endif

// SPDX-License-Identifier: Apache-2.0
// Licence expressions as far as judging them needs: identifiers joined by AND, OR, WITH and parentheses (SPDX annex on
// expressions, without its list of known identifiers).
#ifndef BOT_EXPRESSION_H
#define BOT_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define EXPRESSION_TERMS 1024
#define EXPRESSION_DEPTH 64

// Is this identifier one of the set?  `id` is as written, "+" and " WITH exception" included when they were there.
typedef bool expression_member(void *context, const char *id);

// Is it an expression?  0, or -1 with a sentence saying where it stops being one.
int expression_check(const char *text, struct err *e);
// Does any identifier belong to the set?  1, 0, or -1.
int expression_any(const char *text, expression_member *member, void *context, struct err *e);
// Can the recipient choose so that all that remains belongs (of an OR one side must, of an AND both)?  1, 0, or -1.
int expression_satisfied(const char *text, expression_member *member, void *context, struct err *e);

// Does any word of a text that need not be an expression belong?  For what must be noticed even when it is garbled.
bool expression_mentions(const char *text, expression_member *member, void *context);

#endif

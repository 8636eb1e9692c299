// SPDX-License-Identifier: Apache-2.0
// Mustache templates (the core of the Mustache specification) over JSON values: variables, sections, inverted
// sections, partials, comments, dotted names, the implicit iterator, and the rule for tags alone on their line.
// Nothing can leave unescaped: {{{x}}} and {{&x}} are errors, as are lambdas, set-delimiters and blocks.
//
// Where it goes beyond the specification or fills its gaps:
//   {{#name=word}} and {{^name=word}}  compare the value, as text, with a word, and do not change the context;
//   {{^name=}}  is thus "if there is any", once for a whole list (no value: false in the sense of the next line);
//   false are: absent, null, false, "", 0 and an empty list;
//   {{list}}  writes the members with ", " between them; an object is written as nothing;
//   in plain text, later lines of a value are hung below its first: they begin with the blanks, '>' and '|' that
//   the line began with, then a tab when a tab stood before the value, else as many blanks as there were characters (at
//   least two), so that a value of several lines stays in its column and cannot forge a line of ours;
//   in mrkdwn, later lines of a value are quoted ("> ") to the same end.
#ifndef BASE_MUSTACHE_H
#define BASE_MUSTACHE_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"

struct mustache;

// Parses; `name` (a file) and `first_line` are for messages, which read "NAME:LINE: what is wrong".  NULL on error.
struct mustache *mustache_parse(const char *name, int first_line, const char *text, size_t len, struct err *e);
void mustache_free(struct mustache **t);
static inline void auto_mustache(struct mustache **t)
{
	mustache_free(t);
}
#define _mustache_ __attribute__((cleanup(auto_mustache)))

// Where {{> name}} comes from: the parsed partial, which lives at least as long as the rendering, or NULL and an error.
struct mustache_partials {
	const struct mustache *(*find)(void *context, const char *name, struct err *e);
	void *context;
};

// Adds the rendered text to `out`, whose maximum bounds it.  Depth and work are bounded too, whatever the model
// holds and however partials include each other.  `partials` may be NULL when there are none.
int mustache_render(const struct mustache *t, const struct mustache_partials *partials, const json_t *model,
                    enum escape how, struct buf *out, struct err *e);

// Calls `see` with the name of every partial that the template includes; stops with its first -1.
int mustache_each_partial(const struct mustache *t, int (*see)(void *context, const char *name, struct err *e),
                          void *context, struct err *e);

#endif

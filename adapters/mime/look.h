// SPDX-License-Identifier: Apache-2.0
// What an HTML element is to a person who looks at the page: a block, a quote that the mail program put there, a
// signature, something that cannot be seen.
#ifndef MIME_LOOK_H
#define MIME_LOOK_H

#include <stdbool.h>

// How visible text is; children inherit it.
struct sight {
	bool hidden; // not shown at all
	bool tiny;   // letters of no size
	bool white;  // white letters, and no background that we know of
	bool ground; // some background is set
};

struct look {
	bool skip;       // no text of the page: script, style, head
	bool quote;      // quoted by a mail program, or by <blockquote>
	bool quote_rest; // and so is everything behind it
	bool signature;  // put there by a mail program
	bool preformatted;
	unsigned breaks; // line ends before and behind: 0 inline, 1 block, 2 paragraph
};

// `attributes`: pairs of name and value (which may be NULL), ended by NULL, or NULL.  Changes `sight` for the element.
struct look look_at(const char *name, const char *const *attributes, struct sight *sight);

static inline bool sight_none(struct sight s)
{
	return s.hidden || s.tiny || (s.white && !s.ground);
}

// The value of an attribute, or NULL.
const char *look_attribute(const char *const *attributes, const char *name);

#endif

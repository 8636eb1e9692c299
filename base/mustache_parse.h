// SPDX-License-Identifier: Apache-2.0
// A parsed Mustache template, shared by base/mustache.c (renders) and base/mustache_parse.c (parses).  Not for others.
#ifndef BASE_MUSTACHE_PARSE_H
#define BASE_MUSTACHE_PARSE_H

#include <stddef.h>

#define MUSTACHE_NESTING 32 // sections within sections, in one template

enum token_kind {
	TOKEN_TEXT,
	TOKEN_INDENT, // a line with something on it begins: here goes the indentation of the partial's tag
	TOKEN_VARIABLE,
	TOKEN_SECTION,
	TOKEN_INVERTED,
	TOKEN_CLOSE,
	TOKEN_PARTIAL,
	TOKEN_NOTHING, // a comment
};

struct token {
	enum token_kind kind;
	int line;
	const char *text; // TEXT: what to write; else the name, NUL-terminated.  Part of the template's copy.
	size_t len;
	const char *value;  // SECTION, INVERTED with {{#name=word}}: the word; else NULL
	size_t close;       // SECTION, INVERTED: index of the token that closes it
	const char *indent; // PARTIAL alone on its line: the white space before it; else NULL
	size_t indent_len;
};

struct mustache {
	char *name;
	char *text; // a copy of the source, in which names were cut off by NULs
	struct token *tokens;
	size_t count, room;
};

#endif

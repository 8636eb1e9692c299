// SPDX-License-Identifier: Apache-2.0
// The first line of a message in its parts, as the grammar reads it (bot/grammar.h has the rules).
#ifndef BOT_GRAMMAR_LINE_H
#define BOT_GRAMMAR_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define GRAMMAR_WORDS 4
#define GRAMMAR_WORD 64

struct grammar_line {
	char *line; // the first line that is not blank, trimmed, no-break spaces as blanks; the caller frees
	const char *after_colon; // within `line`; NULL when it has no ":"
	const char *below;       // within what was read: the lines after it
	size_t lines_below;      // how many of them are not blank
	// The words before ":" (or all, without a last "."); `count` is GRAMMAR_WORDS + 1 when there are more, or one
	// is too long.
	char words[GRAMMAR_WORDS][GRAMMAR_WORD];
	size_t count;
};

// False when there is no line but blank ones (then out->line is NULL).
bool grammar_line_read(const char *own, struct grammar_line *out);

// Where the blanks in front end: space, tab, CR, no-break space, byte order mark.
const char *grammar_skip_blanks(const char *text);

#endif

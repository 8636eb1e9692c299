// SPDX-License-Identifier: Apache-2.0
// What people call licences (names.json), and finding such a name at a place in a text.  Private to bot/licence*.c and
// bot/expression_term.c.
#ifndef BOT_LICENCE_NAMES_H
#define BOT_LICENCE_NAMES_H

#include <jansson.h>

#include "bot/licence.h"
#include "bot/licence_phrase.h"

// What a word or phrase of several languages can be; bits.
enum licence_word {
	WORD_LICENCE = 1,    // license, Lizenz
	WORD_VERSION = 2,    // v, version
	WORD_LATER = 4,      // or later, oder später
	WORD_ONLY = 8,       // only, nur
	WORD_WITH = 16,      // with, mit
	WORD_EXCEPTION = 32, // exception, Ausnahme
	WORD_AND = 64,       // and, und
	WORD_OR = 128,       // or, oder
	WORD_UNDER = 256,    // under, unter
	WORD_IS = 512,       // is, ist
	WORD_ARTICLE = 1024, // the, die
	WORD_TERMS = 2048,   // what else may stand between such words and a name
	WORD_STATUTE = 4096, // between a name and its version: "as published by the Free Software Foundation, either"
	WORD_LIKE = 8192,    // behind what is not the licence itself: compatible, style
	WORD_OTHER = 16384,  // behind another thing of that name: server, foundation
	WORD_THING = 32768,  // behind a hyphen, what is under the licence: code, Bibliothek
};

// What a name must stand with, from less to more, to be a licence in running text.
enum licence_need {
	NEED_NOTHING,
	NEED_ITSELF, // no word behind it that makes it something else: "Apache 2 server"
	NEED_SHORT,  // a word for licence, "under", "is"; brackets of its own
	NEED_ALWAYS, // a word for licence next to it
};

struct licence_name {
	json_t *ids;       // one for each version, which stands behind the last '-'
	const char *alone; // what the name means without a version; NULL when that is not clear
	enum licence_need alone_need, version_need;
};

// A value of `names` is a place in `list` + 1 or, from here on, this + a place in the SPDX list.
#define LICENCE_LISTED 0x10000u

struct licence_addition {
	const char *id;
	bool alone; // the name needs no word for exception behind it: "CPE"
};

struct licence_names {
	json_t *file;
	struct phrases words, names, exceptions;
	struct licence_name *list;
	struct licence_addition *additions; // a value of `exceptions` is a place here + 1
	size_t count;
};

// Reads names.json; `l` has its lists.  NULL on error.
struct licence_names *licence_names_load(const struct licences *l, const char *templates, struct err *e);
void licence_names_free(struct licence_names **names);

#define LICENCE_ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:+"

// The value of the longest phrase of the table that begins at `at`, and where it ends; 0 when there is none.  It may
// end within a word, where letters and digits meet.
uint32_t phrases_longest(const struct phrases *table, const char *text, size_t at, size_t *end);
// Where the longest phrase that begins at `at` and is of one of these kinds ends; 0 when there is none.
size_t licence_word(const struct licences *l, const char *text, size_t at, unsigned kinds);

// Where blanks with a hyphen, comma or opening bracket among them end, as they stand before a version.
size_t licence_skip(const char *text, size_t at);
// Where the last of several phrases of these kinds ends that follow one another from `at` on.
size_t licence_skip_words(const struct licences *l, const char *text, size_t at, unsigned kinds);

struct licence_match {
	size_t end;
	char *expression; // the caller's; NULL when it is not clear which licence is meant (no version, an unknown
	                  // exception)
	enum licence_need need;
};

// The longest identifier or name that begins at `at`, with its version and exception.
bool licence_match(const struct licences *l, const char *text, size_t at, struct licence_match *out);

// Takes an exception that is named behind the match into it.
void licence_take_exception(const struct licences *l, const char *text, struct licence_match *m);

// The identifiers that a name without a version can mean, as a list for people; NULL when it is no such name.
char *licence_choices(const struct licences *l, const char *name);

#endif

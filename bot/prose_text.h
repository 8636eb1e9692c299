// SPDX-License-Identifier: Apache-2.0
// Running text as the readers of prose look at it: words in sentences and clauses, without what nobody stated: URLs and
// addresses, code, quoted speech, and clauses that deny or suppose something.
#ifndef BOT_PROSE_TEXT_H
#define BOT_PROSE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PROSE_MAX 32768 // bytes of a text that are looked at

struct word {
	size_t begin, end; // bytes of the text, punctuation around it left out
	char *plain;       // lower case, without accents, "'" for every apostrophe; "" for what is not read at all
	size_t sentence, clause;
	char before, after; // the mark next to it: one of ( ) , ; : . ! ? " or 0
	bool quiet;         // its clause denies or supposes: nothing is stated here
	bool taken;         // a fact was read from it: it is no name of a component
};

struct prose {
	char *text; // line ends within a paragraph are blanks, "\n" parts sentences, "\x01" stands for what is not read
	struct word *words;
	size_t count;
};

// `text` is valid UTF-8.  What follows a closing formula ("Kind regards") near the end is a signature and left out.
void prose_split(const char *text, struct prose *out);
void prose_free(struct prose *prose);
#define _prose_ __attribute__((cleanup(prose_free)))

// How many words the longest of the phrases has that begins at word i, within its sentence; 0 when none does, or
// there is no such word.  Phrases are plain and separated by "|", their words by one blank; a word that ends in "*" is
// the beginning of one.
size_t phrase_at(const struct prose *p, size_t i, const char *phrases);
// The first word in [from, to) where one begins, or `to`.
size_t phrase_find(const struct prose *p, size_t from, size_t to, const char *phrases);

// Does the text at word i spell this name?  How many words of it; 0 when not.  "-", "_" and "/" are as good as blanks.
size_t prose_name_at(const struct prose *p, size_t i, const char *name);

// The sentence or clause that word i belongs to, as [from, to).
struct range {
	size_t from, to;
};
struct range prose_sentence(const struct prose *p, size_t i);
struct range prose_clause(const struct prose *p, size_t i);

// The words [from, to) as they were written, with what stands between them; a new text.
char *prose_words(const struct prose *p, size_t from, size_t to);

#endif

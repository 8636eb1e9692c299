// SPDX-License-Identifier: Apache-2.0
// The licences that are known: the SPDX list and its exceptions, the family of each, and what people call them.  Read
// once, from the templates' folder licences/ (its README says what stands where), and immutable from then on.
#ifndef BOT_LICENCE_H
#define BOT_LICENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct licences;

// `templates` is the folder of templates (see templates_dir.h).  NULL on error (EX_CONFIG, naming the file).
struct licences *licences_load(const char *templates, struct err *e);
void licences_free(struct licences **licences);
#define _licences_ __attribute__((cleanup(licences_free)))

// The built-in families, "permissive" to "unknown"; the table ends with NULL.
extern const char *const licence_families[];

// A licence or an exception of the list.
struct licence {
	const char *id, *name;   // as the list spells them; an exception's name is its id
	const char *family;      // one of licence_families; an exception's is what a strong copyleft becomes by it
	const char *replaced_by; // of a deprecated id: the expression to write instead, or NULL when there is none
	bool deprecated;
};

// By id, in any case; NULL when it is not on the list.  What others.json adds to the list are LicenseRef- ids.
const struct licence *licence_find(const struct licences *l, const char *id);
const struct licence *licence_find_exception(const struct licences *l, const char *id);

// The family of one licence as an expression names it: "MIT", "GPL-2.0+", "GPL-2.0-only WITH Classpath-exception-2.0",
// "LicenseRef-x".  "unknown" for what is none, or more than one.
const char *licence_family(const struct licences *l, const char *text);
// The same in two parts, in the list's own spelling; `exception` may be NULL.
const char *licence_family_of(const struct licences *l, const char *id, const char *exception);

// The known id that a misspelt one was meant to be, or NULL.
const char *licence_nearest(const struct licences *l, const char *id);
const char *licence_nearest_exception(const struct licences *l, const char *id);

// What a person wrote as a whole, a field's value, as an expression: "GPLv3", "Apache 2", "MPL 2 or MIT", "GPL v2 with
// classpath exception", or an expression in any spelling.  A version without "or later" is that version only.  NULL
// when it is not clear which licence is meant: no version where there are several ("GPL"), "BSL" (Boost's or Business
// Source), an unknown exception, "MIT, Apache", "MIT/Apache", or anything that names none.  The caller frees.
char *licence_named(const struct licences *l, const char *words);

// A licence in running text, bytes `begin` to `end`.
struct licence_mention {
	size_t begin, end;
	char *expression; // the caller's; NULL when a licence is named but it is not clear which one (as above)
};

// The next one at or behind byte `from`.  An identifier or name with its version counts; what is also another word
// (MIT, ISC, Ruby) only beside a word for licence or the like.  An expression with AND, OR or WITH is one mention.
// Never in addresses, file names or other words, nor what is only like or compatible with a licence.
bool licence_mention(const struct licences *l, const char *text, size_t from, struct licence_mention *out);

#endif

// SPDX-License-Identifier: Apache-2.0
// Which words of a text can be the name of a component, and which a version.
#ifndef BOT_PROSE_NAMES_H
#define BOT_PROSE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/prose_text.h"

#define PROSE_NONE ((size_t)-1)

// Phrases: nouns for libraries, "called", articles, "version".
extern const char prose_library[], prose_called[], prose_articles[], prose_version[];

bool prose_is_version(const struct prose *p, size_t i);
// Could it be a name at all?
bool prose_is_name(const struct prose *p, size_t i);
// Does it show that it is one, whatever stands around it?  "libfoo", "pdf.js"
bool prose_is_clear_name(const struct prose *p, size_t i);
// Where the name begins whose last word is `last`, not before `from`.
size_t prose_name_begin(const struct prose *p, size_t last, size_t from);
// The version behind a name that ends before i, in whatever fashion, before `to`; PROSE_NONE when there is none.
size_t prose_version_behind(const struct prose *p, size_t i, size_t to);

#endif

// SPDX-License-Identifier: Apache-2.0
// Which of a declared fact's values words mean.  `own` is the declaration of one fact: {"values":[..],"also":{..}}.
#ifndef BOT_FACT_CHOICE_H
#define BOT_FACT_CHOICE_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

#define CHOICE_NAMES_MAX 512 // values and what else they are called; more are not looked at

// The value, borrowed, that the words are; a remark in brackets behind it does not count.  NULL when they are none.
const char *choice_exact(const json_t *own, const char *words);
// Otherwise the one that stands among them as whole words, undenied, when there is only one ("shipped as firmware").
const char *choice_of(const json_t *own, const char *words);

// Always -1, with a sentence that names the values, and the nearest one.
int choice_unknown(const json_t *own, const char *name, const char *words, struct err *e);

// Every value under every name, the longest names first; how many.
struct choice_name {
	const char *value, *name;
};
size_t choice_names(const json_t *own, struct choice_name out[CHOICE_NAMES_MAX]);

#endif

// SPDX-License-Identifier: Apache-2.0
// Labelled lines in a person's text: which fact each is about, and which words belong to it.  It does not look at what
// the words say.
#ifndef BOT_FACT_LINES_H
#define BOT_FACT_LINES_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

#define FACT_LINES_MAX 1024 // labelled lines of one text; what comes after them is not read

// An array of [name, words] in the order of the text, of which the first 256 KiB are looked at; words may be "" and
// have several lines; longer ones are cut behind FACT_VALUE_MAX bytes, so that they still show as too long.  What
// belongs to no label is added to `rest`.
json_t *fact_lines(const json_t *declared, const char *text, struct buf *rest);

// The label of a line "Label: value" and where its value begins; NULL when it has none that means a fact.  `line` is
// without its line end and is not changed.
const char *fact_of_line(const json_t *declared, const char *line, const char **value);

#endif

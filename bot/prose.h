// SPDX-License-Identifier: Apache-2.0
// Facts from running text, where nobody wrote a label: "we want to ship libfoo 2.1 in Widget until March".  What is
// read here is a guess of the careful kind, shown as such to everybody: it never beats what was stated, and what could
// be read in two ways is asked for.  Pure: `now` comes in.
#ifndef BOT_PROSE_H
#define BOT_PROSE_H

#include <jansson.h>
#include <stdint.h>

struct licences;

// clang-format off
// {"facts":{name:value},                        values as in facts.h
//  "origin":{name:"inferred"},
//  "words":{name:"the words it came from"},
//  "components":[{"component","version"?,"license"?},...],   only when there are several
//  "problems":[{"name","words","why"}]}         several candidates, or not enough to go by
// clang-format on
// `text`: own words without labelled lines, UTF-8; `subject` counts like a sentence before it and may be NULL.
// `declared`: the catalogue's declarations, may be NULL.  Languages: English, German, French, Spanish, Italian, Dutch;
// some Portuguese and Swedish.  Panics when memory ran out.
json_t *prose_read(const json_t *declared, const struct licences *licences, const char *subject, const char *text,
                   int64_t now);

#endif

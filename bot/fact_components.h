// SPDX-License-Identifier: Apache-2.0
// One request may list several components, each with its version and licence, in several fashions; see facts.h.
#ifndef BOT_FACT_COMPONENTS_H
#define BOT_FACT_COMPONENTS_H

#include <jansson.h>

// The items of one value: "a 1.2 (MIT), b 2.0 (GPL-3.0)", "libfoo@1.2", lines with bullets.  An array of {"component",
// "inline","license"}: `inline` is a version that stood beside the name.  One item when it is not clearly a list.
json_t *components_split(const char *words);

// Groups of [name, words] entries, of which only component, version and license count: a repeated one begins the next
// group. An array of {"component","version","license"}; entries with empty words are passed over.  With at most one
// component among them, and no name twice with different words, it has at most one group; otherwise *conflict names
// what was given twice (borrowed; NULL when nothing was).
json_t *components_group(const json_t *entries, const char **conflict);

#endif

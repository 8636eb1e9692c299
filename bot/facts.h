// SPDX-License-Identifier: Apache-2.0
// The facts of a request (DESIGN 4): which there are, what they are called, and how labelled lines, tables and forms
// become values.  What prose says without a label is not read here (prose.h is its place).  Pure: `now` comes in.
//
// `declared`, everywhere: the catalogue's declarations, may be NULL:
//   {"product":{"kind":"choice","values":["Widget"],"also":{"Widget":["the widget"]},"title":"Product","hint":".."}}
// kinds: text number money date duration choice choices person.  A declaration of a built-in fact's name replaces that
// fact's kind; a number may have a "min" and a "max", any fact a "question".
//
// Values, by kind:
//   text      a string of one line; rationale, remediation and impact may have several
//   licence   as text (license: an SPDX expression, but not checked here)
//   number    an integer >= 0 ("25 seats" is 25; risk: at most 10), within the declared bounds
//   date      "YYYY-MM-DD"; `expires` must lie after today
//   money     {"amount":"12500.50","currency":"EUR"}: a decimal in whole units of the currency, with two decimals or
//   none,
//             so that CAST(amount AS REAL) compares it
//   list      an array of strings (policy, and declared `choices`)
//   choice    the declared spelling
//   duration  "90d": a number and d, w, m or y, as written (see fact_duration.h)
//   person    as written until it is settled (see fact_person.h), then "person:ann" or "mail:kim@example.com"
#ifndef BOT_FACTS_H
#define BOT_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define FACT_VALUE_MAX 4096 // bytes
#define FACT_COMPONENTS_MAX 200
#define FACT_TITLE_MAX 120
#define FACT_HINT 512

enum fact_kind {
	FACT_TEXT,
	FACT_LICENCE,
	FACT_NUMBER,
	FACT_DATE,
	FACT_MONEY,
	FACT_LIST,
	FACT_CHOICE,   // declared only
	FACT_CHOICES,  // declared only
	FACT_DURATION, // declared only
	FACT_PERSON,   // declared only
};

struct fact {
	const char *name;
	enum fact_kind kind;
	bool several;         // several lines make sense
	const char *title;    // for people: "Ships until"
	const char *question; // "Until when do you need it?"
	const char *hint;     // for the form: "a day, for example 2027-03-31"
	const char *labels;   // what people call it, folded and separated by "|" (see fact_fold.h)
};

// The built-in facts in the order of a form; the table ends with a NULL name.
extern const struct fact facts_builtin[];

// The built-in fact of that name, or NULL.
const struct fact *fact_find(const char *name);
enum fact_kind fact_kind(const json_t *declared, const char *name);

// What people read: the declared title, the built-in one, or the name.  Borrowed.
const char *fact_title(const json_t *declared, const char *name);
// "Until when do you need it?": the declared question, the built-in one, or "".  Borrowed.
const char *fact_question(const json_t *declared, const char *name);
// How to fill it in, for a form; names the allowed values of a choice.  Returns out.
const char *fact_hint(const json_t *declared, const char *name, char out[FACT_HINT]);

// Reads one value from words.  0 and a new reference, or -1 and a sentence for whoever wrote it.  Empty words are -1.
int fact_value(const json_t *declared, const char *name, const char *words, int64_t now, json_t **value, struct err *e);

// A value as people read it: "12500.50 EUR", "a, b".  The caller frees.
char *fact_text(const json_t *value);

// The name of the fact that a label means ("Needed until" -> "expires"), built-in or declared; borrowed; NULL when
// none.
const char *fact_of_label(const json_t *declared, const char *label);

// Reads a request.  `own`: own words, UTF-8; `pairs`: label and value of tables, [["License","MIT"],..] or NULL;
// `subject` may be NULL and is read only where it has labels ("License: MIT; Component: zlib").
// clang-format off
//  {"facts":{name:value},
//   "origin":{name:"line"|"table"|"subject"},
//   "words":{name:"the words it came from"},
//   "components":[{"component","version","license"},...],  only when there are several; absent keys were not given
//   "problems":[{"name","words","why"}],                    it was given but is not usable; then it is not in facts
//   "rest":"own text without the labelled lines"}
// clang-format on
// A line beats a table, a table the subject.  Policies, choices and paragraphs that were given in several lines are put
// together; any other fact given twice in one place with different words is a problem, but a repeated component,
// version or license begins the next component.  With several components the facts are: component their names joined by
// ", ", license their different licences joined by AND, version absent. Labels: "Label: value", "Label = value", "Label
// - value", bullets, **bold**, a hint in brackets behind the label.  A value goes on over indented lines and bullets;
// rationale, remediation and impact go on until the next label.  Empty, "-", "n/a" and "tbd" are not given. Never
// fails: whatever is wrong is in problems.  Panics when memory ran out.
json_t *facts_read(const json_t *declared, const char *subject, const char *own, const json_t *pairs, int64_t now);

// The subject behind "Re: ", "AW: ", "Fwd: " and the like, and behind list tags in brackets; borrowed.
const char *subject_words(const char *subject);

// One line that names the request ("GPL-3.0-only for libfoo 2.1 in Widget"); the subject without Re: and Fwd: when the
// facts say too little.  At most FACT_TITLE_MAX bytes, no control bytes.  The caller frees.
char *facts_title(const json_t *facts, const char *subject);

#endif

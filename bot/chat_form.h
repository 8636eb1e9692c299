// SPDX-License-Identifier: Apache-2.0
// The form of a request: a modal with one input for each of the catalogue's facts, and what was filled in, read back.
#ifndef BOT_CHAT_FORM_H
#define BOT_CHAT_FORM_H

#include <jansson.h>

#include "base/err.h"

struct desk;
struct templates;

#define CHAT_FORM_WORDS "words" // block_id of the request in the person's own words

// The modal, callback_id "request", from templates/slack/request.json.  Facts are those that the catalogue declares or
// some type needs, in the order of a form; none is compulsory, for whatever is missing is asked for later.  Each
// input's block_id is the fact's name, its action_id "value".  `known` holds what to fill in, {fact: its value or
// words} and "words"; what does not fit its input (a choice that is none, words for a date) is left out.  May be NULL.
// `metadata` comes back as private_metadata.  NULL on error.
json_t *chat_form(const struct desk *desk, struct templates *t, const json_t *known, const char *metadata,
                  struct err *e);

// Reads a submission's state.values: *reading as facts_read() gives it, of the fields (origin "form") and, for what
// they leave open, of the person's own words.  *errors is {block_id: a sentence} for fields that cannot be read, never
// for missing ones; NULL when there are none.  Unknown blocks and values of another shape are not looked at.  0, or -1.
int chat_form_read(const struct desk *desk, const json_t *values, json_t **reading, json_t **errors, struct err *e);

#endif

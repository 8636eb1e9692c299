// SPDX-License-Identifier: Apache-2.0
// Facts that somebody put into the fields of a form.
#ifndef BOT_FACT_FORM_H
#define BOT_FACT_FORM_H

#include <jansson.h>
#include <stdint.h>

// Puts `form`, {name: words, or an array of a choice's values}, into what facts_read() gave, with origin "form".  A
// field beats every other source: where its words are no value of that fact, it is a problem and the fact is not given.
// Empty fields and names that are no facts are not looked at.  `form` may be NULL.
void facts_form(const json_t *declared, const json_t *form, int64_t now, json_t *reading);

#endif

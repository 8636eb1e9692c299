// SPDX-License-Identifier: Apache-2.0
// Facts of kind person: whom somebody's words mean.  They need the people file, so fact_value() leaves such a fact as
// it was written, and this settles it.
#ifndef BOT_FACT_PERSON_H
#define BOT_FACT_PERSON_H

#include <jansson.h>

#include "base/err.h"
#include "bot/people.h"

// "person:ann" for somebody listed, meant by id, name or mail address ("Ann Okafor <ann@example.com>" too), in any
// case; "mail:kim@example.com" for any other address.  The caller frees.  NULL with a sentence when nobody or several
// are meant.
char *fact_person(const struct people *people, const char *words, struct err *e);

// Settles every fact of kind person in what facts_read() gave: its value becomes a principal, or it is taken out and is
// a problem.  Settling twice changes nothing.
void fact_persons(const json_t *declared, const struct people *people, json_t *reading);

#endif

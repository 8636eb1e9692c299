// SPDX-License-Identifier: Apache-2.0
// Erasing what is said about a case or a person (store/erase.h) takes two administrators: one asks, another confirms.
// None of them may have asked for the case, filed or edited it, or be the person.
#ifndef BOT_ERASING_H
#define BOT_ERASING_H

#include "bot/case.h"
#include "bot/desk.h"

#define ERASING_WITHIN (30 * (int64_t)CLOCK_DAY) // what was asked for longer ago must be asked for again

// Whom or what a command means.
struct retained {
	char case_id[32];   // or "": a person
	char *principal;    // of the person: "person:ann", "mail:kim@example.com"; NULL with a case
	json_t *principals; // as store/erase.h wants them
	json_t *addresses;
};

// "CS-12", the id of somebody who is listed, or an address.  -1: it is none of them.  `out` is valid for
// retained_free() either way.
int retained_read(const struct desk *desk, const char *text, struct retained *out);
void retained_free(struct retained *r);
#define _retained_ __attribute__((cleanup(retained_free)))
const char *retained_subject(const struct retained *r); // as it stands in the log: the case's id or the principal

struct erasing {
	bool erased; // or asked for
	int64_t entry;
	char *others;  // asked for: who may confirm it, "Ira Weiss, Jo Park"
	json_t *taken; // erased: {"entries","letters","messages","evidence","kept","shared","leaves":
	               // counts,"cases":[id], "backups":[{"backup","at"}]: that were made before and still hold it,
	               // "aside":[path]: what restores put aside, too}
};
void erasing_free(struct erasing *e);
#define _erasing_ __attribute__((cleanup(erasing_free)))

// What `person` (NULL: nobody who is listed) wants, inside the open transaction.
enum decided erasing_order(struct desk *desk, const struct person *person, const struct retained *what, const char *why,
                           struct erasing *out, struct refusal *refusal, struct err *e);

// What retention does by itself with some cases (an array of ids): the catalogue that two administrators published says
// when.  0 also when something stands in the way of one of them; *erased says whether it was done.
int erasing_by_catalogue(struct desk *desk, const json_t *cases, const char *why, bool *erased, struct err *e);

// "CS-12 was erased on 24 November 2026 by order of Ira Weiss and Jo Park: they asked for it"; `view` is
// erased_view()'s.
char *erased_text(const struct desk *desk, const json_t *view);

#endif

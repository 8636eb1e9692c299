// SPDX-License-Identifier: Apache-2.0
// The people file (DESIGN 6): who is listed, in which groups, and how a mail address or a local user resolves to one
// person - or to nobody.  Immutable once read; a changed file is read into a new one.
#ifndef BOT_PEOPLE_H
#define BOT_PEOPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct people;

// Everything borrowed from its struct people.  slack, manager, zone, unix_name, lang, authority may be NULL.
struct person {
	const char *id, *name, *slack, *manager, *zone, *unix_name, *lang, *authority;
	const json_t *mail, *groups, *alternates; // arrays of strings, never NULL; addresses in lower case
};

// NULL on error (EX_CONFIG, "file:line:column: sentence").
struct people *people_read(const char *text, size_t len, const char *file, struct err *e);
// The same from a file, refused when others could have written it (see yaml_load()).
struct people *people_load(const char *path, struct err *e);
void people_free(struct people **people);
#define _people_ __attribute__((cleanup(people_free)))

// NULL when nobody is meant.  Addresses are compared without regard to ASCII case.
const struct person *people_find(const struct people *people, const char *id);
const struct person *people_by_mail(const struct people *people, const char *address);
const struct person *people_by_unix(const struct people *people, const char *name);
const struct person *people_by_slack(const struct people *people, const char *user);

size_t people_count(const struct people *people);
const struct person *people_at(const struct people *people, size_t i);

bool person_in(const struct person *person, const char *group);
// How many persons are in at least one of the groups (an array of strings).
size_t people_in_any(const struct people *people, const json_t *groups);
// Is there anybody in this group?
bool people_has_group(const struct people *people, const char *group);

// Is that principal, "person:ann", a listed administrator?
bool people_is_admin(const struct people *people, const char *principal);
// The names of all administrators but one; "" when there is no other.  The caller frees.
char *people_administrators(const struct people *people, const struct person *but);

// May this address ask?  Listed, or of one of the requesters' domains (exactly: no subdomain).
bool people_may_ask(const struct people *people, const char *address);

// {"ann":["legal"],...}: a new reference.
json_t *people_groups(const struct people *people);
// The file's text as read.
const char *people_text(const struct people *people);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_person.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/address.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"

// The address in "ann@example.com", "<ann@example.com>" or "Ann <ann@example.com>"; NULL when there is none.
static char *address_in(const char *words)
{
	const char *open = strchr(words, '<'), *close = open ? strchr(open, '>') : NULL;
	_free_ char *copy = close ? text_copy_n(open + 1, (size_t)(close - open - 1)) : text_copy(words);
	const char *address = text_trim(copy);

	if (!address_domain(address) || strpbrk(address, " \t,;<>()\"") ||
	    strchr(address, '@') != strrchr(address, '@'))
		return NULL;
	return address_normal(address);
}

static char *unknown(const struct people *people, const char *words, struct err *e)
{
	_free_ const char **names = calloc(2 * people_count(people) + 1, sizeof *names);
	const char *near;
	size_t count = 0;

	if (!names)
		panic("out of memory");
	for (size_t i = 0; i < people_count(people); i++) {
		names[count++] = people_at(people, i)->name;
		names[count++] = people_at(people, i)->id;
	}
	near = text_nearest(words, names);
	err_set(e, EX_DATAERR, "nobody is called '%.*s' here%s%s; write the mail address, for example ann@example.com",
	        (int)utf8_prefix(words, 64), words, near ? " - did you mean " : "", near ? near : "");
	return NULL;
}

static char *principal_of(const struct person *person)
{
	return text_format("person:%s", person->id);
}

char *fact_person(const struct people *people, const char *words, struct err *e)
{
	const char *id = text_starts(words, "person:") ? words + strlen("person:") : words;
	_free_ char *address = address_in(text_starts(words, "mail:") ? words + strlen("mail:") : words);
	const struct person *found = address ? people_by_mail(people, address) : NULL;

	if (address)
		return found ? principal_of(found) : text_format("mail:%s", address);
	for (size_t i = 0; i < people_count(people); i++)
		if (text_same(people_at(people, i)->id, id))
			return principal_of(people_at(people, i));
	for (size_t i = 0; i < people_count(people); i++) {
		const struct person *person = people_at(people, i);

		if (!fold_same(person->name, words))
			continue;
		if (found) {
			err_set(e, EX_DATAERR, "several people are called '%.64s'; write the mail address",
			        person->name);
			return NULL;
		}
		found = person;
	}
	return found ? principal_of(found) : unknown(people, words, e);
}

static void settle(const struct people *people, const char *name, json_t *reading)
{
	json_t *facts = json_obj(reading, "facts");
	const char *words = json_str_or_null(facts, name);
	struct err why = { 0 };
	_free_ char *principal = words ? fact_person(people, words, &why) : NULL;

	if (principal) {
		json_put_str(facts, name, principal);
	} else if (words) {
		json_add(json_arr(reading, "problems"),
		         json_pack("{s:s,s:s,s:s}", "name", name, "words", words, "why", why.text));
		json_object_del(facts, name);
		json_object_del(json_obj(reading, "origin"), name);
		json_object_del(json_obj(reading, "words"), name);
	}
}

void fact_persons(const json_t *declared, const struct people *people, json_t *reading)
{
	const char *name;
	json_t *own;

	json_object_foreach((json_t *)declared, name, own)
		if (fact_kind(declared, name) == FACT_PERSON)
			settle(people, name, reading);
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/people_read.h"

#define ADDRESS_MAX 320

static const struct person *person_of(const struct people *people, const json_t *index, const char *key)
{
	const json_t *at = json_object_get(index, key);

	return at ? &people->list[json_integer_value(at)] : NULL;
}

const struct person *people_find(const struct people *people, const char *id)
{
	return person_of(people, people->by_id, id);
}

const struct person *people_by_mail(const struct people *people, const char *address)
{
	if (strlen(address) > ADDRESS_MAX)
		return NULL;
	_free_ char *lower = text_lower(text_copy(address));

	return person_of(people, people->by_mail, lower);
}

const struct person *people_by_unix(const struct people *people, const char *name)
{
	return person_of(people, people->by_unix, name);
}

const struct person *people_by_slack(const struct people *people, const char *user)
{
	return person_of(people, people->by_slack, user);
}

size_t people_count(const struct people *people)
{
	return people->count;
}

const struct person *people_at(const struct people *people, size_t i)
{
	return i < people->count ? &people->list[i] : NULL;
}

bool person_in(const struct person *person, const char *group)
{
	return json_has_str(person->groups, group);
}

static bool in_any(const struct person *person, const json_t *groups)
{
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group)
		if (person_in(person, json_string_value(group)))
			return true;
	return false;
}

size_t people_in_any(const struct people *people, const json_t *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < people->count; i++)
		count += in_any(&people->list[i], groups);
	return count;
}

bool people_has_group(const struct people *people, const char *group)
{
	for (size_t i = 0; i < people->count; i++)
		if (person_in(&people->list[i], group))
			return true;
	return false;
}

bool people_may_ask(const struct people *people, const char *address)
{
	const char *domain = strchr(address, '@');
	size_t i;
	json_t *known;

	if (people_by_mail(people, address))
		return true;
	if (!domain || domain == address || strlen(address) > ADDRESS_MAX)
		return false;
	json_array_foreach(people->requesters, i, known)
		if (text_same(domain + 1, json_string_value(known)))
			return true;
	return false;
}

json_t *people_groups(const struct people *people)
{
	json_t *groups = json_object();

	for (size_t i = 0; i < people->count; i++)
		json_put(groups, people->list[i].id, json_deep_copy(people->list[i].groups));
	return groups;
}

const char *people_text(const struct people *people)
{
	return people->text;
}

void people_free(struct people **people)
{
	struct people *p = *people;

	if (!p)
		return;
	json_decref(p->root);
	json_decref(p->none);
	json_decref(p->by_id);
	json_decref(p->by_mail);
	json_decref(p->by_unix);
	json_decref(p->by_slack);
	free(p->list);
	free(p->text);
	free(p);
	*people = NULL;
}

bool people_is_admin(const struct people *people, const char *principal)
{
	const struct person *person =
	        text_starts(principal, "person:") ? people_find(people, principal + strlen("person:")) : NULL;

	return person && person_in(person, "admin");
}

char *people_administrators(const struct people *people, const struct person *but)
{
	struct buf names = BUF(4096);

	for (size_t i = 0; i < people_count(people); i++) {
		const struct person *person = people_at(people, i);

		if (person != but && person_in(person, "admin"))
			buf_printf(&names, "%s%s", names.len ? ", " : "", person->name);
	}
	return names.len ? buf_steal(&names) : text_copy("");
}

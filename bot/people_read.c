// SPDX-License-Identifier: Apache-2.0
// Reading and checking a people file.
#include "bot/people_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/hours.h"
#include "bot/people.h"
#include "bot/yaml_check.h"

#define PEOPLE_MAX 20000

static const char lower_letters[] = "abcdefghijklmnopqrstuvwxyz";
static const char id_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
static const char host_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

static const struct yaml_key person_keys[] = {
	{ .name = "id", .kind = YAML_TEXT, .required = true },
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = 100 },
	{ .name = "mail", .kind = YAML_TEXTS, .max = 16 },
	{ .name = "slack", .kind = YAML_TEXT },
	{ .name = "groups", .kind = YAML_TEXTS, .max = 64 },
	{ .name = "manager", .kind = YAML_TEXT },
	{ .name = "alternates", .kind = YAML_TEXTS, .max = 16 },
	{ .name = "zone", .kind = YAML_TEXT },
	{ .name = "authority", .kind = YAML_TEXT },
	{ .name = "unix", .kind = YAML_TEXT },
	{ .name = "lang", .kind = YAML_TEXT },
	{ .name = NULL },
};
static const struct yaml_key keys[] = {
	{ .name = "people", .kind = YAML_LIST, .required = true, .min = 1, .max = PEOPLE_MAX, .sub = person_keys },
	{ .name = "requesters", .kind = YAML_TEXTS, .max = 64 },
	{ .name = NULL },
};

static bool is_word(const char *text, const char *characters, size_t max)
{
	size_t len = strspn(text, characters);

	return len > 0 && len <= max && text[len] == '\0';
}

// Already in lower case.  The domain in the form that mail uses: letters, digits, xn--.
static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (!at || at == text || at - text > 64)
		return false;
	for (const char *c = text; c < at; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("()<>[]:;,\\\"", *c))
			return false;
	return is_word(at + 1, host_characters, 253) && at[1] != '.' && at[1] != '-';
}

// Folds an array's members to lower case, in the document.
static void fold(struct yaml *y, json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		_free_ char *lower = text_lower(text_copy(json_string_value(json_array_get(array, i))));

		yaml_replace_at(y, array, i, json_string(lower));
	}
}

// Puts one key of a person into an index; `value` is what a complaint points at.
static int enter(struct yaml *y, struct people *p, json_t *index, json_t *value, size_t at, const char *what,
                 struct err *e)
{
	const char *key = json_string_value(value);
	const json_t *other = json_object_get(index, key);

	if (other)
		return yaml_error(y, value, e, "%s '%.64s' is already %s's", what, key,
		                  p->list[json_integer_value(other)].id);
	json_put(index, key, json_integer((json_int_t)at));
	return 0;
}

static int enter_mail(struct yaml *y, struct people *p, json_t *addresses, size_t at, struct err *e)
{
	size_t i;
	json_t *address;

	fold(y, addresses);
	json_array_foreach(addresses, i, address) {
		if (!is_address(json_string_value(address)))
			return yaml_error(y, address, e, "this is not a mail address");
		if (enter(y, p, p->by_mail, address, at, "the address", e) < 0)
			return -1;
	}
	return 0;
}

static bool is_authority(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 16 && text[digits] == ' ' && strlen(text + digits + 1) == 3 &&
	       strspn(text + digits + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static int check_words(struct yaml *y, json_t *person, struct err *e)
{
	json_t *authority = json_object_get(person, "authority"), *zone = json_object_get(person, "zone");
	json_t *lang = json_object_get(person, "lang"), *group;
	size_t i;

	if (zone && !zone_known(json_string_value(zone)))
		return yaml_error(y, zone, e, "'zone' must be a time zone that this machine knows, like Europe/Berlin");
	if (authority && !is_authority(json_string_value(authority)))
		return yaml_error(y, authority, e, "'authority' must be an amount and a currency, like 10000 EUR");
	if (lang && !is_word(json_string_value(lang), lower_letters, 3))
		return yaml_error(y, lang, e, "'lang' must be the short name of a language, like en");
	json_array_foreach(json_arr(person, "groups"), i, group)
		if (!is_word(json_string_value(group), id_characters, 32))
			return yaml_error(y, group, e,
			                  "a group's name has 1 to 32 of the characters a-z, 0-9, '.', '_' and '-'");
	return 0;
}

static const json_t *array_or_none(const struct people *p, const json_t *person, const char *key)
{
	const json_t *array = json_arr(person, key);

	return array ? array : p->none;
}

static int take_person(struct yaml *y, struct people *p, json_t *person, size_t at, struct err *e)
{
	json_t *id = json_object_get(person, "id"), *slack = json_object_get(person, "slack");
	json_t *user = json_object_get(person, "unix");

	if (!is_word(json_string_value(id), id_characters, 32))
		return yaml_error(y, id, e, "an id has 1 to 32 of the characters a-z, 0-9, '.', '_' and '-'");
	if (json_object_get(p->by_id, json_string_value(id)))
		return yaml_error(y, id, e, "the id '%s' stands here a second time", json_string_value(id));
	json_put(p->by_id, json_string_value(id), json_integer((json_int_t)at));
	p->list[at] = (struct person){
		.id = json_string_value(id),
		.name = json_str(person, "name"),
		.slack = json_string_value(slack),
		.manager = json_str_or_null(person, "manager"),
		.zone = json_str_or_null(person, "zone"),
		.unix_name = json_string_value(user),
		.lang = json_str_or_null(person, "lang"),
		.authority = json_str_or_null(person, "authority"),
		.mail = array_or_none(p, person, "mail"),
		.groups = array_or_none(p, person, "groups"),
		.alternates = array_or_none(p, person, "alternates"),
	};
	if (enter_mail(y, p, json_arr(person, "mail"), at, e) < 0 || check_words(y, person, e) < 0)
		return -1;
	if (slack && enter(y, p, p->by_slack, slack, at, "the Slack user", e) < 0)
		return -1;
	return user ? enter(y, p, p->by_unix, user, at, "the local user", e) : 0;
}

static int check_reference(struct yaml *y, const struct people *p, const struct person *person, const json_t *other,
                           const char *what, struct err *e)
{
	const char *id = json_string_value(other), *near;
	_free_ const char **ids = NULL;

	if (strcmp(id, person->id) == 0)
		return yaml_error(y, other, e, "%s is named as the %s of themselves", id, what);
	if (people_find(p, id))
		return 0;
	ids = calloc(p->count + 1, sizeof *ids);
	if (!ids)
		panic("out of memory");
	for (size_t i = 0; i < p->count; i++)
		ids[i] = p->list[i].id;
	near = text_nearest(id, ids);
	if (near)
		return yaml_error(y, other, e, "the %s '%.64s' is not listed - did you mean '%s'?", what, id, near);
	return yaml_error(y, other, e, "the %s '%.64s' is not listed", what, id);
}

static int check_references(struct yaml *y, const struct people *p, json_t *list, struct err *e)
{
	for (size_t at = 0; at < p->count; at++) {
		const struct person *person = &p->list[at];
		const json_t *manager = json_object_get(json_array_get(list, at), "manager");
		size_t i;
		json_t *other;

		if (manager && check_reference(y, p, person, manager, "manager", e) < 0)
			return -1;
		json_array_foreach(person->alternates, i, other)
			if (check_reference(y, p, person, other, "alternate", e) < 0)
				return -1;
	}
	return 0;
}

static int take_requesters(struct yaml *y, struct people *p, json_t *domains, struct err *e)
{
	size_t i;
	json_t *domain;

	fold(y, domains);
	json_array_foreach(domains, i, domain) {
		const char *text = json_string_value(domain);

		if (!is_word(text, host_characters, 253) || text[0] == '.' || text[0] == '-' || !strchr(text, '.'))
			return yaml_error(y, domain, e, "this is not a mail domain, like example.com");
	}
	p->requesters = domains;
	return 0;
}

static int take(struct yaml *y, struct people *p, struct err *e)
{
	json_t *root = yaml_json(y), *list;

	if (yaml_check(y, root, keys, e) < 0)
		return -1;
	list = json_arr(root, "people");
	p->root = json_incref(root);
	p->list = calloc(json_array_size(list), sizeof *p->list);
	if (!p->list)
		panic("out of memory");
	for (; p->count < json_array_size(list); p->count++)
		if (take_person(y, p, json_array_get(list, p->count), p->count, e) < 0)
			return -1;
	if (check_references(y, p, list, e) < 0)
		return -1;
	return take_requesters(y, p, json_arr(root, "requesters"), e);
}

static struct people *people_of(struct yaml *y, struct err *e)
{
	_people_ struct people *p = calloc(1, sizeof *p);

	if (!y)
		return NULL;
	if (!p)
		panic("out of memory");
	p->none = json_array();
	p->by_id = json_object();
	p->by_mail = json_object();
	p->by_unix = json_object();
	p->by_slack = json_object();
	p->text = text_copy(yaml_text(y, NULL));
	return take(y, p, e) < 0 ? NULL : steal_ptr(p);
}

struct people *people_read(const char *text, size_t len, const char *file, struct err *e)
{
	_yaml_ struct yaml *y = yaml_read(text, len, file, e);

	return people_of(y, e);
}

struct people *people_load(const char *path, struct err *e)
{
	_yaml_ struct yaml *y = yaml_load(path, e);

	return people_of(y, e);
}

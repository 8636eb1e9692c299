// SPDX-License-Identifier: Apache-2.0
#include "bot/yaml_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"

#define TEXT_MAX 4096
#define LIST_MAX 1024

static int unknown_key(struct yaml *y, json_t *object, const char *key, const struct yaml_key *keys, struct err *e)
{
	const char *names[64] = { NULL }, *near;

	for (size_t i = 0; keys[i].name && i < LENGTH(names) - 1; i++)
		names[i] = keys[i].name;
	near = text_nearest(key, names);
	if (near)
		return yaml_error_key(y, object, key, e, "unknown key '%.64s' - did you mean '%s'?", key, near);
	return yaml_error_key(y, object, key, e, "unknown key '%.64s'", key);
}

static int check_text(struct yaml *y, const json_t *value, const struct yaml_key *k, struct err *e)
{
	size_t max = k->max ? (size_t)k->max : TEXT_MAX, len = json_string_length(value);

	if (!json_is_string(value))
		return yaml_error(y, value, e, "'%s' must be text", k->name);
	if (len == 0 && k->min >= 0)
		return yaml_error(y, value, e, "'%s' must not be empty", k->name);
	if (len > max)
		return yaml_error(y, value, e, "'%s' is longer than %zu bytes", k->name, max);
	return 0;
}

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len < 16 && text[len] == '\0' && (text[0] != '0' || len == 1);
}

static int check_integer(struct yaml *y, json_t *object, json_t *value, const struct yaml_key *k, struct err *e)
{
	const char *text = json_string_value(value);
	int64_t number;

	if (!text || !is_number(text) || !yaml_plain(y, value))
		return yaml_error(y, value, e, "'%s' must be a whole number%s", k->name,
		                  text && is_number(text) ? " without quotes" : "");
	number = strtoll(text, NULL, 10);
	if (number < k->min || (k->max && number > k->max)) {
		if (k->max)
			return yaml_error(y, value, e, "'%s' must be from %lld to %lld", k->name, (long long)k->min,
			                  (long long)k->max);
		return yaml_error(y, value, e, "'%s' must be at least %lld", k->name, (long long)k->min);
	}
	yaml_replace(y, object, k->name, json_integer(number));
	return 0;
}

static int check_boolean(struct yaml *y, json_t *object, json_t *value, const struct yaml_key *k, struct err *e)
{
	const char *text = json_string_value(value);
	bool yes = text && strcmp(text, "true") == 0;

	if (!text || !yaml_plain(y, value) || (!yes && strcmp(text, "false") != 0))
		return yaml_error(y, value, e, "'%s' must be true or false", k->name);
	yaml_replace(y, object, k->name, json_boolean(yes));
	return 0;
}

static int check_members(struct yaml *y, const json_t *value, size_t count, const struct yaml_key *k, struct err *e)
{
	size_t max = k->max ? (size_t)k->max : LIST_MAX;

	if ((int64_t)count < k->min)
		return yaml_error(y, value, e, "'%s' needs at least %lld %s", k->name, (long long)k->min,
		                  k->min == 1 ? "member" : "members");
	if (count > max)
		return yaml_error(y, value, e, "'%s' has more than %zu members", k->name, max);
	return 0;
}

static int check_text_member(struct yaml *y, const json_t *member, const struct yaml_key *k, struct err *e)
{
	if (!json_is_string(member) || !json_string_length(member))
		return yaml_error(y, member, e, "each member of '%s' must be text", k->name);
	if (json_string_length(member) > TEXT_MAX)
		return yaml_error(y, member, e, "a member of '%s' is longer than %d bytes", k->name, TEXT_MAX);
	return 0;
}

// Texts; and objects too when there is a table for them.
static int check_texts(struct yaml *y, const json_t *value, const struct yaml_key *k, struct err *e)
{
	size_t i;
	json_t *member;

	if (!json_is_array(value))
		return yaml_error(y, value, e, "'%s' must be a list, [like, this]", k->name);
	json_array_foreach(value, i, member) {
		bool object = k->sub && json_is_object(member);

		if (object ? yaml_check(y, member, k->sub, e) < 0 : check_text_member(y, member, k, e) < 0)
			return -1;
	}
	return check_members(y, value, json_array_size(value), k, e);
}

static int check_list(struct yaml *y, const json_t *value, const struct yaml_key *k, struct err *e)
{
	size_t i;
	json_t *member;

	if (!json_is_array(value))
		return yaml_error(y, value, e, "'%s' must be a list", k->name);
	json_array_foreach(value, i, member) {
		if (!json_is_object(member))
			return yaml_error(y, member, e, "each member of '%s' must have keys", k->name);
		if (yaml_check(y, member, k->sub, e) < 0)
			return -1;
	}
	return check_members(y, value, json_array_size(value), k, e);
}

// An object whose keys are names of the writer's choice.
static int check_names(struct yaml *y, json_t *value, const struct yaml_key *k, struct err *e)
{
	const char *name;
	json_t *member;

	if (!json_is_object(value))
		return yaml_error(y, value, e, "'%s' must have keys", k->name);
	json_object_foreach(value, name, member) {
		if (k->kind == YAML_TEXT_LISTS) {
			const struct yaml_key each = { .name = name, .kind = YAML_TEXTS };

			if (check_texts(y, member, &each, e) < 0)
				return -1;
		} else if (k->kind == YAML_NAMED) {
			const struct yaml_key each = { .name = name, .kind = YAML_TEXT };

			if (check_text(y, member, &each, e) < 0)
				return -1;
		} else if (!json_is_object(member)) {
			return yaml_error(y, member, e, "'%.64s' must have keys", name);
		} else if (yaml_check(y, member, k->sub, e) < 0) {
			return -1;
		}
	}
	return check_members(y, value, json_object_size(value), k, e);
}

static int check_key(struct yaml *y, json_t *object, const struct yaml_key *k, struct err *e)
{
	json_t *value = json_object_get(object, k->name);

	if (!value)
		return k->required ? yaml_error(y, object, e, "'%s' is missing", k->name) : 0;
	switch (k->kind) {
	case YAML_TEXT:
		return check_text(y, value, k, e);
	case YAML_INTEGER:
		return check_integer(y, object, value, k, e);
	case YAML_BOOLEAN:
		return check_boolean(y, object, value, k, e);
	case YAML_LIST:
		return check_list(y, value, k, e);
	case YAML_TEXTS:
	case YAML_ITEMS:
		return check_texts(y, value, k, e);
	case YAML_MAP:
		if (!json_is_object(value))
			return yaml_error(y, value, e, "'%s' must have keys", k->name);
		return yaml_check(y, value, k->sub, e);
	case YAML_MAPS:
	case YAML_TEXT_LISTS:
	case YAML_NAMED:
		return check_names(y, value, k, e);
	}
	panic("a key of no kind");
}

int yaml_check(struct yaml *y, json_t *object, const struct yaml_key *keys, struct err *e)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return yaml_error(y, object, e, "keys are expected here, like 'name: value'");
	json_object_foreach(object, name, value) {
		const struct yaml_key *k = keys;

		while (k->name && strcmp(k->name, name) != 0)
			k++;
		if (!k->name)
			return unknown_key(y, object, name, keys, e);
	}
	for (const struct yaml_key *k = keys; k->name; k++)
		if (check_key(y, object, k, e) < 0)
			return -1;
	return 0;
}

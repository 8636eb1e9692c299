// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/limits_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/limits.h"
#include "tests/slack/limits_table.h"

#define FIELD_TEXT 2000 // of one of a section's fields

size_t check_enter(struct checking *c, const char *name, size_t place)
{
	size_t mark = c->len, left = sizeof c->path - c->len;
	int put =
	        name ? snprintf(c->path + c->len, left, "/%s", name) : snprintf(c->path + c->len, left, "/%zu", place);

	c->len = strlen(c->path);
	(void)put;
	return mark;
}

void check_leave(struct checking *c, size_t mark)
{
	c->len = mark;
	c->path[mark] = '\0';
}

void check_fail(struct checking *c, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	_free_ char *whole = text_format("%s [json-pointer:%s]", text, c->path);

	json_add_str(c->errors, whole);
}

static void check_length(struct checking *c, const char *text, size_t max, bool may_be_empty)
{
	if (!*text && !may_be_empty)
		check_fail(c, "must be more than 0 characters");
	else if (max && limits_length(text) > max)
		check_fail(c, "must be less than %zu characters", max + 1);
}

static void check_string(struct checking *c, const json_t *value, size_t max, bool may_be_empty)
{
	if (!json_is_string(value))
		check_fail(c, "must be a string");
	else
		check_length(c, json_string_value(value), max, may_be_empty);
}

// `emoji` belongs to plain_text alone, `verbatim` to mrkdwn.
static void check_text(struct checking *c, const json_t *value, size_t max, bool plain_only)
{
	const char *type = json_str(value, "type"), *key;
	bool plain = !strcmp(type, "plain_text");
	json_t *member;

	if (!json_is_object(value))
		check_fail(c, "must be an object");
	else if (!plain && (plain_only || strcmp(type, "mrkdwn") != 0))
		check_fail(c, "unsupported type: %s", type);
	if (!json_is_object(value))
		return;
	json_object_foreach((json_t *)value, key, member)
		if (strcmp(key, "type") != 0 && strcmp(key, "text") != 0 &&
		    strcmp(key, plain ? "emoji" : "verbatim") != 0)
			check_fail(c, "invalid additional property: %s", key);
	size_t mark = check_enter(c, "text", 0);

	check_string(c, json_object_get(value, "text"), max, false);
	check_leave(c, mark);
}

static void check_rule(struct checking *c, const struct rule *rule, const json_t *value);

static void check_list(struct checking *c, const struct rule *rule, const json_t *list)
{
	static const struct rule field = { .kind = RULE_EITHER, .max = FIELD_TEXT };
	static const struct rule string = { .kind = RULE_STRING };
	const struct rule object = { .kind = RULE_OBJECT, .of = rule->of };
	json_t *each;
	size_t i;

	if (!json_array_size(list))
		check_fail(c, "no less than 1 items allowed");
	if (json_array_size(list) > rule->max)
		check_fail(c, "no more than %zu items allowed", rule->max);
	json_array_foreach(list, i, each) {
		size_t mark = check_enter(c, NULL, i);

		check_rule(c, rule->kind == RULE_TEXTS ? &field : rule->kind == RULE_STRINGS ? &string : &object, each);
		check_leave(c, mark);
	}
}

static void check_integer(struct checking *c, const struct rule *rule, const json_t *value)
{
	if (!json_is_integer(value))
		check_fail(c, "must be an integer");
	else if (rule->max && json_integer_value(value) > (json_int_t)rule->max)
		check_fail(c, "must be less than %zu", rule->max + 1);
}

static void check_rule(struct checking *c, const struct rule *rule, const json_t *value)
{
	const char *word = json_string_value(value) ? json_string_value(value) : "";

	switch (rule->kind) {
	case RULE_STRING:
	case RULE_TEXT:
		check_string(c, value, rule->max, rule->kind == RULE_TEXT);
		return;
	case RULE_BOOL:
		if (!json_is_boolean(value))
			check_fail(c, "must be a boolean");
		return;
	case RULE_INTEGER:
		check_integer(c, rule, value);
		return;
	case RULE_STYLE:
		if (strcmp(word, "primary") != 0 && strcmp(word, "danger") != 0)
			check_fail(c, "must be a valid enum value");
		return;
	case RULE_PLAIN:
	case RULE_EITHER:
		check_text(c, value, rule->max, rule->kind == RULE_PLAIN);
		return;
	case RULE_OBJECT:
		check_object(c, value, rule->of);
		return;
	case RULE_TEXTS:
	case RULE_STRINGS:
	case RULE_OBJECTS:
		check_list(c, rule, value);
		return;
	case RULE_ANY:
		return;
	}
}

static const struct rule *rule_find(const struct shape *s, const char *name)
{
	for (size_t i = 0; i < RULES_MAX && s->rules[i].name; i++)
		if (!strcmp(s->rules[i].name, name))
			return &s->rules[i];
	return NULL;
}

// What no single member tells.
static void check_together(struct checking *c, const json_t *object, const char *type)
{
	if (!strcmp(type, "section") && !json_object_get(object, "text") && !json_object_get(object, "fields"))
		check_fail(c, "missing required field: text");
	if (!strcmp(type, "image") && !json_object_get(object, "image_url") && !json_object_get(object, "slack_file"))
		check_fail(c, "missing required field: image_url");
	if (strstr(type, "static_select") &&
	    !json_object_get(object, "options") == !json_object_get(object, "option_groups"))
		check_fail(c, "must have either options or option_groups");
}

void check_object(struct checking *c, const json_t *object, enum check_kind kind)
{
	const char *type = json_str(object, "type"), *key;
	const struct shape *shape = shape_find(kind, type);
	json_t *member;

	if (!json_is_object(object)) {
		check_fail(c, "must be an object");
		return;
	}
	if (!shape) {
		check_fail(c, "unsupported type: %s", type);
		return;
	}
	json_object_foreach((json_t *)object, key, member) {
		const struct rule *rule = rule_find(shape, key);
		size_t mark = check_enter(c, key, 0);

		if (rule)
			check_rule(c, rule, member);
		check_leave(c, mark);
		if (!rule && !(shape->type && !strcmp(key, "type")))
			check_fail(c, "invalid additional property: %s", key);
	}
	for (size_t i = 0; i < RULES_MAX && shape->rules[i].name; i++)
		if (shape->rules[i].required && !json_object_get(object, shape->rules[i].name))
			check_fail(c, "missing required field: %s", shape->rules[i].name);
	check_together(c, object, type);
}

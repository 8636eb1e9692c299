// SPDX-License-Identifier: Apache-2.0
// Types, checks and routes: what has a condition.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "bot/catalogue_parts.h"

static const char id_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

int catalogue_check_id(struct reading *r, json_t *list, size_t at)
{
	json_t *id = json_object_get(json_array_get(list, at), "id");
	const char *text = json_string_value(id);

	if (strlen(text) > 32 || strspn(text, id_characters) != strlen(text))
		return yaml_error(r->y, id, r->e, "an id has 1 to 32 letters, digits, '.', '_' or '-'");
	for (size_t i = 0; i < at; i++)
		if (strcmp(text, json_str(json_array_get(list, i), "id")) == 0)
			return yaml_error(r->y, id, r->e, "the id '%s' stands here a second time", text);
	return 0;
}

int catalogue_check_fact(struct reading *r, const json_t *name)
{
	const char *word = json_string_value(name);

	for (size_t k = 0; r->names[k]; k++)
		if (strcmp(r->names[k], word) == 0)
			return 0;
	return catalogue_unknown(r, name, "fact", word, r->names);
}

// A name, or {fact: NAME, when: CONDITION}.
static int take_need(struct reading *r, json_t *item, struct type *type)
{
	const json_t *name = json_is_object(item) ? json_object_get(item, "fact") : item;
	struct need *need = &type->needs[type->need_count];

	if (catalogue_check_fact(r, name) < 0)
		return -1;
	for (size_t i = 0; i < type->need_count; i++)
		if (strcmp(type->needs[i].fact, json_string_value(name)) == 0)
			return yaml_error(r->y, name, r->e, "'%.64s' is needed here already", json_string_value(name));
	need->fact = json_string_value(name);
	type->need_count++;
	return json_is_object(item) ? catalogue_take_when(r, item, &need->when) : 0;
}

static int take_needs(struct reading *r, const json_t *needs, struct type *type)
{
	json_t *names = json_array(), *item;
	size_t i;

	json_put(type->view, "needs", names);
	type->needs = calloc(json_array_size(needs) + 1, sizeof *type->needs);
	if (!type->needs)
		panic("out of memory");
	json_array_foreach(needs, i, item) {
		if (take_need(r, item, type) < 0)
			return -1;
		json_add_str(names, type->needs[i].fact);
	}
	return 0;
}

static int take_type(struct reading *r, json_t *list, size_t at)
{
	json_t *object = json_array_get(list, at), *longest = json_object_get(object, "longest");
	struct type *type = &r->c->types[at];
	int64_t span = 0;

	type->id = json_str(object, "id");
	type->view = json_object();
	if (catalogue_check_id(r, list, at) < 0)
		return -1;
	if (longest && span_parse(json_string_value(longest), &span) < 0)
		return yaml_error(r->y, longest, r->e, "'longest' must be a span of time, like 180d");
	json_put_str(type->view, "id", type->id);
	json_put_str(type->view, "title", json_str(object, "title"));
	if (span)
		json_put_int(type->view, "longest", span_plain(span));
	json_add(r->c->types_view, json_incref(type->view));
	return take_needs(r, json_arr(object, "needs"), type) < 0 ? -1 : catalogue_take_when(r, object, &type->when);
}

int catalogue_take_types(struct reading *r, json_t *types)
{
	struct catalogue *c = r->c;

	c->types = calloc(json_array_size(types) + 1, sizeof *c->types);
	if (!c->types)
		panic("out of memory");
	for (size_t at = 0; at < json_array_size(types); at++) {
		if (at && !c->types[at - 1].when)
			return yaml_error(r->y, json_array_get(types, at), r->e,
			                  "this type is never reached: the one before it has no condition");
		c->type_count++;
		if (take_type(r, types, at) < 0)
			return -1;
	}
	return 0;
}

static int take_outcome(struct reading *r, json_t *object, struct check *check)
{
	static const char *const words[] = { "finding", "allow", "deny", "needs", NULL }; // as enum outcome
	const json_t *outcome = json_object_get(object, "outcome"), *needs = json_arr(object, "needs");
	int which = outcome ? catalogue_word(r, outcome, "outcome", words) : OUTCOME_FINDING;
	size_t i;
	json_t *need;

	if (which < 0)
		return -1;
	check->outcome = (enum outcome)which;
	if (which == OUTCOME_ALLOW && json_int(object, "risk") > 0)
		return yaml_error(r->y, json_object_get(object, "risk"), r->e, "what is allowed carries no risk");
	if ((which == OUTCOME_NEEDS) != (needs != NULL))
		return yaml_error(r->y, needs ? needs : outcome, r->e,
		                  needs ? "'needs' goes with the outcome needs" : "'needs' is missing: which facts?");
	json_array_foreach(needs, i, need)
		if (catalogue_check_fact(r, need) < 0)
			return -1;
	check->needs = needs;
	json_put_str(check->finding, "outcome", words[which]);
	return 0;
}

static int take_check(struct reading *r, json_t *checks, size_t at)
{
	json_t *object = json_array_get(checks, at), *finding = json_object();
	struct check *check = &r->c->checks[at];

	check->finding = finding;
	json_put_str(finding, "check", json_str(object, "id"));
	json_put_str(finding, "policy", json_str_or_null(object, "policy"));
	json_put_str(finding, "clause", json_str_or_null(object, "clause"));
	json_put_str(finding, "control", json_str_or_null(object, "control"));
	json_put_str(finding, "says", json_str(object, "says"));
	json_put_int(finding, "risk", json_int(object, "risk"));
	if (catalogue_check_id(r, checks, at) < 0 || take_outcome(r, object, check) < 0)
		return -1;
	return catalogue_take_when(r, object, &check->when);
}

static void ask_together(struct catalogue *c)
{
	_free_ struct condition **list = calloc(c->check_count + 1, sizeof *list);

	if (!list)
		panic("out of memory");
	for (size_t i = 0; i < c->check_count; i++)
		list[i] = c->checks[i].when;
	c->asked = condition_group(c->conditions, list, c->check_count);
}

int catalogue_take_checks(struct reading *r, json_t *checks)
{
	struct catalogue *c = r->c;

	c->checks = calloc(json_array_size(checks) + 1, sizeof *c->checks);
	if (!c->checks)
		panic("out of memory");
	for (size_t at = 0; at < json_array_size(checks); at++) {
		c->check_count++;
		if (take_check(r, checks, at) < 0)
			return -1;
	}
	ask_together(c);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Routes: who must agree, and whether that many can.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "bot/catalogue_parts.h"

static bool is_voter(const struct person *person, const json_t *groups)
{
	size_t i;
	json_t *group;

	// Administrators do not vote (DESIGN 6).
	if (person_in(person, "admin"))
		return false;
	json_array_foreach(groups, i, group)
		if (person_in(person, json_string_value(group)))
			return true;
	return false;
}

size_t catalogue_voters(const struct people *people, const json_t *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < people_count(people); i++)
		count += is_voter(people_at(people, i), groups);
	return count;
}

static int unknown_group(struct reading *r, const json_t *value)
{
	_json_ json_t *seen = json_object();
	_free_ const char **names = NULL;
	const char *name, *near;
	json_t *group;
	size_t count = 0, k;

	for (size_t i = 0; i < people_count(r->people); i++)
		json_array_foreach(people_at(r->people, i)->groups, k, group)
			json_put_bool(seen, json_string_value(group), true);
	names = calloc(json_object_size(seen) + 1, sizeof *names);
	if (!names)
		panic("out of memory");
	json_object_foreach(seen, name, group)
		names[count++] = name;
	near = text_nearest(json_string_value(value), names);
	if (near)
		return yaml_error(r->y, value, r->e, "nobody is in the group '%.64s' - did you mean '%s'?",
		                  json_string_value(value), near);
	return yaml_error(r->y, value, r->e, "nobody is in the group '%.64s'", json_string_value(value));
}

static int check_groups(struct reading *r, const json_t *groups)
{
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group) {
		if (strcmp(json_string_value(group), "admin") == 0)
			return yaml_error(r->y, group, r->e, "administrators do not vote");
		if (!people_has_group(r->people, json_string_value(group)))
			return unknown_group(r, group);
	}
	return 0;
}

static int check_stage(struct reading *r, const json_t *stages, size_t at)
{
	const json_t *stage = json_array_get(stages, at), *need = json_object_get(stage, "need");
	const json_t *factor = json_object_get(stage, "factor"), *groups = json_arr(stage, "from");
	static const char *const factors[] = { "totp", NULL };
	size_t voters;

	for (size_t i = 0; i < at; i++)
		if (strcmp(json_str(stage, "name"), json_str(json_array_get(stages, i), "name")) == 0)
			return yaml_error(r->y, json_object_get(stage, "name"), r->e,
			                  "the stage '%.64s' stands in this route twice", json_str(stage, "name"));
	if (factor && catalogue_word(r, factor, "factor", factors) < 0)
		return -1;
	if (check_groups(r, groups) < 0)
		return -1;
	voters = catalogue_voters(r->people, groups);
	if ((json_int_t)voters < json_integer_value(need))
		return yaml_error(r->y, need, r->e, "the stage '%.64s' needs %lld, but only %zu %s in its groups",
		                  json_str(stage, "name"), (long long)json_integer_value(need), voters,
		                  voters == 1 ? "person is" : "persons are");
	return 0;
}

int catalogue_take_routes(struct reading *r, json_t *routes)
{
	struct catalogue *c = r->c;
	size_t count = json_array_size(routes);

	c->routes = calloc(count + 1, sizeof *c->routes);
	if (!c->routes)
		panic("out of memory");
	for (size_t at = 0; at < count; at++) {
		json_t *object = json_array_get(routes, at), *stages = json_arr(object, "stages");
		struct route *route = &c->routes[c->route_count++];

		if (at && !c->routes[at - 1].when)
			return yaml_error(r->y, object, r->e,
			                  "this route is never reached: the one before it has no condition");
		for (size_t i = 0; i < json_array_size(stages); i++)
			if (check_stage(r, stages, i) < 0)
				return -1;
		route->stages = stages;
		if (catalogue_take_when(r, object, &route->when) < 0)
			return -1;
	}
	if (c->routes[count - 1].when)
		return yaml_error(r->y, json_array_get(routes, count - 1), r->e,
		                  "the last route must have no condition, or nobody decides where none holds");
	return 0;
}

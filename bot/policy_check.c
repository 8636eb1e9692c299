// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/policy_search.h"
#include "bot/yaml.h"

void policy_warn(const struct policy *p, json_t *warnings, const json_t *value, const char *code, const char *format,
                 ...)
{
	json_t *warning = json_object();
	unsigned line, column;
	char says[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(says, sizeof says, format, args);
	va_end(args);
	says[utf8_prefix(says, sizeof says - 1)] = '\0';
	yaml_mark(p->file, value, &line, &column);
	json_put_str(warning, "code", code);
	json_put_str(warning, "file", yaml_file(p->file));
	json_put_int(warning, "line", line);
	json_put_int(warning, "column", column);
	json_put_str(warning, "says", says);
	json_add(warnings, warning);
}

// The rule as it stands in the file, or its condition where it has one.
static const json_t *rule_at(const struct policy *p, const char *section, size_t i)
{
	const json_t *rule = json_array_get(json_arr(yaml_json(p->file), section), i);
	const json_t *when = json_object_get(rule, "when");

	return when ? when : rule;
}

static void check_reach(const struct policy *p, const struct searched *s, const char *tried, json_t *warnings)
{
	const struct catalogue *c = p->catalogue;

	for (size_t i = 0; i < c->type_count; i++)
		if (s->types[i] == 0)
			policy_warn(p, warnings, rule_at(p, "types", i), "type-unreached",
			            "no case is of the type %s, %s", c->types[i].id, tried);
	for (size_t i = 0; i < c->check_count; i++)
		if (s->checks[i] == 0)
			policy_warn(p, warnings, rule_at(p, "checks", i), "check-never", "the check %s never holds, %s",
			            json_str(c->checks[i].finding, "check"), tried);
	for (size_t i = 0; i < c->route_count; i++)
		if (s->routes[i] == 0)
			policy_warn(p, warnings, rule_at(p, "routes", i), "route-unreached",
			            "no case takes this route (%s), %s",
			            json_str(json_array_get(c->routes[i].stages, 0), "name"), tried);
}

static void check_contradictions(const struct policy *p, const struct searched *s, json_t *warnings)
{
	const struct catalogue *c = p->catalogue;

	for (size_t i = 0; i < c->check_count; i++) {
		const char *id = json_str(c->checks[i].finding, "check");

		if (c->checks[i].outcome != OUTCOME_ALLOW || s->checks[i] == 0)
			continue;
		if (s->wins[i] == 0)
			policy_warn(p, warnings, rule_at(p, "checks", i), "allow-never-wins",
			            "%s allows nothing: whenever it held, which was %zu times, another check found a "
			            "risk or "
			            "denied",
			            id, s->checks[i]);
		else if (s->clash[i])
			policy_warn(p, warnings, rule_at(p, "checks", i), "allow-and-deny",
			            "%s allows what %s denies at the same time; then it is denied", id,
			            json_str(s->clash[i], "check"));
	}
}

// Is everybody who could vote needed?  Then nobody may be away, step aside, or ask for something.
static void check_stages(const struct policy *p, json_t *warnings)
{
	json_t *routes = json_arr(yaml_json(p->file), "routes"), *route, *stage;
	size_t i, k;

	json_array_foreach(routes, i, route)
		json_array_foreach(p->catalogue->routes[i].stages, k, stage) {
			json_t *place = json_object_get(json_array_get(json_arr(route, "stages"), k), "need");
			size_t voters = catalogue_voters(p->people, json_arr(stage, "from"));

			if ((json_int_t)voters == json_int(stage, "need"))
				policy_warn(p, warnings, place, "stage-tight",
				            "the stage '%s' needs %s: it waits as soon as one of them asks, is away or "
				            "steps aside",
				            json_str(stage, "name"),
				            voters == 1 ? "the only one who may vote in it"
				                        : "everybody who may vote in it");
		}
}

static int by_place(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t order = json_int(x, "line") - json_int(y, "line");

	if (!order)
		order = json_int(x, "column") - json_int(y, "column");
	return (order > 0) - (order < 0);
}

static json_t *in_order(const json_t *warnings)
{
	size_t count = json_array_size(warnings);
	_free_ json_t **list = calloc(count + 1, sizeof *list);
	json_t *sorted = json_array();

	if (!list)
		panic("out of memory");
	for (size_t i = 0; i < count; i++)
		list[i] = json_array_get(warnings, i);
	qsort(list, count, sizeof *list, by_place);
	for (size_t i = 0; i < count; i++)
		json_add(sorted, json_incref(list[i]));
	return sorted;
}

json_t *policy_check(const struct policy *p, struct err *e)
{
	_json_ json_t *warnings = json_array();
	_searched_ struct searched s = { 0 };
	_free_ char *tried = NULL;
	json_t *out;

	if (policy_search(p->catalogue, p->examples, p->db, &s, e) < 0)
		return NULL;
	tried = searched_text(&s);
	check_reach(p, &s, tried, warnings);
	check_contradictions(p, &s, warnings);
	check_stages(p, warnings);
	policy_check_ids(p, warnings);
	if (s.failed)
		policy_warn(p, warnings, yaml_json(p->file), "cannot-judge", "%zu combinations cannot be judged: %s",
		            s.failed, s.why.text);
	out = json_object();
	json_put(out, "warnings", in_order(warnings));
	json_put_int(out, "examples", (int64_t)s.examples);
	json_put_int(out, "cases", (int64_t)s.cases);
	json_put_int(out, "combinations", (int64_t)s.combinations);
	return out;
}

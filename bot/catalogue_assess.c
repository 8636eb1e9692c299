// SPDX-License-Identifier: Apache-2.0
// Judging facts by a catalogue.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/expression.h"

// One judgement in the making.
struct judging {
	const struct catalogue *c;
	const json_t *facts;
	json_t *out, *needs, *findings;
	bool allowed, denied, garbled;
	struct judged judged;
	struct err *e;
};

static int holds(struct condition *when, bool *result, struct err *e)
{
	*result = true;
	return when ? condition_holds(when, result, e) : 0;
}

static bool is_given(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return value && !json_is_null(value);
}

static int set_text(struct judging *j, const char *column, const char *text)
{
	_json_ json_t *value = json_string(text);

	return conditions_set(j->c->conditions, column, value, j->e);
}

static int set_int(struct judging *j, const char *column, int64_t number)
{
	_json_ json_t *value = json_integer(number);

	return conditions_set(j->c->conditions, column, value, j->e);
}

static void need(struct judging *j, const char *fact)
{
	if (!json_has_str(j->needs, fact))
		json_add_str(j->needs, fact);
}

// Adds type, title, longest and what the type needs.
static int add_type(struct judging *j)
{
	const struct catalogue *c = j->c;
	const struct type *type = NULL;
	bool result = false;
	size_t at = 0;

	for (; at < c->type_count; at++) {
		if (holds(c->types[at].when, &result, j->e) < 0)
			return -1;
		if (result)
			break;
	}
	j->judged.type = at;
	type = at < c->type_count ? &c->types[at] : NULL;
	json_put_str(j->out, "type", type ? type->id : "");
	json_put_str(j->out, "title", type ? json_str(type->view, "title") : "");
	if (!type)
		return 0;
	if (json_object_get(type->view, "longest"))
		json_put_int(j->out, "longest", json_int(type->view, "longest"));
	if (set_text(j, "type", type->id) < 0)
		return -1;
	for (size_t i = 0; i < type->need_count; i++) {
		if (holds(type->needs[i].when, &result, j->e) < 0)
			return -1;
		if (result)
			need(j, type->needs[i].fact);
	}
	return 0;
}

// A licence that nobody can read is a finding of its own.
static void add_garbled_licence(struct judging *j)
{
	const char *license = json_str(j->facts, "license");
	struct err why;
	json_t *finding;

	if (!*license || expression_check(j->c->licences, license, &why) == 0)
		return;
	j->garbled = true;
	finding = json_object();
	json_put_str(finding, "check", "license");
	json_put_int(finding, "risk", 0);
	json_put_str(finding, "outcome", "finding");
	json_put(finding, "says", json_sprintf("The licence is not a licence expression: %s.", why.text));
	json_add(j->findings, finding);
}

static void add_finding(struct judging *j, const struct check *check)
{
	size_t i;
	json_t *fact;

	json_add(j->findings, json_copy(check->finding));
	j->denied = j->denied || check->outcome == OUTCOME_DENY;
	j->allowed = j->allowed || check->outcome == OUTCOME_ALLOW;
	json_array_foreach(check->needs, i, fact)
		need(j, json_string_value(fact));
}

// Adds findings, risk and outcome.
static int add_findings(struct judging *j)
{
	int64_t sum = 0, own = json_int(j->facts, "risk");
	bool all[CONDITIONS_TOGETHER], *fired = j->judged.fired ? j->judged.fired : all, allowed;

	add_garbled_licence(j);
	if (condition_group_holds(j->c->asked, fired, j->e) < 0)
		return -1;
	for (size_t i = 0; i < j->c->check_count; i++) {
		const struct check *check = &j->c->checks[i];

		if (!fired[i])
			continue;
		add_finding(j, check);
		sum += json_int(check->finding, "risk");
	}
	allowed = j->allowed && !j->garbled && sum == 0;
	json_put_str(j->out, "outcome", j->denied ? "deny" : allowed ? "allow" : "review");
	sum = sum > own ? sum : own;
	json_put_int(j->out, "risk", sum < RISK_MAX ? sum : RISK_MAX);
	return set_int(j, "risk", json_int(j->out, "risk"));
}

static void add_missing(struct judging *j)
{
	json_t *missing = json_array(), *fact;
	size_t i;

	json_put(j->out, "missing", missing);
	json_array_foreach(j->needs, i, fact)
		if (!is_given(json_object_get(j->facts, json_string_value(fact))))
			json_add(missing, json_incref(fact));
}

static int add_stages(struct judging *j)
{
	const struct catalogue *c = j->c;
	bool result = false;

	for (size_t i = 0; i < c->threshold_count; i++)
		if (holds(c->thresholds[i].when, &result, j->e) < 0 || set_int(j, c->thresholds[i].name, result) < 0)
			return -1;
	for (size_t i = 0; i < c->route_count; i++) {
		if (holds(c->routes[i].when, &result, j->e) < 0)
			return -1;
		if (result) {
			j->judged.route = i;
			json_put(j->out, "stages", json_deep_copy(c->routes[i].stages));
			return 0;
		}
	}
	panic("a catalogue whose last route has a condition");
}

json_t *catalogue_judge(const struct catalogue *c, const json_t *facts, struct judged *judged, struct err *e)
{
	_json_ json_t *row = catalogue_row(c, facts), *out = json_object();
	struct judging j = { .c = c, .facts = facts, .out = out, .judged = *judged, .e = e };

	json_put(out, "needs", j.needs = json_array());
	json_put(out, "findings", j.findings = json_array());
	if (conditions_fill(c->conditions, row, e) < 0 || add_type(&j) < 0 || add_findings(&j) < 0 ||
	    add_stages(&j) < 0)
		return NULL;
	add_missing(&j);
	*judged = j.judged;
	return steal_ptr(out);
}

json_t *catalogue_assess(const struct catalogue *c, const json_t *facts, struct err *e)
{
	struct judged judged = { 0 };

	return catalogue_judge(c, facts, &judged, e);
}

// SPDX-License-Identifier: Apache-2.0
// Judging facts by a catalogue.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/expression.h"

// "12500.50" as a number.  Not strtod(), whose decimal point depends on the locale.
static double amount_of(const char *text)
{
	double value = 0, unit = 1;

	for (; text_is_digit(*text); text++)
		value = value * 10 + (*text - '0');
	if (*text == '.')
		for (text++; text_is_digit(*text); text++)
			value += (unit /= 10) * (*text - '0');
	return value;
}

// The facts as conditions see them: a new object.
static json_t *columns_of(const json_t *facts)
{
	json_t *row = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)facts, name, value) {
		if (!json_is_object(value)) {
			json_put(row, name, json_incref(value));
			continue;
		}
		json_put(row, name, json_real(amount_of(json_str(value, "amount"))));
		if (strcmp(name, "spend") == 0)
			json_put_str(row, "spend_currency", json_str(value, "currency"));
	}
	return row;
}

static int holds(struct condition *when, const json_t *row, bool *result, struct err *e)
{
	*result = true;
	return when ? condition_holds(when, row, result, e) : 0;
}

static bool is_given(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return value && !json_is_null(value);
}

// Adds type, title, needs, missing and longest.
static int add_type(const struct catalogue *c, const json_t *facts, json_t *row, json_t *out, struct err *e)
{
	const struct type *type = NULL;
	json_t *missing = json_array(), *need;
	bool found = false;
	size_t i;

	json_put(out, "missing", missing);
	for (i = 0; i < c->type_count && !found; i++) {
		type = &c->types[i];
		if (holds(type->when, row, &found, e) < 0)
			return -1;
	}
	json_put_str(out, "type", found ? type->id : "");
	json_put_str(out, "title", found ? json_str(type->view, "title") : "");
	json_put(out, "needs", found ? json_deep_copy(json_arr(type->view, "needs")) : json_array());
	json_array_foreach(json_arr(out, "needs"), i, need)
		if (!is_given(json_object_get(facts, json_string_value(need))))
			json_add(missing, json_incref(need));
	if (found && json_object_get(type->view, "longest"))
		json_put_int(out, "longest", json_int(type->view, "longest"));
	if (found)
		json_put_str(row, "type", type->id);
	return 0;
}

// A licence that nobody can read is a finding of its own.  Is it one?
static bool add_garbled_licence(const json_t *facts, json_t *findings)
{
	const char *license = json_str(facts, "license");
	struct err why;
	json_t *finding;

	if (!*license || expression_check(license, &why) == 0)
		return false;
	finding = json_object();
	json_put_str(finding, "check", "license");
	json_put_int(finding, "risk", 0);
	json_put(finding, "says", json_sprintf("The licence is not a licence expression: %s.", why.text));
	json_add(findings, finding);
	return true;
}

static const char *outcome_name(bool allowed, bool denied)
{
	return denied ? "deny" : allowed ? "allow" : "review";
}

// Adds findings, risk and outcome.
static int add_findings(const struct catalogue *c, const json_t *facts, json_t *row, json_t *out, struct err *e)
{
	json_t *findings = json_array();
	int64_t sum = 0, own = json_int(facts, "risk");
	bool denied = false, allowed = false, garbled, result;

	json_put(out, "findings", findings);
	garbled = add_garbled_licence(facts, findings);
	for (size_t i = 0; i < c->check_count; i++) {
		const struct check *check = &c->checks[i];

		if (holds(check->when, row, &result, e) < 0)
			return -1;
		if (!result)
			continue;
		json_add(findings, json_copy(check->finding));
		sum += json_int(check->finding, "risk");
		denied = denied || check->outcome == OUTCOME_DENY;
		allowed = allowed || check->outcome == OUTCOME_ALLOW;
	}
	json_put_str(out, "outcome", outcome_name(allowed && !garbled && sum == 0, denied));
	sum = sum > own ? sum : own;
	json_put_int(out, "risk", sum < RISK_MAX ? sum : RISK_MAX);
	json_put_int(row, "risk", json_int(out, "risk"));
	return 0;
}

static int add_stages(const struct catalogue *c, const json_t *row, json_t *out, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < c->route_count; i++) {
		if (holds(c->routes[i].when, row, &found, e) < 0)
			return -1;
		if (found) {
			json_put(out, "stages", json_deep_copy(c->routes[i].stages));
			return 0;
		}
	}
	panic("a catalogue whose last route has a condition");
}

json_t *catalogue_assess(const struct catalogue *c, const json_t *facts, struct err *e)
{
	_json_ json_t *row = columns_of(facts), *out = json_object();

	if (add_type(c, facts, row, out, e) < 0 || add_findings(c, facts, row, out, e) < 0 ||
	    add_stages(c, row, out, e) < 0)
		return NULL;
	return steal_ptr(out);
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/precedent.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "bot/expression.h"
#include "store/precedents.h"

#define SHOWN 3

// The families by how much a decision turns on them.
static const char *const by_weight[] = { "network-copyleft",
	                                 "strong-copyleft",
	                                 "source-available",
	                                 "non-commercial",
	                                 "weak-copyleft",
	                                 "content",
	                                 "font",
	                                 "unknown",
	                                 "permissive",
	                                 "public-domain",
	                                 NULL };

struct collecting {
	const struct licences *licences;
	json_t *found;
};

static bool collect(void *context, const struct expression_term *term)
{
	const struct collecting *c = context;
	const char *family = licence_family(c->licences, term->text);

	if (!json_has_str(c->found, family))
		json_add_str(c->found, family);
	return false; // all are looked at
}

json_t *families_of(const struct licences *l, const char *expression)
{
	_expression_ struct expression *x = *expression ? expression_parse(l, expression, NULL) : NULL;
	_json_ json_t *found = json_array();
	json_t *families = json_array();

	if (!x || !l)
		return families;
	expression_any(x, collect, &(struct collecting){ l, found });
	for (size_t i = 0; by_weight[i]; i++)
		if (json_has_str(found, by_weight[i]))
			json_add_str(families, by_weight[i]);
	return families;
}

// A fact as the order leaves it: what it says, else what the case had.  Of a list the first.
static const char *fact_of(const json_t *state, const struct order *order, const char *name)
{
	const json_t *value = json_object_get(json_obj(order->reading, "facts"), name);

	if (!value)
		value = json_object_get(json_obj(state, "facts"), name);
	return json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
}

json_t *precedents_for(struct desk *desk, const json_t *state, const struct order *order, struct err *e)
{
	const char *license = fact_of(state, order, "license");
	_json_ json_t *families = families_of(desk->licences, license ? license : "");
	const char *family = json_string_value(json_array_get(families, 0));
	bool judges = order->kind == ORDER_OPEN || order->kind == ORDER_AMEND || order->kind == ORDER_RENEW ||
	              order->kind == ORDER_JUDGE || order->kind == ORDER_REOPEN;

	if (!judges || !family)
		return json_array();
	return precedents_near(desk->db,
	                       &(struct likeness){ .case_id = state ? json_str(state, "case") : NULL,
	                                           .family = family,
	                                           .license = license,
	                                           .component = fact_of(state, order, "component"),
	                                           .channel = fact_of(state, order, "channel"),
	                                           .linking = fact_of(state, order, "linking") },
	                       SHOWN, e);
}

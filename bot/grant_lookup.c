// SPDX-License-Identifier: Apache-2.0
#include "bot/grant_lookup.h"

#include "base/json.h"
#include "store/grants.h"

#define CANDIDATES_MAX 100 // for one component

static int add_candidates(struct desk *desk, const json_t *facts, const json_t *components, json_t *list, struct err *e)
{
	struct asked asked = { .facts = facts, .components = components };
	_json_ json_t *names = asked_components(&asked);
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		_json_ json_t *found = grants_for(desk->db, json_string_value(name), CANDIDATES_MAX, e);

		if (!found)
			return -1;
		json_array_extend(list, found);
	}
	return 0;
}

json_t *grants_for_order(struct desk *desk, const json_t *state, const struct order *order, struct err *e)
{
	bool opens = order->kind == ORDER_OPEN || order->kind == ORDER_AMEND || order->kind == ORDER_RENEW ||
	             order->kind == ORDER_JUDGE;
	const json_t *facts = json_obj(order->reading, "facts"), *components = json_arr(order->reading, "components");
	_json_ json_t *list = json_array();

	if (opens && (add_candidates(desk, facts, components, list, e) < 0 ||
	              add_candidates(desk, json_obj(state, "facts"), json_arr(state, "components"), list, e) < 0))
		return NULL;
	return steal_ptr(list);
}

int grants_check(struct desk *desk, const json_t *facts, const json_t *components, json_t **found, struct err *e)
{
	_json_ json_t *judged = catalogue_assess(desk->catalogue, facts, e), *candidates = json_array();
	struct asked asked = { catalogue_facts(desk->catalogue), facts, components, json_int(judged, "risk") };
	_json_ json_t *near = NULL;

	*found = NULL;
	if (!judged || add_candidates(desk, facts, components, candidates, e) < 0)
		return -1;
	*found = grants_choose(candidates, &asked, NULL, desk->now, &near);
	if (*found)
		return 1;
	*found = steal_ptr(near);
	return 0;
}

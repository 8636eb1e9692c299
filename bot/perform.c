// SPDX-License-Identifier: Apache-2.0
#include "bot/perform.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "bot/grant_lookup.h"
#include "bot/notify.h"
#include "bot/precedent.h"
#include "store/cases.h"
#include "store/grants.h"
#include "store/log.h"

static int append_all(struct desk *desk, json_t *events, struct err *e)
{
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		uint64_t seq;

		if (log_append(desk->db, event, desk->now, &seq, e) < 0)
			return -1;
		json_put_int(event, "seq", (int64_t)seq); // for the letters; the leaf is written
	}
	return 0;
}

// An order may concern several cases: each event is told with its own as it is afterwards.
static int tell_all(struct desk *desk, const json_t *events, const struct order *order, const char *answers,
                    struct err *e)
{
	_json_ json_t *state = NULL;
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		const char *case_id = json_str(event, "case");

		if (!state || strcmp(json_str(state, "case"), case_id) != 0) {
			json_decref(state);
			state = case_load(desk->db, case_id, e);
		}
		if (!state || notify(&(struct happened){ desk, event, state, events, order->actor, answers }, e) < 0)
			return -1;
	}
	return 0;
}

// What deciding needs beside the case.
struct known {
	json_t *precedents, *grants, *resting;
};

static void known_free(struct known *k)
{
	json_decref(k->precedents);
	json_decref(k->grants);
	json_decref(k->resting);
}
#define _known_ __attribute__((cleanup(known_free)))

static int look_up(struct desk *desk, const json_t *state, const struct order *order, struct known *k, struct err *e)
{
	bool ends = order->kind == ORDER_REVOKE ||
	            (order->kind == ORDER_VOTE && strcmp(json_str(state, "state"), "approved") == 0);

	k->precedents = precedents_for(desk, state, order, e);
	k->grants = k->precedents ? grants_for_order(desk, state, order, e) : NULL;
	k->resting = ends ? links_resting_on(desk->db, json_str(state, "case"), e) : json_array();
	return k->grants && k->resting ? 0 : -1;
}

enum decided perform(struct desk *desk, const char *case_id, const struct order *order, const char *answers,
                     struct performed *out, struct refusal *refusal, struct err *e)
{
	struct rules rules = desk_rules(desk);
	_json_ json_t *state = case_id ? case_load(desk->db, case_id, e) : NULL;
	_json_ json_t *events = json_array();
	_known_ struct known known = { 0 };
	struct order informed = *order;
	enum decided decided;

	if ((case_id && !state) || look_up(desk, state, order, &known, e) < 0)
		return DECIDED_ERROR;
	informed.precedents = known.precedents;
	informed.grants = known.grants;
	informed.resting = known.resting;
	decided = case_decide(&rules, state, &informed, desk->now, events, refusal, e);
	if (decided != DECIDED)
		return decided;
	out->first = (int64_t)log_size(desk->db);
	snprintf(out->case_id, sizeof out->case_id, "%s", json_str(json_array_get(events, 0), "case"));
	if (append_all(desk, events, e) < 0 || tell_all(desk, events, order, answers, e) < 0)
		return DECIDED_ERROR;
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/perform.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "bot/notify.h"
#include "bot/precedent.h"
#include "store/cases.h"
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

static int tell_all(struct desk *desk, const json_t *events, const char *case_id, const struct order *order,
                    const char *answers, struct err *e)
{
	_json_ json_t *state = case_load(desk->db, case_id, e);
	json_t *event;
	size_t i;

	if (!state)
		return -1;
	json_array_foreach(events, i, event) {
		if (notify(&(struct happened){ desk, event, state, events, order->actor, answers }, e) < 0)
			return -1;
	}
	return 0;
}

enum decided perform(struct desk *desk, const char *case_id, const struct order *order, const char *answers,
                     struct performed *out, struct refusal *refusal, struct err *e)
{
	struct rules rules = desk_rules(desk);
	_json_ json_t *state = case_id ? case_load(desk->db, case_id, e) : NULL;
	_json_ json_t *precedents = case_id && !state ? NULL : precedents_for(desk, state, order, e);
	_json_ json_t *events = json_array();
	struct order informed = *order;
	enum decided decided;

	if (!precedents)
		return DECIDED_ERROR;
	informed.precedents = precedents;
	decided = case_decide(&rules, state, &informed, desk->now, events, refusal, e);
	if (decided != DECIDED)
		return decided;
	out->first = (int64_t)log_size(desk->db);
	snprintf(out->case_id, sizeof out->case_id, "%s", json_str(json_array_get(events, 0), "case"));
	if (append_all(desk, events, e) < 0 || tell_all(desk, events, out->case_id, order, answers, e) < 0)
		return DECIDED_ERROR;
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/holding.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/view.h"
#include "store/cases.h"
#include "store/holds.h"
#include "store/log.h"

static enum decided check(struct desk *desk, const struct retained *what, bool set, const char *why,
                          struct refusal *refusal, struct err *e)
{
	_json_ json_t *held = holds(desk->db, retained_subject(what), NULL, e);
	_json_ json_t *state = NULL;

	if (!held)
		return DECIDED_ERROR;
	if (!what->principal && !(state = case_load(desk->db, what->case_id, e)))
		return e->code == EX_NOINPUT ? decided_not(refusal, "unknown-case", NULL, "%.500s", e->text)
		                             : DECIDED_ERROR;
	if (set && !*why)
		return decided_not(refusal, "reason-required",
		                   "Write 'countersign hold CASE: ' and the reason behind it.",
		                   "A hold needs a reason.");
	if (set && json_array_size(held))
		return decided_not(refusal, "held-already", "See 'countersign status'.", "It is under a hold already.");
	if (!set && json_array_size(held) == 0)
		return decided_not(refusal, "not-held", "See 'countersign status' for what is.",
		                   "It is under no hold.");
	return DECIDED;
}

enum decided holding_order(struct desk *desk, const struct person *person, const struct retained *what, bool set,
                           const char *why, struct refusal *refusal, struct err *e)
{
	_free_ char *actor = person ? text_format("person:%s", person->id) : NULL;
	enum decided decided;
	json_t *body;

	if (!person || (!person_in(person, "admin") && !person_in(person, "auditor")))
		return decided_not(refusal, "auditors-only", NULL,
		                   "Only auditors and administrators set and end a hold.");
	decided = check(desk, what, set, why, refusal, e);
	if (decided != DECIDED)
		return decided;
	body = json_object();
	json_put_str(body, "person", what->principal);
	json_put_str(body, "why", why);
	return desk_record(desk, set ? "hold.set" : "hold.ended", actor, "cli", what->principal ? NULL : what->case_id,
	                   body, e) < 0
	               ? DECIDED_ERROR
	               : DECIDED;
}

json_t *holding_view(const struct desk *desk, const char *case_id, const char *requester, struct err *e)
{
	json_t *list = holds(desk->db, case_id, requester, e), *held;
	size_t i;

	json_array_foreach(list, i, held) {
		const char *subject = json_str(held, "subject");
		_free_ char *when = NULL, *name = text_copy(desk_name(desk, json_str(held, "actor")));
		int64_t at = 0;

		clock_parse(json_str(held, "at"), &at);
		when = desk_time(desk, NULL, at);
		json_put_str(held, "at_text", when);
		json_put_str(held, "who", name);
		if (strchr(subject, ':'))
			json_put_str(held, "name", desk_name(desk, subject));
		else
			json_put_str(held, "name", subject);
	}
	return list;
}

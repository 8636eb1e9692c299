// SPDX-License-Identifier: Apache-2.0
// Judging again by a newer catalogue: what is under review, and what is in force.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/case_draft.h"

// What is in force is judged again as it stands; only the judgement and the catalogue's version are new, and with them
// the version that votes bind to.
enum decided case_reopen(struct decision *d)
{
	const json_t *s = d->state;
	json_t *body = json_object();
	_draft_ struct draft v = {
		.subject = subject_of(s),
		.facts = copy_or(json_obj(s, "facts"), json_object()),
		.origin = copy_or(json_obj(s, "origin"), json_object()),
		.words = copy_or(json_obj(s, "words"), json_object()),
		.components = copy_or(json_arr(s, "components"), json_array()),
		.evidence = copy_or(json_arr(s, "evidence"), json_array()),
		.problems = json_array(),
		.missing = json_array(),
		.text = text_copy(json_str(s, "text")),
		.title = text_copy(json_str(s, "title")),
		.judged = json_deep_copy(d->order->judged),
	};

	if (strcmp(json_str(json_array_get(json_arr(s, "grants"), 0), "state"), "active") != 0) {
		json_decref(body);
		return refuse(d, "not-granted", "Judge the case that it rests on, or that renewed it.",
		              "%s has no grant of its own in force.", json_str(s, "case"));
	}
	v.subject.facts = v.facts;
	v.subject.version++;
	if (draft_put(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_object_del(body, "lapse");
	json_put_int(body, "before", json_int(s, "catalogue"));
	happen(d, "case.reopened", v.subject.case_id, v.subject.version, body);
	draft_assess(d, &v);
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
// Judging again by a newer catalogue: what is under review, and what is in force.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/case_draft.h"
#include "bot/policy_change.h"
#include "bot/precedent.h"

// The case's version as it stands.
static struct draft draft_of(const json_t *s)
{
	return (struct draft){
		.subject = subject_of(s),
		.facts = copy_or(json_obj(s, "facts"), json_object()),
		.origin = copy_or(json_obj(s, "origin"), json_object()),
		.words = copy_or(json_obj(s, "words"), json_object()),
		.components = copy_or(json_arr(s, "components"), json_array()),
		.evidence = copy_or(json_arr(s, "evidence"), json_array()),
		.problems = json_array(),
		.text = text_copy(json_str(s, "text")),
		.title = text_copy(json_str(s, "title")),
	};
}

// "policy" of the entry: from which catalogue to which, and what that changes in words.
static void put_policy(const struct decision *d, const json_t *before, const json_t *after, json_t *body)
{
	_json_ json_t *change = policy_change(before, after);
	_free_ char *says = policy_change_text(change);
	json_t *policy = json_object();

	json_put_int(policy, "from", json_int(d->state, "catalogue"));
	json_put_int(policy, "to", catalogue_version(d->rules->catalogue));
	json_put_str(policy, "says", says);
	json_put(body, "policy", policy);
}

// --- under review
// -----------------------------------------------------------------------------------------------------

// What the catalogue of then made of it, as far as the case tells.
static json_t *judged_before(const struct decision *d)
{
	static const char *const members[] = { "type", "risk", "findings", "stages", "missing" };
	json_t *before;

	if (d->order->before)
		return json_incref((json_t *)d->order->before);
	before = json_object();
	json_put_str(before, "outcome", "review");
	for (size_t i = 0; i < LENGTH(members); i++)
		json_put(before, members[i], json_incref(json_object_get(d->state, members[i])));
	return before;
}

// What was given and could not be used is still to be given.
static void keep_problems(const struct decision *d, struct draft *v)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_arr(d->state, "missing"), i, name) {
		json_t *problem;

		if (!d->order->before || json_has_str(json_arr(d->order->before, "missing"), json_string_value(name)))
			continue;
		problem = json_object();
		json_put_str(problem, "name", json_string_value(name));
		json_put_str(problem, "why", "it was given, but could not be used");
		json_add(v->problems, problem);
	}
}

static bool same_names(const json_t *a, const json_t *b)
{
	json_t *name;
	size_t i;

	json_array_foreach(a, i, name)
		if (!json_has_str(b, json_string_value(name)))
			return false;
	return json_array_size(a) == json_array_size(b);
}

// Does it still wait for the same facts, or for the same people?
static bool goes_on(const struct decision *d, const struct draft *v)
{
	_json_ json_t *change = policy_change(d->state, v->judged);

	if (!same_names(json_arr(d->state, "missing"), v->missing))
		return false;
	return json_array_size(v->missing) ||
	       (strcmp(json_str(v->judged, "outcome"), "review") == 0 && !json_object_get(change, "stages"));
}

// A finding about a grant is the desk's, not the catalogue's.
static void keep_grant_finding(const json_t *state, json_t *findings)
{
	json_t *finding;
	size_t i;

	json_array_foreach(json_arr(state, "findings"), i, finding)
		if (strcmp(json_str(finding, "check"), "grant") == 0)
			json_add(findings, json_deep_copy(finding));
}

// The review goes on; findings and risk are those of the catalogue in force.
static void assess_again(struct decision *d, const struct draft *v)
{
	json_t *body;

	if (json_array_size(v->missing))
		return;
	body = json_deep_copy(v->judged);
	json_object_del(body, "missing");
	json_object_del(body, "needs");
	keep_grant_finding(d->state, json_arr(body, "findings"));
	json_put_str(body, "title", v->title);
	json_put_int(body, "catalogue", catalogue_version(d->rules->catalogue));
	json_put_bool(body, "again", true);
	happen_by_system(d, "case.assessed", v->subject.case_id, v->subject.version, body);
}

enum decided case_judge(struct decision *d)
{
	_draft_ struct draft v = draft_of(d->state);
	_json_ json_t *before = judged_before(d);
	json_t *body;

	v.subject.facts = v.facts;
	keep_problems(d, &v);
	if (draft_judge(d, &v) < 0)
		return DECIDED_ERROR;
	if (goes_on(d, &v)) {
		assess_again(d, &v);
		return DECIDED;
	}
	v.subject.version++;
	body = json_object();
	if (draft_put(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_put(body, "changed", json_array());
	put_policy(d, before, v.judged, body);
	void_votes(d, v.subject.version, "the catalogue was changed after this vote");
	happen_by_system(d, "case.amended", v.subject.case_id, v.subject.version, body);
	draft_assess(d, &v);
	return DECIDED;
}

// --- in force
// ---------------------------------------------------------------------------------------------------------

// What is in force is judged again as it stands; only the judgement and the catalogue's version are new, and with them
// the version that votes bind to.
enum decided case_reopen(struct decision *d)
{
	const json_t *s = d->state;
	_draft_ struct draft v = draft_of(s);
	json_t *body;

	if (strcmp(json_str(json_array_get(json_arr(s, "grants"), 0), "state"), "active") != 0)
		return refuse(d, "not-granted", "Judge the case that it rests on, or that renewed it.",
		              "%s has no grant of its own in force.", json_str(s, "case"));
	v.missing = json_array();
	v.judged = json_deep_copy(d->order->judged);
	v.subject.facts = v.facts;
	v.subject.version++;
	body = json_object();
	if (draft_put(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_object_del(body, "lapse");
	json_put_int(body, "before", json_int(s, "catalogue"));
	if (d->order->before)
		put_policy(d, d->order->before, v.judged, body);
	happen(d, "case.reopened", v.subject.case_id, v.subject.version, body);
	draft_assess(d, &v);
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
// Opening a request and changing it.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/case_draft.h"

enum decided case_open(struct decision *d)
{
	const struct order *o = d->order;
	_free_ char *id = text_format("%s-%lld", d->rules->prefix, (long long)o->number);
	const char *requester = o->renews ? json_str(o->renews, "requester") : o->actor;
	_json_ json_t *editors = json_array();
	json_t *body = json_object();
	_draft_ struct draft v = {
		.subject = { .case_id = id,
		             .version = 1,
		             .opened = d->now,
		             .requester = requester,
		             .filed_by = o->actor,
		             .editors = editors,
		             .renews = o->renews },
		.facts = copy_or(json_obj(o->reading, "facts"), json_object()),
		.origin = copy_or(json_obj(o->reading, "origin"), json_object()),
		.words = copy_or(json_obj(o->reading, "words"), json_object()),
		.components = copy_or(json_arr(o->reading, "components"), json_array()),
		.problems = copy_or(json_arr(o->reading, "problems"), json_array()),
		.evidence = copy_or(o->evidence, json_array()),
		.text = text_copy(json_str(o->reading, "rest")),
	};

	json_add_str(editors, o->actor);
	v.subject.facts = v.facts;
	v.title = draft_title(&v, o->subject);
	if (draft_judge(d, &v) < 0 || draft_put(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_put_int(body, "number", o->number);
	json_put_str(body, "type", json_str(v.judged, "type"));
	json_put_str(body, "requester", requester);
	json_put_str(body, "requester_name", o->renews ? json_str(o->renews, "requester_name") : o->name);
	json_put_str(body, "requester_address", o->renews ? json_str(o->renews, "requester_address") : o->address);
	if (o->renews)
		json_put_str(body, "renews", json_str(o->renews, "case"));
	json_put_bool(body, "verified", o->authenticated);
	json_put_str(body, "filed_by", o->actor);
	json_put_str(body, "subject", o->subject);
	json_put_str(body, "thread", o->thread ? o->thread : "");
	happen(d, "case.opened", id, 1, body);
	draft_attach(d, &v);
	draft_assess(d, &v);
	return DECIDED;
}

// Does a value of this origin count in a reply?  One read from the text only fills a gap that was asked about, one from
// an SBOM replaces nothing that was stated.
static bool counts(const json_t *state, const char *name, const char *origin)
{
	bool known = json_object_get(json_obj(state, "facts"), name) != NULL;
	const char *before = known ? json_str(json_obj(state, "origin"), name) : "";

	if (strcmp(origin, "inferred") == 0)
		return !known && json_has_str(json_arr(state, "missing"), name);
	return strcmp(origin, "sbom") != 0 || !*before || strcmp(before, "sbom") == 0 ||
	       strcmp(before, "inferred") == 0;
}

// New values over old ones; the names of those that really changed.
static json_t *merge_facts(const json_t *state, const json_t *reading, struct draft *v)
{
	json_t *changed = json_array(), *value;
	const char *name;

	json_object_foreach(json_obj(reading, "facts"), name, value) {
		const char *origin = json_str(json_obj(reading, "origin"), name);

		if (json_equal(json_object_get(v->facts, name), value) || !counts(state, name, origin))
			continue;
		json_put(v->facts, name, json_deep_copy(value));
		json_put_str(v->origin, name, origin);
		json_put_str(v->words, name, json_str(json_obj(reading, "words"), name));
		json_add_str(changed, name);
	}
	if (json_array_size(json_arr(reading, "components")) &&
	    counts(state, "component", json_str(json_obj(reading, "origin"), "component"))) {
		json_decref(v->components);
		v->components = json_deep_copy(json_arr(reading, "components"));
	}
	return changed;
}

enum decided case_amend(struct decision *d)
{
	const struct order *o = d->order;
	const json_t *s = d->state;
	const char *rest = json_str(o->reading, "rest");
	_json_ json_t *changed = NULL;
	_json_ json_t *editors = json_array();
	json_t *body;
	_draft_ struct draft v = {
		.subject = subject_of(s),
		.facts = copy_or(json_obj(s, "facts"), json_object()),
		.origin = copy_or(json_obj(s, "origin"), json_object()),
		.words = copy_or(json_obj(s, "words"), json_object()),
		.components = copy_or(json_arr(s, "components"), json_array()),
		.problems = copy_or(json_arr(o->reading, "problems"), json_array()),
		.evidence = copy_or(json_arr(s, "evidence"), json_array()),
	};

	if (strcmp(o->actor, v.subject.requester) != 0 && strcmp(o->actor, v.subject.filed_by) != 0)
		return refuse(d, "not-requester", "Write 'comment: ...' instead; everybody concerned will see it.",
		              "Only %s can change %s.", json_str(s, "requester_name"), v.subject.case_id);
	if (!o->authenticated) // may say something, but not change what others vote on
		return case_comment(d);
	changed = merge_facts(s, o->reading, &v);
	if (json_array_size(changed) == 0 && json_array_size(o->evidence) == 0 && json_array_size(v.problems) == 0)
		return case_comment(d);
	json_array_extend(editors, json_arr(s, "editors"));
	if (!json_has_str(editors, o->actor))
		json_add_str(editors, o->actor);
	v.subject.editors = editors;
	v.subject.facts = v.facts;
	v.subject.version++;
	json_array_extend(v.evidence, (json_t *)o->evidence);
	v.text = *rest ? text_format("%s%s%s", json_str(s, "text"), *json_str(s, "text") ? "\n\n" : "", rest)
	               : text_copy(json_str(s, "text"));
	v.title = draft_title(&v, o->subject);
	body = json_object();
	if (draft_judge(d, &v) < 0 || draft_put(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_put(body, "changed", steal_ptr(changed));
	void_votes(d, v.subject.version, "the request was changed after this vote");
	happen(d, "case.amended", v.subject.case_id, v.subject.version, body);
	draft_attach(d, &v);
	draft_assess(d, &v);
	return DECIDED;
}

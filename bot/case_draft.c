// SPDX-License-Identifier: Apache-2.0
#include "bot/case_draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_grant.h"
#include "bot/facts.h"
#include "bot/precedent.h"

void draft_free(struct draft *v)
{
	json_decref(v->facts);
	json_decref(v->origin);
	json_decref(v->words);
	json_decref(v->components);
	json_decref(v->evidence);
	json_decref(v->problems);
	json_decref(v->judged);
	json_decref(v->missing);
	free(v->text);
	free(v->title);
}

json_t *copy_or(const json_t *value, json_t *otherwise)
{
	if (!value)
		return otherwise;
	json_decref(otherwise);
	return json_deep_copy(value);
}

static void add_problem(struct draft *v, const char *name, const char *why)
{
	json_t *problem = json_object();

	json_put_str(problem, "name", name);
	json_put_str(problem, "why", why);
	json_add(v->problems, problem);
}

// An exception may not be asked for longer than its type allows.
static void check_longest(struct draft *v, int64_t now)
{
	int64_t longest = json_int(v->judged, "longest"), begin = begin_of(&v->subject, now), until;
	char latest[CLOCK_TEXT];
	_free_ char *why = NULL;

	if (!longest || clock_parse(json_str(v->facts, "expires"), &until) < 0 || until <= begin + longest)
		return;
	why = text_format("%s is later than this kind of exception may last; the latest day is %s",
	                  json_str(v->facts, "expires"), clock_format_date(begin + longest, latest));
	json_object_del(v->facts, "expires");
	add_problem(v, "expires", why);
}

// What must be asked for: what the type needs and is not there, and what was given but cannot be used.
static void find_missing(struct draft *v)
{
	json_t *problem;
	size_t i;

	v->missing = copy_or(json_arr(v->judged, "missing"), json_array());
	json_array_foreach(v->problems, i, problem) {
		const char *name = json_str(problem, "name");

		if (!json_object_get(v->facts, name) && !json_has_str(v->missing, name))
			json_add_str(v->missing, name);
	}
}

int draft_judge(struct decision *d, struct draft *v)
{
	v->judged = catalogue_assess(d->rules->catalogue, v->facts, d->e);
	if (!v->judged)
		return -1;
	check_longest(v, d->now);
	if (json_array_size(v->problems)) { // facts may have been taken out
		json_decref(v->judged);
		v->judged = catalogue_assess(d->rules->catalogue, v->facts, d->e);
		if (!v->judged)
			return -1;
	}
	find_missing(v);
	return 0;
}

static json_t *evidence_hashes(const json_t *evidence)
{
	json_t *hashes = json_array(), *item;
	size_t i;

	json_array_foreach(evidence, i, item)
		json_add_str(hashes, json_str(item, "sha256"));
	return hashes;
}

static int hash_version(struct decision *d, const struct draft *v, char hex[2 * DIGEST_SIZE + 1])
{
	_json_ json_t *document = json_object();
	struct digest hash;

	json_put_str(document, "case", v->subject.case_id);
	json_put_int(document, "catalogue", catalogue_version(d->rules->catalogue));
	json_put(document, "evidence", evidence_hashes(v->evidence));
	json_put(document, "facts", json_incref(v->facts));
	json_put_str(document, "requester", v->subject.requester);
	json_put_int(document, "version", v->subject.version);
	if (json_array_size(v->components))
		json_put(document, "components", json_incref(v->components));
	if (*v->text)
		json_put_str(document, "text", v->text);
	if (case_content_hash(document, &hash, d->e) < 0)
		return -1;
	hex_encode(hash.bytes, DIGEST_SIZE, hex);
	return 0;
}

int draft_put(struct decision *d, const struct draft *v, json_t *body)
{
	const struct escalation *plan = catalogue_escalation(d->rules->catalogue);
	char hex[2 * DIGEST_SIZE + 1];

	if (hash_version(d, v, hex) < 0)
		return -1;
	json_put_str(body, "hash", hex);
	json_put_str(body, "title", v->title);
	json_put_str(body, "text", v->text);
	json_put(body, "facts", json_incref(v->facts));
	json_put(body, "origin", json_incref(v->origin));
	json_put(body, "words", json_incref(v->words));
	json_put(body, "components", json_incref(v->components));
	json_put(body, "missing", json_incref(v->missing));
	json_put(body, "problems", json_incref(v->problems));
	json_put_int(body, "catalogue", catalogue_version(d->rules->catalogue));
	json_put_str(body, "expires", json_str_or_null(v->facts, "expires"));
	if (plan->lapse)
		put_time(body, "lapse", hours_add(catalogue_hours(d->rules->catalogue), d->now, plan->lapse));
	return 0;
}

void draft_attach(struct decision *d, const struct draft *v)
{
	json_t *item;
	size_t i;

	json_array_foreach(d->order->evidence, i, item)
		happen(d, "evidence.attached", v->subject.case_id, v->subject.version, json_deep_copy(item));
}

static void reject_by_policy(struct decision *d, const struct draft *v)
{
	json_t *body = json_object();

	json_put_str(body, "by", "policy");
	json_put_int(body, "catalogue", catalogue_version(d->rules->catalogue));
	happen_by_system(d, "case.rejected", v->subject.case_id, v->subject.version, body);
}

static void approve_by(struct decision *d, const struct draft *v, const char *by, const json_t *grants)
{
	approve_case(d, &(struct approval){ .subject = &v->subject,
	                                    .components = v->components,
	                                    .risk = json_int(v->judged, "risk"),
	                                    .by = by,
	                                    .until = json_str_or_null(v->facts, "expires"),
	                                    .grants = grants });
}

char *draft_title(const struct draft *v, const char *subject)
{
	_free_ char *title = facts_title(v->facts, subject);

	if (!v->subject.renews)
		return steal_ptr(title);
	return text_format("Renewal of %s: %s", json_str(v->subject.renews, "case"), title);
}

void draft_assess(struct decision *d, const struct draft *v)
{
	struct asked asked = { catalogue_facts(d->rules->catalogue), v->facts, v->components,
		               json_int(v->judged, "risk") };
	const char *outcome = json_str(v->judged, "outcome");
	_json_ json_t *grants = NULL;
	json_t *body;

	if (json_array_size(v->missing))
		return;
	body = json_deep_copy(v->judged);
	json_object_del(body, "missing");
	json_object_del(body, "needs");
	json_put_str(body, "title", v->title);
	json_put_int(body, "catalogue", catalogue_version(d->rules->catalogue));
	json_put(body, "families", families_of(d->rules->licences, json_str(v->facts, "license")));
	if (strcmp(outcome, "review") == 0 && !v->subject.in_force)
		grants = grants_for_request(d, &v->subject, &asked, json_arr(body, "findings"));
	if (json_array_size(d->order->precedents))
		json_put(body, "precedents", json_deep_copy(d->order->precedents));
	happen_by_system(d, "case.assessed", v->subject.case_id, v->subject.version, body);
	if (v->subject.in_force)
		request_review(d, &v->subject, json_arr(v->judged, "stages"), 0);
	else if (strcmp(outcome, "allow") == 0)
		approve_by(d, v, "policy", NULL);
	else if (strcmp(outcome, "deny") == 0)
		reject_by_policy(d, v);
	else if (grants)
		approve_by(d, v, "grant", grants);
	else
		request_review(d, &v->subject, json_arr(v->judged, "stages"), 0);
}

void void_votes(struct decision *d, int64_t version, const char *why)
{
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(d->state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			json_t *body = json_object();

			json_put_int(body, "vote", json_int(vote, "seq"));
			json_put_str(body, "person", json_str(vote, "person"));
			json_put_str(body, "why", why);
			happen_by_system(d, "vote.voided", json_str(d->state, "case"), version, body);
		}
	}
}

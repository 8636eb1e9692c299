// SPDX-License-Identifier: Apache-2.0
// Opening a request and changing it: facts, what is missing, the version's hash, the catalogue's judgement, the first
// review.
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case.h"
#include "bot/case_grant.h"
#include "bot/facts.h"
#include "bot/precedent.h"

// A version in the making.
struct draft {
	struct subject subject;
	json_t *facts, *origin, *words, *components, *evidence, *problems; // owned
	char *text, *title;
	json_t *judged; // catalogue_assess()
	json_t *missing;
};

static void draft_free(struct draft *v)
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
#define _draft_ __attribute__((cleanup(draft_free)))

static json_t *copy_or(const json_t *value, json_t *otherwise)
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

static int judge(struct decision *d, struct draft *v)
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

static int put_version(struct decision *d, const struct draft *v, json_t *body)
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

static void attach_evidence(struct decision *d, const struct draft *v)
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

static char *title_of(const struct draft *v, const char *subject)
{
	_free_ char *title = facts_title(v->facts, subject);

	if (!v->subject.renews)
		return steal_ptr(title);
	return text_format("Renewal of %s: %s", json_str(v->subject.renews, "case"), title);
}

// A version that lacks nothing goes to the catalogue, and from there to people or to a decision by policy.
static void assess(struct decision *d, const struct draft *v)
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
	v.title = title_of(&v, o->subject);
	if (judge(d, &v) < 0 || put_version(d, &v, body) < 0) {
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
	attach_evidence(d, &v);
	assess(d, &v);
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

static void void_votes(struct decision *d, int64_t version)
{
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(d->state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			json_t *body = json_object();

			json_put_int(body, "vote", json_int(vote, "seq"));
			json_put_str(body, "person", json_str(vote, "person"));
			json_put_str(body, "why", "the request was changed after this vote");
			happen_by_system(d, "vote.voided", json_str(d->state, "case"), version, body);
		}
	}
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
	v.title = title_of(&v, o->subject);
	body = json_object();
	if (judge(d, &v) < 0 || put_version(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_put(body, "changed", steal_ptr(changed));
	void_votes(d, v.subject.version);
	happen(d, "case.amended", v.subject.case_id, v.subject.version, body);
	attach_evidence(d, &v);
	assess(d, &v);
	return DECIDED;
}

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
	if (put_version(d, &v, body) < 0) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	json_object_del(body, "lapse");
	json_put_int(body, "before", json_int(s, "catalogue"));
	happen(d, "case.reopened", v.subject.case_id, v.subject.version, body);
	assess(d, &v);
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/notify.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/facts.h"
#include "bot/letter.h"
#include "bot/notify_chat.h"
#include "bot/notify_grant.h"
#include "bot/notify_parts.h"
#include "bot/notify_review.h"
#include "bot/view.h"
#include "store/cases.h"

int tell_requester(const struct happened *h, const char *kind, json_t *model, struct err *e)
{
	const char *requester = json_str(h->state, "requester");
	bool theirs = strcmp(requester, h->actor) == 0;

	return letter_write(h->desk,
	                    &(struct letter_to){ .kind = kind,
	                                         .principal = requester,
	                                         .name = json_str(h->state, "requester_name"),
	                                         .address = json_str(h->state, "requester_address"),
	                                         .state = h->state,
	                                         .answers = theirs ? h->answers : NULL,
	                                         .model = model },
	                    e);
}

int tell_person(const struct happened *h, const char *principal, const char *kind, json_t *model, struct err *e)
{
	if (strcmp(principal, json_str(h->state, "requester")) == 0)
		return tell_requester(h, kind, model, e);
	return letter_write(h->desk,
	                    &(struct letter_to){ .kind = kind,
	                                         .principal = principal,
	                                         .name = desk_name(h->desk, principal),
	                                         .state = h->state,
	                                         .answers = strcmp(principal, h->actor) == 0 ? h->answers : NULL,
	                                         .model = model },
	                    e);
}

static json_t *question(const struct happened *h, const char *name)
{
	const json_t *declared = catalogue_facts(h->desk->catalogue);
	json_t *question = json_object(), *problem;
	char hint[FACT_HINT];
	size_t i;

	json_put_str(question, "name", name);
	json_put_str(question, "title", fact_title(declared, name));
	json_put_str(question, "question", fact_question(declared, name));
	json_put_str(question, "hint", fact_hint(declared, name, hint));
	json_array_foreach(json_arr(happened_body(h), "problems"), i, problem) {
		if (strcmp(json_str(problem, "name"), name) == 0)
			json_put_str(question, "problem", json_str(problem, "why"));
	}
	return question;
}

static int on_version(const struct happened *h, struct err *e)
{
	const json_t *missing = json_arr(happened_body(h), "missing");
	json_t *model, *questions, *name;
	size_t i;

	if (json_array_size(missing) == 0)
		return 0;
	model = json_object();
	questions = json_array();
	json_array_foreach(missing, i, name)
		json_add(questions, question(h, json_string_value(name)));
	json_put(model, "questions", questions);
	json_put(model, "known", fact_list(h->desk, h->state));
	notify_put_policy(h, model);
	return tell_requester(h, "missing", model, e);
}

static json_t *names_of(const struct desk *desk, const json_t *asked)
{
	json_t *names = json_array(), *row;
	size_t i;

	json_array_foreach(asked, i, row) {
		json_t *name = json_object();

		json_put_str(name, "name", desk_name(desk, json_str(row, "person")));
		json_add(names, name);
	}
	return names;
}

static int on_review(const struct happened *h, struct err *e)
{
	const json_t *body = happened_body(h);
	int64_t version = json_int(h->state, "version"), before;
	json_t *model;

	if (notify_reviewers(h, json_arr(body, "asked"), &(struct nudge){ .policy = notify_policy(h) }, e) < 0 ||
	    case_reviewed_before(h->desk->db, json_str(h->state, "case"), version, &before, e) < 0)
		return -1;
	if (json_int(body, "stage") > 0)
		return 0;
	model = json_object();
	notify_put_policy(h, model);
	if (strcmp(json_str(h->state, "state"), "approved") == 0)
		return tell_requester(h, "again", model, e);
	json_put(model, "asked", names_of(h->desk, json_arr(body, "asked")));
	json_put_str(model, "stage_name", json_str(body, "name"));
	json_put_bool(model, "changed", before && !notify_policy(h));
	return tell_requester(h, "received", model, e);
}

// "The case is approved.", or how many votes it still takes.
static char *standing(const struct happened *h)
{
	const char *state = json_str(h->state, "state");
	const json_t *stage = open_stage(h->state);
	int64_t approvals = 0, need = json_int(stage, "need");
	json_t *vote;
	size_t i;

	if (!stage)
		return text_format("%s is %s.", json_str(h->state, "case"), state);
	if (json_int(h->state, "stage") != json_int(happened_body(h), "stage"))
		return text_format("The stage is passed; %s decides next.", json_str(stage, "name"));
	json_array_foreach(json_arr(stage, "votes"), i, vote)
		approvals += strcmp(json_str(vote, "verdict"), "approve") == 0;
	return text_format("%lld of %lld approvals needed in stage %s.", (long long)approvals, (long long)need,
	                   json_str(stage, "name"));
}

static int on_vote(const struct happened *h, struct err *e)
{
	const json_t *body = happened_body(h);
	_free_ char *text = standing(h);
	json_t *model = json_object();

	json_put_str(model, "verdict", json_str(body, "verdict"));
	json_put_str(model, "why", json_str(body, "why"));
	json_put_int(model, "entry", json_int(h->event, "seq"));
	json_put_str(model, "standing", text);
	return notify_recorded(h, json_str(body, "person"), model, e);
}

static const char *headline(const char *type, const json_t *body)
{
	const char *by = json_str(body, "by");
	bool policy = strcmp(by, "policy") == 0;

	if (strcmp(type, "case.approved") == 0 && json_bool(body, "confirmed"))
		return "Judged again and confirmed";
	if (strcmp(type, "case.approved") == 0)
		return policy                     ? "Approved by policy"
		       : strcmp(by, "grant") == 0 ? "Approved: an earlier grant covers it"
		                                  : "Approved";
	if (strcmp(type, "case.rejected") == 0)
		return policy ? "Rejected by policy" : "Rejected";
	if (strcmp(type, "case.withdrawn") == 0)
		return "Withdrawn";
	if (strcmp(type, "case.lapsed") == 0)
		return "Lapsed: nobody decided in time";
	if (strcmp(type, "case.expired") == 0)
		return "Expired";
	return strcmp(by, "grant") == 0 ? "Revoked: the grant that it rested on was taken back" : "Revoked";
}

// Every vote that counts, with its grounds; those against the outcome are marked.
static json_t *votes_of(const struct happened *h)
{
	const char *lost = strcmp(json_str(h->state, "state"), "rejected") == 0 ? "approve" : "reject";
	json_t *votes = json_array(), *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(h->state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			const char *verdict = json_str(vote, "verdict");
			_free_ char *at = desk_time(h->desk, NULL, json_int(vote, "at"));
			json_t *view = json_object();

			json_put_str(view, "name", desk_name(h->desk, json_str(vote, "person")));
			json_put_str(view, "stage", json_str(stage, "name"));
			json_put_str(view, "verdict", verdict);
			json_put_str(view, "at_text", at);
			json_put_str(view, "why", json_str(vote, "why"));
			json_put_bool(view, "dissent", strcmp(verdict, lost) == 0);
			json_add(votes, view);
		}
	}
	return votes;
}

json_t *decided_model(const struct happened *h)
{
	const char *type = json_str(h->event, "type"), *until = json_str(happened_body(h), "until");
	json_t *model = json_object(), *votes = votes_of(h);

	json_put_str(model, "verdict", json_str(h->state, "state"));
	json_put_str(model, "headline", headline(type, happened_body(h)));
	json_put_str(model, "why", json_str(happened_body(h), "why"));
	json_put_bool(model, "by_policy", strcmp(json_str(happened_body(h), "by"), "policy") == 0);
	json_put_bool(model, "has_votes", json_array_size(votes) > 0);
	json_put(model, "votes", votes);
	notify_grounds(h, model);
	notify_put_policy(h, model);
	if (*until)
		json_put_str(model, "valid_text", until);
	return model;
}

// To the requester and to everybody who was asked; whoever voted last has it in the receipt for that vote.
static int on_closed(const struct happened *h, struct err *e)
{
	bool by_vote = strcmp(json_str(happened_body(h), "by"), "vote") == 0;
	_json_ json_t *people = concerned(h->state);
	json_t *person;
	size_t i;

	if (notify_is_moot(h))
		return 0;
	if (tell_requester(h, "decided", decided_model(h), e) < 0)
		return -1;
	json_array_foreach(people, i, person) {
		const char *principal = json_string_value(person);

		if (by_vote && strcmp(principal, h->actor) == 0)
			continue;
		if (tell_person(h, principal, "decided", decided_model(h), e) < 0)
			return -1;
	}
	return 0;
}

static int remind_reviewers(const struct happened *h, struct err *e)
{
	const json_t *people = json_arr(happened_body(h), "people");
	_json_ json_t *silent = json_array();
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(open_stage(h->state), "asked"), i, row) {
		if (json_has_str(people, json_str(row, "person")))
			json_array_append(silent, row);
	}
	return notify_reviewers(h, silent, &(struct nudge){ .reminder = json_int(happened_body(h), "number") }, e);
}

static int on_reminder(const struct happened *h, struct err *e)
{
	return strcmp(json_str(happened_body(h), "kind"), "expiry") == 0 ? notify_ending(h, e) : remind_reviewers(h, e);
}

static json_t *manager_model(const struct happened *h, const char *manager)
{
	const json_t *stage = open_stage(h->state), *first = json_array_get(json_arr(stage, "asked"), 0);
	_free_ char *since = desk_time(h->desk, NULL, json_int(first, "at"));
	_free_ char *because = text_format("The decision was asked for on %s.", since);
	json_t *model = json_object(), *approver = json_object(), *stage_view = json_object(), *silent;
	size_t i;

	json_array_foreach(json_arr(happened_body(h), "silent"), i, silent) {
		const struct person *person = person_of(h->desk->people, json_string_value(silent));

		if (person && person->manager && strcmp(person->manager, manager + strlen("person:")) == 0)
			json_put_str(approver, "name", person->name);
	}
	json_put(model, "approver", approver);
	json_put_str(model, "because", because);
	json_put_str(stage_view, "name", json_str(stage, "name"));
	json_put(stage_view, "asked", names_of(h->desk, json_arr(stage, "asked")));
	json_put(model, "stage", stage_view);
	return model;
}

static int on_escalated(const struct happened *h, struct err *e)
{
	bool recused = strcmp(json_str(happened_body(h), "level"), "recused") == 0;
	struct nudge nudge = { .escalated = !recused, .replaces = recused };
	json_t *person;
	size_t i;

	if (notify_reviewers(h, json_arr(happened_body(h), "asked"), &nudge, e) < 0)
		return -1;
	json_array_foreach(json_arr(happened_body(h), "told"), i, person) {
		const char *manager = json_string_value(person);

		if (tell_person(h, manager, "manager", manager_model(h, manager), e) < 0)
			return -1;
	}
	return 0;
}

static int on_alarm(const struct happened *h, struct err *e)
{
	const struct people *people = h->desk->people;

	for (size_t i = 0; i < people_count(people); i++) {
		const struct person *person = people_at(people, i);
		_free_ char *principal = text_format("person:%s", person->id);
		json_t *model;

		if (!person_in(person, "admin") && !person_in(person, "auditor"))
			continue;
		model = json_object();
		json_put_str(model, "code", json_str(happened_body(h), "code"));
		json_put_str(model, "sentence", json_str(happened_body(h), "text"));
		json_put_str(model, "what_to_do", json_str(happened_body(h), "next"));
		if (letter_write(h->desk,
		                 &(struct letter_to){ .kind = "alarm",
		                                      .principal = principal,
		                                      .name = person->name,
		                                      .state = h->state,
		                                      .model = model },
		                 e) < 0)
			return -1;
	}
	return 0;
}

static const struct {
	const char *type;
	int (*tell)(const struct happened *h, struct err *e);
} tellers[] = {
	{ "case.opened", on_version },      { "case.amended", on_version },       { "review.requested", on_review },
	{ "vote.cast", on_vote },           { "case.approved", on_closed },       { "case.rejected", on_closed },
	{ "case.withdrawn", on_closed },    { "case.lapsed", on_closed },         { "case.expired", on_closed },
	{ "case.revoked", on_closed },      { "case.commented", notify_comment }, { "reminder.sent", on_reminder },
	{ "case.escalated", on_escalated }, { "alarm.raised", on_alarm },
};

int notify(const struct happened *h, struct err *e)
{
	const char *type = json_str(h->event, "type");

	if (notify_chat_before(h, e) < 0)
		return -1;
	for (size_t i = 0; i < LENGTH(tellers); i++)
		if (strcmp(tellers[i].type, type) == 0 && tellers[i].tell(h, e) < 0)
			return -1;
	return notify_chat_after(h, e);
}

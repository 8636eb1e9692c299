// SPDX-License-Identifier: Apache-2.0
// A vote: whether it counts, and what it comes to.  Duties are checked here, at the moment of the vote, for the person
// behind the address (DESIGN 6).
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case.h"
#include "bot/case_grant.h"

static json_t *row_of(const json_t *stage, const char *principal)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(stage, "asked"), i, row) {
		if (strcmp(json_str(row, "person"), principal) == 0)
			return row;
	}
	return NULL;
}

static enum decided refuse_duty(struct decision *d, const char *code, bool by_seat)
{
	const char *id = json_str(d->state, "case");

	if (strcmp(code, "administrators-do-not-vote") == 0)
		return refuse(d, code, "Somebody who is not an administrator must decide.",
		              "You administer this desk, so your vote on %s does not count.", id);
	if (strcmp(code, "self-approval") == 0)
		return refuse(d, by_seat ? "self-approval-by-delegation" : code, "Somebody else must decide.",
		              by_seat ? "You stand in for whoever requested %s, so your vote on it does not count."
		                      : "You requested %s yourself, so your vote on it does not count.",
		              id);
	return refuse(d, code, "Somebody else must decide.",
	              "You filed, edited or gain from %s, so your vote on it does not count.", id);
}

static bool in_any_group(const struct person *person, const json_t *groups)
{
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
		if (person_in(person, json_string_value(group)))
			return true;
	return false;
}

// The person must have been asked, still be who they were asked as, and be free of duties; so must the one whose seat
// they take.
static enum decided check_seat(struct decision *d, const json_t *stage, const json_t *row)
{
	const struct person *person = d->order->person;
	struct subject subject = subject_of(d->state);
	const char *seat = json_str(row, "seat"), *conflict = duty_conflict(d->rules, &subject, person);
	const struct person *holder;

	if (conflict)
		return refuse_duty(d, conflict, false);
	if (!row && in_any_group(person, json_arr(stage, "from")))
		return refuse(d, "role-too-new", "Somebody who had the role before must decide.",
		              "The role that votes on %s was not yours when it was requested.", subject.case_id);
	if (!row)
		return refuse(d, "not-approver",
		              "Write 'comment: ...' to say what you think; the approvers will see it.",
		              "You were not asked to decide about %s.", subject.case_id);
	holder = person_of(d->rules->people, seat);
	if (!holder)
		return refuse(d, "identity-unknown", "Ask an administrator.",
		              "%s, for whom you were asked, is not listed any more.", seat);
	if (holder != person && (conflict = duty_conflict(d->rules, &subject, holder)))
		return refuse_duty(d, conflict, true);
	if (holder != person && !json_has_str(holder->alternates, person->id))
		return refuse(d, "not-approver", "Ask an administrator.", "You do not stand in for %s any more.",
		              holder->name);
	if (!seat_holder(d->rules, &subject, holder, json_arr(stage, "from")))
		return refuse(d, "role-too-new", "Somebody who had the role before must decide.",
		              "The role that votes on %s was not yours%s when it was requested.", subject.case_id,
		              holder == person ? "" : " to take over");
	return DECIDED;
}

static enum decided check_vote(struct decision *d, const json_t *stage, const json_t *row)
{
	const struct order *o = d->order;
	const char *id = json_str(d->state, "case");
	bool said = o->text && *o->text;

	if (!o->person)
		return refuse(d, "not-approver", "Ask an administrator to list you.",
		              "Only people who are listed can decide; this address is not.");
	if (!o->authenticated)
		return refuse(d, "auth-missing", "Reply from your own mail account, through your own mail server.",
		              "Nothing proves that this is you.");
	if (o->content && strcmp(o->content, json_str(d->state, "hash")) != 0)
		return refuse(
		        d, "outdated", "Answer the newest message about it; it shows what changed.",
		        "%s was changed after the version that you were shown, so your vote does not count for it.",
		        id);
	if (check_seat(d, stage, row) != DECIDED)
		return DECIDED_NOT;
	if (seat_voted(stage, json_str(row, "seat")) || person_voted(stage, o->actor))
		return refuse(d, "already-voted", "A comment is still possible: write 'comment: ...'.",
		              "A vote for this seat on version %lld of %s is recorded already.",
		              (long long)json_int(d->state, "version"), id);
	if (json_str_or_null(stage, "factor") && strcmp(o->verdict, "approve") == 0)
		return refuse(d, "mfa-required", "Ask an administrator; this version cannot check a second factor yet.",
		              "Approving %s needs a second factor.", id);
	if (*o->code)
		return refuse(d, "mfa-format", "Leave the code out.", "No second factor is set up for you.");
	if (json_bool(stage, "grounds") && strcmp(o->verdict, "approve") == 0 && !said)
		return refuse(d, "reason-required", "Write 'approve: ' and your grounds on the same line.",
		              "The catalogue wants to know on what grounds %s is approved.", id);
	if (strcmp(o->verdict, "reject") == 0 && !said)
		return refuse(d, "reason-required", "Write 'reject: ' and the reason on the same line.",
		              "A rejection needs a reason, so that %s knows what to change.",
		              json_str(d->state, "requester_name"));
	return DECIDED;
}

struct tally {
	int64_t need, approve, reject, waiting;
};

// Seats of `asked` that somebody other than this voter can still fill; `row` is the voter's.
static void find_waiting(const json_t *stage, const json_t *asked, const char *verdict, const json_t *row,
                         json_t *seats)
{
	bool leaves = strcmp(verdict, "recuse") == 0;
	json_t *item;
	size_t i;

	json_array_foreach(asked, i, item) {
		const char *person = json_str(item, "person"), *seat = json_str(item, "seat");

		if (strcmp(person, json_str(row, "person")) == 0 || person_voted(stage, person) ||
		    seat_voted(stage, seat) || (!leaves && strcmp(seat, json_str(row, "seat")) == 0))
			continue;
		json_put_bool(seats, seat, true);
	}
}

// Votes by verdict, the new one included; `more`: who is asked now that the voter steps aside.
static struct tally count(const json_t *stage, const char *verdict, const json_t *row, const json_t *more)
{
	struct tally t = { .need = json_int(stage, "need") };
	_json_ json_t *seats = json_object();
	json_t *item;
	size_t i;

	t.approve = strcmp(verdict, "approve") == 0;
	t.reject = strcmp(verdict, "reject") == 0;
	json_array_foreach(json_arr(stage, "votes"), i, item) {
		t.approve += strcmp(json_str(item, "verdict"), "approve") == 0;
		t.reject += strcmp(json_str(item, "verdict"), "reject") == 0;
	}
	find_waiting(stage, json_arr(stage, "asked"), verdict, row, seats);
	find_waiting(stage, more, verdict, row, seats);
	t.waiting = (int64_t)json_object_size(seats);
	return t;
}

static char *with_condition(char *conditions, const char *verdict, const char *why)
{
	_free_ char *before = conditions;

	return add_condition(before, strcmp(verdict, "approve") == 0 && grant_condition(why) ? why : NULL);
}

// What the grant had, and what those who approve put, this vote last.
static char *conditions_of(const struct decision *d, const json_t *confirmed)
{
	char *all = add_condition(json_str_or_null(confirmed, "conditions"), NULL);
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(d->state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote)
			all = with_condition(all, json_str(vote, "verdict"), json_str(vote, "why"));
	}
	return with_condition(all, d->order->verdict, d->order->text ? d->order->text : "");
}

static void approve(struct decision *d)
{
	struct subject subject = subject_of(d->state);
	const json_t *confirmed = subject.in_force ? json_array_get(json_arr(d->state, "grants"), 0) : NULL;
	_free_ char *conditions = conditions_of(d, confirmed);

	approve_case(d, &(struct approval){ .subject = &subject,
	                                    .components = json_arr(d->state, "components"),
	                                    .risk = json_int(d->state, "risk"),
	                                    .by = "vote",
	                                    .until = json_str_or_null(d->state, "expires"),
	                                    .conditions = conditions,
	                                    .confirmed = confirmed });
}

static void reject(struct decision *d, int64_t stage)
{
	json_t *body = json_object();

	json_put_str(body, "by", "vote");
	json_put_int(body, "stage", stage);
	if (strcmp(json_str(d->state, "state"), "approved") == 0) { // in force so far
		json_put_str(body, "why", d->order->text);
		revoke_case(d, body);
		return;
	}
	happen_by_system(d, "case.rejected", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

static void pass_stage(struct decision *d, int64_t number)
{
	struct subject subject = subject_of(d->state);
	const json_t *stages = json_arr(d->state, "stages");
	json_t *body = json_object();

	json_put_int(body, "stage", number);
	json_put_str(body, "name", json_str(json_array_get(stages, (size_t)number), "name"));
	happen_by_system(d, "stage.passed", subject.case_id, subject.version, body);
	if ((size_t)number + 1 < json_array_size(stages))
		request_review(d, &subject, stages, (size_t)number + 1);
	else
		approve(d);
}

// Nobody rejected it, but nobody is left whose vote could approve it: it would wait until it lapses.
static void alarm_stuck(struct decision *d, const json_t *stage)
{
	_free_ char *text = text_format("%s: nobody is left who could approve it in stage '%s'.",
	                                json_str(d->state, "case"), json_str(stage, "name"));
	json_t *body = json_object();

	json_put_str(body, "code", "stage-stuck");
	json_put_str(body, "text", text);
	json_put_str(body, "next", "Its requester can change it, which asks everybody anew, or withdraw it.");
	happen_by_system(d, "alarm.raised", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

// Somebody who steps aside is replaced at once rather than after the usual days.
static void replace_seat(struct decision *d, int64_t number, json_t *asked)
{
	json_t *body = json_object();

	json_put_str(body, "level", "recused");
	json_put_int(body, "stage", number);
	json_put(body, "asked", json_incref(asked));
	happen_by_system(d, "case.escalated", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

enum decided case_vote(struct decision *d)
{
	const struct order *o = d->order;
	const json_t *stage = open_stage(d->state), *row = row_of(stage, o->actor);
	int64_t number = json_int(d->state, "stage");
	_json_ json_t *more = NULL;
	struct tally t;
	json_t *body;

	if (!stage)
		return refuse(d, "wrong-state", "Write 'show CASE' to see how it stands.", "%s is not under review.",
		              json_str(d->state, "case"));
	if (check_vote(d, stage, row) != DECIDED)
		return DECIDED_NOT;
	body = json_object();
	json_put_str(body, "person", o->actor);
	json_put_str(body, "name", o->name);
	json_put_str(body, "seat", json_str(row, "seat"));
	json_put_str(body, "verdict", o->verdict);
	json_put_int(body, "stage", number);
	json_put_str(body, "why", o->text ? o->text : "");
	json_put_str(body, "hash", json_str(d->state, "hash"));
	happen(d, "vote.cast", json_str(d->state, "case"), json_int(d->state, "version"), body);
	if (strcmp(o->verdict, "recuse") == 0)
		more = alternates_for(d->rules, d->state, json_str(row, "seat"));
	t = count(stage, o->verdict, row, more);
	if (t.approve >= t.need)
		pass_stage(d, number);
	else if (t.reject >= t.need || (t.reject > 0 && t.approve + t.waiting < t.need))
		reject(d, number);
	else if (t.approve + t.waiting < t.need)
		alarm_stuck(d, stage);
	else if (json_array_size(more))
		replace_seat(d, number, more);
	return DECIDED;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/case_review.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

static const json_t *renewed_case(const json_t *state)
{
	json_t *link;
	size_t i;

	json_array_foreach(json_arr(state, "links"), i, link) {
		if (strcmp(json_str(link, "kind"), "renews") == 0)
			return link;
	}
	return NULL;
}

struct subject subject_of(const json_t *state)
{
	return (struct subject){
		.case_id = json_str(state, "case"),
		.version = json_int(state, "version"),
		.opened = json_int(state, "opened"),
		.requester = json_str(state, "requester"),
		.filed_by = json_str(state, "filed_by"),
		.editors = json_arr(state, "editors"),
		.facts = json_obj(state, "facts"),
		.renews = renewed_case(state),
		.in_force = strcmp(json_str(state, "state"), "approved") == 0,
	};
}

const struct person *person_of(const struct people *people, const char *principal)
{
	if (text_starts(principal, "person:"))
		return people_find(people, principal + 7);
	if (text_starts(principal, "mail:"))
		return people_by_mail(people, principal + 5);
	return NULL;
}

static bool is_same(const struct rules *rules, const char *principal, const struct person *person)
{
	return person_of(rules->people, principal) == person;
}

const char *duty_conflict(const struct rules *rules, const struct subject *s, const struct person *person)
{
	const char *gains = json_str(s->facts, "beneficiary");
	json_t *editor;
	size_t i;

	if (person_in(person, "admin"))
		return "administrators-do-not-vote";
	if (is_same(rules, s->requester, person))
		return "self-approval";
	if (is_same(rules, s->filed_by, person))
		return "conflict-of-duty";
	if (*gains && (people_find(rules->people, gains) == person || people_by_mail(rules->people, gains) == person ||
	               is_same(rules, gains, person)))
		return "conflict-of-duty";
	json_array_foreach(s->editors, i, editor) {
		if (is_same(rules, json_string_value(editor), person))
			return "conflict-of-duty";
	}
	return NULL;
}

bool seat_holder(const struct rules *rules, const struct subject *s, const struct person *person, const json_t *groups)
{
	json_t *since = json_object_get(rules->memberships, person->id), *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		const char *name = json_string_value(group);
		json_t *when = json_object_get(since, name);

		if (person_in(person, name) && when && json_integer_value(when) <= s->opened)
			return true;
	}
	return false;
}

static void add_asked(json_t *asked, const struct person *person, const char *seat)
{
	_free_ char *principal = text_format("person:%s", person->id);
	json_t *item = json_object();

	json_put_str(item, "person", principal);
	json_put_str(item, "seat", seat ? seat : principal);
	json_add(asked, item);
}

static json_t *everybody(const struct rules *rules, const struct subject *s, const json_t *groups)
{
	json_t *asked = json_array();

	for (size_t i = 0; i < people_count(rules->people); i++) {
		const struct person *person = people_at(rules->people, i);

		if (seat_holder(rules, s, person, groups) && !duty_conflict(rules, s, person))
			add_asked(asked, person, NULL);
	}
	return asked;
}

static void put_schedule(const struct rules *rules, const struct subject *s, int64_t now, json_t *body)
{
	const struct escalation *plan = catalogue_escalation(rules->catalogue);
	const struct hours *hours = catalogue_hours(rules->catalogue);
	json_t *remind = json_array();

	for (size_t i = 0; i < plan->reminds; i++) {
		char text[CLOCK_TEXT];

		json_add_str(remind, clock_format(hours_add(hours, now, plan->remind[i]), text));
	}
	json_put(body, "remind", remind);
	if (plan->alternate)
		put_time(body, "alternate", hours_add(hours, now, plan->alternate));
	if (plan->manager)
		put_time(body, "manager", hours_add(hours, now, plan->manager));
	if (plan->lapse && !s->in_force)
		put_time(body, "lapse", hours_add(hours, now, plan->lapse));
}

void request_review(struct decision *d, const struct subject *s, const json_t *stages, size_t number)
{
	const json_t *stage = json_array_get(stages, number);
	json_t *asked = everybody(d->rules, s, json_arr(stage, "from"));
	json_t *body = json_object();

	json_put_int(body, "stage", (int64_t)number);
	json_put_str(body, "name", json_str(stage, "name"));
	json_put(body, "asked", asked);
	put_schedule(d->rules, s, d->now, body);
	happen_by_system(d, "review.requested", s->case_id, s->version, body);
	if ((int64_t)json_array_size(asked) < json_int(stage, "need")) {
		json_t *alarm = json_object();
		_free_ char *text = text_format("%s: stage '%s' needs %lld votes, but only %zu people may vote on it.",
		                                s->case_id, json_str(stage, "name"), (long long)json_int(stage, "need"),
		                                json_array_size(asked));

		json_put_str(alarm, "code", "stage-cannot-be-filled");
		json_put_str(alarm, "text", text);
		happen_by_system(d, "alarm.raised", s->case_id, s->version, alarm);
	}
}

json_t *open_stage(const json_t *state)
{
	json_t *number = json_object_get(state, "stage");

	return number ? json_array_get(json_arr(state, "stages"), (size_t)json_integer_value(number)) : NULL;
}

bool seat_voted(const json_t *stage, const char *seat)
{
	json_t *vote;
	size_t i;

	json_array_foreach(json_arr(stage, "votes"), i, vote) {
		if (strcmp(json_str(vote, "seat"), seat) == 0 && strcmp(json_str(vote, "verdict"), "recuse") != 0)
			return true;
	}
	return false;
}

bool person_voted(const json_t *stage, const char *principal)
{
	json_t *vote;
	size_t i;

	json_array_foreach(json_arr(stage, "votes"), i, vote) {
		if (strcmp(json_str(vote, "person"), principal) == 0)
			return true;
	}
	return false;
}

static bool is_asked(const json_t *list, const char *person_id)
{
	json_t *asked;
	size_t i;

	json_array_foreach(list, i, asked) {
		if (strcmp(json_str(asked, "person") + strlen("person:"), person_id) == 0)
			return true;
	}
	return false;
}

json_t *alternates_for(const struct rules *rules, const json_t *state, const char *only)
{
	const json_t *stage = open_stage(state), *asked = json_arr(stage, "asked");
	struct subject subject = subject_of(state);
	json_t *found = json_array(), *seat, *id;
	size_t i, k;

	json_array_foreach(asked, i, seat) {
		const char *name = json_str(seat, "seat");
		const struct person *holder = person_of(rules->people, name);

		// A seat that somebody stands in for already has its own row with another person.
		if (!holder || strcmp(json_str(seat, "person"), name) != 0 || (only && strcmp(only, name) != 0) ||
		    (!only && seat_voted(stage, name)))
			continue;
		json_array_foreach(holder->alternates, k, id) {
			const struct person *person = people_find(rules->people, json_string_value(id));

			if (person && !duty_conflict(rules, &subject, person) && !is_asked(asked, person->id) &&
			    !is_asked(found, person->id))
				add_asked(found, person, name);
		}
	}
	return found;
}

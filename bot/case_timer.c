// SPDX-License-Identifier: Apache-2.0
// What is due: reminders, alternates, managers, lapse, expiry.  Silence never approves.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/case.h"
#include "bot/case_review.h"

// Everybody who was asked in the open stage and could still fill their seat: principals.
static json_t *silent_people(const json_t *stage)
{
	json_t *people = json_array(), *row;
	size_t i;

	json_array_foreach(json_arr(stage, "asked"), i, row) {
		if (!seat_voted(stage, json_str(row, "seat")) && !person_voted(stage, json_str(row, "person")))
			json_add_str(people, json_str(row, "person"));
	}
	return people;
}

static json_t *managers_of(const struct rules *rules, const json_t *people)
{
	json_t *managers = json_array(), *principal;
	size_t i;

	json_array_foreach(people, i, principal) {
		const struct person *person = person_of(rules->people, json_string_value(principal));
		_free_ char *manager = NULL;

		if (!person || !person->manager)
			continue;
		manager = text_format("person:%s", person->manager);
		if (!json_has_str(managers, manager))
			json_add_str(managers, manager);
	}
	return managers;
}

static void close_by_time(struct decision *d, const char *type)
{
	happen_by_system(d, type, json_str(d->state, "case"), json_int(d->state, "version"), json_object());
}

static void remind(struct decision *d, json_t *silent)
{
	json_t *body = json_object();

	json_put_int(body, "stage", json_int(d->state, "stage"));
	json_put_int(body, "number", d->order->timer_number);
	json_put(body, "people", silent);
	happen_by_system(d, "reminder.sent", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

static void escalate(struct decision *d, json_t *silent)
{
	bool alternate = strcmp(d->order->timer, "alternate") == 0;
	json_t *body = json_object();

	json_put_str(body, "level", d->order->timer);
	json_put_int(body, "stage", json_int(d->state, "stage"));
	json_put(body, "asked", alternate ? alternates_for(d->rules, d->state, NULL) : json_array());
	if (!alternate)
		json_put(body, "told", managers_of(d->rules, silent));
	json_put(body, "silent", silent);
	happen_by_system(d, "case.escalated", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

static void add_person(json_t *people, const char *principal)
{
	if (!json_has_str(people, principal))
		json_add_str(people, principal);
}

// To the requester and whoever approved it: it ends in so many days.
static void warn(struct decision *d)
{
	json_t *people = json_array(), *body = json_object(), *stage, *vote;
	size_t i, k;

	add_person(people, json_str(d->state, "requester"));
	json_array_foreach(json_arr(d->state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			if (strcmp(json_str(vote, "verdict"), "approve") == 0)
				add_person(people, json_str(vote, "person"));
		}
	}
	json_put_str(body, "kind", "expiry");
	json_put_int(body, "days", d->order->timer_number);
	json_put_str(body, "until", json_str(d->state, "expires"));
	json_put(body, "people", people);
	happen_by_system(d, "reminder.sent", json_str(d->state, "case"), json_int(d->state, "version"), body);
}

enum decided case_timer(struct decision *d)
{
	const char *timer = d->order->timer, *state = json_str(d->state, "state");

	if (strcmp(timer, "expire") == 0 && strcmp(state, "approved") == 0)
		close_by_time(d, "case.expired");
	else if (strcmp(timer, "expiry") == 0 && strcmp(state, "approved") == 0)
		warn(d);
	else if (strcmp(timer, "lapse") == 0 && strcmp(state, "approved") != 0)
		close_by_time(d, "case.lapsed");
	else if (strcmp(timer, "remind") == 0 && open_stage(d->state))
		remind(d, silent_people(open_stage(d->state)));
	else if (open_stage(d->state))
		escalate(d, silent_people(open_stage(d->state)));
	else
		panic("timer '%s' of %s, which is %s", timer, json_str(d->state, "case"), state);
	return DECIDED;
}

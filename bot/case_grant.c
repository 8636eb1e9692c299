// SPDX-License-Identifier: Apache-2.0
#include "bot/case_grant.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

// Days before the end at which people are told of it.
static const int warn_days[] = { 30, 7, 1 };

static const char *earlier(const char *a, const char *b)
{
	return !a || (b && strcmp(b, a) < 0) ? b : a;
}

void put_end(struct decision *d, const char *until, json_t *body)
{
	json_t *warn = json_array();
	int64_t end;

	json_put_str(body, "until", until);
	if (!until || clock_parse(until, &end) < 0) {
		json_decref(warn);
		return;
	}
	end += CLOCK_DAY;
	put_time(body, "expire", end);
	for (size_t i = 0; i < LENGTH(warn_days); i++) {
		int64_t at = end - warn_days[i] * (int64_t)CLOCK_DAY;
		json_t *item;

		if (at <= d->now)
			continue;
		item = json_object();
		json_put_int(item, "days", warn_days[i]);
		put_time(item, "at", at);
		json_add(warn, item);
	}
	json_put(body, "warn", warn);
}

int64_t begin_of(const struct subject *s, int64_t now)
{
	int64_t end;

	if (clock_parse(json_str(s->renews, "expires"), &end) < 0 || end < now)
		return now;
	return end;
}

char *add_condition(const char *conditions, const char *more)
{
	if (!more || !*more)
		return conditions && *conditions ? text_copy(conditions) : NULL;
	return text_format("%s%s%s", conditions ? conditions : "", conditions && *conditions ? "\n" : "", more);
}

// What it is answered with: until the first of them ends, under the conditions of all.
static const char *put_grants(const struct approval *a, const char *until, json_t *body)
{
	_free_ char *conditions = NULL;
	json_t *cases = json_array(), *grant;
	size_t i;

	json_array_foreach(a->grants, i, grant) {
		char *all = add_condition(conditions, json_str_or_null(grant, "conditions"));

		free(conditions);
		conditions = all;
		json_add_str(cases, json_str(grant, "case"));
		until = earlier(until, json_str_or_null(grant, "until"));
	}
	json_put(body, "grants", cases);
	json_put_str(body, "conditions", conditions);
	return until;
}

static void put_grant(struct decision *d, const struct approval *a, const char *until, json_t *body)
{
	struct asked asked = { catalogue_facts(d->rules->catalogue), a->subject->facts, a->components, a->risk };
	const char *since = json_str_or_null(a->confirmed, "since");
	json_t *grant = grant_of(&asked);
	char today[CLOCK_TEXT];

	json_put_str(grant, "conditions", a->conditions);
	json_put_str(grant, "until", until);
	json_put_str(grant, "since", since ? since : clock_format_date(d->now, today));
	json_put(body, "grant", grant);
}

// A case that was revoked meanwhile stays so.
static void supersede(struct decision *d, const struct subject *s)
{
	const json_t *old = s->renews;
	json_t *body;

	if (!old || (strcmp(json_str(old, "state"), "approved") != 0 && strcmp(json_str(old, "state"), "expired") != 0))
		return;
	body = json_object();
	json_put_str(body, "by", s->case_id);
	happen_by_system(d, "case.renewed", json_str(old, "case"), json_int(old, "version"), body);
}

void approve_case(struct decision *d, const struct approval *a)
{
	const char *until = a->until;
	json_t *body = json_object();

	json_put_str(body, "by", a->by);
	if (strcmp(a->by, "policy") == 0)
		json_put_int(body, "catalogue", catalogue_version(d->rules->catalogue));
	if (a->grants)
		until = put_grants(a, until, body);
	else
		put_grant(d, a, until, body);
	if (a->confirmed)
		json_put_bool(body, "confirmed", true);
	put_end(d, until, body);
	happen_by_system(d, "case.approved", a->subject->case_id, a->subject->version, body);
	if (!a->confirmed)
		supersede(d, a->subject);
}

void revoke_case(struct decision *d, json_t *body)
{
	const char *id = json_str(d->state, "case");
	_json_ json_t *why = json_copy(body);
	json_t *resting;
	size_t i;

	json_object_del(why, "stage");
	json_put_str(why, "by", "grant");
	json_put_str(why, "grant", id);
	happen(d, "case.revoked", id, json_int(d->state, "version"), body);
	json_array_foreach(d->order->resting, i, resting)
		happen_by_system(d, "case.revoked", json_str(resting, "case"), json_int(resting, "version"),
		                 json_copy(why));
}

json_t *grants_for_request(struct decision *d, const struct subject *subject, const struct asked *asked,
                           json_t *findings)
{
	_json_ json_t *near = NULL;
	json_t *chosen =
	        grants_choose(d->order->grants, asked, json_str_or_null(subject->renews, "case"), d->now, &near);
	_free_ char *scope = NULL, *differs = NULL, *says = NULL;
	json_t *finding;

	if (chosen || !near)
		return chosen;
	scope = grant_text(near);
	differs = grant_differences_text(json_arr(near, "differs"), asked->declared);
	says = text_format("%s grants %s, but not this: %s.", json_str(near, "case"), scope, differs);
	finding = json_object();
	json_put_str(finding, "check", "grant");
	json_put_int(finding, "risk", 0);
	json_put_str(finding, "says", says);
	json_put_str(finding, "case", json_str(near, "case"));
	json_add(findings, finding);
	return NULL;
}

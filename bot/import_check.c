// SPDX-License-Identifier: Apache-2.0
// Is a row of a register good?  Its facts are read by the rules that hold for everybody's, its licence is an
// expression, its days are in order.
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/fact_person.h"
#include "bot/facts.h"
#include "bot/import_case.h"

#define ID_MAX 120
#define NAME_MAX 200
#define TEXT_MAX 16384

struct checking {
	const struct rules *rules;
	const struct licences *licences;
	const json_t *row, *declared;
	int64_t now;
	json_t *out, *problems;
};

static void problem(struct checking *c, const char *name, const char *why)
{
	json_t *item = json_object();

	json_put_str(item, "name", name);
	json_put_str(item, "why", why);
	json_add(c->problems, item);
}

// --- facts ---

// An expression, or a name that people use: then it must be clear which licence is meant.
static int settle_licence(struct checking *c, json_t **value, struct err *e)
{
	const char *words = json_string_value(*value);
	char *expression = expression_normal(c->licences, words, e);

	if (!expression)
		expression = licence_named(c->licences, words);
	if (!expression)
		return -1;
	json_decref(*value);
	*value = json_string(expression);
	free(expression);
	return 0;
}

static int settle_person(struct checking *c, json_t **value, struct err *e)
{
	char *principal = fact_person(c->rules->people, json_string_value(*value), e);

	if (!principal)
		return -1;
	json_decref(*value);
	*value = json_string(principal);
	free(principal);
	return 0;
}

static void unknown_fact(struct checking *c, const char *full, const char *name)
{
	const char *names[256] = { NULL }, *near, *key;
	_free_ char *why = NULL;
	json_t *fact;
	size_t n = 0;

	for (const struct fact *f = facts_builtin; f->name; f++)
		names[n++] = f->name;
	json_object_foreach((json_t *)c->declared, key, fact)
		if (n < LENGTH(names) - 1)
			names[n++] = key;
	near = text_nearest(name, names);
	why = text_format("there is no fact '%.64s'%s%s%s", name, near ? " - did you mean '" : "", near ? near : "",
	                  near ? "'?" : "");
	problem(c, full, why);
}

static int read_fact(struct checking *c, const char *name, const char *words, json_t **value, struct err *e)
{
	if (fact_value(c->declared, name, words, c->now, value, e) < 0)
		return -1;
	switch (fact_kind(c->declared, name)) {
	case FACT_LICENCE:
		return settle_licence(c, value, e);
	case FACT_PERSON:
		return settle_person(c, value, e);
	case FACT_TEXT:
	case FACT_NUMBER:
	case FACT_DATE:
	case FACT_MONEY:
	case FACT_LIST:
	case FACT_CHOICE:
	case FACT_CHOICES:
	case FACT_DURATION:
		return 0;
	}
	panic("a fact of no kind");
}

static void check_facts(struct checking *c)
{
	json_t *facts = json_object(), *kept = json_object(), *words;
	const char *name;

	json_put(c->out, "facts", facts);
	json_put(c->out, "words", kept);
	json_object_foreach(json_obj(c->row, "facts"), name, words) {
		_free_ char *full = text_format("facts.%.64s", name);
		_json_ json_t *value = NULL;
		struct err why = { 0 };

		if (!json_is_string(words))
			continue;
		if (!fact_find(name) && !json_obj(c->declared, name))
			unknown_fact(c, full, name);
		else if (read_fact(c, name, json_string_value(words), &value, &why) < 0)
			problem(c, full, why.text);
		else {
			json_put(facts, name, json_incref(value));
			json_put(kept, name, json_incref(words));
		}
	}
	if (json_object_size(facts) == 0 && json_array_size(c->problems) == 0)
		problem(c, "id", "the row has no facts at all");
}

// --- days, persons, texts ---

// The day in ms; 0 when there is none.
static int64_t take_day(struct checking *c, const char *name)
{
	const char *text = json_str_or_null(c->row, name);
	int64_t ms = 0;

	if (!text)
		return 0;
	if (strlen(text) != strlen("YYYY-MM-DD") || clock_parse(text, &ms) < 0)
		problem(c, name, "that is no day");
	json_put_str(c->out, name, text);
	return ms;
}

static void check_days(struct checking *c)
{
	const char *outcome = json_str(c->row, "outcome");
	int64_t opened = take_day(c, "opened"), decided = take_day(c, "decided"), until = take_day(c, "until");

	if (!decided)
		problem(c, "decided", "it does not say when it was decided");
	else if (decided > c->now)
		problem(c, "decided", "that day has not come yet");
	if (opened && decided && opened > decided)
		problem(c, "opened", "it was decided before it was asked for");
	if (until && decided && until < decided)
		problem(c, "until", "it ended before it was decided");
	if (strcmp(outcome, "expired") == 0 && (!until || until + CLOCK_DAY > c->now))
		problem(c, "until", "it has expired, so it must say since when");
}

static void check_text(struct checking *c, const char *name, bool required, size_t max)
{
	const char *text = json_str(c->row, name);

	if (required && !*text)
		problem(c, name, "it is missing");
	if (strlen(text) > max)
		problem(c, name, "it is too long");
	if (*text)
		json_put_str(c->out, name, text);
}

// Somebody listed, an address, or nobody we know: then a name and no more.
static void take_requester(struct checking *c, const char *registry)
{
	const char *words = json_str(c->row, "requester");
	struct err why = { 0 };
	_free_ char *known = *words ? fact_person(c->rules->people, words, &why) : NULL;
	_free_ char *principal = known ? text_copy(known) : text_format("register:%s", *words ? words : registry);
	const struct person *person =
	        text_starts(principal, "person:") ? people_find(c->rules->people, principal + strlen("person:")) : NULL;
	const char *name = strchr(principal, ':') + 1;

	json_put_str(c->out, "requester", principal);
	json_put_str(c->out, "requester_name", person ? person->name : name);
	json_put_str(c->out, "requester_address",
	             person                            ? json_string_value(json_array_get(person->mail, 0))
	             : text_starts(principal, "mail:") ? name
	                                               : "");
}

json_t *import_check(const struct rules *rules, const struct licences *licences, const json_t *row, int64_t now,
                     json_t *problems)
{
	static const char *const outcomes[] = { "approved", "rejected", "expired" };
	struct checking c = { rules, licences, row, catalogue_facts(rules->catalogue), now, json_object(), problems };
	bool known = false;

	for (size_t i = 0; i < LENGTH(outcomes); i++)
		known = known || strcmp(outcomes[i], json_str(row, "outcome")) == 0;
	if (!known)
		problem(&c, "outcome", "it must be approved, rejected or expired");
	json_put_str(c.out, "outcome", json_str(row, "outcome"));
	check_text(&c, "id", true, ID_MAX);
	check_text(&c, "decider", false, NAME_MAX);
	check_text(&c, "requester", false, NAME_MAX);
	check_text(&c, "text", false, TEXT_MAX);
	check_days(&c);
	check_facts(&c);
	take_requester(&c, "the register");
	return c.out;
}

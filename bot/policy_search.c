// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_search.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/policy_domain.h"
#include "bot/policy_words.h"
#include "store/cases.h"
#include "store/sweep.h"

#define COMBINATIONS 4096 // of all facts, and again for each rule that did not come to bear,
#define OVER_TYPE 1024    // and for each type over facts that give it
#define CASES_MAX 20000   // the newest

struct search {
	const struct catalogue *c;
	const json_t *domains;
	bool *fired;
	json_t *seen;  // facts of cases that were tried
	json_t **base; // for each type the fewest facts that were seen to give it, or NULL
	struct searched *out;
};

static size_t *counters(size_t count)
{
	size_t *list = calloc(count + 1, sizeof *list);

	if (!list)
		panic("out of memory");
	return list;
}

static void note_checks(struct search *s, const char *outcome)
{
	const json_t *denies = NULL;

	for (size_t i = 0; i < s->c->check_count; i++)
		if (s->fired[i] && s->c->checks[i].outcome == OUTCOME_DENY && !denies)
			denies = s->c->checks[i].finding;
	for (size_t i = 0; i < s->c->check_count; i++) {
		if (!s->fired[i])
			continue;
		s->out->checks[i]++;
		s->out->wins[i] += strcmp(outcome, "allow") == 0;
		if (s->c->checks[i].outcome == OUTCOME_ALLOW && !s->out->clash[i])
			s->out->clash[i] = denies;
	}
}

static size_t type_of(const struct search *s, const json_t *facts)
{
	struct judged judged = { .type = s->c->type_count };
	_json_ json_t *judgement = catalogue_judge(s->c, facts, &judged, NULL);

	return judgement ? judged.type : s->c->type_count + 1;
}

// Takes out what the type does not hang on.
static json_t *fewest(const struct search *s, const json_t *facts, size_t type)
{
	json_t *left = json_copy((json_t *)facts), *value;
	const char *name;

	json_object_foreach((json_t *)facts, name, value) {
		json_object_del(left, name);
		if (type_of(s, left) != type)
			json_put(left, name, json_incref(value));
	}
	return left;
}

static void attempt(struct search *s, const json_t *facts)
{
	struct judged judged = { .fired = s->fired };
	struct err why = { 0 };
	_json_ json_t *judgement = catalogue_judge(s->c, facts, &judged, &why);

	if (!judgement) {
		if (s->out->failed++ == 0)
			s->out->why = why;
		return;
	}
	if (s->out->types[judged.type]++ == 0)
		s->base[judged.type] = fewest(s, facts, judged.type);
	s->out->routes[judged.route]++;
	note_checks(s, json_str(judgement, "outcome"));
}

static void try_examples(struct search *s, const json_t *examples)
{
	json_t *example;
	size_t i;

	json_array_foreach(examples, i, example) {
		attempt(s, json_obj(example, "facts"));
		s->out->examples++;
	}
}

// Cases that are equal in what the catalogue reads are tried once.
static int try_case(void *context, const struct swept *row, struct err *e)
{
	struct search *s = context;
	_json_ json_t *facts = NULL;

	s->out->cases++;
	if (json_object_get(s->seen, row->facts))
		return 0;
	json_put_bool(s->seen, row->facts, true);
	facts = json_read(row->facts, strlen(row->facts), e);
	if (!facts)
		return -1;
	attempt(s, facts);
	return 0;
}

static json_t *names_of(const json_t *object)
{
	json_t *names = json_array(), *value;
	const char *name;

	json_object_foreach((json_t *)object, name, value)
		json_add_str(names, name);
	return names;
}

static int try_cases(struct search *s, struct db *db, struct err *e)
{
	_json_ json_t *states = json_pack("[ssssssss]", "incomplete", "pending", "approved", "rejected", "withdrawn",
	                                  "lapsed", "expired", "revoked");
	_json_ json_t *names = names_of(s->domains), *none = json_array();
	int64_t next;

	if (case_next_number(db, &next, e) < 0)
		return -1;
	return sweep(db, states, names, none, next - CASES_MAX - 1, CASES_MAX, try_case, s, e);
}

static void try_combinations(struct search *s, const json_t *base, json_t *names, size_t limit, const size_t *until)
{
	_combinations_ struct combinations k = combinations_of(s->domains, base, names, limit);
	json_t *facts;

	while ((!until || *until == 0) && (facts = combinations_next(&k))) {
		attempt(s, facts);
		s->out->combinations++;
		json_decref(facts);
	}
}

// --- towards one condition
// ---------------------------------------------------------------------------------------------

static json_t *with(const json_t *facts, const char *name, const json_t *value)
{
	json_t *copy = json_copy((json_t *)facts);

	json_object_del(copy, name);
	if (!json_is_null(value))
		json_put(copy, name, json_incref((json_t *)value));
	return copy;
}

// How many of the parts hold for facts; they are tried.
static size_t score(struct search *s, struct condition *const *parts, const json_t *facts)
{
	size_t count = 0;
	bool holds;

	attempt(s, facts);
	s->out->combinations++;
	for (size_t i = 0; parts[i]; i++)
		count += condition_holds(parts[i], &holds, NULL) == 0 && holds;
	return count;
}

// One fact after the other takes the value with which most parts hold, and once more from the beginning.
static void climb_parts(struct search *s, const json_t *base, const json_t *names, struct condition *const *parts,
                        const size_t *until)
{
	_json_ json_t *facts = json_copy((json_t *)base);
	size_t best = score(s, parts, facts), i, k;
	json_t *name, *value;

	for (int round = 0; round < 2; round++)
		json_array_foreach(names, i, name)
			json_array_foreach(json_arr(s->domains, json_string_value(name)), k, value) {
				json_t *other = with(facts, json_string_value(name), value);
				size_t reached = *until ? 0 : score(s, parts, other);

				if (reached > best) {
					best = reached;
					json_decref(facts);
					facts = json_incref(other);
				}
				json_decref(other);
			}
}

static void climb(struct search *s, const json_t *base, const char *when, const size_t *until)
{
	_json_ json_t *names = policy_depends(s->c, when), *texts = policy_parts(when);
	_free_ struct condition **parts = calloc(json_array_size(texts) + 1, sizeof *parts);
	size_t count = 0;

	if (!parts)
		panic("out of memory");
	for (size_t i = 0; i < json_array_size(texts); i++)
		count += condition_prepare(s->c->conditions, json_string_value(json_array_get(texts, i)), &parts[count],
		                           NULL) == 0;
	climb_parts(s, base, names, parts, until);
}

// A rule that did not come to bear gets combinations of the facts that its own condition depends on: alone, and over
// facts that give the case a type.
static void try_rules(struct search *s, const char *section, const size_t *counts)
{
	json_t *rules = json_arr(s->c->root, section), *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		const char *when = json_str(rule, "when");

		if (counts[i] == 0)
			try_combinations(s, NULL, policy_depends(s->c, when), COMBINATIONS, &counts[i]);
		for (size_t t = 0; counts[i] == 0 && t < s->c->type_count; t++)
			if (s->base[t]) {
				climb(s, s->base[t], when, &counts[i]);
				try_combinations(s, s->base[t], policy_depends(s->c, when), OVER_TYPE, &counts[i]);
			}
	}
}

// The same for checks that allow, until one is seen to.
static void try_wins(struct search *s)
{
	for (size_t i = 0; i < s->c->check_count; i++)
		if (s->c->checks[i].outcome != OUTCOME_ALLOW || s->out->checks[i] == 0)
			s->out->wins[i]++;
	try_rules(s, "checks", s->out->wins);
}

static void search_all(struct search *s)
{
	try_combinations(s, NULL, names_of(s->domains), COMBINATIONS, NULL);
	try_rules(s, "types", s->out->types);
	try_rules(s, "checks", s->out->checks);
	try_wins(s);
	try_rules(s, "routes", s->out->routes);
}

int policy_search(const struct catalogue *c, const json_t *examples, struct db *db, struct searched *out, struct err *e)
{
	_json_ json_t *domains = policy_domains(c), *seen = json_object();
	_free_ bool *fired = calloc(c->check_count + 1, sizeof *fired);
	_free_ json_t **base = calloc(c->type_count + 1, sizeof *base);
	struct search s = { c, domains, fired, seen, base, out };
	int result;

	*out = (struct searched){ .types = counters(c->type_count + 1),
		                  .checks = counters(c->check_count),
		                  .routes = counters(c->route_count),
		                  .wins = counters(c->check_count),
		                  .clash = calloc(c->check_count + 1, sizeof *out->clash) };
	if (!fired || !base || !out->clash)
		panic("out of memory");
	try_examples(&s, examples);
	result = db ? try_cases(&s, db, e) : 0;
	if (result == 0)
		search_all(&s);
	for (size_t i = 0; i <= c->type_count; i++)
		json_decref(base[i]);
	return result;
}

void searched_free(struct searched *s)
{
	free(s->types);
	free(s->checks);
	free(s->routes);
	free(s->wins);
	free(s->clash);
	*s = (struct searched){ 0 };
}

// 4096 -> "4,096"
static void add_count(struct buf *b, size_t count, const char *what)
{
	if (count >= 1000000)
		buf_printf(b, "%zu,%03zu,%03zu %s", count / 1000000, count / 1000 % 1000, count % 1000, what);
	else if (count >= 1000)
		buf_printf(b, "%zu,%03zu %s", count / 1000, count % 1000, what);
	else
		buf_printf(b, "%zu %s", count, what);
}

char *searched_text(const struct searched *s)
{
	struct buf b = BUF(512);

	buf_puts(&b, "in none of ");
	if (s->examples)
		add_count(&b, s->examples, s->cases ? "example cases, " : "example cases and ");
	if (s->cases)
		add_count(&b, s->cases, "cases of the desk and ");
	add_count(&b, s->combinations, "combinations of facts");
	return buf_steal(&b);
}

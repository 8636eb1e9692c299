// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_try.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/facts.h"
#include "bot/policy_change.h"
#include "store/sweep.h"

#define KNOWN_MAX 100000 // judgements that are kept, for cases that are equal in what is read

struct trial {
	const struct catalogue *before, *after;
	json_t *known; // facts -> {"change","says","again"}
	json_t *kinds; // "open: ..." -> count
	json_t *cases;
	int64_t open, granted, changed, again, failed;
};

static void add_name(json_t *names, const char *name)
{
	if (!json_has_str(names, name))
		json_add_str(names, name);
}

void policy_reads(const struct catalogue *c, json_t **values, json_t **given)
{
	const char *name;
	json_t *declared;

	*values = json_array();
	*given = json_array();
	json_add_str(*values, "license"); // a garbled one is a finding
	json_add_str(*values, "risk");    // the requester's own
	for (const struct fact *f = facts_builtin; f->name; f++)
		add_name(conditions_read(c->conditions, f->name) ? *values : *given, f->name);
	json_object_foreach(c->facts, name, declared)
		add_name(conditions_read(c->conditions, name) ? *values : *given, name);
	for (size_t i = 0; i < json_array_size(c->currencies); i++) {
		const char *currency = json_string_value(json_array_get(c->currencies, i));
		_free_ char *money = text_copy_n(currency, strlen(currency) - strlen("_currency"));

		if (conditions_read(c->conditions, currency))
			add_name(*values, money);
	}
}

// --- one case
// ---------------------------------------------------------------------------------------------------------

// "would be rejected by policy"
static const char *what_happens(bool granted, const json_t *result)
{
	const json_t *change = json_obj(result, "change");
	const char *after = json_str(json_obj(change, "outcome"), "after");

	if (!change)
		return "could not be judged";
	if (granted)
		return json_bool(result, "again") ? "would be reviewed again" : "would stay granted, judged otherwise";
	if (strcmp(after, "deny") == 0)
		return "would be rejected by policy";
	if (strcmp(after, "allow") == 0)
		return "would be approved by policy";
	if (json_array_size(json_arr(json_obj(change, "missing"), "new")))
		return "would lack facts";
	if (json_object_get(change, "stages"))
		return "would be decided by others";
	return *after ? "would be reviewed" : "would be reviewed with other findings";
}

static json_t *judge(const struct trial *t, const char *facts_text, struct err *e)
{
	_json_ json_t *facts = json_read(facts_text, strlen(facts_text), e);
	struct err why = { 0 };
	_json_ json_t *before = facts ? catalogue_assess(t->before, facts, &why) : NULL;
	_json_ json_t *after = before ? catalogue_assess(t->after, facts, &why) : NULL;
	json_t *result, *change;
	_free_ char *says = NULL;

	if (!facts)
		return NULL;
	result = json_object();
	if (!after) {
		json_put_str(result, "says", why.text);
		return result;
	}
	change = policy_change(before, after);
	says = policy_change_text(change);
	json_put_str(result, "says", says);
	json_put_bool(result, "again", policy_change_touches(change, after));
	json_put(result, "change", change);
	return result;
}

// A new reference; from what is known already where the facts are the same.
static json_t *judge_known(struct trial *t, const char *facts, struct err *e)
{
	json_t *known = json_object_get(t->known, facts), *result;

	if (known)
		return json_incref(known);
	result = judge(t, facts, e);
	if (result && json_object_size(t->known) < KNOWN_MAX)
		json_put(t->known, facts, json_incref(result));
	return result;
}

static void count_kind(struct trial *t, bool granted, const char *what)
{
	_free_ char *key = text_format("%c%s", granted ? 'g' : 'o', what);

	json_put_int(t->kinds, key, json_int(t->kinds, key) + 1);
}

static void add_case(struct trial *t, const struct swept *row, bool granted, const json_t *result)
{
	json_t *item = json_object(), *change = json_obj(result, "change");

	json_put_str(item, "case", row->id);
	json_put_str(item, "state", row->state);
	json_put_str(item, "title", row->title);
	json_put_str(item, "requester_name", row->requester_name);
	json_put_str(item, "says", json_str(result, "says"));
	if (change) {
		json_put(item, "change", json_incref(change));
		json_put_bool(item, "again", granted && json_bool(result, "again"));
	}
	json_add(t->cases, item);
	count_kind(t, granted, what_happens(granted, result));
}

static int try_case(void *context, const struct swept *row, struct err *e)
{
	struct trial *t = context;
	bool granted = strcmp(row->state, "approved") == 0;
	_json_ json_t *result = judge_known(t, row->facts, e);
	const json_t *change = json_obj(result, "change");

	if (!result)
		return -1;
	t->open += !granted;
	t->granted += granted;
	if (change && json_object_size(change) == 0)
		return 0;
	t->failed += !change;
	t->changed += change != NULL;
	t->again += granted && json_bool(result, "again");
	add_case(t, row, granted, result);
	return 0;
}

// --- all of them
// ------------------------------------------------------------------------------------------------------

static int by_count(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t order = json_int(y, "count") - json_int(x, "count");

	return (order > 0) - (order < 0);
}

static json_t *kinds_in_order(const json_t *kinds)
{
	_free_ json_t **list = calloc(json_object_size(kinds) + 1, sizeof *list);
	json_t *sorted = json_array(), *count;
	const char *key;
	size_t n = 0;

	if (!list)
		panic("out of memory");
	json_object_foreach((json_t *)kinds, key, count) {
		list[n] = json_object();
		json_put_str(list[n], "state", *key == 'g' ? "granted" : "open");
		json_put_str(list[n], "what", key + 1);
		json_put_int(list[n++], "count", json_integer_value(count));
	}
	qsort(list, n, sizeof *list, by_count);
	for (size_t i = 0; i < n; i++)
		json_add(sorted, list[i]);
	return sorted;
}

// What either of them reads.
static void reads_of_both(const struct trial *t, json_t **values, json_t **given)
{
	_json_ json_t *more_values = NULL, *more_given = NULL;
	size_t i;
	json_t *name;

	policy_reads(t->before, values, given);
	policy_reads(t->after, &more_values, &more_given);
	json_array_foreach(more_values, i, name)
		add_name(*values, json_string_value(name));
	json_array_foreach(more_given, i, name)
		add_name(*given, json_string_value(name));
}

json_t *policy_try(const struct catalogue *before, const struct catalogue *after, struct db *db, struct err *e)
{
	_json_ json_t *states = json_pack("[sss]", "incomplete", "pending", "approved");
	_json_ json_t *known = json_object(), *kinds = json_object(), *cases = json_array(), *values = NULL,
	              *given = NULL;
	struct trial t = { .before = before, .after = after, .known = known, .kinds = kinds, .cases = cases };
	json_t *out;

	reads_of_both(&t, &values, &given);
	if (sweep(db, states, values, given, 0, INT64_MAX, try_case, &t, e) < 0)
		return NULL;
	out = json_object();
	json_put_int(out, "from", catalogue_version(before));
	json_put_int(out, "to", catalogue_version(after));
	json_put_int(out, "open", t.open);
	json_put_int(out, "granted", t.granted);
	json_put_int(out, "changed", t.changed);
	json_put_int(out, "again", t.again);
	json_put_int(out, "failed", t.failed);
	json_put(out, "kinds", kinds_in_order(kinds));
	json_put(out, "cases", json_incref(cases));
	return out;
}

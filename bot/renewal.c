// SPDX-License-Identifier: Apache-2.0
#include "bot/renewal.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/dates.h"
#include "bot/facts.h"
#include "bot/grant.h"
#include "bot/request.h"
#include "bot/view.h"
#include "store/cases.h"

static bool is_stated(const json_t *reading, const char *name)
{
	return json_object_get(json_obj(reading, "facts"), name) &&
	       strcmp(json_str(json_obj(reading, "origin"), name), "inferred") != 0;
}

// "until 2027-06-30" is said rather than "Needed until: ...".
static void take_day(const struct desk *desk, json_t *reading)
{
	json_t *facts = json_obj(reading, "facts"), *value = NULL;
	const char *rest = json_str(reading, "rest");

	if (is_stated(reading, "expires") || !text_starts_fold(rest, "until ") || strchr(rest, '\n'))
		return;
	if (fact_value(catalogue_facts(desk->catalogue), "expires", rest + strlen("until "), desk->now, &value, NULL) <
	    0)
		return;
	json_put(facts, "expires", value);
	json_put_str(json_obj(reading, "origin"), "expires", "line");
	json_put_str(json_obj(reading, "words"), "expires", rest);
	json_put_str(reading, "rest", "");
}

json_t *renewal_read(const struct desk *desk, const char *text, const json_t *pairs)
{
	_json_ json_t *document = json_object();
	json_t *reading;

	json_put_str(document, "own", text ? text : "");
	json_put(document, "pairs", pairs ? json_incref((json_t *)pairs) : json_array());
	reading = request_read(desk, document, true);
	take_day(desk, reading);
	return reading;
}

static void add_change(const struct desk *desk, json_t *list, const char *name, const json_t *old, const json_t *new)
{
	_free_ char *before = old ? fact_text(old) : text_copy("");
	_free_ char *now = new ? fact_text(new) : text_copy("");
	json_t *item;

	if (json_equal(old, new))
		return;
	item = json_object();
	json_put_str(item, "title", fact_title(catalogue_facts(desk->catalogue), name));
	json_put_str(item, "old", before);
	json_put_str(item, "new", now);
	json_add(list, item);
}

// Until when comes first; it is the old case's own end, not what was once asked for.
static json_t *difference(const struct desk *desk, const json_t *old, const json_t *state)
{
	const json_t *before = json_obj(old, "facts"), *now = json_obj(state, "facts");
	json_t *list = json_array(), *value, *end = json_string(json_str(old, "expires"));
	const char *name;

	add_change(desk, list, "expires", end, json_object_get(now, "expires"));
	json_decref(end);
	json_object_foreach((json_t *)now, name, value) {
		if (strcmp(name, "expires") != 0)
			add_change(desk, list, name, json_object_get(before, name), value);
	}
	return list;
}

static json_t *granted(const json_t *old)
{
	json_t *list = json_array(), *grant;
	size_t i;

	json_array_foreach(json_arr(old, "grants"), i, grant) {
		_free_ char *text = grant_text(grant);
		json_t *item = json_object();

		json_put_str(item, "text", text);
		json_add(list, item);
	}
	return list;
}

static json_t *grounds(const struct desk *desk, const json_t *old)
{
	json_t *list = json_array(), *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(old, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			_free_ char *at = desk_time(desk, NULL, json_int(vote, "at"));
			json_t *item = json_object();

			json_put_str(item, "name", desk_name(desk, json_str(vote, "person")));
			json_put_str(item, "verdict", json_str(vote, "verdict"));
			json_put_str(item, "at_text", at);
			json_put_str(item, "why", json_str(vote, "why"));
			json_add(list, item);
		}
	}
	return list;
}

json_t *renewal_view(struct desk *desk, const json_t *state, struct err *e)
{
	struct subject subject = subject_of(state);
	_json_ json_t *old = subject.renews ? case_load(desk->db, json_str(subject.renews, "case"), e) : NULL;
	json_t *view, *votes;

	if (!subject.renews)
		return json_null();
	if (!old)
		return NULL;
	votes = grounds(desk, old);
	view = json_object();
	json_put_str(view, "of", json_str(old, "case"));
	json_put_str(view, "title", json_str(old, "title"));
	json_put_str(view, "state", json_str(old, "state"));
	json_put_str(view, "until", json_str_or_null(old, "expires"));
	json_put_str(view, "conditions", json_str_or_null(json_array_get(json_arr(old, "grants"), 0), "conditions"));
	json_put(view, "granted", granted(old));
	json_put_bool(view, "by_policy", json_array_size(votes) == 0);
	json_put(view, "grounds", votes);
	json_put(view, "difference", difference(desk, old, state));
	return view;
}

// SPDX-License-Identifier: Apache-2.0
// Views of one case.  Sentences about its history are in history.c.
#include "bot/view.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/facts.h"
#include "bot/grant.h"

char *desk_time(const struct desk *desk, const char *zone, int64_t when)
{
	return zone ? hours_local_in(zone, when) : hours_local(catalogue_hours(desk->catalogue), when);
}

static void copy_keys(json_t *to, const json_t *from, const char *const *keys)
{
	for (; *keys; keys++) {
		json_t *value = json_object_get(from, *keys);

		if (value)
			json_put(to, *keys, json_deep_copy(value));
	}
}

static void put_moment(json_t *view, const char *key, const json_t *state)
{
	char text[CLOCK_TEXT];
	json_t *when = json_object_get(state, key);

	json_put(view, key, when ? json_string(clock_format(json_integer_value(when), text)) : json_null());
}

static json_t *vote_view(const struct desk *desk, const json_t *vote)
{
	static const char *const keys[] = { "verdict", "version", "via", "why", NULL };
	json_t *view = json_object();

	json_put_str(view, "who", json_str(vote, "person"));
	json_put_str(view, "name", desk_name(desk, json_str(vote, "person")));
	put_moment(view, "at", vote);
	copy_keys(view, vote, keys);
	if (strcmp(json_str(vote, "seat"), json_str(vote, "person")) != 0)
		json_put_str(view, "for", desk_name(desk, json_str(vote, "seat")));
	return view;
}

static json_t *stage_view(const struct desk *desk, const json_t *stage)
{
	static const char *const keys[] = { "name", "need", "from", "factor", "state", NULL };
	json_t *view = json_object(), *votes = json_array(), *asked = json_array(), *item;
	size_t i;

	copy_keys(view, stage, keys);
	if (!json_object_get(view, "factor"))
		json_put(view, "factor", json_null());
	json_array_foreach(json_arr(stage, "votes"), i, item)
		json_add(votes, vote_view(desk, item));
	json_array_foreach(json_arr(stage, "asked"), i, item) {
		json_t *person = json_object();

		json_put_str(person, "who", json_str(item, "person"));
		json_put_str(person, "name", desk_name(desk, json_str(item, "person")));
		json_add(asked, person);
	}
	json_put(view, "votes", votes);
	json_put(view, "asked", asked);
	return view;
}

static json_t *inferred(const json_t *state)
{
	json_t *names = json_array(), *origin;
	const char *name;

	json_object_foreach(json_obj(state, "origin"), name, origin) {
		if (strcmp(json_string_value(origin), "inferred") == 0)
			json_add_str(names, name);
	}
	return names;
}

static json_t *evidence_view(const json_t *state)
{
	static const char *const keys[] = { "name", "type", "size", "sha256", NULL };
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach(json_arr(state, "evidence"), i, item) {
		json_t *view = json_object();

		copy_keys(view, item, keys);
		json_add(list, view);
	}
	return list;
}

// One sentence: who asks what, and where it stands.
static char *summary(const json_t *state)
{
	const char *name = json_str(state, "state"), *expires = json_str(state, "expires");
	const json_t *stage = open_stage(state);
	_buf_ struct buf b = BUF(4096);

	buf_printf(&b, "%s asks for %s", json_str(state, "requester_name"), json_str(state, "title"));
	if (*expires)
		buf_printf(&b, " until %s", expires);
	if (strcmp(name, "incomplete") == 0)
		buf_puts(&b, "; something is still missing.");
	else if (stage && strcmp(name, "approved") == 0)
		buf_printf(&b, "; in force, and judged again by %s.", json_str(stage, "name"));
	else if (stage)
		buf_printf(&b, "; risk %lld of 10; waiting for %s.", (long long)json_int(state, "risk"),
		           json_str(stage, "name"));
	else
		buf_printf(&b, "; risk %lld of 10; %s.", (long long)json_int(state, "risk"), name);
	return buf_steal(&b);
}

// What it grants, each with a text for people.
static json_t *grants_view(const json_t *state)
{
	json_t *list = json_deep_copy(json_arr(state, "grants")), *grant;
	size_t i;

	json_array_foreach(list, i, grant) {
		_free_ char *text = grant_text(grant);

		json_put_str(grant, "text", text);
	}
	return list ? list : json_array();
}

// Of somebody who asked in Slack, people read the address that is known of them; where there is none, none.
static void put_address(const struct desk *desk, const json_t *state, json_t *view)
{
	const char *address = json_str(state, "requester_address");
	const char *known =
	        text_starts(address, SLACK_ADDRESS) ? desk_address(desk, json_str(state, "requester")) : address;

	json_put_str(view, "requester_address", known ? known : "");
}

json_t *case_view(const struct desk *desk, const json_t *state)
{
	static const char *const keys[] = { "case",      "version",        "state",    "type",    "title",
		                            "requester", "requester_name", "facts",    "missing", "components",
		                            "findings",  "risk",           "imported", NULL };
	json_t *view = json_object(), *stages = json_array(), *stage;
	_free_ char *sentence = summary(state);
	const char *expires = json_str_or_null(state, "expires");
	size_t i;

	copy_keys(view, state, keys);
	put_address(desk, state, view);
	put_moment(view, "opened", state);
	put_moment(view, "due", state);
	json_put(view, "expires", expires ? json_string(expires) : json_null());
	json_put(view, "inferred", inferred(state));
	json_array_foreach(json_arr(state, "stages"), i, stage)
		json_add(stages, stage_view(desk, stage));
	json_put(view, "stages", stages);
	json_put(view, "evidence", evidence_view(state));
	json_put(view, "links", json_deep_copy(json_arr(state, "links")));
	json_put(view, "grants", grants_view(state));
	json_put_str(view, "summary", sentence);
	return view;
}

static void put_time_text(const struct desk *desk, const json_t *state, const char *key, const char *zone, json_t *view)
{
	json_t *when = json_object_get(state, key);
	_free_ char *text = when ? desk_time(desk, zone, json_integer_value(when)) : NULL;
	_free_ char *name = text_format("%s_text", key);

	json_put_str(view, name, text);
}

static void put_missing_titles(const struct desk *desk, const json_t *state, json_t *view)
{
	const json_t *missing = json_arr(state, "missing");
	_buf_ struct buf titles = BUF(4096);
	json_t *name;
	size_t i;

	json_array_foreach(missing, i, name)
		buf_printf(&titles, "%s%s", i ? ", " : "",
		           fact_title(catalogue_facts(desk->catalogue), json_string_value(name)));
	json_put_str(view, "missing_text", buf_text(&titles));
}

static void put_vote_times(const struct desk *desk, const json_t *state, const char *zone, json_t *view)
{
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(view, "stages"), i, stage) {
		const json_t *votes = json_arr(json_array_get(json_arr(state, "stages"), i), "votes");

		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			_free_ char *at = desk_time(desk, zone, json_int(json_array_get(votes, k), "at"));

			json_put_str(vote, "at_text", at);
		}
	}
}

static void put_imported_text(const json_t *state, json_t *view)
{
	const json_t *imported = json_obj(state, "imported");
	_free_ char *text = imported ? text_format("from %s row %lld, there %s", json_str(imported, "source"),
	                                           (long long)json_int(imported, "row"), json_str(imported, "id"))
	                             : NULL;

	json_put_str(view, "imported_text", text);
}

void case_view_texts(const struct desk *desk, const json_t *state, const char *zone, json_t *view)
{
	put_time_text(desk, state, "opened", zone, view);
	put_time_text(desk, state, "due", zone, view);
	put_time_text(desk, state, "closed", zone, view);
	json_put_str(view, "expires_text", json_str_or_null(state, "expires"));
	json_put_str(view, "text", json_str(state, "text"));
	put_imported_text(state, view);
	json_put_bool(view, "several", json_array_size(json_arr(state, "components")) > 1);
	json_put_bool(view, "unverified", !json_bool(state, "verified"));
	put_missing_titles(desk, state, view);
	put_vote_times(desk, state, zone, view);
}

static const char *origin_text(const char *origin)
{
	static const struct {
		const char *origin, *text;
	} texts[] = {
		{ "line", "as stated" },
		{ "table", "from a table" },
		{ "form", "from the form" },
		{ "subject", "from the subject" },
		{ "inferred", "read from the text" },
		{ "sbom", "from the attached SBOM" },
		{ "import", "from the register" },
	};

	for (size_t i = 0; i < LENGTH(texts); i++)
		if (strcmp(texts[i].origin, origin) == 0)
			return texts[i].text;
	return origin;
}

// Of several components a list follows, so that their number is enough here.
static char *value_text(const json_t *state, const char *name, const json_t *value)
{
	size_t components = json_array_size(json_arr(state, "components"));

	if (strcmp(name, "component") == 0 && components > 1)
		return text_format("%zu, listed below", components);
	return fact_text(value);
}

static void add_fact(const struct desk *desk, const json_t *state, const char *name, json_t *list)
{
	json_t *value = json_object_get(json_obj(state, "facts"), name), *item;
	const char *origin = json_str(json_obj(state, "origin"), name);
	_free_ char *text = value ? value_text(state, name, value) : NULL;

	if (!text)
		return;
	item = json_object();
	json_put_str(item, "name", name);
	json_put_str(item, "title", fact_title(catalogue_facts(desk->catalogue), name));
	json_put_str(item, "value", text);
	json_put_bool(item, "inferred", strcmp(origin, "inferred") == 0);
	json_put_str(item, "origin", origin_text(origin));
	json_add(list, item);
}

json_t *fact_list(const struct desk *desk, const json_t *state)
{
	json_t *list = json_array(), *value;
	const char *name;

	for (const struct fact *f = facts_builtin; f->name; f++)
		add_fact(desk, state, f->name, list);
	json_object_foreach(json_obj(state, "facts"), name, value) {
		if (!fact_find(name))
			add_fact(desk, state, name, list);
	}
	return list;
}

char *quorum_text(const json_t *stage)
{
	int64_t need = json_int(stage, "need"), asked = (int64_t)json_array_size(json_arr(stage, "asked"));

	if (asked == 1)
		return text_copy("one vote; you alone are asked");
	if (need == asked)
		return text_format("the votes of all %lld", (long long)asked);
	if (need == 1)
		return text_format("the vote of any one of %lld", (long long)asked);
	return text_format("the votes of any %lld of %lld", (long long)need, (long long)asked);
}

char *risk_text(const json_t *state)
{
	_buf_ struct buf b = BUF(4096);
	const char *before = ": ";
	json_t *finding;
	size_t i;

	buf_printf(&b, "%lld of 10", (long long)json_int(state, "risk"));
	json_array_foreach(json_arr(state, "findings"), i, finding) {
		if (json_int(finding, "risk") == 0)
			continue;
		buf_printf(&b, "%s%s adds %lld", before, json_str(finding, "check"),
		           (long long)json_int(finding, "risk"));
		before = ", ";
	}
	return buf_steal(&b);
}

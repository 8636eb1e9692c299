// SPDX-License-Identifier: Apache-2.0
#include "bot/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/obligation.h"
#include "bot/view.h"
#include "store/cases.h"
#include "store/outbox.h"
#include "store/precedents.h"

// --- findings ---

// The heaviest first; equal ones stay in the catalogue's order.
static void sort_findings(json_t *view)
{
	json_t *findings = json_arr(view, "findings"), *sorted = json_array(), *finding;
	size_t i, at;

	json_array_foreach(findings, i, finding) {
		for (at = json_array_size(sorted); at > 0; at--)
			if (json_int(json_array_get(sorted, at - 1), "risk") >= json_int(finding, "risk"))
				break;
		json_array_insert(sorted, at, finding);
	}
	json_put(view, "findings", sorted);
}

// --- obligations ---

static void put_obligations(const struct desk *desk, const json_t *facts, json_t *view)
{
	const char *license = json_str(facts, "license");
	json_t *list =
	        *license ? obligations(desk->licences, license, json_str_or_null(facts, "channel")) : json_array();
	json_t *obligation;
	size_t i;

	json_array_foreach(list, i, obligation) {
		_free_ char *licences = fact_text(json_object_get(obligation, "licenses"));

		json_put_str(obligation, "licenses_text", licences);
	}
	json_put(view, "obligations", list);
}

// --- precedents ---

// "same licence, component and channel"; that the family is the same goes without saying then.
static char *alike_text(const json_t *alike)
{
	static const char *const words[][2] = {
		{ "license", "licence" },
		{ "component", "component" },
		{ "channel", "channel" },
		{ "linking", "linking" },
	};
	_buf_ struct buf text = BUF(256);
	size_t count = 0, said = 0;

	for (size_t i = 0; i < LENGTH(words); i++)
		count += json_has_str(alike, words[i][0]);
	for (size_t i = 0; i < LENGTH(words); i++) {
		if (!json_has_str(alike, words[i][0]))
			continue;
		said++;
		buf_printf(&text, "%s%s", said == 1 ? "same " : said == count ? " and " : ", ", words[i][1]);
	}
	if (!json_has_str(alike, "license"))
		buf_printf(&text, "%s", count ? ", same family of licences" : "same family of licences");
	return buf_steal(&text);
}

static json_t *grounds_of(const struct desk *desk, const json_t *votes)
{
	json_t *grounds = json_array(), *vote;
	size_t i;

	json_array_foreach(votes, i, vote) {
		json_t *ground = json_object();

		json_put_str(ground, "name", desk_name(desk, json_str(vote, "person")));
		json_put_str(ground, "verdict", json_str(vote, "verdict"));
		json_put_str(ground, "why", json_str(vote, "why"));
		json_add(grounds, ground);
	}
	return grounds;
}

static json_t *precedent_view(const struct desk *desk, const json_t *precedent, const char *zone)
{
	_free_ char *alike = alike_text(json_arr(precedent, "alike"));
	json_t *view = json_object(), *closed = json_object_get(precedent, "closed");
	_free_ char *decided = closed ? desk_time(desk, zone, json_integer_value(closed)) : NULL;

	json_put_str(view, "case", json_str(precedent, "case"));
	json_put_str(view, "state", json_str(precedent, "state"));
	json_put_str(view, "title", json_str(precedent, "title"));
	json_put_str(view, "decided_text", decided);
	json_put_str(view, "alike_text", alike);
	json_put(view, "grounds", grounds_of(desk, json_arr(precedent, "votes")));
	return view;
}

static int put_precedents(struct desk *desk, const json_t *state, const char *zone, json_t *view, struct err *e)
{
	_json_ json_t *precedents = precedents_of(desk->db, json_str(state, "case"), e);
	json_t *list, *precedent;
	size_t i;

	if (!precedents)
		return -1;
	list = json_array();
	json_array_foreach(precedents, i, precedent)
		json_add(list, precedent_view(desk, precedent, zone));
	json_put(view, "precedents", list);
	return 0;
}

int summary_put(struct desk *desk, const json_t *state, const char *zone, json_t *view, struct err *e)
{
	sort_findings(view);
	put_obligations(desk, json_obj(state, "facts"), view);
	return put_precedents(desk, state, zone, view, e);
}

// --- changes ---

static json_t *change_of(const struct desk *desk, const char *name, const json_t *old, const json_t *new)
{
	_free_ char *old_text = old ? fact_text(old) : NULL, *new_text = new ? fact_text(new) : NULL;
	json_t *change = json_object();

	json_put_str(change, "name", name);
	json_put_str(change, "title", fact_title(catalogue_facts(desk->catalogue), name));
	json_put_str(change, "old", old_text);
	json_put_str(change, "new", new_text);
	return change;
}

static json_t *changes_between(const struct desk *desk, const json_t *before, const json_t *after)
{
	json_t *changes = json_array(), *value;
	const char *name;

	json_object_foreach((json_t *)after, name, value) {
		const json_t *old = json_object_get(before, name);

		if (!json_equal(old, value))
			json_add(changes, change_of(desk, name, old, value));
	}
	json_object_foreach((json_t *)before, name, value) {
		if (!json_object_get(after, name))
			json_add(changes, change_of(desk, name, value, NULL));
	}
	return changes;
}

json_t *summary_changes(struct desk *desk, const json_t *state, const char *principal, struct err *e)
{
	const char *id = json_str(state, "case");
	_json_ json_t *before = NULL;
	int64_t version;

	if (outbox_shown(desk->db, id, principal, &version, e) < 0)
		return NULL;
	if (version == 0 || version == json_int(state, "version"))
		return json_null();
	before = case_version(desk->db, id, version, e);
	return before ? changes_between(desk, json_obj(before, "facts"), json_obj(state, "facts")) : NULL;
}

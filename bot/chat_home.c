// SPDX-License-Identifier: Apache-2.0
#include "bot/chat_home.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "bot/blocks.h"
#include "bot/case_review.h"
#include "bot/desk.h"
#include "bot/query.h"
#include "bot/view.h"
#include "store/cases.h"

#define ROWS_MAX 10
#define LOOKED_AT 50 // cases that somebody was asked about; in some they have voted
#define FOUND_MAX 20

struct home {
	struct desk *desk;
	const struct person *person;
	struct viewer viewer;
	home_token *token;
	void *data;
	json_t *model;
};

static void add_term(json_t *query, const char *key, const char *value)
{
	json_t *term = json_object();

	json_put_str(term, "key", key);
	json_put_str(term, "op", "=");
	json_put_str(term, "value", value);
	json_add(json_arr(query, "terms"), term);
}

// Their cases of a role ("requester", "approver"); of any state when that is NULL.
static json_t *find(const struct home *h, const char *role, const char *state, int64_t limit, struct err *e)
{
	_json_ json_t *query = json_object();

	json_put(query, "terms", json_array());
	json_put(query, "text", json_array());
	add_term(query, role, h->viewer.principal);
	if (state)
		add_term(query, "state", state);
	return cases_find(h->desk->db, query, &h->viewer, limit, e);
}

static void put_moment(const struct home *h, json_t *row, const char *key, const char *text_key)
{
	const json_t *when = json_object_get(row, key);
	_free_ char *text = NULL;

	if (!json_is_integer(when))
		return;
	text = desk_time(h->desk, h->person ? h->person->zone : NULL, json_integer_value(when));
	json_put_str(row, text_key, text);
}

// Rows of cases_find() with times for people.
static json_t *rows_of(const struct home *h, const json_t *found)
{
	json_t *rows = json_deep_copy(json_arr(found, "cases")), *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		put_moment(h, row, "opened", "opened_text");
		put_moment(h, row, "due", "due_text");
		json_put_str(row, "expires_text", json_str_or_null(row, "expires"));
	}
	return rows;
}

// --- what waits for them ---

static bool waits_for(const json_t *state, const char *principal)
{
	const json_t *stage = open_stage(state);
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(stage, "asked"), i, row)
		if (strcmp(json_str(row, "person"), principal) == 0 && !seat_voted(stage, json_str(row, "seat")) &&
		    !person_voted(stage, principal))
			return true;
	return false;
}

static int add_waiting(const struct home *h, const char *state_name, json_t *waiting, struct err *e)
{
	_json_ json_t *found = find(h, "approver", state_name, LOOKED_AT, e), *rows = NULL;
	json_t *row;
	size_t i;

	if (!found)
		return -1;
	rows = rows_of(h, found);
	json_array_foreach(rows, i, row) {
		_json_ json_t *state = case_load(h->desk->db, json_str(row, "case"), e);

		if (!state)
			return -1;
		if (waits_for(state, h->viewer.principal))
			json_array_append(waiting, row);
	}
	return 0;
}

// Approved cases wait when a newer catalogue judges them differently.
static int put_waiting(const struct home *h, struct err *e)
{
	json_t *waiting = json_array();
	size_t size;

	json_put(h->model, "pending", waiting);
	if (add_waiting(h, "pending", waiting, e) < 0 || add_waiting(h, "approved", waiting, e) < 0)
		return -1;
	size = json_array_size(waiting);
	if (size > ROWS_MAX)
		json_put_int(h->model, "pending_more", (int64_t)(size - ROWS_MAX));
	while (json_array_size(waiting) > ROWS_MAX)
		json_array_remove(waiting, ROWS_MAX);
	for (size_t i = 0; i < json_array_size(waiting); i++) {
		json_t *row = json_array_get(waiting, i);

		json_put_str(row, "token", h->token ? h->token(h->data, json_str(row, "case")) : NULL);
	}
	return 0;
}

// --- the rest ---

static int put_requests(const struct home *h, struct err *e)
{
	_json_ json_t *found = find(h, "requester", NULL, ROWS_MAX, e);

	if (!found)
		return -1;
	json_put(h->model, "requests", rows_of(h, found));
	if (json_int(found, "count") > ROWS_MAX)
		json_put_int(h->model, "requests_more", json_int(found, "count") - ROWS_MAX);
	return 0;
}

static int put_found(const struct home *h, const char *query, struct err *e)
{
	struct err unclear = { 0 };
	_json_ json_t *parsed = query_parse(query, h->desk->now, &unclear);
	_json_ json_t *found = NULL;
	json_t *shown;

	query_name(parsed, h->desk->people);
	found = parsed ? cases_find(h->desk->db, parsed, &h->viewer, FOUND_MAX, e) : NULL;
	json_put_str(h->model, "query", query);
	if (!parsed) {
		json_put_str(h->model, "search_said", unclear.text);
		return 0;
	}
	if (!found)
		return -1;
	shown = json_object();
	json_put_int(shown, "count", json_int(found, "count"));
	json_put(shown, "cases", rows_of(h, found));
	if (json_int(found, "count") > FOUND_MAX)
		json_put_int(shown, "more", json_int(found, "count") - FOUND_MAX);
	json_put(h->model, "found", shown);
	return 0;
}

json_t *chat_home(struct desk *desk, struct templates *t, const char *principal, const char *query, home_token *token,
                  void *data, struct err *e)
{
	const struct person *person = person_of(desk->people, principal);
	bool everything = person && (person_in(person, "auditor") || person_in(person, "admin"));
	_json_ json_t *model = json_object();
	struct home h = { desk, person, { everything, principal }, token, data, model };
	json_t *view;

	json_put_bool(model, "may_search", everything);
	if (put_waiting(&h, e) < 0 || put_requests(&h, e) < 0)
		return NULL;
	if (everything && query && *query && put_found(&h, query, e) < 0)
		return NULL;
	return blocks_view(t, "home", model, &view, e) < 0 ? NULL : view;
}

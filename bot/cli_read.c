// SPDX-License-Identifier: Apache-2.0
// Verbs that read: from the database, opened read-only.  Each question is an entry, made by the core.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/desk.h"
#include "bot/erasing.h"
#include "bot/grammar.h"
#include "bot/holding.h"
#include "bot/query.h"
#include "bot/summary.h"
#include "bot/view.h"
#include "store/cases.h"
#include "store/erase.h"
#include "store/log.h"

#define FOUND_MAX 100

int64_t cli_note(const struct config *config, const char *what, const char *case_id, const char *query)
{
	json_t *request = json_object();
	struct err e = { 0 };
	_json_ json_t *answer = NULL;

	json_put_str(request, "verb", "queried");
	json_put_str(request, "what", what);
	json_put_str(request, "case", case_id);
	json_put_str(request, "query", query);
	answer = cli_request(config->run, request, -1, &e);
	if (json_bool(answer, "ok"))
		return json_int(answer, "entry");
	fprintf(stderr, "countersign: this question is not on record: %s\n",
	        answer ? json_str(answer, "text") : e.text);
	return -1;
}

// 1: the case was erased, and that is said; 0: it was not, or there is none.
static int say_erased(const struct cli *c, const struct desk *desk, const char *case_id, int *code, struct err *e)
{
	_json_ json_t *erased = *case_id ? erased_view(desk->db, case_id, e) : json_null();
	_json_ json_t *view = NULL;
	_free_ char *text = NULL;

	if (!erased || json_is_null(erased))
		return erased ? 0 : -1;
	cli_note(&desk->config, "show", case_id, NULL);
	text = erased_text(desk, erased);
	view = json_object();
	json_put_str(view, "case", case_id);
	json_put(view, "erased", json_incref(erased));
	*code = c->json ? cli_print_json(view) : cli_print(text);
	return 1;
}

static json_t *load(const struct cli *c, struct desk *desk, char case_id[CASE_ID_SIZE], struct err *e)
{
	if (case_id_parse(c->arguments[0], desk->config.cases, case_id) < 0) {
		err_set(e, EX_USAGE, "'%.40s' is no case id; they look like %s-12", c->arguments[0],
		        desk->config.cases);
		return NULL;
	}
	return case_load(desk->db, case_id, e);
}

int cli_show(const struct cli *c)
{
	_desk_ struct desk desk = { 0 };
	struct err e = { 0 };
	char case_id[CASE_ID_SIZE] = "";
	_json_ json_t *state = NULL, *view = NULL, *model = NULL, *holds = NULL;
	_free_ char *risk = NULL;
	int code = 0;

	if (c->count != 1)
		return cli_usage("show CASE");
	if (desk_open(&desk, c->config, DB_READ, &e) < 0)
		return cli_fail(&e);
	state = load(c, &desk, case_id, &e);
	if (!state)
		return say_erased(c, &desk, case_id, &code, &e) > 0 ? code : cli_fail(&e);
	cli_note(&desk.config, "show", case_id, NULL);
	view = case_view(&desk, state);
	holds = holding_view(&desk, case_id, json_str(state, "requester"), &e);
	if (!holds || summary_put(&desk, state, NULL, view, &e) < 0)
		return cli_fail(&e);
	json_put(view, "holds", json_incref(holds));
	if (c->json)
		return cli_print_json(view);
	case_view_texts(&desk, state, NULL, view);
	risk = risk_text(state);
	model = json_object();
	json_put(model, "case", json_incref(view));
	json_put(model, "fact_list", fact_list(&desk, state));
	json_put_str(model, "risk_text", risk);
	return cli_render(&desk.config, "cli/show", model);
}

int cli_history(const struct cli *c)
{
	_desk_ struct desk desk = { 0 };
	struct err e = { 0 };
	char case_id[CASE_ID_SIZE] = "";
	_json_ json_t *state = NULL, *entries = NULL, *model = NULL;

	if (c->count != 1)
		return cli_usage("history CASE");
	if (desk_open(&desk, c->config, DB_READ, &e) < 0)
		return cli_fail(&e);
	state = load(c, &desk, case_id, &e);
	entries = state || (*case_id && e.code == EX_NOINPUT) ? log_history(desk.db, case_id, &e) : NULL;
	if (!entries || (!state && json_array_size(entries) == 0))
		return cli_fail(&e);
	cli_note(&desk.config, "history", case_id, NULL);
	if (c->json)
		return cli_print_json(entries);
	model = json_object();
	json_put(model, "case", state ? case_view(&desk, state) : json_pack("{ss}", "case", case_id));
	json_put(model, "entries", history_view(&desk, state, entries, NULL));
	return cli_render(&desk.config, "cli/history", model);
}

static int find(const struct cli *c, const char *query)
{
	_desk_ struct desk desk = { 0 };
	struct err e = { 0 };
	struct viewer everything = { .everything = true };
	_json_ json_t *parsed = NULL, *found = NULL, *model = NULL;
	json_t *row;
	size_t i;

	if (desk_open(&desk, c->config, DB_READ, &e) < 0 || !(parsed = query_parse(query, clock_real(), &e)))
		return cli_fail(&e);
	cli_note(&desk.config, "find", NULL, query);
	query_name(parsed, desk.people);
	found = cases_find(desk.db, parsed, &everything, FOUND_MAX, &e);
	if (!found)
		return cli_fail(&e);
	if (c->json)
		return cli_print_json(found);
	json_array_foreach(json_arr(found, "cases"), i, row) {
		_free_ char *opened = desk_time(&desk, NULL, json_int(row, "opened"));

		json_put_str(row, "opened_text", opened);
		json_put_str(row, "expires_text", json_str_or_null(row, "expires"));
	}
	model = json_deep_copy(found);
	json_put_str(model, "query", query);
	if (json_int(found, "count") > FOUND_MAX)
		json_put_int(model, "more", json_int(found, "count") - FOUND_MAX);
	return cli_render(&desk.config, "cli/find", model);
}

int cli_find(const struct cli *c)
{
	struct buf query = BUF(65536);
	_free_ char *text = NULL;

	for (int i = 0; i < c->count; i++)
		buf_printf(&query, "%s%s", i ? " " : "", c->arguments[i]);
	text = buf_steal(&query);
	return find(c, text);
}

int cli_open(const struct cli *c)
{
	return c->count ? cli_usage("open") : find(c, "state:pending");
}

int cli_help(const struct cli *c)
{
	struct config none = { 0 }; // it helps those, too, who have no configuration yet

	return c->count ? cli_usage("help") : cli_render(&none, "cli/help", NULL);
}

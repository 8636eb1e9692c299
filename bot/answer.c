// SPDX-License-Identifier: Apache-2.0
// Questions by mail: answered only at the address on file, each one an entry.
#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/erasing.h"
#include "bot/incoming.h"
#include "bot/letter.h"
#include "bot/query.h"
#include "bot/summary.h"
#include "bot/view.h"
#include "store/cases.h"
#include "store/erase.h"
#include "store/log.h"
#include "store/precedents.h"

#define FOUND_MAX 50

static bool sees_everything(const struct desk *desk, const char *principal)
{
	const struct person *person =
	        text_starts(principal, "person:") ? people_find(desk->people, principal + 7) : NULL;

	return person && (person_in(person, "auditor") || person_in(person, "admin"));
}

bool may_see(const struct desk *desk, const char *principal, const json_t *state)
{
	json_t *stage, *row;
	size_t i, k;

	if (sees_everything(desk, principal) || strcmp(principal, json_str(state, "requester")) == 0 ||
	    strcmp(principal, json_str(state, "filed_by")) == 0)
		return true;
	json_array_foreach(json_arr(state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "asked"), k, row) {
			if (strcmp(json_str(row, "person"), principal) == 0)
				return true;
		}
	}
	return false;
}

// Their own, those they were asked about, and the precedents that they were shown.  1, 0, -1.
static int may_read(struct incoming *in, const json_t *state, struct err *e)
{
	if (may_see(in->desk, in->principal, state))
		return 1;
	return precedent_shown(in->desk->db, json_str(state, "case"), in->principal, e);
}

int record_query(struct incoming *in, const char *verb, const char *case_id, const char *query, struct err *e)
{
	json_t *body = json_object();

	put_message(in, body);
	json_put_str(body, "verb", verb);
	json_put_str(body, "query", query);
	return desk_record(in->desk, "audit.queried", in->principal, in->via, case_id, body, e);
}

static enum step send_answer(struct incoming *in, const char *kind, const json_t *state, json_t *model, struct err *e)
{
	if (write_back(in, &(struct letter_to){ .kind = kind, .state = state, .model = model }, e) < 0)
		return STEP_ERROR;
	return inbox_done(in->desk->db, in->row->id, in->message_id, e) < 0 ? STEP_ERROR : STEP_DONE;
}

static int put_changes(struct incoming *in, const json_t *state, json_t *model, struct err *e)
{
	json_t *changes = summary_changes(in->desk, state, in->principal, e);

	if (!changes)
		return -1;
	json_put(model, "difference", changes);
	return 0;
}

// An auditor is told when a case was erased; to anybody else it never was.
static char *why_not(const struct incoming *in, const json_t *state, const char *id)
{
	bool told = !state && in->person && (person_in(in->person, "auditor") || person_in(in->person, "admin"));
	_json_ json_t *erased = told ? erased_view(in->desk->db, id, NULL) : NULL;
	_free_ char *text = json_is_object(erased) ? erased_text(in->desk, erased) : NULL;

	return text ? text_format("%s.", text) : text_format("There is no case %s that you may see.", id);
}

static enum step answer_case(struct incoming *in, const struct command *command, struct err *e)
{
	const char *id = *command->case_id ? command->case_id : in->token.case_id;
	_json_ json_t *state = case_load(in->desk->db, id, e);
	const char *zone = in->person ? in->person->zone : NULL;
	_json_ json_t *entries = NULL;
	_free_ char *risk = state ? risk_text(state) : NULL;
	json_t *model = NULL;
	int allowed;

	if (!state && e->code != EX_NOINPUT)
		return STEP_ERROR;
	allowed = state ? may_read(in, state, e) : 0;
	if (allowed < 0)
		return STEP_ERROR;
	if (!allowed) {
		_free_ char *reason = why_not(in, state, id);

		return say_no(in,
		              &(struct no){ .type = "access.refused",
		                            .code = state ? "not-yours" : "unknown-case",
		                            .case_id = state ? id : NULL,
		                            .reason = reason,
		                            .next = "Write 'find' to list the cases that you may see." },
		              e);
	}
	entries = command->verb == VERB_HISTORY ? log_history(in->desk->db, id, e) : NULL;
	if (command->verb == VERB_HISTORY && !entries)
		return STEP_ERROR;
	model = json_object();
	json_put_str(model, "risk_text", risk);
	if (put_changes(in, state, model, e) < 0) {
		json_decref(model);
		return STEP_ERROR;
	}
	if (entries)
		json_put(model, "entries", history_view(in->desk, state, entries, zone));
	if (record_query(in, verb_name(command->verb), id, NULL, e) < 0) {
		json_decref(model);
		return STEP_ERROR;
	}
	return send_answer(in, verb_name(command->verb), state, model, e);
}

// Rows of cases_find() with times for people.
static json_t *found_view(const struct incoming *in, const json_t *found)
{
	json_t *cases = json_deep_copy(json_arr(found, "cases")), *row;
	const char *zone = in->person ? in->person->zone : NULL;
	size_t i;

	json_array_foreach(cases, i, row) {
		_free_ char *opened = desk_time(in->desk, zone, json_int(row, "opened"));

		json_put_str(row, "opened_text", opened);
		json_put_str(row, "expires_text", json_str_or_null(row, "expires"));
	}
	return cases;
}

static enum step answer_find(struct incoming *in, const char *query, struct err *e)
{
	struct viewer viewer = { sees_everything(in->desk, in->principal), in->principal };
	_json_ json_t *parsed = query_parse(query, in->desk->now, e);
	_json_ json_t *found = NULL;
	int64_t count;
	json_t *model;

	if (!parsed)
		return say_no(in,
		              &(struct no){ .type = "message.refused",
		                            .code = "query",
		                            .reason = e->text,
		                            .next = "Write 'help' to see what a query may say." },
		              e);
	query_name(parsed, in->desk->people);
	found = cases_find(in->desk->db, parsed, &viewer, FOUND_MAX, e);
	if (!found || record_query(in, "find", NULL, query, e) < 0)
		return STEP_ERROR;
	count = json_int(found, "count");
	model = json_object();
	json_put_str(model, "query", query);
	json_put_int(model, "count", count);
	json_put(model, "cases", found_view(in, found));
	if (count > FOUND_MAX)
		json_put_int(model, "more", count - FOUND_MAX);
	return send_answer(in, "find", NULL, model, e);
}

static enum step answer_verify(struct incoming *in, struct err *e)
{
	struct digest root = log_root(in->desk->db);
	char hex[2 * DIGEST_SIZE + 1];
	json_t *model = json_object();

	json_put_int(model, "size", (int64_t)log_size(in->desk->db));
	json_put_str(model, "root", hex_encode(root.bytes, DIGEST_SIZE, hex));
	if (record_query(in, "verify", NULL, NULL, e) < 0) {
		json_decref(model);
		return STEP_ERROR;
	}
	return send_answer(in, "head", NULL, model, e);
}

enum step answer(struct incoming *in, const struct command *command, struct err *e)
{
	switch (command->verb) {
	case VERB_SHOW:
	case VERB_HISTORY:
		return answer_case(in, command, e);
	case VERB_FIND:
		return answer_find(in, command->text ? command->text : "", e);
	case VERB_OPEN:
		return answer_find(in, "state:pending", e);
	case VERB_VERIFY:
		return answer_verify(in, e);
	case VERB_HELP:
		if (record_query(in, "help", NULL, NULL, e) < 0)
			return STEP_ERROR;
		return send_answer(in, "help", NULL, json_object(), e);
	default:
		return STEP_ON;
	}
}

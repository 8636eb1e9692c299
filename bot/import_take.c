// SPDX-License-Identifier: Apache-2.0
#include "bot/import_take.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/import_case.h"
#include "store/cases.h"
#include "store/imports.h"
#include "store/log.h"

static const struct json_key row_keys[] = {
	{ "row", 'I', 0 },
	{ "id", 's', 4096 },
	{ "outcome", 'S', 32 },
	{ "opened", 's', 32 },
	{ "decided", 's', 32 },
	{ "until", 's', 32 },
	{ "requester", 's', 4096 },
	{ "decider", 's', 4096 },
	{ "text", 's', 65536 },
	{ "facts", 'O', 128 },
	{ 0 },
};

struct batch {
	struct desk *desk;
	struct rules rules;
	const char *actor;
	const json_t *request;
	json_t *answers;
	json_t *rows, *checked; // one for one; owned
	bool bad;
};

static json_t *read_rows(int document, struct err *e)
{
	_buf_ struct buf text = BUF(IMPORT_BATCH_MAX);
	_json_ json_t *rows = NULL;
	json_t *row;
	size_t i;

	if (fd_read(document, "the batch", &text, e) < 0 || !(rows = json_read(buf_text(&text), text.len, e)))
		return NULL;
	if (!json_is_array(rows) || json_array_size(rows) > IMPORT_BATCH_ROWS) {
		err_set(e, EX_PROTOCOL, "a batch is a list of at most %d rows", IMPORT_BATCH_ROWS);
		return NULL;
	}
	json_array_foreach(rows, i, row)
		if (json_check(row, row_keys, "a row", e) < 0)
			return NULL;
	return steal_ptr(rows);
}

// Bounded, so that the answers of a batch fit into a frame.
static json_t *short_problems(const json_t *problems)
{
	json_t *list = json_array(), *problem;
	size_t i;

	json_array_foreach(problems, i, problem) {
		const char *why = json_str(problem, "why");
		_free_ char *cut = text_copy_n(why, utf8_prefix(why, IMPORT_WHY_MAX));
		json_t *item = json_object();

		if (i == IMPORT_PROBLEMS_MAX) {
			json_decref(item);
			break;
		}
		json_put_str(item, "name", json_str(problem, "name"));
		json_put_str(item, "why", cut);
		json_add(list, item);
	}
	return list;
}

static void check_row(struct batch *b, const json_t *row)
{
	_json_ json_t *problems = json_array();
	json_t *answer = json_object();
	json_t *checked = import_check(&b->rules, b->desk->licences, row, b->desk->now, problems);

	json_put_int(answer, "row", json_int(row, "row"));
	if (json_array_size(problems)) {
		json_put(answer, "problems", short_problems(problems));
		b->bad = true;
	}
	json_add(b->checked, checked);
	json_add(b->answers, answer);
}

static int append_all(struct batch *b, const json_t *events, struct err *e)
{
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
		if (log_append(b->desk->db, event, b->desk->now, NULL, e) < 0)
			return -1;
	return 0;
}

static void put_outcome(const json_t *events, bool dry, json_t *answer)
{
	const json_t *opened = json_array_get(events, 0),
	             *assessed = json_object_get(json_array_get(events, 1), "body");

	json_put_str(answer, "title", json_str(assessed, "title"));
	json_put_str(answer, "type", json_str(assessed, "type"));
	json_put_int(answer, "risk", json_int(assessed, "risk"));
	if (!dry)
		json_put_str(answer, "case", json_str(opened, "case"));
}

static int take_row(struct batch *b, size_t at, struct err *e)
{
	const json_t *checked = json_array_get(b->checked, at);
	json_t *answer = json_array_get(b->answers, at);
	const char *registry = json_str(b->request, "register");
	bool dry = json_bool(b->request, "dry");
	const struct import_origin origin = { registry, json_str(b->request, "source"), json_int(answer, "row") };
	const struct order order = { .actor = b->actor, .via = "cli", .message = -1 };
	_json_ json_t *events = json_array(), *had = NULL;
	struct decision d = { .rules = &b->rules, .order = &order, .now = b->desk->now, .events = events, .e = e };
	int64_t number;

	if (json_object_get(answer, "problems"))
		return 0;
	had = import_find(b->desk->db, registry, json_str(checked, "id"), e);
	if (!had)
		return -1;
	if (*json_str(had, "case")) {
		json_put_str(answer, "had", json_str(had, "case"));
		return 0;
	}
	if (case_next_number(b->desk->db, &number, e) < 0 || import_case(&d, checked, &origin, number) < 0)
		return -1;
	put_outcome(events, dry, answer);
	return dry ? 0 : append_all(b, events, e);
}

int import_take_batch(struct desk *desk, const char *actor, const json_t *request, int document, json_t *reply,
                      struct err *e)
{
	_json_ json_t *rows = read_rows(document, e), *checked = json_array();
	struct batch b = { .desk = desk,
		           .rules = desk_rules(desk),
		           .actor = actor,
		           .request = request,
		           .answers = json_array(),
		           .rows = rows,
		           .checked = checked };
	json_t *row;
	size_t i;

	json_put(reply, "rows", b.answers);
	if (!rows)
		return -1;
	json_array_foreach(rows, i, row)
		check_row(&b, row);
	for (i = 0; i < json_array_size(rows); i++)
		if ((!b.bad || json_bool(request, "dry")) && take_row(&b, i, e) < 0)
			return -1;
	return 0;
}

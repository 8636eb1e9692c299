// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_apply.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/perform.h"
#include "bot/policy_change.h"
#include "bot/policy_try.h"
#include "bot/refusing.h"
#include "store/grants.h"
#include "store/publications.h"
#include "store/sweep.h"

#define LOOKED_AT 500 // cases in a portion,
#define WORK_MAX 100  // and what judging some of them again may cost: 1, or with letters
#define WORK_LETTERS 4

// A portion of the cases, before any of them is touched.
struct portion {
	struct desk *desk;
	json_t *cases; // [{"case","number","state","before"?,"after"?}] that are to be judged again
	int64_t looked_at, through, last, failed, work;
};

// What both catalogues make of the facts; `before` stays NULL when there is none to compare with.
static int judge(const struct desk *desk, const char *facts_text, json_t **before, json_t **after, struct err *e)
{
	_json_ json_t *facts = json_read(facts_text, strlen(facts_text), e);
	struct err why;

	if (!facts)
		return -1;
	*before = desk->before ? catalogue_assess(desk->before, facts, &why) : NULL;
	*after = catalogue_assess(desk->catalogue, facts, &why);
	return 0;
}

static void add_case(struct portion *p, const struct swept *row, json_t *before, json_t *after, bool letters)
{
	json_t *item = json_object();

	json_put_str(item, "case", row->id);
	json_put_str(item, "state", row->state);
	if (before)
		json_put(item, "before", json_incref(before));
	if (after)
		json_put(item, "after", json_incref(after));
	json_add(p->cases, item);
	p->work += letters ? WORK_LETTERS : 1;
}

static int look_at(void *context, const struct swept *row, struct err *e)
{
	struct portion *p = context;
	_json_ json_t *before = NULL, *after = NULL, *change = NULL;
	bool granted = strcmp(row->state, "approved") == 0;

	if (p->work >= WORK_MAX || row->number > p->last)
		return 0;
	if (judge(p->desk, row->facts, &before, &after, e) < 0)
		return -1;
	p->looked_at++;
	p->through = row->number;
	p->failed += !after;
	change = before && after ? policy_change(before, after) : NULL;
	if (granted ? change && policy_change_touches(change, after) : after != NULL)
		add_case(p, row, before, after, !change || json_object_size(change));
	return 0;
}

// --- what follows for one case
// ----------------------------------------------------------------------------------------

static int judge_again(struct desk *desk, const json_t *item, bool *done, struct err *e)
{
	bool granted = strcmp(json_str(item, "state"), "approved") == 0;
	struct order order = {
		.kind = granted ? ORDER_REOPEN : ORDER_JUDGE,
		.actor = "system",
		.name = desk->config.name,
		.address = "",
		.via = "system",
		.message = -1,
		.code = "",
		.before = json_obj(item, "before"),
		.judged = json_obj(item, "after"),
	};
	struct performed performed;
	struct refusal refusal = { 0 };

	*done = false;
	switch (perform(desk, json_str(item, "case"), &order, NULL, &performed, &refusal, e)) {
	case DECIDED:
		*done = true;
		return 0;
	case DECIDED_NOT: // what was answered with a grant is judged with that
		return 0;
	case DECIDED_ERROR: // by a condition that fails, before anything was written; or by the disk
		return e->code == EX_CONFIG ? 0 : -1;
	}
	panic("decided to no end");
}

// --- a portion
// --------------------------------------------------------------------------------------------------------

// The catalogue before may suit the people no more; then nobody can tell what it made of a grant.
static int find_before(struct desk *desk, struct err *e)
{
	struct err why = { 0 };

	if (desk->before)
		return 0;
	desk->before = catalogue_of_log(desk, desk->people, 1, &why);
	if (desk->before || why.code == EX_NOINPUT)
		return 0;
	return raise_alarm(desk, "grants-not-compared", why.text,
	                   "Look through what was granted; grants are not judged again by the new catalogue.", e);
}

static int sweep_portion(struct portion *p, const struct applying *now, struct err *e)
{
	_json_ json_t *states = json_pack("[sss]", "incomplete", "pending", "approved");
	_json_ json_t *values = NULL, *given = NULL, *more_values = NULL, *more_given = NULL;

	policy_reads(p->desk->catalogue, &values, &given);
	if (p->desk->before) {
		policy_reads(p->desk->before, &more_values, &more_given);
		json_array_extend(values, more_values);
		json_array_extend(given, more_given);
	}
	return sweep(p->desk->db, states, values, given, now->through, LOOKED_AT, look_at, p, e);
}

static int record(struct portion *p, const struct applying *now, int64_t judged, struct err *e)
{
	json_t *body = json_object();

	json_put_int(body, "version", now->version);
	json_put_int(body, "through", p->through);
	json_put_int(body, "looked_at", p->looked_at);
	json_put_int(body, "judged_again", judged);
	if (p->failed)
		json_put_int(body, "failed", p->failed);
	if (desk_record(p->desk, "catalogue.applied", "system", "system", NULL, body, e) < 0)
		return -1;
	if (!p->failed)
		return 0;
	_free_ char *text = text_format("%lld open or granted cases cannot be judged by version %lld of the catalogue.",
	                                (long long)p->failed, (long long)now->version);

	return raise_alarm(p->desk, "cases-not-judged", text,
	                   "See 'policy try' for which, and publish a version that can.", e);
}

int policy_apply(struct desk *desk, struct err *e)
{
	_json_ json_t *cases = json_array();
	struct portion p = { .desk = desk, .cases = cases };
	struct applying now;
	int64_t judged = 0;
	json_t *item;
	size_t i;
	int more = applying_now(desk->db, &now, e);

	if (more <= 0)
		return more;
	p.through = now.through;
	p.last = now.last;
	if (find_before(desk, e) < 0 || sweep_portion(&p, &now, e) < 0)
		return -1;
	if (p.work < WORK_MAX && p.looked_at < LOOKED_AT) // no case is behind these
		p.through = now.last;
	json_array_foreach(cases, i, item) {
		bool done;

		if (judge_again(desk, item, &done, e) < 0)
			return -1;
		judged += done;
	}
	if (p.through >= now.last)
		catalogue_free(&desk->before);
	return record(&p, &now, judged, e);
}

int policy_applying(const struct desk *desk, struct err *e)
{
	struct applying now;

	return applying_now(desk->db, &now, e);
}

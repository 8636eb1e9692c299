// SPDX-License-Identifier: Apache-2.0
#include "bot/notify_review.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/letter.h"
#include "bot/notify_chat.h"
#include "bot/posting.h"
#include "bot/renewal.h"
#include "bot/summary.h"
#include "bot/view.h"

static json_t *stage_model(const struct desk *desk, const json_t *stage, const char *reader)
{
	json_t *model = json_object(), *asked = json_array(), *row;
	_free_ char *quorum = quorum_text(stage);
	size_t i;

	json_array_foreach(json_arr(stage, "asked"), i, row) {
		const char *principal = json_str(row, "person");
		json_t *person = json_object();

		json_put_str(person, "name", desk_name(desk, principal));
		json_put_bool(person, "you", strcmp(principal, reader) == 0);
		json_put_bool(person, "voted", seat_voted(stage, json_str(row, "seat")));
		json_add(asked, person);
	}
	json_put_str(model, "name", json_str(stage, "name"));
	json_put_int(model, "need", json_int(stage, "need"));
	json_put(model, "asked", asked);
	json_put_str(model, "quorum_text", quorum);
	json_put_bool(model, "grounds", json_bool(stage, "grounds"));
	return model;
}

static char *why_you(const struct desk *desk, const json_t *stage, const char *principal, const char *seat)
{
	const struct person *person = person_of(desk->people, principal);
	_buf_ struct buf groups = BUF(1024);
	json_t *group;
	size_t i;

	if (strcmp(seat, principal) != 0)
		return text_format("You stand in for %s.", desk_name(desk, seat));
	json_array_foreach(json_arr(stage, "from"), i, group) {
		if (person && person_in(person, json_string_value(group)))
			buf_printf(&groups, "%s%s", groups.len ? " and " : "", json_string_value(group));
	}
	return text_format("You are a member of %s.", buf_text(&groups));
}

static char *otherwise(const struct desk *desk, const json_t *state, const char *zone)
{
	json_t *due = json_object_get(state, "due");
	_free_ char *when = due ? desk_time(desk, zone, json_integer_value(due)) : NULL;

	if (strcmp(json_str(state, "state"), "approved") == 0)
		return text_copy("It stays in force until it is decided, or until its last day.");
	if (!when)
		return text_copy("Nothing is approved until you decide.");
	return text_format("If nobody decides by %s, the request lapses. Silence never approves.", when);
}

static int put_changes(struct desk *desk, const json_t *state, const char *principal, json_t *model, struct err *e)
{
	json_t *changes = summary_changes(desk, state, principal, e);

	if (!changes)
		return -1;
	if (strcmp(json_str(state, "state"), "approved") == 0) { // only the judgement is new
		json_decref(changes);
		return 0;
	}
	json_put_bool(model, "changed", json_is_array(changes));
	json_put_bool(model, "has_difference", json_array_size(changes) > 0);
	json_put(model, "difference", changes);
	return 0;
}

static void put_nudge(const struct desk *desk, const json_t *stage, const char *seat, const struct nudge *nudge,
                      json_t *model)
{
	static const char *const nth[] = { "", "first", "second", "third" };
	_free_ char *text = NULL;
	const json_t *row = json_array_get(json_arr(stage, "asked"), 0);
	_free_ char *since = desk_time(desk, NULL, json_int(row, "at"));

	json_put_bool(model, "reminder", nudge->reminder > 0);
	json_put_bool(model, "escalated", nudge->escalated);
	json_put_bool(model, "replaces", nudge->replaces);
	if (nudge->reminder > 0 && nudge->reminder < (int64_t)LENGTH(nth))
		text = text_format("%s reminder", nth[nudge->reminder]);
	else if (nudge->reminder > 0)
		text = text_format("reminder number %lld", (long long)nudge->reminder);
	json_put_str(model, "nth", text);
	if (nudge->escalated) {
		_free_ char *because =
		        text_format("%s was asked on %s and has not decided.", desk_name(desk, seat), since);

		json_put_str(model, "because", because);
	} else if (nudge->replaces) {
		_free_ char *because = text_format("%s has stepped aside.", desk_name(desk, seat));

		json_put_str(model, "because", because);
	} else if (nudge->reminder > 0) {
		_free_ char *because = text_format("It has waited since %s.", since);

		json_put_str(model, "because", because);
	}
}

static int write_review(struct desk *desk, const json_t *state, const char *principal, const char *seat,
                        const struct nudge *nudge, const char *answers, struct err *e)
{
	const struct person *person = person_of(desk->people, principal);
	const json_t *stage = open_stage(state);
	_free_ char *why = why_you(desk, stage, principal, seat), *risk = risk_text(state);
	_free_ char *else_text = otherwise(desk, state, person ? person->zone : NULL);
	_json_ json_t *model = json_object();
	json_t *renewal = renewal_view(desk, state, e);

	if (!renewal)
		return -1;
	json_put(model, "renewal", renewal);
	json_put_bool(model, "again", strcmp(json_str(state, "state"), "approved") == 0);
	json_put(model, "stage", stage_model(desk, stage, principal));
	json_put_bool(model, "approve_asks", json_bool(stage, "grounds"));
	json_put_str(model, "why_you", why);
	json_put_str(model, "otherwise", else_text);
	json_put_str(model, "risk_text", risk);
	json_put_bool(model, "has_findings", json_array_size(json_arr(state, "findings")) > 0);
	json_put_bool(model, "has_evidence", json_array_size(json_arr(state, "evidence")) > 0);
	put_nudge(desk, stage, seat, nudge, model);
	if (!nudge->reminder && put_changes(desk, state, principal, model, e) < 0)
		return -1;
	if (nudge->policy) { // not the request has changed, but what is made of it
		json_put(model, "policy", json_incref(nudge->policy));
		json_put_bool(model, "changed", false);
	}
	return letter_write(desk,
	                    &(struct letter_to){ .kind = "review",
	                                         .principal = principal,
	                                         .name = desk_name(desk, principal),
	                                         .state = state,
	                                         .decide = true,
	                                         .answers = answers,
	                                         .model = steal_ptr(model) },
	                    e);
}

// In Slack the message that asked is still there: what reminds of it stands below.
static int remind_there(struct desk *desk, const json_t *state, const char *principal, struct err *e)
{
	const json_t *first = json_array_get(json_arr(open_stage(state), "asked"), 0);
	_free_ char *since = desk_time(desk, NULL, json_int(first, "at"));
	_free_ char *because = text_format("It has waited since %s.", since);

	return desk->config.has_slack ? notify_chat_remind(desk, state, principal, because, e) : 0;
}

int notify_reviewers(const struct happened *h, const json_t *asked, const struct nudge *nudge, struct err *e)
{
	json_t *row;
	size_t i;

	json_array_foreach(asked, i, row) {
		int reminded = nudge->reminder ? remind_there(h->desk, h->state, json_str(row, "person"), e) : 0;

		if (reminded < 0)
			return -1;
		if (reminded)
			continue;
		if (write_review(h->desk, h->state, json_str(row, "person"), json_str(row, "seat"), nudge, NULL, e) < 0)
			return -1;
	}
	return 0;
}

int notify_reviewer_again(struct desk *desk, const json_t *state, const char *principal, const char *answers,
                          struct err *e)
{
	const json_t *asked = json_arr(open_stage(state), "asked");
	json_t *row;
	size_t i;

	if (postings_settle(desk, state, principal, "A fresh message asks you again.", e) < 0)
		return -1;
	json_array_foreach(asked, i, row) {
		if (strcmp(json_str(row, "person"), principal) == 0)
			return write_review(desk, state, principal, json_str(row, "seat"), &(struct nudge){ 0 },
			                    answers, e);
	}
	return 0;
}

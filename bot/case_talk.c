// SPDX-License-Identifier: Apache-2.0
// Talking about a case, taking a request back, taking an exception back.
#include <string.h>

#include "base/json.h"
#include "bot/case.h"
#include "bot/case_grant.h"

static bool is_requester(const struct decision *d)
{
	return strcmp(d->order->actor, json_str(d->state, "requester")) == 0 ||
	       strcmp(d->order->actor, json_str(d->state, "filed_by")) == 0;
}

// The last question that has no answer yet.
static const json_t *open_question(const json_t *state)
{
	const json_t *comments = json_arr(state, "comments");

	for (size_t i = json_array_size(comments); i-- > 0;) {
		const json_t *c = json_array_get(comments, i);

		if (strcmp(json_str(c, "kind"), "answer") == 0)
			return NULL;
		if (strcmp(json_str(c, "kind"), "question") == 0)
			return c;
	}
	return NULL;
}

enum decided case_comment(struct decision *d)
{
	const json_t *question = open_question(d->state);
	const char *kind = "comment";
	json_t *body;

	if (!d->order->text || !*d->order->text)
		return refuse(d, "no-text", "Write what you want to say below or behind the command.",
		              "There was nothing to pass on.");
	if (d->order->kind == ORDER_QUESTION)
		kind = "question";
	else if (question && is_requester(d))
		kind = "answer";
	body = json_object();
	json_put_str(body, "kind", kind);
	json_put_str(body, "name", d->order->name);
	json_put_str(body, "text", d->order->text);
	if (!d->order->authenticated)
		json_put_bool(body, "unverified", true);
	if (strcmp(kind, "answer") == 0)
		json_put_str(body, "to", json_str(question, "person"));
	happen(d, "case.commented", json_str(d->state, "case"), json_int(d->state, "version"), body);
	return DECIDED;
}

static json_t *who_and_why(const struct decision *d)
{
	json_t *body = json_object();

	json_put_str(body, "name", d->order->name);
	json_put_str(body, "why", d->order->text ? d->order->text : "");
	return body;
}

enum decided case_withdraw(struct decision *d)
{
	if (!is_requester(d))
		return refuse(d, "not-requester", "If you were asked to decide, write 'reject: ' and the reason.",
		              "Only %s can withdraw %s.", json_str(d->state, "requester_name"),
		              json_str(d->state, "case"));
	if (!d->order->authenticated)
		return refuse(d, "auth-missing", "Write from your own mail account, through your own mail server.",
		              "Nothing proves that this is you.");
	happen(d, "case.withdrawn", json_str(d->state, "case"), json_int(d->state, "version"), who_and_why(d));
	return DECIDED;
}

static bool approved_it(const struct decision *d)
{
	const json_t *stages = json_arr(d->state, "stages");
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(stages, i, stage) {
		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			if (strcmp(json_str(vote, "person"), d->order->actor) == 0 &&
			    strcmp(json_str(vote, "verdict"), "approve") == 0)
				return true;
		}
	}
	return false;
}

// The renewal that is in force in its place.
static const char *successor(const json_t *state)
{
	json_t *link;
	size_t i;

	json_array_foreach(json_arr(state, "links"), i, link) {
		if (strcmp(json_str(link, "kind"), "renewed_by") == 0 &&
		    strcmp(json_str(link, "state"), "approved") == 0)
			return json_str(link, "case");
	}
	return NULL;
}

enum decided case_revoke(struct decision *d)
{
	const char *renewal = successor(d->state);

	if (!is_requester(d) && !approved_it(d))
		return refuse(d, "not-approver", "Ask one of those who approved it.",
		              "Only whoever requested or approved %s can revoke it.", json_str(d->state, "case"));
	if (!d->order->authenticated)
		return refuse(d, "auth-missing", "Write from your own mail account, through your own mail server.",
		              "Nothing proves that this is you.");
	if (renewal)
		return refuse(d, "renewed-already", "Revoke that case; this one falls with it.",
		              "%s was renewed as %s.", json_str(d->state, "case"), renewal);
	if (!d->order->text || !*d->order->text)
		return refuse(d, "reason-required", "Write 'revoke CASE: ' and the reason on the same line.",
		              "Taking an exception back needs a reason.");
	revoke_case(d, who_and_why(d));
	return DECIDED;
}

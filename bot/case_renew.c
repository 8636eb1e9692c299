// SPDX-License-Identifier: Apache-2.0
// Asking for more time: a short case of its own that carries the facts of the old one over, and what has changed.
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case.h"
#include "bot/case_review.h"

static const json_t *renewal_in(const json_t *state, const char *const *states)
{
	json_t *link;
	size_t i;

	for (; *states; states++) {
		json_array_foreach(json_arr(state, "links"), i, link) {
			if (strcmp(json_str(link, "kind"), "renewed_by") == 0 &&
			    strcmp(json_str(link, "state"), *states) == 0)
				return link;
		}
	}
	return NULL;
}

static enum decided check_renewal(struct decision *d)
{
	static const char *const open[] = { "incomplete", "pending", NULL }, *const granted[] = { "approved", NULL };
	const char *id = json_str(d->state, "case");
	const json_t *other;

	if (strcmp(d->order->actor, json_str(d->state, "requester")) != 0 &&
	    strcmp(d->order->actor, json_str(d->state, "filed_by")) != 0)
		return refuse(d, "not-requester",
		              "Send a request of your own: it is answered at once where the grant covers it.",
		              "Only %s can renew %s.", json_str(d->state, "requester_name"), id);
	if (!d->order->authenticated)
		return refuse(d, "auth-missing", "Write from your own mail account, through your own mail server.",
		              "Nothing proves that this is you.");
	if (!json_str_or_null(d->state, "expires"))
		return refuse(d, "no-end", "Nothing needs to be done.", "%s has no end, so there is nothing to renew.",
		              id);
	other = renewal_in(d->state, open);
	if (other)
		return refuse(d, "renewal-open", "Answer the message about it to add or change something.",
		              "%s asks for the renewal of %s already.", json_str(other, "case"), id);
	other = renewal_in(d->state, granted);
	if (other)
		return refuse(d, "renewed-already", "Renew that case when it is about to end.", "%s was renewed as %s.",
		              id, json_str(other, "case"));
	return DECIDED;
}

// How long its type may last; 0 when it does not say.
static int64_t longest_of(const struct decision *d)
{
	json_t *type;
	size_t i;

	json_array_foreach(catalogue_types(d->rules->catalogue), i, type) {
		if (strcmp(json_str(type, "id"), json_str(d->state, "type")) == 0)
			return json_int(type, "longest");
	}
	return 0;
}

// As long as before, from the old end or, when that is past, from today.
static const char *next_end(const struct decision *d, char out[CLOCK_TEXT])
{
	const json_t *grant = json_array_get(json_arr(d->state, "grants"), 0);
	int64_t today = d->now - d->now % CLOCK_DAY, longest = longest_of(d), until = today, since, length;

	clock_parse(json_str(d->state, "expires"), &until);
	if (clock_parse(json_str(grant, "since"), &since) < 0)
		since = json_int(d->state, "opened") - json_int(d->state, "opened") % CLOCK_DAY;
	length = until > since ? until - since : CLOCK_DAY;
	if (longest && length > longest)
		length = longest;
	return clock_format_date((until > today ? until : today) + length, out);
}

static bool is_problem(const json_t *reading, const char *name)
{
	json_t *problem;
	size_t i;

	json_array_foreach(json_arr(reading, "problems"), i, problem) {
		if (strcmp(json_str(problem, "name"), name) == 0)
			return true;
	}
	return false;
}

// The old facts, and over them what the order says; until when, where it does not say.
static json_t *read_over(const struct decision *d)
{
	static const char *const parts[] = { "facts", "origin", "words" };
	const json_t *said = d->order->reading, *components = json_arr(said, "components");
	json_t *reading = json_object();
	char end[CLOCK_TEXT];

	for (size_t i = 0; i < LENGTH(parts); i++) {
		json_t *part = json_deep_copy(json_obj(d->state, parts[i]));

		if (i == 0)
			json_put_str(part, "expires", next_end(d, end));
		if (i > 0)
			json_object_del(part, "expires");
		if (i == 1)
			json_put_str(part, "expires", "renewal");
		json_object_update(part, json_obj(said, parts[i]));
		if (is_problem(said, "expires"))
			json_object_del(part, "expires");
		json_put(reading, parts[i], part);
	}
	json_put(reading, "components",
	         json_deep_copy(json_array_size(components) ? components : json_arr(d->state, "components")));
	json_put(reading, "problems", json_incref(json_arr(said, "problems")));
	json_put_str(reading, "rest", json_str(said, "rest"));
	return reading;
}

enum decided case_renew(struct decision *d)
{
	_json_ json_t *reading = NULL;
	struct order order = *d->order;
	struct decision opening = *d;

	if (check_renewal(d) != DECIDED)
		return DECIDED_NOT;
	reading = read_over(d);
	order.kind = ORDER_OPEN;
	order.reading = reading;
	order.subject = json_str(d->state, "title");
	order.renews = d->state;
	opening.order = &order;
	return case_open(&opening);
}

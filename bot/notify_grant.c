// SPDX-License-Identifier: Apache-2.0
// Letters about what was granted: what a decision rests on; that it ends soon.
#include "bot/notify_grant.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/grant.h"
#include "bot/letter.h"

// The cases whose grants an approval rests on, or a revocation took away.
static void put_grounds(const struct happened *h, json_t *model)
{
	_buf_ struct buf text = BUF(4096);
	json_t *link;
	size_t i;

	json_array_foreach(json_arr(h->state, "links"), i, link) {
		if (strcmp(json_str(link, "kind"), "grant") == 0)
			buf_printf(&text, "%s%s (%s)", text.len ? ", " : "", json_str(link, "case"),
			           json_str(link, "title"));
	}
	json_put_str(model, "rests_on", buf_text(&text));
}

static void put_granted(const struct happened *h, json_t *model)
{
	json_t *list = json_array(), *grant;
	size_t i;

	json_array_foreach(json_arr(h->state, "grants"), i, grant) {
		_free_ char *text = grant_text(grant);
		json_t *item = json_object();

		json_put_str(item, "text", text);
		json_add(list, item);
	}
	json_put(model, "granted", list);
}

static void put_renews(const struct happened *h, json_t *model)
{
	struct subject subject = subject_of(h->state);
	json_t *renews;

	if (!subject.renews)
		return;
	renews = json_object();
	json_put_str(renews, "of", json_str(subject.renews, "case"));
	if (strcmp(json_str(subject.renews, "state"), "approved") == 0)
		json_put_str(renews, "until", json_str_or_null(subject.renews, "expires"));
	json_put(model, "renews", renews);
}

bool notify_is_moot(const struct happened *h)
{
	return strcmp(json_str(h->event, "type"), "case.expired") == 0 &&
	       strcmp(json_str(json_array_get(json_arr(h->state, "grants"), 0), "state"), "superseded") == 0;
}

void notify_grounds(const struct happened *h, json_t *model)
{
	const json_t *body = json_object_get(h->event, "body");
	const char *conditions = json_str_or_null(body, "conditions");

	json_put_str(model, "conditions",
	             conditions ? conditions : json_str_or_null(json_obj(body, "grant"), "conditions"));
	if (strcmp(json_str(body, "by"), "grant") == 0)
		put_grounds(h, model);
	put_granted(h, model);
	put_renews(h, model);
}

static json_t *ending_model(const struct happened *h, const char *principal)
{
	const json_t *body = json_object_get(h->event, "body");
	int64_t days = json_int(body, "days");
	_free_ char *when = days == 1 ? text_copy("tomorrow") : text_format("in %lld days", (long long)days);
	json_t *model = json_object();

	json_put_str(model, "when", when);
	json_put_str(model, "until", json_str(body, "until"));
	json_put_bool(model, "may_renew", strcmp(principal, json_str(h->state, "requester")) == 0);
	return model;
}

int notify_ending(const struct happened *h, struct err *e)
{
	json_t *person;
	size_t i;

	json_array_foreach(json_arr(json_object_get(h->event, "body"), "people"), i, person) {
		const char *principal = json_string_value(person);
		bool theirs = strcmp(principal, json_str(h->state, "requester")) == 0;

		if (letter_write(
		            h->desk,
		            &(struct letter_to){ .kind = "ending",
		                                 .principal = principal,
		                                 .name = theirs ? json_str(h->state, "requester_name")
		                                                : desk_name(h->desk, principal),
		                                 .address = theirs ? json_str(h->state, "requester_address") : NULL,
		                                 .state = h->state,
		                                 .model = ending_model(h, principal) },
		            e) < 0)
			return -1;
	}
	return 0;
}

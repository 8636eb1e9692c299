// SPDX-License-Identifier: Apache-2.0
// Comments, questions and answers; and who is concerned by a case, and why.
#include <string.h>

#include "base/text.h"
#include "bot/notify_parts.h"
#include "bot/view.h"

json_t *concerned(const json_t *state)
{
	json_t *people = json_array(), *stage, *row;
	size_t i, k;

	json_array_foreach(json_arr(state, "stages"), i, stage) {
		json_array_foreach(json_arr(stage, "asked"), k, row) {
			if (!json_has_str(people, json_str(row, "person")))
				json_add_str(people, json_str(row, "person"));
		}
	}
	return people;
}

json_t *notify_policy(const struct happened *h)
{
	json_t *event, *policy;
	size_t i;

	json_array_foreach(h->events, i, event) {
		policy = json_obj(json_obj(event, "body"), "policy");
		if (policy && strcmp(json_str(event, "case"), json_str(h->event, "case")) == 0)
			return policy;
	}
	return NULL;
}

void notify_put_policy(const struct happened *h, json_t *model)
{
	json_t *policy = notify_policy(h);

	if (policy)
		json_put(model, "policy", json_incref(policy));
}

json_t *comment_model(const struct happened *h)
{
	_free_ char *when = desk_time(h->desk, NULL, h->desk->now);
	json_t *model = json_object();

	json_put_str(model, "author", json_str(happened_body(h), "name"));
	json_put_str(model, "kind", json_str(happened_body(h), "kind"));
	json_put_str(model, "words", json_str(happened_body(h), "text"));
	json_put_bool(model, "unverified", json_bool(happened_body(h), "unverified"));
	json_put_str(model, "when_text", when);
	json_put_bool(model, json_str(happened_body(h), "kind"), true);
	return model;
}

int notify_comment(const struct happened *h, struct err *e)
{
	const char *kind = json_str(happened_body(h), "kind"), *author = json_str(h->event, "actor");
	const char *requester = json_str(h->state, "requester");
	_json_ json_t *people = concerned(h->state);
	json_t *person;
	size_t i;

	if (strcmp(kind, "answer") == 0)
		return tell_person(h, json_str(happened_body(h), "to"), "comment", comment_model(h), e);
	if (strcmp(author, requester) != 0 && tell_requester(h, "comment", comment_model(h), e) < 0)
		return -1;
	if (strcmp(kind, "question") == 0)
		return 0;
	json_array_foreach(people, i, person) {
		const char *principal = json_string_value(person);

		if (strcmp(principal, author) != 0 && strcmp(principal, requester) != 0 &&
		    tell_person(h, principal, "comment", comment_model(h), e) < 0)
			return -1;
	}
	return 0;
}

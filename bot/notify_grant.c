// SPDX-License-Identifier: Apache-2.0
// Letters about what was granted: it ends soon.
#include "bot/notify_grant.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/letter.h"

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

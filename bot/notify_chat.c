// SPDX-License-Identifier: Apache-2.0
#include "bot/notify_chat.h"

#include <string.h>

#include "base/text.h"
#include "bot/letter.h"
#include "bot/notify_parts.h"
#include "bot/posting.h"
#include "bot/receipt_letter.h"
#include "store/outbox.h"
#include "store/postings.h"

#define CHANNEL "channel" // principal of the letters to the desk's channel: nobody, so it decides nothing

// --- buttons that no longer hold -------------------------------------------------------------------------------------

static int settle_voted(const struct happened *h, struct err *e)
{
	static const char *const said[][2] = { { "approve", "You approved it." },
		                               { "reject", "You rejected it." },
		                               { "abstain", "You abstained." },
		                               { "recuse", "You stepped aside." } };
	const json_t *body = happened_body(h);
	const char *why = "You have decided.";

	for (size_t i = 0; i < LENGTH(said); i++)
		if (strcmp(json_str(body, "verdict"), said[i][0]) == 0)
			why = said[i][1];
	return postings_settle(h->desk, h->state, json_str(body, "person"), why, e);
}

static int settle_changed(const struct happened *h, struct err *e)
{
	return postings_settle(h->desk, h->state, NULL,
	                       "The request has changed since; votes on this version are void.", e);
}

static int settle_passed(const struct happened *h, struct err *e)
{
	return postings_settle(h->desk, h->state, NULL, "Others have decided this stage.", e);
}

static int settle_closed(const struct happened *h, struct err *e)
{
	_free_ char *why = text_format("The case is %s.", json_str(h->state, "state"));

	return postings_settle(h->desk, h->state, NULL, why, e);
}

int notify_chat_before(const struct happened *h, struct err *e)
{
	static const struct {
		const char *type;
		int (*settle)(const struct happened *h, struct err *e);
	} table[] = {
		{ "vote.cast", settle_voted },      { "case.amended", settle_changed },
		{ "stage.passed", settle_passed },  { "case.approved", settle_closed },
		{ "case.rejected", settle_closed }, { "case.withdrawn", settle_closed },
		{ "case.lapsed", settle_closed },   { "case.expired", settle_closed },
		{ "case.revoked", settle_closed },
	};
	const char *type = json_str(h->event, "type");

	for (size_t i = 0; i < LENGTH(table); i++)
		if (strcmp(table[i].type, type) == 0)
			return table[i].settle(h, e);
	return 0;
}

// --- reminders -------------------------------------------------------------------------------------------------------

static int64_t asked_by(const json_t *asking, const char *principal)
{
	for (size_t i = json_array_size(asking); i-- > 0;) {
		const json_t *item = json_array_get(asking, i);

		if (strcmp(json_str(item, "principal"), principal) == 0)
			return json_int(item, "letter");
	}
	return 0;
}

int notify_chat_remind(struct desk *desk, const json_t *state, const char *principal, const char *because,
                       struct err *e)
{
	_json_ json_t *asking = postings_asking(desk->db, json_str(state, "case"), e), *row = NULL, *place = NULL;
	int64_t letter = asking ? asked_by(asking, principal) : 0, before = 0;
	json_t *model;

	if (!asking || !letter)
		return asking ? 0 : -1;
	row = outbox_head(desk->db, letter, e);
	if (!row || posting_below(desk->db, letter, &before, e) < 0)
		return -1;
	place = json_object();
	json_put_int(place, before ? "instead" : "below", before ? before : letter);
	model = json_object();
	json_put_str(model, "because", because);
	if (before) {
		_json_ json_t *old = outbox_get(desk->db, before, e);
		int r = -1;

		if (old) {
			json_object_update(json_obj(old, "model"), model);
			r = outbox_again(desk->db, before, place, json_obj(old, "model"), desk->now, e);
		}
		json_decref(model);
		return r < 0 ? -1 : 1;
	}
	return letter_write(desk,
	                    &(struct letter_to){ .kind = "reminder",
	                                         .principal = principal,
	                                         .name = desk_name(desk, principal),
	                                         .address = json_str(row, "address"),
	                                         .place = place,
	                                         .state = state,
	                                         .model = model },
	                    e) < 0
	               ? -1
	               : 1;
}

// --- receipts --------------------------------------------------------------------------------------------------------

// A mail has the receipt attached; Slack takes files apart from messages.
static int send_receipt(const struct happened *h, const struct letter_to *recorded, json_t *model, struct err *e)
{
	_free_ char *name = receipt_name(json_str(h->state, "case"), json_int(model, "entry"));
	_json_ json_t *place = json_object();

	json_put_str(place, "file", name);
	json_put_int(place, "below", recorded->id);
	return letter_write(h->desk,
	                    &(struct letter_to){ .kind = RECEIPT_LETTER,
	                                         .principal = recorded->principal,
	                                         .name = recorded->name,
	                                         .place = place,
	                                         .state = h->state,
	                                         .model = model },
	                    e);
}

int notify_recorded(const struct happened *h, const char *principal, json_t *model, struct err *e)
{
	struct letter_to to = {
		.kind = RECORDED_LETTER,
		.principal = principal,
		.name = desk_name(h->desk, principal),
		.state = h->state,
		.answers = strcmp(principal, h->actor) == 0 ? h->answers : NULL,
	};
	json_t *again = json_deep_copy(model);

	json_put_bool(model, "receipt", h->desk->config.log_key);
	to.model = model;
	if (letter_write(h->desk, &to, e) < 0) {
		json_decref(again);
		return -1;
	}
	if (to.by_slack && h->desk->config.log_key)
		return send_receipt(h, &to, again, e);
	json_decref(again);
	return 0;
}

// --- the case's thread in the channel --------------------------------------------------------------------------------

static int write_to_channel(const struct happened *h, const char *kind, const json_t *place, json_t *model,
                            struct err *e)
{
	_free_ char *address = text_format(SLACK_ADDRESS "%s", h->desk->config.slack.channel);

	return letter_write(h->desk,
	                    &(struct letter_to){ .kind = kind,
	                                         .principal = CHANNEL,
	                                         .name = "",
	                                         .address = address,
	                                         .place = place,
	                                         .state = h->state,
	                                         .model = model },
	                    e);
}

static int root_of(const struct happened *h, int64_t *letter, struct err *e)
{
	_free_ char *address = text_format(SLACK_ADDRESS "%s", h->desk->config.slack.channel);

	return posting_first(h->desk->db, json_str(h->state, "case"), "case", address, letter, e);
}

static int write_below(const struct happened *h, const char *kind, json_t *model, struct err *e)
{
	_json_ json_t *place = json_object();
	int64_t root;

	if (root_of(h, &root, e) < 0 || root == 0) {
		json_decref(model);
		return root == 0 ? 0 : -1;
	}
	json_put_int(place, "below", root);
	return write_to_channel(h, kind, place, model, e);
}

// The first message of the thread always shows the case as it is now.
static int renew_root(const struct happened *h, struct err *e)
{
	_json_ json_t *place = NULL, *model = NULL;
	int64_t root;

	if (root_of(h, &root, e) < 0)
		return -1;
	if (root == 0)
		return write_to_channel(h, "case", NULL, json_object(), e);
	place = json_object();
	model = json_object();
	json_put_int(place, "instead", root);
	if (letter_model(h->desk,
	                 &(struct letter_to){ .kind = "case", .principal = CHANNEL, .name = "", .state = h->state },
	                 model, e) < 0)
		return -1;
	return outbox_again(h->desk->db, root, place, model, h->desk->now, e);
}

static bool is_last_of_case(const struct happened *h)
{
	const json_t *last = NULL;
	json_t *event;
	size_t i;

	json_array_foreach(h->events, i, event) {
		if (strcmp(json_str(event, "case"), json_str(h->event, "case")) == 0)
			last = event;
	}
	return last == h->event;
}

static bool closes(const char *type)
{
	static const char *const types[] = { "case.approved", "case.rejected", "case.withdrawn",
		                             "case.lapsed",   "case.expired",  "case.revoked" };

	for (size_t i = 0; i < LENGTH(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

int notify_chat_after(const struct happened *h, struct err *e)
{
	const char *type = json_str(h->event, "type");

	if (!h->desk->config.has_slack || !h->desk->config.slack.channel || !h->state)
		return 0;
	// A request that lacks something is between its requester and the desk.
	if (strcmp(json_str(h->state, "state"), "incomplete") == 0)
		return 0;
	if (strcmp(type, "case.commented") == 0)
		return write_below(h, "comment", comment_model(h), e);
	if (is_last_of_case(h) && renew_root(h, e) < 0)
		return -1;
	return closes(type) ? write_below(h, "decided", decided_model(h), e) : 0;
}

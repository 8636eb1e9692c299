// SPDX-License-Identifier: Apache-2.0
#include "bot/posting.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/blocks.h"
#include "bot/letter.h"
#include "bot/receipt_letter.h"
#include "bot/signed_head.h"
#include "store/cases.h"
#include "store/outbox.h"
#include "store/postings.h"

#define FILE_MAX (50 << 20) // bytes

// --- what the adapter is asked for -----------------------------------------------------------------------------------

static json_t *request(const char *method, json_t *args)
{
	json_t *document = json_object();

	json_put_str(document, "method", method);
	json_put(document, "args", args);
	return document;
}

// It is still to come, or never will.
static int err_no_message(struct desk *desk, int64_t letter, struct err *e)
{
	_json_ json_t *head = outbox_head(desk->db, letter, e);

	if (!head)
		return -1;
	if (strcmp(json_str(head, "state"), "failed") == 0)
		return err_set(e, EX_UNAVAILABLE, "the message of letter %lld, to which it belongs, was never sent",
		               (long long)letter);
	return err_set(e, EX_TEMPFAIL, "the message of letter %lld has not been sent yet", (long long)letter);
}

// Where the message of another letter is, in `args` as "channel" and `key`.
static int put_other(struct desk *desk, int64_t letter, const char *key, json_t *args, struct err *e)
{
	_json_ json_t *at = posting_of(desk->db, letter, e);

	if (!at)
		return -1;
	if (!json_object_size(at))
		return err_no_message(desk, letter, e);
	json_put_str(args, "channel", json_str(at, "channel"));
	json_put_str(args, key, json_str(at, "ts"));
	return 0;
}

// Puts the place into `args`; the method, or NULL.
static const char *put_place(struct desk *desk, const json_t *row, json_t *args, struct err *e)
{
	const json_t *place = json_obj(row, "place");

	if (!place) {
		json_put_str(args, "channel", json_str(row, "address") + strlen(SLACK_ADDRESS));
		return "chat.postMessage";
	}
	if (json_object_get(place, "instead"))
		return put_other(desk, json_int(place, "instead"), "ts", args, e) < 0 ? NULL : "chat.update";
	if (json_object_get(place, "below"))
		return put_other(desk, json_int(place, "below"), "thread_ts", args, e) < 0 ? NULL : "chat.postMessage";
	json_put_str(args, "channel", json_str(place, "channel"));
	json_put_str(args, "thread_ts", json_str_or_null(place, "thread"));
	json_put_str(args, "user", json_str_or_null(place, "user"));
	return json_object_get(place, "user") ? "chat.postEphemeral" : "chat.postMessage";
}

// What is long in Slack is read as a file.
static json_t *file_document(struct templates *templates, const json_t *row, struct err *e)
{
	const json_t *place = json_obj(row, "place");
	_mail_text_ struct mail_text text = { 0 };
	json_t *args;

	if (render_mail(templates, json_str(row, "kind"), json_obj(row, "model"), &text, e) < 0)
		return NULL;
	args = json_object();
	json_put_str(args, "channel", json_str(place, "channel"));
	json_put_str(args, "thread_ts", json_str_or_null(place, "thread"));
	json_put_str(args, "filename", json_str(place, "file"));
	json_put_str(args, "title", text.subject);
	json_put_str(args, "text", text.text);
	return request("upload", args);
}

json_t *posting_receipt(struct desk *desk, struct templates *templates, const json_t *row, const char *receipt,
                        struct err *e)
{
	const json_t *place = json_obj(row, "place");
	_json_ json_t *args = json_object(), *words = NULL;
	const char *name = json_str(place, "file");
	_free_ char *title = text_copy_n(name, strcspn(name, "."));

	if (put_other(desk, json_int(place, "below"), "thread_ts", args, e) < 0 ||
	    blocks_render(templates, RECEIPT_LETTER, json_obj(row, "model"), &words, e) < 0)
		return NULL;
	json_put_str(args, "filename", name);
	json_put_str(args, "title", title);
	json_put_str(args, "comment", json_str(words, "text"));
	json_put_str(args, "text", receipt);
	return request("upload", steal_ptr(args));
}

static json_t *fetch_document(const struct desk *desk, const json_t *row)
{
	json_t *args = json_object();

	json_put_str(args, "url", json_str(json_obj(row, "place"), "fetch"));
	json_put_int(args, "size_max", desk->config.has_mail ? desk->config.mail.max_size : FILE_MAX);
	return request("download", args);
}

json_t *posting_document(struct desk *desk, struct templates *templates, const json_t *row, struct err *e)
{
	_json_ json_t *message = NULL, *args = json_object();
	const char *method;

	if (json_object_get(json_obj(row, "place"), "file"))
		return file_document(templates, row, e);
	if (json_object_get(json_obj(row, "place"), "fetch"))
		return fetch_document(desk, row);
	method = put_place(desk, row, args, e);
	if (!method || signed_head_put(desk, json_obj(row, "model"), e) < 0 ||
	    blocks_render(templates, json_str(row, "kind"), json_obj(row, "model"), &message, e) < 0)
		return NULL;
	json_object_update(args, message);
	// What people wrote must not become links or calls to everybody.
	json_put_str(args, "parse", "none");
	if (strcmp(method, "chat.postMessage") == 0) {
		json_put_bool(args, "unfurl_links", false);
		json_put_bool(args, "unfurl_media", false);
	}
	return request(method, steal_ptr(args));
}

// --- another way -----------------------------------------------------------------------------------------------------

// A change of a message, or of the desk's channel: who must know it is told otherwise.
static bool is_nothing_elsewhere(const json_t *head)
{
	bool reminds = strcmp(json_str(head, "kind"), "reminder") == 0;

	return strcmp(json_str(head, "principal"), "channel") == 0 ||
	       (json_object_get(json_obj(head, "place"), "instead") && !reminds);
}

static bool is_receipt(const json_t *head)
{
	return strcmp(json_str(head, "kind"), RECEIPT_LETTER) == 0;
}

// Whoever cannot be reminded below the message that asked them has lost that message: it is what they need.
static int64_t letter_meant(const json_t *head)
{
	const json_t *place = json_obj(head, "place");

	if (strcmp(json_str(head, "kind"), "reminder") == 0 && json_object_get(place, "below"))
		return json_int(place, "below");
	return json_int(head, "id");
}

static int by_mail(struct desk *desk, const json_t *head, struct err *e)
{
	const char *principal = json_str(head, "principal"), *address = desk_address(desk, principal);
	_json_ json_t *row = NULL, *state = NULL;
	_json_ json_t *holder = NULL;
	uint8_t id[TOKEN_ID_SIZE];
	struct token_row bound;
	int found;

	if (is_nothing_elsewhere(head))
		return 1;
	if (!address || !desk->config.has_mail)
		return 0;
	row = outbox_get(desk->db, letter_meant(head), e);
	if (!row)
		return -1;
	found = hex_decode(json_str(row, "token"), id, sizeof id) < 0 ? 0
	                                                              : token_find(desk->db, id, &bound, &holder, e);
	state = *json_str(row, "case") ? case_load(desk->db, json_str(row, "case"), e) : NULL;
	if (found < 0 || (*json_str(row, "case") && !state))
		return -1;
	return letter_write(desk,
	                    &(struct letter_to){ .kind = is_receipt(row) ? RECORDED_LETTER : json_str(row, "kind"),
	                                         .principal = principal,
	                                         .name = desk_name(desk, principal),
	                                         .address = address,
	                                         .state = state,
	                                         .decide = found && bound.purpose == TOKEN_DECIDE,
	                                         .model = json_incref(json_obj(row, "model")) },
	                    e) < 0
	               ? -1
	               : 1;
}

// The mail in its place has the receipt with it: the file that was to follow is not sent.
static int drop_receipt(struct desk *desk, int64_t letter, struct err *e)
{
	int64_t receipt;

	if (posting_below(desk->db, letter, &receipt, e) < 0)
		return -1;
	return receipt ? outbox_failed(desk->db, receipt, "the message that it belongs to went by mail", e) : 0;
}

static int instead_of_receipt(struct desk *desk, const json_t *head, struct err *e)
{
	_json_ json_t *row = outbox_get(desk->db, json_int(head, "id"), e), *place = json_object();
	_json_ json_t *state = row ? case_load(desk->db, json_str(row, "case"), e) : NULL;

	if (!state)
		return -1;
	json_put_int(place, "below", json_int(json_obj(row, "place"), "below"));
	json_put_bool(json_obj(row, "model"), "refused", true);
	return letter_write(desk,
	                    &(struct letter_to){ .kind = RECEIPT_LETTER,
	                                         .principal = json_str(row, "principal"),
	                                         .name = desk_name(desk, json_str(row, "principal")),
	                                         .address = json_str(row, "address"),
	                                         .place = place,
	                                         .state = state,
	                                         .model = json_incref(json_obj(row, "model")) },
	                    e) < 0
	               ? -1
	               : 1;
}

int posting_otherwise(struct desk *desk, const json_t *head, struct err *e)
{
	int done = by_mail(desk, head, e);

	if (done > 0 && strcmp(json_str(head, "kind"), RECORDED_LETTER) == 0)
		return drop_receipt(desk, json_int(head, "id"), e) < 0 ? -1 : 1;
	if (done == 0 && is_receipt(head) && json_object_get(json_obj(head, "place"), "file"))
		return instead_of_receipt(desk, head, e);
	return done;
}

// --- messages that no longer hold ------------------------------------------------------------------------------------

// Has the message of a letter changed into one that asks nothing.
static int change(struct desk *desk, int64_t letter, const char *why, struct err *e)
{
	_json_ json_t *row = outbox_get(desk->db, letter, e), *place = json_object();

	if (!row)
		return -1;
	json_put_int(place, "instead", letter);
	json_put_str(json_obj(row, "model"), "settled", why);
	return outbox_again(desk->db, letter, place, json_obj(row, "model"), desk->now, e);
}

static int settle(struct desk *desk, const json_t *item, const char *why, struct err *e)
{
	int64_t letter = json_int(item, "letter");

	if (posting_settle(desk->db, letter, e) < 0)
		return -1;
	return json_bool(item, "sent") ? change(desk, letter, why, e) : 0; // one that was not sent never will be
}

int posting_arrived(struct desk *desk, const json_t *row, const char *channel, const char *ts, struct err *e)
{
	int64_t letter = json_int(row, "id");

	if (posting_add(desk->db, letter, channel, ts, e) < 0)
		return -1;
	if (strcmp(json_str(row, "state"), "failed") != 0)
		return 0;
	if (posting_settle(desk->db, letter, e) < 0)
		return -1;
	return change(desk, letter, "It was settled while this message was on its way.", e);
}

int postings_settle(struct desk *desk, const json_t *state, const char *principal, const char *why, struct err *e)
{
	_json_ json_t *asking = NULL;
	json_t *item;
	size_t i;

	if (!desk->config.has_slack)
		return 0;
	asking = postings_asking(desk->db, json_str(state, "case"), e);
	if (!asking)
		return -1;
	json_array_foreach(asking, i, item)
		if ((!principal || strcmp(json_str(item, "principal"), principal) == 0) &&
		    settle(desk, item, why, e) < 0)
			return -1;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "bot/letter.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "bot/address.h"
#include "bot/binding.h"
#include "bot/case_review.h"
#include "bot/messageid.h"
#include "bot/summary.h"
#include "bot/view.h"
#include "store/log.h"
#include "store/outbox.h"

#define TOKEN_LIFE (14 * 24 * 3600) // seconds (DESIGN 8)

static const char *zone_of(const struct desk *desk, const char *principal)
{
	const struct person *person = person_of(desk->people, principal);

	return person ? person->zone : NULL;
}

int letter_model(struct desk *desk, const struct letter_to *to, json_t *model, struct err *e)
{
	const char *zone = zone_of(desk, to->principal);
	json_t *desk_view = json_object(), *person = json_object(), *log = json_object();
	struct digest root = log_root(desk->db);
	char hex[2 * DIGEST_SIZE + 1];

	json_put_str(desk_view, "name", desk->config.name);
	json_put_str(desk_view, "address", desk->config.mail.address);
	json_put(model, "desk", desk_view);
	json_put_str(person, "name", to->name);
	json_put(model, "person", person);
	json_put_int(log, "size", (int64_t)log_size(desk->db));
	json_put_str(log, "root", hex_encode(root.bytes, 8, hex));
	json_put(model, "log", log);
	if (to->state) {
		json_t *view = case_view(desk, to->state);

		json_put(model, "case", view);
		case_view_texts(desk, to->state, zone, view);
		json_put(model, "fact_list", fact_list(desk, to->state));
		return summary_put(desk, to->state, zone, view, e);
	}
	return 0;
}

// The thread so far: the request itself (for whoever sent it), the first and the last letter about the case.
static json_t *references_of(struct desk *desk, const struct letter_to *to, const char *address, struct err *e)
{
	const char *case_id = to->state ? json_str(to->state, "case") : "", *thread = json_str(to->state, "thread");
	_json_ json_t *list = json_array();
	_json_ json_t *sent = *case_id ? outbox_thread(desk->db, case_id, address, e) : json_array();
	json_t *id;
	size_t i;

	if (!sent)
		return NULL;
	if (*thread && strcmp(json_str(to->state, "requester"), to->principal) == 0)
		json_add_str(list, thread);
	json_array_foreach(sent, i, id) {
		if (!json_has_str(list, json_string_value(id)))
			json_array_append(list, id);
	}
	if (to->answers && !json_has_str(list, to->answers))
		json_add_str(list, to->answers);
	return steal_ptr(list);
}

// Whoever was first asked to decide has that mail's subject in the thread; clients that group by subject want it again.
static int put_thread_subject(struct desk *desk, const char *case_id, const char *address, json_t *model, struct err *e)
{
	_json_ json_t *first = outbox_first(desk->db, case_id, address, e);
	_free_ char *subject = NULL;

	if (!first || strcmp(json_str(first, "kind"), "review") != 0)
		return first ? 0 : -1;
	subject = text_format("[%s] Decision asked: %s", case_id, json_str(first, "title"));
	json_put_str(model, "thread_subject", subject);
	return 0;
}

static const char *last_of(const json_t *list)
{
	return json_string_value(json_array_get(list, json_array_size(list) - 1));
}

// Whoever is known in Slack is written to there, unless it is said otherwise; NULL when there is no way.
static char *route(const struct desk *desk, const struct letter_to *to)
{
	const struct person *person = person_of(desk->people, to->principal);
	const char *address = to->address;
	bool in_slack = address && text_starts(address, SLACK_ADDRESS);

	if (in_slack && desk->config.has_slack)
		return text_copy(address);
	if (!address && person && person->slack && desk->config.has_slack)
		return text_format(SLACK_ADDRESS "%s", person->slack);
	if (!address || in_slack)
		address = desk_address(desk, to->principal);
	return address && desk->config.has_mail ? address_normal(address) : NULL;
}

int letter_write(struct desk *desk, struct letter_to *to, struct err *e)
{
	_json_ json_t *model = to->model ? steal_ptr(to->model) : json_object();
	_free_ char *address = route(desk, to);
	_json_ json_t *references = NULL;
	char token[2 * TOKEN_ID_SIZE + 1];
	struct digest root = log_root(desk->db);
	char message_id[MESSAGE_ID_TEXT];
	struct letter letter = {
		.carrier = address && text_starts(address, SLACK_ADDRESS) ? "slack" : "mail",
		.kind = to->kind,
		.place = to->place,
		.token = { .purpose = to->decide ? TOKEN_DECIDE : TOKEN_TALK,
		           .case_id = to->state ? json_str(to->state, "case") : "",
		           .version = json_int(to->state, "version"),
		           .principal = to->principal,
		           .address = address,
		           .expires = desk->now / CLOCK_SECOND + TOKEN_LIFE },
	};

	if (!address)
		return 0;
	references = references_of(desk, to, address, e);
	if (!references || (to->state && put_thread_subject(desk, letter.token.case_id, address, model, e) < 0))
		return -1;
	if (to->state)
		hex_decode(json_str(to->state, "hash"), letter.token.content.bytes, DIGEST_SIZE);
	random_bytes(letter.token.id, sizeof letter.token.id);
	binding_seal(desk, &letter.token);
	json_put_bool(model, "form", strcmp(letter.carrier, "slack") == 0);
	json_put_str(model, "token", hex_encode(letter.token.id, TOKEN_ID_SIZE, token));
	message_id_make(&desk->keys, log_size(desk->db), root.bytes, letter.token.id,
	                desk->config.has_mail ? desk->config.mail.domain : "invalid", message_id);
	if (letter_model(desk, to, model, e) < 0)
		return -1;
	letter.message_id = message_id;
	letter.in_reply_to = to->answers ? to->answers : last_of(references);
	letter.references = references;
	letter.model = model;
	to->by_slack = strcmp(letter.carrier, "slack") == 0;
	return outbox_add(desk->db, &letter, desk->now, &to->id, e);
}

// licensing+TOKEN@example.com for the row's token; -1 when the row is not what was bound.
static int reply_address(struct desk *desk, const json_t *row, char *out, size_t size, struct err *e)
{
	_json_ json_t *holder = NULL;
	struct token_row bound;
	uint8_t id[TOKEN_ID_SIZE];
	char text[TOKEN_TEXT];
	int found = hex_decode(json_str(row, "token"), id, sizeof id) < 0
	                    ? 0
	                    : token_find(desk->db, id, &bound, &holder, e);

	if (found < 0)
		return -1;
	if (!found)
		return err_set(e, EX_DATAERR, "letter %lld has no token", (long long)json_int(row, "id"));
	if (!binding_whole(desk, &bound))
		return err_set(e, EX_DATAERR, "what the token of letter %lld is bound to was altered in the database",
		               (long long)json_int(row, "id"));
	binding_mint(desk, &bound, text);
	token_address(desk->config.mail.address, text, out, size);
	return 0;
}

static void put_mailto(json_t *model, const char *key, const char *address, const char *subject, const char *body)
{
	_free_ char *link = mailto(address, subject, body);

	json_put_str(model, key, link);
}

static void put_links(json_t *model, const char *address)
{
	_free_ char *subject = text_format("Re: [%s] %s", json_str(json_obj(model, "case"), "case"),
	                                   json_str(json_obj(model, "case"), "title"));

	put_mailto(model, "approve", address, subject, json_bool(model, "approve_asks") ? "approve: " : "approve\n");
	put_mailto(model, "reject", address, subject, "reject: ");
	put_mailto(model, "ask", address, subject, "ask: ");
}

static json_t *mailbox(const char *name, const char *address)
{
	json_t *box = json_object();

	json_put_str(box, "name", name);
	json_put_str(box, "address", address);
	return box;
}

static json_t *headers_of(const struct desk *desk, const json_t *row)
{
	json_t *headers = json_object();

	// RFC 3834: an answer to somebody's mail is auto-replied, everything else auto-generated.
	json_put_str(headers, "Auto-Submitted",
	             json_str_or_null(row, "in_reply_to") ? "auto-replied" : "auto-generated");
	json_put_str(headers, "Countersign-Loop",
	             desk->config.log_origin ? desk->config.log_origin : desk->config.name);
	json_put_str(headers, "X-Auto-Response-Suppress", "OOF, AutoReply");
	return headers;
}

json_t *letter_document(struct desk *desk, struct templates *templates, const json_t *row, struct err *e)
{
	json_t *model = json_obj(row, "model"), *references = json_arr(row, "references");
	_mail_text_ struct mail_text text = { 0 };
	_json_ json_t *document = json_object();
	char address[512], date[CLOCK_TEXT];

	if (reply_address(desk, row, address, sizeof address, e) < 0)
		return NULL;
	put_links(model, address);
	if (render_mail(templates, json_str(row, "kind"), model, &text, e) < 0)
		return NULL;
	json_put(document, "from", mailbox(desk->config.name, desk->config.mail.address));
	json_put(document, "to", mailbox(json_str(json_obj(model, "person"), "name"), json_str(row, "address")));
	json_put(document, "reply_to", mailbox(desk->config.name, address));
	json_put_str(document, "sender_envelope", desk->config.mail.address);
	json_put_str(document, "subject", text.subject);
	json_put_str(document, "date", clock_format(json_int(row, "created"), date));
	json_put_str(document, "message_id", json_str(row, "message_id"));
	json_put_str(document, "in_reply_to", json_str_or_null(row, "in_reply_to"));
	json_put(document, "references", json_incref(references));
	json_put(document, "headers", headers_of(desk, row));
	json_put_str(document, "text", text.text);
	json_put_str(document, "html", text.html);
	if (json_object_get(model, "attachments"))
		json_put(document, "attachments", json_incref(json_arr(model, "attachments")));
	return steal_ptr(document);
}

// SPDX-License-Identifier: Apache-2.0
// The core's side of smtp: letters that are due go out, what became of them is logged.
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/courier.h"
#include "bot/letter.h"
#include "bot/mailbox.h"
#include "bot/receipt_letter.h"
#include "bot/work.h"

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	const struct mailbox *m = &s->desk.config.mail.smtp;

	*secrets = mailbox_secrets(m, s->desk.config.dir, e);
	if (!*secrets)
		return err_prefix(e, "mail.smtp");
	*config = mailbox_config(m);
	json_put_str(*config, "domain", s->desk.config.mail.domain);
	return 0;
}

static int attach_receipt(struct serve *s, const json_t *row, json_t *document, struct err *e)
{
	_free_ char *name = receipt_name(json_str(row, "case"), json_int(json_obj(row, "model"), "entry"));
	_free_ char *text = receipt_of_letter(s, row, e);
	json_t *list = json_array(), *item = json_object();

	json_put(document, "attachments", list);
	json_add(list, item);
	json_put_str(item, "name", name);
	json_put_str(item, "type", "text/plain");
	json_put_str(item, "text", text);
	return text ? 0 : -1;
}

// Whoever decided keeps the proof that it was recorded, on which nobody can go back.
static json_t *document(struct serve *s, const json_t *row, struct err *e)
{
	bool receipt = s->signer && strcmp(json_str(row, "kind"), RECORDED_LETTER) == 0;
	_json_ json_t *document = NULL;

	json_put_bool(json_obj(row, "model"), "receipt", receipt);
	document = letter_document(&s->desk, s->templates, row, e);
	if (!document || (receipt && attach_receipt(s, row, document, e) < 0))
		return NULL;
	return steal_ptr(document);
}

const struct courier courier_mail = { .carrier = "mail", .hand = BY_MAIL, .document = document };

static int record_outcome(struct serve *s, struct work *w, struct err *e)
{
	return courier_record(s, &courier_mail, w, e);
}

static void letter_done(struct serve *s, struct work *w)
{
	courier_put_down(s, &courier_mail, w);
}

static const struct work_kind outcome = { "what became of a letter", record_outcome, NULL, letter_done, letter_done };

static void take_frame(struct serve *s, struct frame *f)
{
	static const struct json_key sent[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 32 },
		{ "response", 's', 2048 },
		{ 0 },
	};
	static const struct json_key failed[] = {
		{ "type", 'S', 0 },        { "id", 'S', 32 },     { "why", 'S', 2048 },      { "permanent", 'B', 0 },
		{ "retry_after", 'i', 0 }, { "unknown", 'b', 0 }, { "response", 's', 2048 }, { 0 },
	};
	bool was_sent = strcmp(json_str(f->json, "type"), "sent") == 0;
	struct work w = { .kind = &outcome, .document = -1, .attachments = -1 };
	struct err e = { 0 };

	if (strcmp(json_str(f->json, "kind"), "notice") == 0) {
		log_warning("smtp: %s", json_str(f->json, "text"));
		return;
	}
	if (json_check(f->json, was_sent ? sent : failed, "smtp", &e) < 0 ||
	    !courier_has(s, &courier_mail, json_str(f->json, "id"))) {
		log_error("smtp broke the rules (%s); it is killed",
		          *e.text ? e.text : "it speaks of a letter it was not given");
		adapter_kill(s->smtp);
		return;
	}
	w.frame = *f;
	*f = (struct frame){ 0 };
	work_queue(s, &w);
}

void sending_feed(struct serve *s)
{
	courier_feed(s, &courier_mail);
}

static void ready(struct serve *s)
{
	work_wake(s);
}

static void gone(struct serve *s)
{
	s->sending[BY_MAIL].count = 0; // whatever it had is still queued in the outbox, under the same Message-ID
}

const struct channel_kind sending = { "smtp", configure, ready, take_frame, gone };

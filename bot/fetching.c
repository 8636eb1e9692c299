// SPDX-License-Identifier: Apache-2.0
// The core's side of imap: mails come in, are stored durably, and only then is the adapter told to put them away.
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "bot/intake.h"
#include "bot/mailbox.h"
#include "bot/refusing.h"
#include "bot/work.h"
#include "store/log.h"

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	const struct mailbox *m = &s->desk.config.mail.imap;

	*secrets = mailbox_secrets(m, s->desk.config.dir, e);
	if (!*secrets)
		return err_prefix(e, "mail.imap");
	*config = mailbox_config(m);
	json_put_str(*config, "folder", m->folder);
	json_put_str(*config, "processed", m->processed);
	json_put_int(*config, "max_size", s->desk.config.mail.max_size);
	json_put_int(*config, "idle", 300);
	return 0;
}

static void tell_done(struct serve *s, struct work *w)
{
	_json_ json_t *frame = json_object();

	json_put_str(frame, "type", "done");
	json_put_str(frame, "id", json_str(w->frame.json, "id"));
	adapter_send(s->imap, frame, NULL, 0);
}

// What the entry says of where it came from.
static json_t *arrival_detail(const json_t *frame)
{
	static const char *const keys[] = { "account", "folder", "uidvalidity", "uid", "oversize" };
	json_t *detail = json_object();

	for (size_t i = 0; i < LENGTH(keys); i++) {
		json_t *value = json_object_get(frame, keys[i]);

		if (value)
			json_put(detail, keys[i], json_incref(value));
	}
	json_put_str(detail, "channel", "mail");
	return detail;
}

static int store_mail(struct serve *s, struct work *w, struct err *e)
{
	const json_t *f = w->frame.json;
	_buf_ struct buf bytes = BUF((size_t)s->desk.config.mail.max_size);
	_json_ json_t *detail = arrival_detail(f);
	enum arrived arrived;
	int64_t at;

	if (fd_read(w->document, "a mail", &bytes, e) < 0)
		return -1;
	if (clock_parse(json_str(f, "internaldate"), &at) < 0)
		at = s->desk.now;
	if (inbox_take(s->desk.db,
	               &(struct arrival){ json_str(f, "id"), "mail", buf_text(&bytes), bytes.len, at, detail },
	               s->desk.now, &arrived, &w->row, e) < 0)
		return -1;
	if (arrived == ARRIVED_NEW && json_bool(f, "oversize"))
		return intake_park(&s->desk, &w->row, "too-large", "Only its header was kept.", e);
	return 0;
}

static const struct work_kind arrival = { "a mail that came in", store_mail, NULL, tell_done, NULL };

static int record_notice(struct serve *s, struct work *w, struct err *e)
{
	return raise_alarm(&s->desk, json_str(w->frame.json, "code"), json_str(w->frame.json, "text"),
	                   "See the log of the service.", e);
}

static const struct work_kind notice = { "a notice", record_notice, NULL, NULL, NULL };

// A notice that matters to the record; the rest is for the operator's log.
static bool is_alarming(const char *code)
{
	return strcmp(code, "uidvalidity") == 0 || strcmp(code, "tls") == 0 || strcmp(code, "login") == 0;
}

static void take_frame(struct serve *s, struct frame *f)
{
	static const struct json_key mail[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 512 },
		{ "kind", 'S', 0 },
		{ "account", 'S', 320 },
		{ "folder", 'S', 256 },
		{ "uidvalidity", 'I', 0 },
		{ "uid", 'I', 0 },
		{ "internaldate", 's', 40 },
		{ "size", 'i', 0 },
		{ "oversize", 'b', 0 },
		{ 0 },
	};
	static const struct json_key note[] = {
		{ "type", 'S', 0 },  { "id", 'S', 512 },    { "kind", 'S', 0 },
		{ "code", 'S', 64 }, { "text", 'S', 2048 }, { 0 },
	};
	struct work w = { .document = -1, .attachments = -1 };
	bool is_mail = strcmp(json_str(f->json, "kind"), "mail") == 0;
	struct err e = { 0 };

	if (json_check(f->json, is_mail ? mail : note, "imap", &e) < 0 || (is_mail && f->fd_count != 1)) {
		log_error("imap broke the rules (%s); it is killed", *e.text ? e.text : "a mail without a descriptor");
		adapter_kill(s->imap);
		return;
	}
	if (!is_mail) {
		log_warning("imap: %s", json_str(f->json, "text"));
		if (!is_alarming(json_str(f->json, "code")))
			return;
	}
	w.kind = is_mail ? &arrival : &notice;
	w.document = frame_take_fd(f, 0);
	w.frame = *f;
	*f = (struct frame){ 0 };
	work_queue(s, &w);
}

static void nothing(struct serve *s)
{
	(void)s;
}

const struct channel_kind fetching = { "imap", configure, nothing, take_frame, nothing };

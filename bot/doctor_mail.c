// SPDX-License-Identifier: Apache-2.0
// The real adapters do the work.  imap hands over whatever waits in the desk's folder; the doctor answers `done` for
// its own mail alone, so that all others stay where they are, for the desk.
#include "bot/doctor_mail.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/doctor_adapter.h"
#include "bot/doctor_probe.h"
#include "bot/document.h"
#include "bot/mailbox.h"
#include "store/blob.h"
#include "store/inbox.h"

#define SEND_TIME (60 * CLOCK_SECOND)
#define LOGIN_TIME (65 * CLOCK_SECOND) // imap complains of a silent server at its second try, after 30 s each
#define COMING_TIME (60 * CLOCK_SECOND)
#define CROWD_TIME (20 * CLOCK_SECOND) // in a folder so full that it may not come at all
#define READ_TIME (10 * CLOCK_SECOND)
#define LOOK_AGAIN 200 // ms
#define DOCUMENT_MAX (8U << 20)
#define WAITING_MANY 156 // imap keeps 256 mails that are not done, and hands over up to 100 at once

struct visit {
	const struct config *config;
	struct report *report;
	struct helper smtp, imap, mime;
	struct probe probe;
	int64_t looked;     // when the database was last looked into
	size_t waiting;     // mails in the folder that are not ours
	json_t *document;   // the probe as mime read it, when it has come
	struct buf mail;    // and its bytes
	struct err trouble; // why imap or mime cannot go on
};

// --- the adapters ----------------------------------------------------------------------------------------------------

static int start_smtp(struct visit *v, struct err *e)
{
	const struct mailbox *m = &v->config->mail.smtp;
	json_t *config, *secrets = mailbox_secrets(m, v->config->dir, e);

	if (!secrets)
		return err_prefix(e, "mail.smtp");
	config = mailbox_config(m);
	json_put_str(config, "domain", v->config->mail.domain);
	return helper_start(&v->smtp, "smtp", config, secrets, e);
}

static int start_imap(struct visit *v, struct err *e)
{
	const struct mailbox *m = &v->config->mail.imap;
	json_t *config, *secrets = mailbox_secrets(m, v->config->dir, e);

	if (!secrets)
		return err_prefix(e, "mail.imap");
	config = mailbox_config(m);
	json_put_str(config, "folder", m->folder);
	json_put_str(config, "processed", m->processed);
	json_put_int(config, "max_size", v->config->mail.max_size);
	json_put_int(config, "idle", 300);
	return helper_start(&v->imap, "imap", config, secrets, e);
}

static int start_mime(struct visit *v, struct err *e)
{
	json_t *config = json_object();

	json_put(config, "authserv", json_incref(v->config->mail.authserv));
	json_put(config, "hosts", json_incref(v->config->mail.hosts));
	json_put_str(config, "address", v->config->mail.address);
	return helper_start(&v->mime, "mime", config, json_object(), e);
}

// --- smtp ------------------------------------------------------------------------------------------------------------

static int hand_to_smtp(struct visit *v, struct err *e)
{
	_json_ json_t *document = probe_document(&v->probe, v->config), *frame = json_object();
	_free_ char *text = json_text(document);
	_close_ int fd = memfd_of("letter", text, strlen(text), e);

	if (fd < 0)
		return -1;
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", v->probe.tag);
	return helper_send(&v->smtp, frame, &fd, 1, e);
}

static int take_answer(const struct frame *f, struct err *e)
{
	if (strcmp(json_str(f->json, "type"), "sent") == 0)
		return 0;
	return err_set(e, EX_UNAVAILABLE, "%s", json_str(f->json, "why"));
}

static int send_probe(struct visit *v, struct err *e)
{
	int64_t deadline = clock_monotonic() + SEND_TIME;

	if (start_smtp(v, e) < 0 || hand_to_smtp(v, e) < 0)
		return -1;
	for (;;) {
		_frame_ struct frame frame = { 0 };
		_free_ char *words = NULL;

		switch (helper_next(&v->smtp, deadline, &frame)) {
		case HELPER_FRAME:
			if (strcmp(json_str(frame.json, "id"), v->probe.tag) != 0)
				continue; // a notice
			return take_answer(&frame, e);
		case HELPER_LATE:
			return err_set(e, EX_UNAVAILABLE, "the server did not take the mail within %d s",
			               SEND_TIME / CLOCK_SECOND);
		case HELPER_GONE:
			words = helper_last_words(&v->smtp);
			return err_set(e, EX_UNAVAILABLE, "%s", words);
		}
	}
}

static bool check_smtp(struct visit *v)
{
	const struct mailbox *m = &v->config->mail.smtp;
	struct err e = { 0 };

	if (send_probe(v, &e) < 0) {
		report_failed(v->report, e.code, "smtp", "%s as %s: %s", m->url, m->user, e.text);
		return false;
	}
	report_ok(v->report, "smtp", "%s as %s takes mail.", m->url, m->user);
	return true;
}

// --- mime ------------------------------------------------------------------------------------------------------------

static int hand_to_mime(struct visit *v, const struct buf *mail, int document, struct err *e)
{
	_json_ json_t *frame = json_object();
	_close_ int raw = memfd_of("mail", buf_text(mail), mail->len, e);
	_close_ int attachments = raw < 0 ? -1 : memfd_of("attachments", NULL, 0, e);

	if (attachments < 0)
		return -1;
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", v->probe.tag);
	return helper_send(&v->mime, frame, (int[]){ raw, document, attachments }, 3, e);
}

// What mime makes of a mail; NULL when it makes nothing of it.
static json_t *read_mail(struct visit *v, const struct buf *mail, struct err *e)
{
	_close_ int fd = memfd_of("document", NULL, 0, e);
	_buf_ struct buf text = BUF(DOCUMENT_MAX);
	_frame_ struct frame answer = { 0 };
	_json_ json_t *document = NULL;

	if (fd < 0 || hand_to_mime(v, mail, fd, e) < 0)
		return NULL;
	if (helper_next(&v->mime, clock_monotonic() + READ_TIME, &answer) != HELPER_FRAME) {
		err_set(e, EX_SOFTWARE, "the program mime did not read the mail");
		return NULL;
	}
	if (take_answer(&answer, e) < 0 || fd_read(fd, "the document", &text, e) < 0)
		return NULL;
	document = json_read(buf_text(&text), text.len, e);
	return document && document_check(document, e) == 0 ? steal_ptr(document) : NULL;
}

// --- imap ------------------------------------------------------------------------------------------------------------

static void tell_done(struct visit *v, const char *id)
{
	_json_ json_t *frame = json_object();

	json_put_str(frame, "type", "done");
	json_put_str(frame, "id", id);
	helper_send(&v->imap, frame, NULL, 0, NULL);
}

// A bounce of the probe is mail for nobody, too, and says why it did not come.
static int take_own(struct visit *v, struct buf *mail, struct err *e)
{
	_json_ json_t *document = read_mail(v, mail, e);
	const json_t *bounce = json_obj(document, "report");

	if (!document)
		return -1;
	if (strcmp(json_str(document, "auto"), "report") == 0)
		return err_set(e, EX_UNAVAILABLE, "it came back undelivered (%s %s)", json_str(bounce, "action"),
		               json_str(bounce, "status"));
	v->document = steal_ptr(document);
	v->mail = *mail;
	*mail = BUF(0);
	return 0;
}

static int take_mail(struct visit *v, struct frame *f, struct err *e)
{
	_buf_ struct buf mail = BUF((size_t)v->config->mail.max_size);
	_close_ int fd = frame_take_fd(f, 0);

	if (fd < 0 || fd_read(fd, "a mail", &mail, e) < 0)
		return fd < 0 ? err_set(e, EX_PROTOCOL, "imap sent a mail without its bytes") : -1;
	if (!probe_in(&v->probe, &mail)) {
		v->waiting++;
		return 0;
	}
	tell_done(v, json_str(f->json, "id"));
	return take_own(v, &mail, e);
}

// These say that nothing will come; the others are for the desk's own log.
static bool is_fatal(const char *code)
{
	static const char *const codes[] = { "connection", "tls", "login", "folder" };

	for (size_t i = 0; i < LENGTH(codes); i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

static int take_frame(struct visit *v, struct frame *f, struct err *e)
{
	if (strcmp(json_str(f->json, "kind"), "mail") == 0)
		return take_mail(v, f, e);
	if (is_fatal(json_str(f->json, "code")))
		return err_set(e, EX_UNAVAILABLE, "%s", json_str(f->json, "text"));
	return 0;
}

// Takes what imap says, for a moment.  0, or -1 when there is nothing to wait for any more.
static int hear(struct visit *v, struct err *e)
{
	_frame_ struct frame frame = { 0 };
	_free_ char *words = NULL;

	switch (helper_next(&v->imap, clock_monotonic() + LOOK_AGAIN, &frame)) {
	case HELPER_FRAME:
		return take_frame(v, &frame, e);
	case HELPER_LATE:
		return 0;
	case HELPER_GONE:
		break;
	}
	words = helper_last_words(&v->imap);
	return err_set(e, EX_UNAVAILABLE, "%s", words);
}

// There is no frame for "connected": either a mail comes, or its log says so.
static bool is_connected(const struct visit *v)
{
	return v->document || v->waiting || helper_logged(&v->imap, ": connected, folder ");
}

static int log_in(struct visit *v, struct err *e)
{
	int64_t deadline = clock_monotonic() + LOGIN_TIME;

	if (*e->text) // it could not be started
		return -1;
	while (!is_connected(v)) {
		if (clock_monotonic() >= deadline)
			return err_set(e, EX_UNAVAILABLE, "the server did not answer within %d s",
			               LOGIN_TIME / CLOCK_SECOND);
		if (hear(v, e) < 0)
			return is_connected(v) ? 0 : -1;
	}
	return 0;
}

static bool check_imap(struct visit *v)
{
	const struct mailbox *m = &v->config->mail.imap;

	if (log_in(v, &v->trouble) < 0) {
		report_failed(v->report, v->trouble.code, "imap", "%s as %s: %s", m->url, m->user, v->trouble.text);
		return false;
	}
	report_ok(v->report, "imap", "%s as %s opens the folder %s.", m->url, m->user, m->folder);
	return true;
}

// --- there and back --------------------------------------------------------------------------------------------------

static void report_lost(struct visit *v)
{
	const struct mailbox *m = &v->config->mail.imap;

	if (*v->trouble.text)
		report_failed(v->report, v->trouble.code, "round trip", "The mail to %s was sent, but: %s",
		              v->probe.address, v->trouble.text);
	else if (v->waiting >= WAITING_MANY)
		report_failed(
		        v->report, EX_UNAVAILABLE, "round trip",
		        "At least %zu mails wait in %s, more than can be looked through: start the desk, and ask again "
		        "when it has taken them.",
		        v->waiting, m->folder);
	else
		report_failed(v->report, EX_UNAVAILABLE, "round trip",
		              "The mail to %s did not come into %s within %d s: have the server deliver plus addresses "
		              "(name+tag) to the same mailbox and folder.",
		              v->probe.address, m->folder, COMING_TIME / CLOCK_SECOND);
}

// A desk that runs may have taken the probe first, and put it away: then its database has it.
static void look_into_database(struct visit *v)
{
	struct err unreadable = { 0 }; // no desk, or none of ours to look into
	_buf_ struct buf mail = BUF((size_t)v->config->mail.max_size);
	_db_ struct db *db = NULL;
	struct digest sha256;

	if (clock_monotonic() < v->looked + CLOCK_SECOND)
		return;
	v->looked = clock_monotonic();
	db = db_open(v->config->state, DB_READ, &unreadable);
	if (db && inbox_recent(db, v->probe.message_id, &sha256, &unreadable) > 0 &&
	    blob_get(db, &sha256, &mail, &unreadable) == 0)
		take_own(v, &mail, &v->trouble);
}

static bool await_probe(struct visit *v)
{
	int64_t begin = clock_monotonic();

	while (!v->document && !*v->trouble.text &&
	       clock_monotonic() < begin + (v->waiting >= WAITING_MANY ? CROWD_TIME : COMING_TIME)) {
		hear(v, &v->trouble);
		if (!v->document)
			look_into_database(v);
	}
	return v->document;
}

static void check_round(struct visit *v)
{
	if (await_probe(v))
		probe_judge(&v->probe, v->config, v->document, &v->mail, v->report);
	else
		report_lost(v);
}

void doctor_mail(const struct config *config, struct report *report)
{
	struct visit v = { .config = config, .report = report, .smtp = HELPER, .imap = HELPER, .mime = HELPER };
	bool sends, receives;

	probe_make(&v.probe, config);
	if (start_mime(&v, &v.trouble) == 0) // imap first: when the mail comes, the doctor watches
		start_imap(&v, &v.trouble);
	sends = check_smtp(&v);
	receives = check_imap(&v);
	if (sends && receives)
		check_round(&v);
	else
		report_failed(report, EX_UNAVAILABLE, "round trip", "Not tried, because %s does not work.",
		              sends ? "imap" : "smtp");
	helper_stop(&v.imap);
	helper_stop(&v.smtp);
	helper_stop(&v.mime);
	json_decref(v.document);
	buf_free(&v.mail);
}

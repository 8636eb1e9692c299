// SPDX-License-Identifier: Apache-2.0
// What a caller on the control socket asks for, carried out inside the transaction of the main loop.
#include "bot/client.h"

#include <pwd.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/anchoring.h"
#include "bot/grammar.h"
#include "bot/holding.h"
#include "bot/perform.h"
#include "bot/refusing.h"
#include "bot/renewal.h"
#include "bot/rotating.h"
#include "bot/stuck.h"
#include "bot/upkeep.h"
#include "bot/view.h"
#include "bot/work.h"
#include "store/alarms.h"
#include "store/cases.h"
#include "store/log.h"
#include "store/outbox.h"
#include "store/publications.h"

#define ALARMS_SHOWN 10
#define ALARMS_SINCE (30 * (int64_t)CLOCK_DAY)

json_t *client_no(int exit_code, const char *code, const char *text, const char *next)
{
	json_t *reply = json_object();

	json_put_bool(reply, "ok", false);
	json_put_str(reply, "code", code);
	json_put_str(reply, "text", text);
	json_put_str(reply, "next", next);
	json_put_int(reply, "exit", exit_code);
	return reply;
}

json_t *client_yes(void)
{
	json_t *reply = json_object();

	json_put_bool(reply, "ok", true);
	return reply;
}

const struct person *client_caller(struct serve *s, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw ? people_by_unix(s->desk.people, pw->pw_name) : NULL;
}

// The same bytes have the same id: a mail server that tries again after a crash delivers once.
static int deliver(struct serve *s, struct work *w, struct err *e)
{
	size_t max = s->desk.config.has_mail ? (size_t)s->desk.config.mail.max_size : 0;
	_buf_ struct buf bytes = BUF(max);
	_json_ json_t *detail = json_object();
	_free_ char *id = NULL;
	char hex[2 * DIGEST_SIZE + 1];
	struct err why = { 0 };
	enum arrived arrived;
	struct digest digest;

	if (w->document < 0 || !max) {
		w->reply = client_no(EX_USAGE, "usage", max ? "no message came along" : "no mail is configured", NULL);
		return 0;
	}
	if (fd_read(w->document, "the message", &bytes, &why) < 0) {
		w->reply = client_no(EX_DATAERR, "too-large", why.text, NULL);
		return 0;
	}
	digest = sha256_of(buf_text(&bytes), bytes.len);
	id = text_format("deliver/%s", hex_encode(digest.bytes, DIGEST_SIZE, hex));
	json_put_str(detail, "channel", "deliver");
	json_put_int(detail, "uid", w->client->uid);
	if (inbox_take(s->desk.db, &(struct arrival){ id, "mail", buf_text(&bytes), bytes.len, s->desk.now, detail },
	               s->desk.now, &arrived, &w->row, e) < 0)
		return -1;
	w->reply = client_yes();
	return 0;
}

static enum order_kind kind_of(enum verb verb)
{
	switch (verb) {
	case VERB_ASK:
		return ORDER_QUESTION;
	case VERB_WITHDRAW:
		return ORDER_WITHDRAW;
	case VERB_REVOKE:
		return ORDER_REVOKE;
	case VERB_RENEW:
		return ORDER_RENEW;
	case VERB_COMMENT:
		return ORDER_COMMENT;
	default:
		return ORDER_VOTE;
	}
}

int client_refused(struct serve *s, const char *actor, const char *case_id, const struct refusal *r, struct err *e)
{
	json_t *body = json_object();

	json_put_str(body, "reason", r->code);
	json_put_str(body, "text", r->reason);
	return desk_record(&s->desk, "access.refused", actor, "cli", case_id, body, e);
}

static int order(struct serve *s, struct work *w, enum verb verb, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : NULL;
	char case_id[CASE_ID_SIZE];
	_json_ json_t *said = renewal_read(&s->desk, json_str(w->frame.json, "text"), NULL);
	_json_ json_t *state = NULL;
	struct performed done;
	struct refusal refusal = { 0 };
	struct order o = {
		.kind = kind_of(verb),
		.reading = said,
		.actor = actor,
		.name = person ? person->name : NULL,
		.address = "",
		.person = person,
		.via = "cli",
		.authenticated = true,
		.message = -1,
		.code = "",
		.text = json_str(w->frame.json, "text"),
		.verdict = verb_name(verb),
	};

	if (!person) {
		w->reply = client_no(EX_NOPERM, "identity-unknown",
		                     "Your user is not listed in the people file (unix:).", NULL);
		return 0;
	}
	if (case_id_parse(json_str(w->frame.json, "case"), s->desk.config.cases, case_id) < 0) {
		w->reply = client_no(EX_USAGE, "unknown-case", "That is no case id.", NULL);
		return 0;
	}
	state = case_load(s->desk.db, case_id, e);
	if ((!state && e->code != EX_NOINPUT) || case_next_number(s->desk.db, &o.number, e) < 0)
		return -1;
	if (!state) {
		w->reply = client_no(EX_NOINPUT, "unknown-case", e->text, NULL);
		return 0;
	}
	switch (perform(&s->desk, case_id, &o, NULL, &done, &refusal, e)) {
	case DECIDED:
		w->reply = client_yes();
		json_put_str(w->reply, "case", done.case_id);
		json_put_int(w->reply, "entry", done.first);
		return 0;
	case DECIDED_NOT:
		w->reply = client_no(EX_NOPERM, refusal.code, refusal.reason, refusal.next);
		if (alarm_of_refusal(&s->desk, refusal.code, person->name, e) < 0)
			return -1;
		return client_refused(s, actor, case_id, &refusal, e);
	case DECIDED_ERROR:
		return -1;
	}
	panic("decided to no end");
}

// Looking something up on the command line reads the database directly; this is the entry that says so.
static int queried(struct serve *s, struct work *w, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);
	const char *asked = json_str(w->frame.json, "case");
	const char *verb = json_str(w->frame.json, "what");
	char case_id[CASE_ID_SIZE];
	bool of_case = case_id_parse(asked, s->desk.config.cases, case_id) == 0;
	uint64_t entries = 0;
	json_t *body;

	// A bundle ends with this entry: so it says how many there are before it.
	if (of_case && strcmp(verb, "export") == 0 && log_count(s->desk.db, case_id, &entries, e) < 0)
		return -1;
	body = json_object();
	json_put_str(body, "verb", verb);
	json_put_str(body, "query", json_str_or_null(w->frame.json, "query"));
	if (entries)
		json_put_int(body, "entries", (int64_t)entries);
	w->reply = client_yes();
	json_put_int(w->reply, "entry", (int64_t)log_size(s->desk.db));
	return desk_record(&s->desk, "audit.queried", actor, "cli", of_case ? case_id : NULL, body, e);
}

static void add_adapter(json_t *list, const char *name, const struct adapter *adapter)
{
	json_t *row = json_object();

	json_put_str(row, "name", name);
	json_put_str(row, "state", adapter_state(adapter));
	json_add(list, row);
}

static void add_count(json_t *list, const char *key, const char *name, const char *number, int64_t count)
{
	json_t *row = json_object();

	json_put_str(row, key, name);
	json_put_int(row, number, count);
	json_add(list, row);
}

static json_t *log_view(const struct serve *s)
{
	struct digest root = log_root(s->desk.db);
	char hex[2 * DIGEST_SIZE + 1];
	json_t *view = json_object();

	json_put_int(view, "size", (int64_t)log_size(s->desk.db));
	json_put_str(view, "root", hex_encode(root.bytes, DIGEST_SIZE, hex));
	return view;
}

static json_t *recent_alarms(const struct serve *s, struct err *e)
{
	json_t *alarms = alarms_recent(s->desk.db, s->desk.now - ALARMS_SINCE, ALARMS_SHOWN, e), *alarm;
	size_t i;

	json_array_foreach(alarms, i, alarm) {
		_free_ char *when = desk_time(&s->desk, NULL, json_int(alarm, "at"));

		json_put_str(alarm, "time_text", when);
	}
	return alarms;
}

// How the desk does, in the form that templates/cli/status.txt takes.
static int status(struct serve *s, struct work *w, struct err *e)
{
	json_t *adapters = json_array(), *queues = json_array(), *counts = json_array(), *catalogue = json_object(), *n;
	json_t *alarms = recent_alarms(s, e), *holds;
	_json_ json_t *by_state = cases_count(s->desk.db, e);
	int64_t unread = 0, unsent = 0, parked = 0;
	struct applying applying;
	const char *state;

	json_object_foreach(by_state, state, n)
		add_count(counts, "state", state, "count", json_integer_value(n));
	add_adapter(adapters, "imap", s->imap);
	add_adapter(adapters, "mime", s->mime);
	add_adapter(adapters, "smtp", s->smtp);
	if (s->slack)
		add_adapter(adapters, "slack", s->slack);
	if (s->signer)
		add_adapter(adapters, "signer", s->signer);
	if (s->anchor)
		add_adapter(adapters, "anchor", s->anchor);
	json_put_str(catalogue, "name", catalogue_name(s->desk.catalogue));
	json_put_int(catalogue, "version", catalogue_version(s->desk.catalogue));
	json_put_str(catalogue, "differs", s->desk.differs);
	if (applying_now(s->desk.db, &applying, e) > 0)
		json_put(catalogue, "applying",
		         json_pack("{s:I,s:I}", "through", (json_int_t)applying.through, "last",
		                   (json_int_t)applying.last));
	w->reply = client_yes();
	json_put(w->reply, "counts", counts);
	json_put(w->reply, "adapters", adapters);
	json_put(w->reply, "catalogue", catalogue);
	json_put(w->reply, "queues", queues);
	json_put(w->reply, "log", log_view(s));
	json_put_str(w->reply, "version", VERSION);
	json_put_int(w->reply, "clock_rate", s->clock.rate);
	json_put_bool(w->reply, "frozen", s->desk.frozen);
	json_put_str(w->reply, "journal", s->desk.config.log_journal);
	if (s->stuck.since)
		json_put(w->reply, "stuck", stuck_view(s));
	if (alarms)
		json_put(w->reply, "alarms", alarms);
	holds = holding_view(&s->desk, NULL, NULL, e);
	if (holds)
		json_put(w->reply, "holds", holds);
	if (!alarms || !holds || !by_state || anchoring_view(s, w->reply, e) < 0 ||
	    inbox_waiting(s->desk.db, &unread, e) < 0 || outbox_waiting(s->desk.db, &unsent, e) < 0 ||
	    inbox_parked(s->desk.db, &parked, e) < 0)
		return -1;
	add_count(queues, "name", "mail to read", "waiting", unread);
	add_count(queues, "name", "letters to send", "waiting", unsent);
	add_count(queues, "name", "parked mail", "waiting", parked);
	return 0;
}

// What may be asked for, beside orders about a case.
static const struct {
	const char *verb;
	int (*perform)(struct serve *s, struct work *w, struct err *e);
	bool frozen; // also when nothing is decided
} requests[] = {
	{ "deliver", deliver, true },
	{ "queried", queried, true },
	{ "status", status, true },
	{ "backed-up", upkeep_backed_up, true },
	{ "alarm", upkeep_alarm, true },
	{ "import", client_import, false },
	{ "publish", client_publish, false },
	{ "erase", client_erase, false },
	{ "rotate", rotating_request, false },
	{ "hold", client_hold, false },
	{ "release", client_release, false },
};

static int request(struct serve *s, struct work *w, struct err *e)
{
	static const struct json_key keys[] = {
		{ "verb", 'S', 32 },
		{ "case", 's', 64 },
		{ "text", 's', GRAMMAR_TEXT_MAX },
		{ "what", 's', 64 },
		{ "query", 's', 4096 },
		{ "register", 's', 64 },
		{ "source", 's', 255 },
		{ "dry", 'b', 0 },
		{ "size", 'i', 0 },
		{ "root", 's', 64 },
		{ "manifest", 's', 64 },
		{ "subject", 's', 320 },
		{ 0 },
	};
	static const enum verb orders[] = { VERB_APPROVE, VERB_REJECT,   VERB_ABSTAIN, VERB_RECUSE, VERB_COMMENT,
		                            VERB_ASK,     VERB_WITHDRAW, VERB_REVOKE,  VERB_RENEW };
	const char *verb = json_str(w->frame.json, "verb");
	struct err why = { 0 };
	size_t i = 0;

	if (json_check(w->frame.json, keys, "the request", &why) < 0) {
		w->reply = client_no(EX_PROTOCOL, "request", why.text, NULL);
		return 0;
	}
	while (i < LENGTH(requests) && strcmp(verb, requests[i].verb) != 0)
		i++;
	if (s->desk.frozen && (i == LENGTH(requests) || !requests[i].frozen)) {
		w->reply = client_no(EX_UNAVAILABLE, "frozen",
		                     "Nothing is decided on this copy of the log: a reply spoke of another one.",
		                     "See 'countersign status'.");
		return 0;
	}
	if (i < LENGTH(requests))
		return requests[i].perform(s, w, e);
	for (i = 0; i < LENGTH(orders); i++)
		if (strcmp(verb, verb_name(orders[i])) == 0)
			return order(s, w, orders[i], e);
	w->reply = client_no(EX_USAGE, "request", "there is no such verb", NULL);
	return 0;
}

static int spoil(struct serve *s, struct work *w, const struct err *why, struct err *e)
{
	(void)s, (void)e;
	json_decref(w->reply);
	w->reply = client_no(why->code, "failed", why->text, NULL);
	return 0;
}

static void reply(struct serve *s, struct work *w)
{
	(void)s;
	client_reply(w->client, w->reply);
	client_unref(w->client);
}

static void try_again(struct serve *s, struct work *w)
{
	_free_ char *why = s->stuck.since ? text_format("Nothing was stored (%s); try again later.", s->stuck.text)
	                                  : text_copy("Nothing was stored; try again later.");

	json_decref(w->reply);
	w->reply = client_no(EX_TEMPFAIL, "try-again", why, NULL);
	reply(s, w);
}

const struct work_kind client_request = { "a request on the control socket", request, spoil, reply, try_again };

// SPDX-License-Identifier: Apache-2.0
// What administrators (and, for holds, auditors) ask for on the control socket.
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/client.h"
#include "bot/erasing.h"
#include "bot/holding.h"
#include "bot/import_take.h"
#include "bot/policy_publish.h"
#include "bot/work.h"
#include "bot/yaml.h"
#include "store/log.h"

// A batch of an existing register: administrators alone.
int client_import(struct serve *s, struct work *w, struct err *e)
{
	static const struct refusal no_admin = { "administrators-only", "Only administrators can import.", NULL };
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);

	if (!person || !person_in(person, "admin")) {
		w->reply = client_no(EX_NOPERM, no_admin.code, no_admin.reason, NULL);
		return client_refused(s, actor, NULL, &no_admin, e);
	}
	w->reply = client_yes();
	return import_take_batch(&s->desk, actor, w->frame.json, w->document, w->reply, e);
}

// A catalogue: proposed by one administrator, published by another.
int client_publish(struct serve *s, struct work *w, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);
	_buf_ struct buf text = BUF(YAML_MAX);
	struct publishing done = { 0 };
	struct refusal refusal = { 0 };
	struct err why = { 0 };

	if (w->document < 0 || fd_read(w->document, "the catalogue", &text, &why) < 0) {
		w->reply = client_no(EX_DATAERR, "catalogue", *why.text ? why.text : "no catalogue came along", NULL);
		return 0;
	}
	switch (policy_publish(&s->desk, person, buf_text(&text), text.len, &done, &refusal, &why)) {
	case DECIDED:
		w->reply = client_yes();
		json_put_str(w->reply, "did", done.published ? "published" : "proposed");
		json_put_int(w->reply, "version", done.version);
		json_put_int(w->reply, "entry", done.entry);
		json_put_str(w->reply, "others", done.others);
		free(done.others);
		return 0;
	case DECIDED_NOT:
		w->reply = *why.text ? client_no(EX_CONFIG, refusal.code, why.text, NULL)
		                     : client_no(EX_NOPERM, refusal.code, refusal.reason, refusal.next);
		return client_refused(s, actor, NULL, &refusal, e);
	case DECIDED_ERROR:
		*e = why;
		return -1;
	}
	panic("decided to no end");
}

// What a refusal says may name whom it is about, who is to be forgotten: the log gets the code alone.
static int turn_down(struct serve *s, struct work *w, const char *actor, const struct refusal *refusal, struct err *e)
{
	struct refusal silent = { .code = refusal->code };

	w->reply = client_no(EX_NOPERM, refusal->code, refusal->reason, refusal->next);
	return client_refused(s, actor, NULL, &silent, e);
}

static int read_subject(struct serve *s, struct work *w, struct retained *what)
{
	if (retained_read(&s->desk, json_str(w->frame.json, "subject"), what) == 0)
		return 1;
	w->reply =
	        client_no(EX_USAGE, "unknown-subject", "That is no case, nobody who is listed, and no address.", NULL);
	return 0;
}

int client_erase(struct serve *s, struct work *w, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);
	_retained_ struct retained what;
	_erasing_ struct erasing done = { 0 };
	struct refusal refusal = { 0 };

	if (!read_subject(s, w, &what))
		return 0;
	switch (erasing_order(&s->desk, person, &what, json_str(w->frame.json, "text"), &done, &refusal, e)) {
	case DECIDED:
		w->reply = client_yes();
		json_put_str(w->reply, "did", done.erased ? "erased" : "asked");
		json_put_int(w->reply, "entry", done.entry);
		json_put_str(w->reply, "others", done.others);
		if (done.taken)
			json_put(w->reply, "taken", json_incref(done.taken));
		return 0;
	case DECIDED_NOT:
		return turn_down(s, w, actor, &refusal, e);
	case DECIDED_ERROR:
		return -1;
	}
	panic("decided to no end");
}

static int hold(struct serve *s, struct work *w, bool set, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);
	_retained_ struct retained what;
	struct refusal refusal = { 0 };
	int64_t entry = (int64_t)log_size(s->desk.db);

	if (!read_subject(s, w, &what))
		return 0;
	switch (holding_order(&s->desk, person, &what, set, json_str(w->frame.json, "text"), &refusal, e)) {
	case DECIDED:
		w->reply = client_yes();
		json_put_str(w->reply, "did", set ? "held" : "released");
		json_put_int(w->reply, "entry", entry);
		return 0;
	case DECIDED_NOT:
		return turn_down(s, w, actor, &refusal, e);
	case DECIDED_ERROR:
		return -1;
	}
	panic("decided to no end");
}

int client_hold(struct serve *s, struct work *w, struct err *e)
{
	return hold(s, w, true, e);
}

int client_release(struct serve *s, struct work *w, struct err *e)
{
	return hold(s, w, false, e);
}

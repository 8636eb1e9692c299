// SPDX-License-Identifier: Apache-2.0
// A case's entries as sentences for people.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/view.h"
#include "store/erase.h"

#define SENTENCE_MAX 2048

struct telling {
	const struct desk *desk;
	const json_t *state; // of the case
	const json_t *body;
	struct buf *out;
};

// Whoever is not listed has the name that they wrote under.
static const char *name_of(const struct telling *t, const char *principal)
{
	if (strcmp(principal, ACTOR_BY_MAIL) == 0)
		return "somebody";
	if (text_starts(principal, "mail:") && strcmp(principal, json_str(t->state, "requester")) == 0)
		return json_str(t->state, "requester_name");
	return desk_name(t->desk, principal);
}

static void tell_names(struct telling *t, const json_t *list, const char *member)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *principal = member ? json_str(item, member) : json_string_value(item);

		buf_printf(t->out, "%s%s", i ? ", " : "", name_of(t, principal ? principal : ""));
	}
}

static void tell_titles(struct telling *t, const json_t *names)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		buf_printf(t->out, "%s%s", i ? ", " : "",
		           fact_title(catalogue_facts(t->desk->catalogue), json_string_value(name)));
}

// What was decided before the register was imported.
static void tell_elsewhere(struct telling *t)
{
	const char *decider = json_str(t->body, "decider");

	if (strcmp(json_str(t->body, "by"), "import") != 0)
		return;
	if (*json_str(t->body, "at"))
		buf_printf(t->out, " on %.10s", json_str(t->body, "at"));
	if (*decider)
		buf_printf(t->out, " by %s", decider);
	buf_puts(t->out, ", as the register says");
}

static void tell_opened(struct telling *t)
{
	const json_t *imported = json_obj(t->body, "imported");

	if (imported)
		buf_printf(t->out, "imported from %s row %lld: ", json_str(imported, "source"),
		           (long long)json_int(imported, "row"));
	buf_printf(t->out, "asked for %s", json_str(t->body, "title"));
	if (json_array_size(json_arr(t->body, "missing"))) {
		buf_puts(t->out, "; still missing: ");
		tell_titles(t, json_arr(t->body, "missing"));
	}
}

static void tell_amended(struct telling *t)
{
	buf_puts(t->out, "changed the request");
	if (json_array_size(json_arr(t->body, "changed"))) {
		buf_puts(t->out, ": ");
		tell_titles(t, json_arr(t->body, "changed"));
	}
}

static void tell_assessed(struct telling *t)
{
	json_t *finding;
	size_t i;

	buf_printf(t->out, "judged by version %lld of the catalogue: risk %lld of 10",
	           (long long)json_int(t->body, "catalogue"), (long long)json_int(t->body, "risk"));
	json_array_foreach(json_arr(t->body, "findings"), i, finding)
		buf_printf(t->out, "%s%s", i ? ", " : "; findings: ", json_str(finding, "check"));
}

static void tell_requested(struct telling *t)
{
	buf_printf(t->out, "review '%s' requested of ", json_str(t->body, "name"));
	if (json_array_size(json_arr(t->body, "asked")))
		tell_names(t, json_arr(t->body, "asked"), "person");
	else
		buf_puts(t->out, "nobody: no one may vote on it");
}

static void tell_vote(struct telling *t)
{
	static const struct {
		const char *verdict, *text;
	} texts[] = { { "approve", "approved" },
		      { "reject", "rejected" },
		      { "abstain", "abstained" },
		      { "recuse", "stepped aside" } };

	for (size_t i = 0; i < LENGTH(texts); i++)
		if (strcmp(texts[i].verdict, json_str(t->body, "verdict")) == 0)
			buf_puts(t->out, texts[i].text);
	if (strcmp(json_str(t->body, "seat"), json_str(t->body, "person")) != 0)
		buf_printf(t->out, " in place of %s", name_of(t, json_str(t->body, "seat")));
}

static void tell_escalated(struct telling *t)
{
	const char *level = json_str(t->body, "level");
	bool manager = strcmp(level, "manager") == 0;
	const json_t *whom = json_arr(t->body, manager ? "told" : "asked");

	if (json_array_size(whom) == 0) {
		buf_puts(t->out, manager ? "no manager to tell" : "no alternate to ask");
		return;
	}
	buf_puts(t->out, manager ? "managers told: " : "alternates asked: ");
	tell_names(t, whom, manager ? NULL : "person");
}

static void tell_reminder(struct telling *t)
{
	if (strcmp(json_str(t->body, "kind"), "expiry") == 0) {
		int64_t days = json_int(t->body, "days");

		buf_printf(t->out, "told that it ends in %lld day%s: ", (long long)days, days == 1 ? "" : "s");
		tell_names(t, json_arr(t->body, "people"), NULL);
		return;
	}
	buf_printf(t->out, "reminder %lld to ", (long long)json_int(t->body, "number"));
	tell_names(t, json_arr(t->body, "people"), NULL);
}

// " - CS-12, CS-14": cases that an event names.
static void tell_cases(struct telling *t, const json_t *cases)
{
	json_t *id;
	size_t i;

	json_array_foreach(cases, i, id)
		buf_printf(t->out, "%s%s", i ? ", " : " ", json_string_value(id));
}

static void tell_approved(struct telling *t)
{
	const char *by = json_str(t->body, "by");

	buf_puts(t->out, strcmp(by, "policy") == 0         ? "approved by policy"
	                 : strcmp(by, "grant") == 0        ? "approved by the grant of"
	                 : json_bool(t->body, "confirmed") ? "confirmed"
	                                                   : "approved");
	tell_cases(t, json_arr(t->body, "grants"));
	if (json_str_or_null(t->body, "until"))
		buf_printf(t->out, " until %s", json_str(t->body, "until"));
	tell_elsewhere(t);
}

static void tell_revoked(struct telling *t)
{
	if (strcmp(json_str(t->body, "by"), "grant") == 0)
		buf_printf(t->out, "revoked with %s, on which it rested", json_str(t->body, "grant"));
	else
		buf_puts(t->out, "revoked the exception");
}

static void tell_renewed(struct telling *t)
{
	buf_printf(t->out, "renewed by %s", json_str(t->body, "by"));
}

static void tell_rejected(struct telling *t)
{
	buf_puts(t->out, strcmp(json_str(t->body, "by"), "policy") == 0 ? "rejected by policy" : "rejected");
	tell_elsewhere(t);
}

static void tell_expired(struct telling *t)
{
	buf_puts(t->out, "expired");
	tell_elsewhere(t);
}

static void tell_evidence(struct telling *t)
{
	buf_printf(t->out, "attached %s (%lld bytes, SHA-256 %.16s...)", json_str(t->body, "name"),
	           (long long)json_int(t->body, "size"), json_str(t->body, "sha256"));
}

static void tell_comment(struct telling *t)
{
	const char *kind = json_str(t->body, "kind");

	buf_puts(t->out, strcmp(kind, "question") == 0 ? "asked"
	                 : strcmp(kind, "answer") == 0 ? "answered"
	                                               : "commented");
	if (json_bool(t->body, "unverified"))
		buf_puts(t->out, " (sender not proven)");
}

static void tell_passed(struct telling *t)
{
	buf_printf(t->out, "stage '%s' passed", json_str(t->body, "name"));
}

static void tell_voided(struct telling *t)
{
	buf_printf(t->out, "vote of %s no longer counts", name_of(t, json_str(t->body, "person")));
}

static void tell_sent(struct telling *t)
{
	buf_printf(t->out, "message '%s' sent to %s", json_str(t->body, "kind"), name_of(t, json_str(t->body, "to")));
}

static void tell_failed(struct telling *t)
{
	buf_printf(t->out, "message '%s' to %s could not be delivered", json_str(t->body, "kind"),
	           name_of(t, json_str(t->body, "to")));
}

static void tell_refused(struct telling *t)
{
	buf_printf(t->out, "refused: %s", json_str(t->body, "reason"));
}

static void tell_ignored(struct telling *t)
{
	buf_printf(t->out, "a mail that decides nothing was set aside: %s", json_str(t->body, "reason"));
}

// By order of whom; the body's "why" stands below it as for every entry.
static void tell_erased(struct telling *t)
{
	buf_printf(t->out, "erased: %zu bodies of entries, %zu pieces of evidence",
	           json_array_size(json_arr(t->body, "entries")), json_array_size(json_arr(t->body, "evidence")));
	if (json_int(t->body, "catalogue"))
		buf_printf(t->out, ", by the retention of version %lld of the catalogue",
		           (long long)json_int(t->body, "catalogue"));
	else
		buf_printf(t->out, ", by order of %s and %s", name_of(t, json_str(t->body, "asked")),
		           name_of(t, json_str(t->body, "confirmed")));
}

static void tell_archived(struct telling *t)
{
	buf_printf(t->out, "moved %zu pieces of evidence to the archive (bundle %.16s...)",
	           json_array_size(json_arr(t->body, "evidence")), json_str(t->body, "bundle"));
}

static void tell_queried(struct telling *t)
{
	buf_printf(t->out, "looked it up: %s", json_str(t->body, "verb"));
}

static const struct {
	const char *type;
	void (*tell)(struct telling *t);
	const char *plain;
} tellings[] = {
	{ "case.opened", tell_opened, NULL },
	{ "case.amended", tell_amended, NULL },
	{ "case.assessed", tell_assessed, NULL },
	{ "review.requested", tell_requested, NULL },
	{ "vote.cast", tell_vote, NULL },
	{ "vote.voided", tell_voided, NULL },
	{ "stage.passed", tell_passed, NULL },
	{ "case.escalated", tell_escalated, NULL },
	{ "reminder.sent", tell_reminder, NULL },
	{ "case.approved", tell_approved, NULL },
	{ "case.rejected", tell_rejected, NULL },
	{ "evidence.attached", tell_evidence, NULL },
	{ "case.commented", tell_comment, NULL },
	{ "message.sent", tell_sent, NULL },
	{ "message.failed", tell_failed, NULL },
	{ "message.refused", tell_refused, NULL },
	{ "access.refused", tell_refused, NULL },
	{ "message.ignored", tell_ignored, NULL },
	{ "audit.queried", tell_queried, NULL },
	{ "case.withdrawn", NULL, "withdrew the request" },
	{ "case.revoked", tell_revoked, NULL },
	{ "case.renewed", tell_renewed, NULL },
	{ "case.reopened", NULL, "to be judged again by a newer catalogue; it stays in force meanwhile" },
	{ "case.expired", tell_expired, NULL },
	{ "case.lapsed", NULL, "lapsed: nobody decided in time" },
	{ "alarm.raised", NULL, "alarm" },
	{ "erasure.asked", NULL, "asked that it be erased" },
	{ "body.erased", tell_erased, NULL },
	{ "hold.set", NULL, "put it under a legal hold" },
	{ "hold.ended", NULL, "ended the legal hold" },
	{ "evidence.archived", tell_archived, NULL },
};

static void tell(struct telling *t, const char *type)
{
	for (size_t i = 0; i < LENGTH(tellings); i++) {
		if (strcmp(tellings[i].type, type) != 0)
			continue;
		if (tellings[i].tell)
			tellings[i].tell(t);
		else
			buf_puts(t->out, tellings[i].plain);
		return;
	}
	buf_puts(t->out, type);
}

static json_t *entry_telling(const struct desk *desk, const json_t *state, const json_t *entry, const char *zone)
{
	const json_t *body = json_object_get(entry, "body");
	_buf_ struct buf sentence = BUF(SENTENCE_MAX);
	struct telling telling = { desk, state, body, &sentence };
	json_t *view = json_object();
	_free_ char *when = NULL;
	const char *why = json_str(body, "why");
	int64_t time = 0;

	clock_parse(json_str(entry, "time"), &time);
	when = desk_time(desk, zone, time);
	tell(&telling, json_str(entry, "type"));
	json_put_int(view, "seq", json_int(entry, "seq"));
	json_put_str(view, "time", json_str(entry, "time"));
	json_put_str(view, "time_text", when);
	json_put_str(view, "who", name_of(&telling, json_str(entry, "actor")));
	json_put_str(view, "via", json_str(entry, "via"));
	// A body that is not our own work may be cut within a character above.
	json_put_str(view, "what",
	             !body || json_is_null(body)                     ? "(erased)"
	             : utf8_valid(buf_text(&sentence), sentence.len) ? buf_text(&sentence)
	                                                             : json_str(entry, "type"));
	json_put_str(view, "why", *why ? why : json_str(body, "text"));
	if (strcmp(json_str(entry, "type"), "case.opened") == 0 ||
	    strcmp(json_str(entry, "type"), "case.amended") == 0 ||
	    strcmp(json_str(entry, "type"), "case.reopened") == 0)
		json_put_str(view, "why", "");
	return view;
}

json_t *history_view(const struct desk *desk, const json_t *state, const json_t *entries, const char *zone)
{
	json_t *list = json_array(), *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
		json_add(list, entry_telling(desk, state, entry, zone));
	return list;
}

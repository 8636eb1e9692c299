// SPDX-License-Identifier: Apache-2.0
#include "bot/erasing.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/address.h"
#include "bot/grammar.h"
#include "bot/view.h"
#include "store/cases.h"
#include "store/erase.h"
#include "store/log.h"
#include "store/restore.h"

// --- who or what is meant --------------------------------------------------------------------------------------------

static void mean_listed(struct retained *out, const struct person *person)
{
	json_t *address;
	size_t i;

	out->principal = text_format("person:%s", person->id);
	json_add_str(out->principals, out->principal);
	json_array_foreach(person->mail, i, address) {
		_free_ char *principal = text_format("mail:%s", json_string_value(address));

		json_add_str(out->principals, principal);
	}
}

int retained_read(const struct desk *desk, const char *text, struct retained *out)
{
	const char *name = text_starts(text, "person:") ? text + strlen("person:")
	                   : text_starts(text, "mail:") ? text + strlen("mail:")
	                                                : text;
	_free_ char *address = address_normal(name);
	const struct person *person = people_find(desk->people, name);

	*out = (struct retained){ .principals = json_array(), .addresses = json_array() };
	if (case_id_parse(text, desk->config.cases, out->case_id) == 0)
		return 0;
	out->case_id[0] = '\0';
	if (!person)
		person = people_by_mail(desk->people, name);
	if (person) {
		mean_listed(out, person);
		return 0;
	}
	if (!address_domain(address))
		return -1;
	out->principal = text_format("mail:%s", address);
	json_add_str(out->principals, out->principal);
	json_add_str(out->addresses, address);
	return 0;
}

void retained_free(struct retained *r)
{
	free(r->principal);
	json_decref(r->principals);
	json_decref(r->addresses);
}

const char *retained_subject(const struct retained *r)
{
	return r->principal ? r->principal : r->case_id;
}

void erasing_free(struct erasing *e)
{
	free(e->others);
	json_decref(e->taken);
}

// --- may it be? ------------------------------------------------------------------------------------------------------

static bool is_theirs(const struct person *person, const char *principal)
{
	if (text_starts(principal, "person:"))
		return strcmp(principal + strlen("person:"), person->id) == 0;
	return text_starts(principal, "mail:") && json_has_str(person->mail, principal + strlen("mail:"));
}

// Whoever asked for a case must not make it unreadable.
static bool is_concerned(const struct person *person, const struct retained *what, const json_t *state)
{
	json_t *editor;
	size_t i;

	if (what->principal)
		return is_theirs(person, what->principal);
	json_array_foreach(json_arr(state, "editors"), i, editor)
		if (is_theirs(person, json_string_value(editor)))
			return true;
	return is_theirs(person, json_str(state, "requester")) || is_theirs(person, json_str(state, "filed_by"));
}

static bool says(const char *why, const char *what)
{
	_free_ char *folded = text_lower(text_copy(why)), *wanted = text_lower(text_copy(what));

	return *wanted && strstr(folded, wanted);
}

// The reason stays for ever: it must not say what is to be forgotten.
static bool tells(const char *why, const struct retained *what, const json_t *state)
{
	json_t *address;
	size_t i;

	json_array_foreach(what->addresses, i, address)
		if (says(why, json_string_value(address)))
			return true;
	return says(why, json_str(state, "requester_address")) || says(why, json_str(state, "requester_name"));
}

static const struct {
	const char *kind, *reason, *next; // the reason's %s is the case
} obstacles[] = {
	{ "open", "%s is still open.", "Decide it or withdraw it first." },
	{ "in-force", "%s grants something that is in force.", "Wait until it ends, or revoke it first." },
	{ "rests", "%s rests on it, and is not over yet.", "Wait until that one has ended." },
	{ "touched", "%s is still open, and they had a hand in it.", "Decide it or withdraw it first." },
	{ "archived", "They had a hand in %s, whose bundle in the archive holds their words.",
	  "Erase that case first." },
	{ "letter", "A letter about it%.0s still waits to be sent.",
	  "Try again when it has gone; see 'countersign status'." },
	{ "hold", "It is under a legal hold%.0s.", "An auditor or administrator ends it by 'countersign release'." },
};

static enum decided refuse_obstacle(const json_t *obstacle, struct refusal *refusal)
{
	const char *kind = json_str(obstacle, "kind");

	for (size_t i = 0; i < LENGTH(obstacles); i++) {
		if (strcmp(kind, obstacles[i].kind) != 0)
			continue;
		refusal->code = obstacles[i].kind;
		refusal->next = obstacles[i].next;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(refusal->reason, sizeof refusal->reason, obstacles[i].reason, json_str(obstacle, "case"));
#pragma GCC diagnostic pop
		return DECIDED_NOT;
	}
	panic("an obstacle without a name: %s", kind);
}

// --- doing it --------------------------------------------------------------------------------------------------------

static json_t *find(struct desk *desk, const struct retained *what, struct err *e)
{
	struct erase_subject subject = { .principals = what->principals, .addresses = what->addresses };

	if (!what->principal)
		subject.case_id = what->case_id;
	return erase_find(desk->db, &subject, e);
}

// What restores left beside what they made, of the state and of the journal.
static json_t *set_aside(const struct config *config, struct err *e)
{
	_json_ json_t *list = restores_aside(config->state, e);
	_json_ json_t *more = list && config->log_journal ? restores_aside(config->log_journal, e) : json_array();

	if (!list || !more)
		return NULL;
	json_array_extend(list, more);
	return steal_ptr(list);
}

static json_t *taken_of(struct desk *desk, const json_t *found, struct err *e)
{
	static const char *const counted[] = { "entries", "letters", "messages", "evidence" };
	static const char *const copied[] = { "kept", "shared", "leaves" };
	const json_t *body = json_obj(found, "body");
	json_t *taken = json_object(), *cases = json_array(), *backups = backups_made(desk->db, e), *aside, *item;
	size_t i;

	for (i = 0; i < LENGTH(counted); i++)
		json_put_int(taken, counted[i], (int64_t)json_array_size(json_arr(body, counted[i])));
	for (i = 0; i < LENGTH(copied); i++)
		json_put_int(taken, copied[i], json_int(found, copied[i]));
	json_array_foreach(json_arr(body, "cases"), i, item)
		json_add_str(cases, json_str(item, "case"));
	json_put(taken, "cases", cases);
	aside = set_aside(&desk->config, e);
	if (backups)
		json_put(taken, "backups", backups);
	if (aside)
		json_put(taken, "aside", aside);
	return backups && aside ? taken : (json_decref(taken), NULL);
}

static int record(struct desk *desk, const char *type, const char *actor, const struct retained *what, json_t *body,
                  struct err *e)
{
	return desk_record(desk, type, actor, strcmp(actor, "system") == 0 ? "system" : "cli",
	                   what->principal ? NULL : what->case_id, body, e);
}

// Whom it is about is in it only when they are listed: an address would be there for ever.
static enum decided carry_out(struct desk *desk, const struct retained *what, const json_t *found, const json_t *asked,
                              const char *actor, const char *why, struct erasing *out, struct err *e)
{
	json_t *body = json_deep_copy(json_obj(found, "body"));

	if (!what->principal)
		json_put_str(body, "case", what->case_id);
	else
		json_put_str(body, "person", json_array_size(what->addresses) ? ACTOR_BY_MAIL : what->principal);
	json_put_int(body, "request", json_int(asked, "entry"));
	json_put_str(body, "asked", json_str(asked, "person"));
	json_put_str(body, "confirmed", actor);
	json_put_str(body, "why", *json_str(asked, "why") ? json_str(asked, "why") : why);
	out->erased = true;
	out->entry = (int64_t)log_size(desk->db);
	out->taken = taken_of(desk, found, e);
	if (!out->taken) {
		json_decref(body);
		return DECIDED_ERROR;
	}
	return record(desk, "body.erased", actor, what, body, e) < 0 ? DECIDED_ERROR : DECIDED;
}

static enum decided ask(struct desk *desk, const struct retained *what, const char *actor, const char *why,
                        char **others, struct erasing *out, struct err *e)
{
	json_t *body = json_object();

	json_put_str(body, "person", what->principal);
	json_put_str(body, "why", why);
	out->entry = (int64_t)log_size(desk->db);
	out->others = steal_ptr(*others);
	return record(desk, "erasure.asked", actor, what, body, e) < 0 ? DECIDED_ERROR : DECIDED;
}

// The first that another administrator asked for; and the caller's own, if there is one.
static const json_t *seconded(const struct desk *desk, const json_t *asked, const char *actor, const json_t **own)
{
	const json_t *found = NULL;
	json_t *item;
	size_t i;

	json_array_foreach(asked, i, item) {
		if (strcmp(json_str(item, "person"), actor) == 0)
			*own = item;
		else if (!found && people_is_admin(desk->people, json_str(item, "person")))
			found = item;
	}
	return found;
}

// Before anybody is asked to confirm it.
static enum decided check(struct desk *desk, const struct person *person, const struct retained *what, const char *why,
                          struct refusal *refusal, struct err *e)
{
	_json_ json_t *erased = what->principal ? json_null() : erased_view(desk->db, what->case_id, e);
	_json_ json_t *state = NULL;
	_free_ char *text = NULL;

	if (!erased)
		return DECIDED_ERROR;
	if (!json_is_null(erased)) {
		text = erased_text(desk, erased);
		return decided_not(refusal, "erased-already", NULL, "%.400s.", text);
	}
	state = what->principal ? json_object() : case_load(desk->db, what->case_id, e);
	if (!state && e->code != EX_NOINPUT)
		return DECIDED_ERROR;
	if (!state)
		return decided_not(refusal, "unknown-case", NULL, "There is no case %s.", what->case_id);
	if (is_concerned(person, what, state))
		return decided_not(refusal, "concerned", "Two other administrators can do it.",
		                   "You asked for it yourself, or it is about you.");
	if (tells(why, what, state))
		return decided_not(refusal, "tells", "Write a reason that names nobody: it stays in the log for ever.",
		                   "The reason says what is to be erased.");
	return DECIDED;
}

enum decided erasing_order(struct desk *desk, const struct person *person, const struct retained *what, const char *why,
                           struct erasing *out, struct refusal *refusal, struct err *e)
{
	_free_ char *actor = person ? text_format("person:%s", person->id) : NULL, *others = NULL;
	_json_ json_t *found = NULL, *asked = NULL;
	const json_t *own = NULL, *other;
	enum decided decided;

	if (!person || !person_in(person, "admin"))
		return decided_not(refusal, "administrators-only", NULL,
		                   "Only administrators can have something erased.");
	others = people_administrators(desk->people, person);
	if (!*others)
		return decided_not(refusal, "one-administrator",
		                   "List a second one in the people file, with the group admin.",
		                   "Erasing takes two administrators, and you are the only one.");
	decided = check(desk, person, what, why, refusal, e);
	if (decided != DECIDED)
		return decided;
	found = find(desk, what, e);
	asked = found ? erasures_asked(desk->db, retained_subject(what), desk->now - ERASING_WITHIN, e) : NULL;
	if (!asked)
		return DECIDED_ERROR;
	if (json_array_size(json_arr(json_obj(found, "body"), "entries")) == 0)
		return decided_not(refusal, "nothing", NULL, "Nothing is kept about them as a requester.");
	if (json_obj(found, "obstacle"))
		return refuse_obstacle(json_obj(found, "obstacle"), refusal);
	other = seconded(desk, asked, actor, &own);
	if (other)
		return carry_out(desk, what, found, other, actor, why, out, e);
	if (own)
		return decided_not(refusal, "asked-already", "Another administrator confirms it by the same command.",
		                   "You have asked for it already, as entry %lld; it takes one of: %s.",
		                   (long long)json_int(own, "entry"), others);
	return ask(desk, what, actor, why, &others, out, e);
}

int erasing_by_catalogue(struct desk *desk, const json_t *cases, const char *why, bool *erased, struct err *e)
{
	_json_ json_t *found = erase_find(desk->db, &(struct erase_subject){ .cases = cases }, e);
	json_t *body = json_obj(found, "body");

	*erased = false;
	if (!found)
		return -1;
	if (json_obj(found, "obstacle") || json_array_size(json_arr(body, "entries")) == 0)
		return 0;
	json_put_str(body, "asked", "system");
	json_put_str(body, "confirmed", "system");
	json_put_int(body, "catalogue", catalogue_version(desk->catalogue));
	json_put_str(body, "why", why);
	*erased = true;
	return desk_record(desk, "body.erased", "system", "system", NULL, json_incref(body), e);
}

char *erased_text(const struct desk *desk, const json_t *view)
{
	const char *why = json_str(view, "why"), *id = json_str(view, "case");
	_free_ char *when = NULL;
	int64_t at = 0;

	clock_parse(json_str(view, "at"), &at);
	when = desk_time(desk, NULL, at);
	if (json_int(view, "catalogue"))
		return text_format("%s was erased on %s by the retention of version %lld of the catalogue%s%s", id,
		                   when, (long long)json_int(view, "catalogue"), *why ? ": " : "", why);
	return text_format("%s was erased on %s by order of %s and %s%s%s", id, when,
	                   desk_name(desk, json_str(view, "asked")), desk_name(desk, json_str(view, "confirmed")),
	                   *why ? ": " : "", why);
}

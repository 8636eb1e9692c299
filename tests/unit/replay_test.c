// SPDX-License-Identifier: Apache-2.0
// A desk under random orders of every kind, through perform() and a real database: what must always hold is looked at
// after each, and in the end the log alone must give the same tables.  SEED=n repeats one run.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/desk.h"
#include "bot/erasing.h"
#include "bot/grant_lookup.h"
#include "bot/perform.h"
#include "bot/policy_apply.h"
#include "bot/policy_publish.h"
#include "bot/token.h"
#include "store/cases.h"
#include "store/erase.h"
#include "store/outbox.h"
#include "store/verify.h"
#include "tests/unit/story.h"

#define STEPS 90
#define CASES 12 // orders are about the newest

static const char config_yaml[] = "name: Desk\nstate: state\nrun: run\npolicy: policy.yaml\npeople: people.yaml\n"
                                  "templates: " SOURCE_DIR "/templates\n"
                                  "tokens: {key: \"file:token.key\"}\nmail:\n  address: licensing@example.com\n"
                                  "  imap: {url: \"imaps://imap.example.com\", user: u, password: \"file:none\"}\n"
                                  "  smtp: {url: \"smtps://smtp.example.com\", user: u, password: \"file:none\"}\n";

// The people file changes on the way: Nel joins, Alf stands in no more, Bo is an administrator for a while.
#define PEOPLE(ann_alternates, bo_groups, nel_groups) \
	"people:\n" \
	"- {id: ann, name: Ann, mail: [ann@example.com, a.okafor@example.com], groups: [legal], alternates: " \
	"[" ann_alternates "], manager: max}\n" \
	"- {id: bo, name: Bo, mail: [bo@example.com], groups: [" bo_groups "], alternates: [bea, ann]}\n" \
	"- {id: cy, name: Cy, mail: [cy@example.com], groups: [legal, cto], manager: max}\n" \
	"- {id: dee, name: Dee, mail: [dee@example.com], groups: [cto], alternates: [alf]}\n" \
	"- {id: nel, name: Nel, mail: [nel@example.com], groups: [" nel_groups "]}\n" \
	"- {id: eve, name: Eve, mail: [eve@example.com], groups: [legal]}\n" \
	"- {id: ira, name: Ira, mail: [ira@example.com], groups: [admin, legal]}\n" \
	"- {id: jo, name: Jo, mail: [jo@example.com], groups: [admin]}\n" \
	"- {id: gus, name: Gus, mail: [gus@example.com], groups: [auditor]}\n" \
	"- {id: alf, name: Alf, mail: [alf@example.com]}\n" \
	"- {id: bea, name: Bea, mail: [bea@example.com]}\n" \
	"- {id: max, name: Max, mail: [max@example.com]}\n" \
	"requesters: [example.com]\n"

static const char *const people_yaml[] = {
	PEOPLE("alf, bea", "legal", ""),
	PEOPLE("alf", "legal", "legal"),
	PEOPLE("bea", "legal, admin", "legal"),
};

// That it lapses before managers are told is deliberate: one timer ends what others are due for.  Later versions risk
// more, need more, or ask others.
static const char policy_yaml[] =
        "catalogue: example.com/licensing\nversion: 1       \n"
        "types:\n"
        "- {id: oss, title: Licence, when: license IS NOT NULL, needs: [license, product], longest: 180d}\n"
        "checks:\n"
        "- {id: ALLOW, when: license = 'MIT', outcome: allow, says: Allowed.}\n"
        "- {id: DENY, when: license = 'SSPL-1.0', outcome: deny, says: Denied.}\n"
        "- {id: RISK, when: license = 'AGPL-3.0-only', risk: 5, says: Risky.}\n"
        "routes:\n"
        "- {when: risk >= 5, stages: [{name: legal, need: 2, from: [legal]}, {name: board, need: 1, from: [cto]}]}\n"
        "- {when: license = 'EPL-2.0', stages: [{name: board, need: 2, from: [cto]}]}\n"
        "- {stages: [{name: legal, need: 2, from: [legal]}]}\n"
        "escalation: {remind: [1d, 2d], alternate: 6h, manager: 12d, lapse: 10d}\n";

static const struct {
	const char *old, *fresh; // of the same length
} policy_changes[] = {
	{ "risk: 5, says: Risky.", "risk: 4, says: Risky." },
	{ "needs: [license, product]", "needs: [license, region] " },
	{ "when: license = 'EPL-2.0'", "when: license > 'GPL-2.0'" },
	{ "{stages: [{name: legal, need: 2", "{stages: [{name: legal, need: 1" },
	{ "license = 'SSPL-1.0', outcome: deny", "license = 'EPL-2.0', outcome: deny " },
};

static const char *const everybody[] = {
	"person:ann", "person:bo",  "person:cy",  "person:dee", "person:nel",           "person:eve",
	"person:ira", "person:alf", "person:bea", "person:max", "mail:kim@example.com", "mail:a.okafor@example.com"
};

struct run {
	uint64_t seed;
	struct story random;
	char *dir;
	struct desk desk;
	int64_t letters; // seen so far
	int done, refused;
	int decided[ORDER_TIMER + 1], ended[8]; // by kind of order, by state reached
	int covered, superseded, published, erased;
	const char *step;
};

#define CHECK(r, condition, ...) \
	do { \
		if (!(condition)) \
			broken(r, #condition, __VA_ARGS__); \
	} while (0)

static void broken(const struct run *r, const char *condition, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void broken(const struct run *r, const char *condition, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fail_msg("SEED=%llu, order %d (%s): %s: %s", (unsigned long long)r->seed, r->done + r->refused, r->step,
	         condition, text);
}

static uint64_t any(struct run *r, uint64_t below)
{
	return story_random(&r->random, below);
}

static void write_file(const struct run *r, const char *name, const char *text, unsigned mode)
{
	_free_ char *path = text_format("%s/%s", r->dir, name);
	struct err e = { 0 };

	CHECK(r, file_replace(path, text, strlen(text), mode, &e) == 0, "%s", e.text);
}

// --- what must hold ------------------------------------------------------------------------------------------------

static const char *const states[] = { "incomplete", "pending", "approved", "rejected",
	                              "withdrawn",  "lapsed",  "expired",  "revoked" };

static size_t state_number(const char *name)
{
	size_t i = 0;

	while (i < LENGTH(states) && strcmp(states[i], name) != 0)
		i++;
	return i;
}

// May an order of this kind lead from one state to another?  "" is no case yet.
static bool may_lead(enum order_kind kind, const char *from, const char *to)
{
	static const struct {
		enum order_kind kind;
		const char *from, *to;
	} ways[] = {
		{ ORDER_OPEN, "", "incomplete pending approved rejected" },
		{ ORDER_AMEND, "incomplete pending", "incomplete pending approved rejected" },
		{ ORDER_VOTE, "pending", "pending approved rejected" },
		{ ORDER_JUDGE, "incomplete pending", "incomplete pending approved rejected" },
		{ ORDER_WITHDRAW, "incomplete pending", "withdrawn" },
		{ ORDER_VOTE, "approved", "approved revoked" },
		{ ORDER_REVOKE, "approved", "revoked" },
		{ ORDER_RENEW, "", "incomplete pending approved rejected" },
		{ ORDER_REOPEN, "approved", "approved" },
		{ ORDER_TIMER, "incomplete pending", "incomplete pending lapsed" },
		{ ORDER_TIMER, "approved", "approved expired" },
	};

	if (kind == ORDER_COMMENT || kind == ORDER_QUESTION)
		return strcmp(from, to) == 0;
	for (size_t i = 0; i < LENGTH(ways); i++) {
		if (ways[i].kind == kind && (*from ? strstr(ways[i].from, from) != NULL : !*ways[i].from) &&
		    strstr(ways[i].to, to))
			return true;
	}
	return false;
}

static const struct person *behind(const struct run *r, const char *principal)
{
	return text_starts(principal, "person:") ? people_find(r->desk.people, principal + 7)
	                                         : people_by_mail(r->desk.people, strchr(principal, ':') + 1);
}

// Nobody may vote who asked, filed, edited, gains or administers; by the rules at the moment of the vote.
static void check_free_of_duty(const struct run *r, const json_t *state, const char *principal)
{
	const struct person *person = behind(r, principal);
	const char *gains = json_str(json_obj(state, "facts"), "beneficiary");
	json_t *editor;
	size_t i;

	CHECK(r, person != NULL, "%s", principal);
	CHECK(r, !person_in(person, "admin"), "%s", principal);
	CHECK(r, behind(r, json_str(state, "requester")) != person, "%s", principal);
	CHECK(r, behind(r, json_str(state, "filed_by")) != person, "%s", principal);
	CHECK(r, !*gains || people_find(r->desk.people, gains) != person, "%s", principal);
	json_array_foreach(json_arr(state, "editors"), i, editor)
		CHECK(r, behind(r, json_string_value(editor)) != person, "%s", principal);
}

static void check_votes(const struct run *r, const json_t *state, const json_t *stage, int64_t first)
{
	json_t *votes = json_arr(stage, "votes"), *vote, *other;
	size_t i, k;

	json_array_foreach(votes, i, vote) {
		const char *who = json_str(vote, "person"), *seat = json_str(vote, "seat");
		bool counts = strcmp(json_str(vote, "verdict"), "recuse") != 0;

		CHECK(r, json_int(vote, "version") == json_int(state, "version"), "%s", who);
		for (k = 0; k < i; k++) {
			other = json_array_get(votes, k);
			CHECK(r, strcmp(json_str(other, "person"), who) != 0, "%s voted twice", who);
			CHECK(r,
			      !counts || strcmp(json_str(other, "verdict"), "recuse") == 0 ||
			              strcmp(json_str(other, "seat"), seat) != 0,
			      "two votes for %s", seat);
		}
		if (json_int(vote, "seq") < first)
			continue;
		check_free_of_duty(r, state, who);
		check_free_of_duty(r, state, seat);
		CHECK(r, strcmp(who, seat) == 0 || json_has_str(behind(r, seat)->alternates, who + strlen("person:")),
		      "%s for %s", who, seat);
	}
}

static int64_t approvals(const json_t *stage)
{
	json_t *vote;
	int64_t count = 0;
	size_t i;

	json_array_foreach(json_arr(stage, "votes"), i, vote)
		count += strcmp(json_str(vote, "verdict"), "approve") == 0;
	return count;
}

// Whoever asks whether it is covered is told the same.
static void check_lookup(struct run *r, const json_t *state)
{
	_json_ json_t *found = NULL;
	struct err e = { 0 };

	CHECK(r, grants_check(&r->desk, json_obj(state, "facts"), json_arr(state, "components"), &found, &e) == 1, "%s",
	      e.text);
	CHECK(r, json_array_size(found) == 1, "%zu grants", json_array_size(found));
}

static bool rests_on_grants(const json_t *state)
{
	json_t *link;
	size_t i;

	json_array_foreach(json_arr(state, "links"), i, link)
		if (strcmp(json_str(link, "kind"), "grant") == 0)
			return true;
	return false;
}

// Nobody outlives what they rest on.
static void check_resting(const struct run *r, const json_t *state)
{
	bool approved = strcmp(json_str(state, "state"), "approved") == 0;
	json_t *link;
	size_t i;

	json_array_foreach(json_arr(state, "links"), i, link) {
		if (!approved || strcmp(json_str(link, "kind"), "grant") != 0)
			continue;
		CHECK(r, strcmp(json_str(link, "state"), "approved") == 0, "%s rests on %s, which is %s",
		      json_str(state, "case"), json_str(link, "case"), json_str(link, "state"));
		CHECK(r,
		      strcmp(json_str(state, "expires"), json_str(link, "expires")) <= 0 || !*json_str(link, "expires"),
		      "%s outlives %s", json_str(state, "case"), json_str(link, "case"));
	}
}

// A grant is in force as long as its case is, or until it is renewed.
static void check_grants(const struct run *r, const json_t *state)
{
	const char *name = json_str(state, "state");
	json_t *grants = json_arr(state, "grants"), *grant;
	size_t i;

	CHECK(r, strcmp(name, "approved") != 0 || (json_array_size(grants) > 0) != rests_on_grants(state), "%s",
	      json_str(state, "case"));
	json_array_foreach(grants, i, grant) {
		const char *stands = json_str(grant, "state");

		CHECK(r,
		      strcmp(stands, "superseded") == 0 || strcmp(stands, name) == 0 ||
		              (strcmp(stands, "active") == 0 && strcmp(name, "approved") == 0),
		      "%s is %s, its grant %s", json_str(state, "case"), name, stands);
	}
}

// Approved by votes: every stage has what it needs.  By policy or by grants: nobody was asked to vote on it.
static void check_approval(struct run *r, const json_t *state, enum order_kind kind)
{
	json_t *stage;
	size_t i;

	CHECK(r, kind != ORDER_TIMER, "approved by silence");
	if (kind != ORDER_VOTE) {
		CHECK(r, rests_on_grants(state) || strcmp(json_str(json_obj(state, "facts"), "license"), "MIT") == 0,
		      "not by policy");
		if (rests_on_grants(state)) {
			check_lookup(r, state);
			r->covered++;
		}
		return;
	}
	CHECK(r, json_array_size(json_arr(state, "stages")) > 0, "no stage");
	json_array_foreach(json_arr(state, "stages"), i, stage) {
		CHECK(r, strcmp(json_str(stage, "state"), "passed") == 0, "stage %zu", i);
		CHECK(r, approvals(stage) >= json_int(stage, "need"), "stage %zu", i);
	}
}

// Times and stages fit the state.
static void check_standing(const struct run *r, const json_t *state)
{
	_json_ json_t *timers = timers_due(r->desk.db, INT64_MAX, 100000, NULL);
	const char *name = json_str(state, "state"), *id = json_str(state, "case");
	bool pending = strcmp(name, "pending") == 0, incomplete = strcmp(name, "incomplete") == 0;
	bool approved = strcmp(name, "approved") == 0, again = approved && json_object_get(state, "stage");
	bool lapses = false, ends;
	json_t *timer, *stage;
	size_t i, open = 0;

	json_array_foreach(json_arr(state, "stages"), i, stage)
		open += strcmp(json_str(stage, "state"), "open") == 0;
	json_array_foreach(timers, i, timer) {
		const char *kind = json_str(timer, "kind");

		if (strcmp(json_str(timer, "case"), id) != 0)
			continue;
		lapses |= strcmp(kind, "lapse") == 0;
		ends = strcmp(kind, "expire") == 0 || strcmp(kind, "expiry") == 0;
		CHECK(r, ends ? approved : pending || incomplete || (again && strcmp(kind, "lapse") != 0), "%s: %s",
		      name, kind);
		CHECK(r, pending || again || ends || strcmp(kind, "lapse") == 0, "%s: %s", name, kind);
	}
	CHECK(r, lapses == (pending || incomplete), "%s", name);
	CHECK(r, (pending || again) == (json_object_get(state, "stage") != NULL), "%s", name);
	CHECK(r, !(pending || again) || open == 1, "%zu open stages", open);
	CHECK(r, pending == (json_object_get(state, "closed") == NULL && !incomplete), "%s", name);
	CHECK(r, incomplete == (json_array_size(json_arr(state, "missing")) > 0) || !(pending || incomplete), "%s",
	      name);
}

// What a version's votes are bound to is what is stored of it.
static void check_hash(const struct run *r, const json_t *state)
{
	_json_ json_t *document = json_object();
	json_t *hashes = json_array(), *item;
	char hex[2 * DIGEST_SIZE + 1];
	struct digest hash;
	size_t i;

	json_array_foreach(json_arr(state, "evidence"), i, item)
		json_add_str(hashes, json_str(item, "sha256"));
	json_put(document, "evidence", hashes);
	json_put_str(document, "case", json_str(state, "case"));
	json_put_int(document, "catalogue", json_int(state, "catalogue"));
	json_put(document, "facts", json_incref(json_obj(state, "facts")));
	json_put_str(document, "requester", json_str(state, "requester"));
	json_put_int(document, "version", json_int(state, "version"));
	if (*json_str(state, "text"))
		json_put_str(document, "text", json_str(state, "text"));
	CHECK(r, case_content_hash(document, &hash, NULL) == 0, "no hash");
	hex_encode(hash.bytes, DIGEST_SIZE, hex);
	CHECK(r, strcmp(hex, json_str(state, "hash")) == 0, "%s, not %s", json_str(state, "hash"), hex);
}

// Every letter written by this order is bound to the version of its case as it is now.
static void check_letters(struct run *r)
{
	for (;; r->letters++) {
		_json_ json_t *row = outbox_get(r->desk.db, r->letters + 1, NULL);
		_json_ json_t *holder = NULL, *state = NULL;
		struct token_row token;
		uint8_t id[TOKEN_ID_SIZE];
		char hex[2 * DIGEST_SIZE + 1];

		if (!row)
			return;
		CHECK(r, hex_decode(json_str(row, "token"), id, sizeof id) == 0, "token");
		CHECK(r, token_find(r->desk.db, id, &token, &holder, NULL) == 1, "no token");
		hex_encode(token.content.bytes, DIGEST_SIZE, hex);
		state = case_load(r->desk.db, token.case_id, NULL);
		CHECK(r, state != NULL, "%s", token.case_id);
		CHECK(r, token.version == json_int(state, "version"), "%lld", (long long)token.version);
		CHECK(r, strcmp(hex, json_str(state, "hash")) == 0, "%s", hex);
		CHECK(r, strcmp(token.principal, json_str(row, "principal")) == 0, "%s", token.principal);
		CHECK(r, strcmp(token.address, json_str(row, "address")) == 0, "%s", token.address);
		CHECK(r, (token.purpose == TOKEN_DECIDE) == (strcmp(json_str(row, "kind"), "review") == 0), "%s",
		      json_str(row, "kind"));
		CHECK(r, token.expires == r->desk.now / CLOCK_SECOND + 14 * 86400, "%lld", (long long)token.expires);
	}
}

static void check_all(struct run *r, const char *before, const struct performed *done, enum order_kind kind)
{
	struct err e = { 0 };
	_json_ json_t *state = case_load(r->desk.db, done->case_id, &e);
	const char *after = json_str(state, "state");
	json_t *stage;
	size_t i;

	CHECK(r, state != NULL, "%s", e.text);
	CHECK(r, may_lead(kind, before, after), "%s from '%s' to '%s'", done->case_id, before, after);
	json_array_foreach(json_arr(state, "stages"), i, stage)
		check_votes(r, state, stage, done->first);
	if (strcmp(after, "approved") == 0 && strcmp(before, "approved") != 0)
		check_approval(r, state, kind);
	if (strcmp(before, after) != 0)
		r->ended[state_number(after)]++;
	check_standing(r, state);
	check_hash(r, state);
	check_letters(r);
}

static json_t *all_cases(const struct run *r)
{
	json_t *all = json_array();
	int64_t next;

	case_next_number(r->desk.db, &next, NULL);
	for (int64_t n = 1; n < next; n++) {
		_free_ char *id = text_format("CS-%lld", (long long)n);

		json_add(all, case_load(r->desk.db, id, NULL));
	}
	return all;
}

// --- orders --------------------------------------------------------------------------------------------------------

static void carry_out(struct run *r, const char *case_id, struct order *order)
{
	struct err e = { 0 };
	struct refusal refusal = { 0 };
	struct performed done = { 0 };
	uint64_t size = log_size(r->desk.db);
	_json_ json_t *state = case_id ? case_load(r->desk.db, case_id, &e) : NULL;

	order->name = desk_name(&r->desk, order->actor);
	order->address = "kim@example.com";
	order->person = text_starts(order->actor, "person:") ? people_find(r->desk.people, order->actor + 7) : NULL;
	order->via = order->kind == ORDER_TIMER ? "system" : "mail";
	order->message = -1;
	switch (perform(&r->desk, case_id, order, NULL, &done, &refusal, &e)) {
	case DECIDED:
		r->done++;
		r->decided[order->kind]++;
		CHECK(r, log_size(r->desk.db) > size, "nothing was written");
		check_all(r, order->kind == ORDER_RENEW ? "" : json_str(state, "state"), &done, order->kind);
		return;
	case DECIDED_NOT:
		r->refused++;
		CHECK(r, log_size(r->desk.db) == size, "a refusal (%s) was written", refusal.code);
		CHECK(r, order->kind != ORDER_TIMER && order->kind != ORDER_OPEN, "refused %s", refusal.code);
		return;
	case DECIDED_ERROR:
		CHECK(r, false, "%s", e.text);
	}
}

static json_t *some_reading(struct run *r)
{
	static const char *const licences[] = { "MIT",          "SSPL-1.0",     "AGPL-3.0-only", "AGPL-3.0-only",
		                                "GPL-2.0-only", "GPL-2.0-only", "EPL-2.0" };
	static const char *const products[] = { "Widget", "Atlas", "Orion Gateway" };
	json_t *facts = json_object();
	char date[CLOCK_TEXT];

	if (any(r, 4))
		json_put_str(facts, "license", licences[any(r, LENGTH(licences))]);
	if (any(r, 5))
		json_put_str(facts, "product", products[any(r, 3)]);
	if (any(r, 4))
		json_put_str(facts, "component", any(r, 3) ? "libfoo" : "LibBar");
	if (any(r, 2))
		json_put_str(facts, "version", any(r, 3) ? "2.1.4" : "2.1");
	if (any(r, 3))
		json_put_str(
		        facts, "expires",
		        clock_format_date(r->desk.now + (int64_t)(1 + any(r, any(r, 2) ? 20 : 200)) * CLOCK_DAY, date));
	if (any(r, 10) == 0)
		json_put_str(facts, "beneficiary", any(r, 2) ? "ann" : "eve");
	return json_pack("{so s{} s{} s[] s[] ss}", "facts", facts, "origin", "words", "components", "problems", "rest",
	                 any(r, 2) ? "We need it by spring." : "");
}

static json_t *some_evidence(struct run *r)
{
	_free_ char *bytes = text_format("attachment %llu", (unsigned long long)any(r, 5));
	char sha256[2 * DIGEST_SIZE + 1], commitment[2 * DIGEST_SIZE + 1];
	struct err e = { 0 };
	struct blob blob;

	CHECK(r, blob_put(r->desk.db, bytes, strlen(bytes), &blob, &e) == 0, "%s", e.text);
	return json_pack("[{ssss sI ssss}]", "name", "a.txt", "type", "text/plain", "size", (json_int_t)strlen(bytes),
	                 "sha256", hex_encode(blob.sha256.bytes, DIGEST_SIZE, sha256), "commitment",
	                 hex_encode(blob.commitment.bytes, DIGEST_SIZE, commitment));
}

// Somebody asks for what was asked for before, maybe for less long.
static void ask_again(struct run *r, json_t *reading)
{
	_json_ json_t *all = all_cases(r);
	json_t *facts = json_obj(reading, "facts"), *state = NULL;

	for (int i = 0; i < 8 && strcmp(json_str(state, "state"), "approved") != 0; i++)
		state = json_array_size(all) ? json_array_get(all, any(r, json_array_size(all))) : NULL;
	if (!state)
		return;
	json_object_clear(facts);
	json_object_update(facts, json_obj(state, "facts"));
	if (any(r, 2))
		json_object_del(facts, "expires");
}

static void open_one(struct run *r)
{
	static const char *const who[] = { "mail:kim@example.com", "mail:a.okafor@example.com", "person:ann",
		                           "person:alf", "person:max" };
	_json_ json_t *reading = some_reading(r);
	_json_ json_t *evidence = any(r, 4) ? json_array() : some_evidence(r);
	struct order order = { .kind = ORDER_OPEN,
		               .actor = who[any(r, LENGTH(who))],
		               .authenticated = any(r, 4) > 0,
		               .subject = "A licence",
		               .thread = "<t@example.com>",
		               .reading = reading,
		               .evidence = evidence };

	if (any(r, 2))
		ask_again(r, reading);
	case_next_number(r->desk.db, &order.number, NULL);
	carry_out(r, NULL, &order);
}

// Whose order it is: most often of somebody who may give it.
static const char *some_actor(struct run *r, const json_t *state, enum order_kind kind)
{
	size_t stage = (size_t)json_int(state, "stage");
	const json_t *asked = json_arr(json_array_get(json_arr(state, "stages"), stage), "asked");

	if (any(r, 4) == 0)
		return everybody[any(r, LENGTH(everybody))];
	if (kind != ORDER_VOTE && kind != ORDER_QUESTION)
		return json_str(state, "requester");
	return json_array_size(asked) ? json_str(json_array_get(asked, any(r, json_array_size(asked))), "person")
	                              : everybody[0];
}

// As after a new catalogue: what is granted is judged again.
static void reopen_one(struct run *r, const char *case_id, const json_t *state)
{
	_json_ json_t *judged = catalogue_assess(r->desk.catalogue, json_obj(state, "facts"), NULL);
	struct order order = { .kind = ORDER_REOPEN, .actor = "system", .code = "", .judged = judged };

	if (strcmp(json_str(judged, "outcome"), "allow") != 0)
		carry_out(r, case_id, &order);
}

static void order_one(struct run *r, const char *case_id)
{
	static const char *const verdicts[] = { "approve", "approve", "approve", "reject", "abstain", "recuse" };
	static const enum order_kind kinds[] = { ORDER_VOTE,    ORDER_VOTE,     ORDER_VOTE,     ORDER_VOTE,
		                                 ORDER_VOTE,    ORDER_VOTE,     ORDER_VOTE,     ORDER_AMEND,
		                                 ORDER_COMMENT, ORDER_QUESTION, ORDER_WITHDRAW, ORDER_REVOKE };
	_json_ json_t *state = case_load(r->desk.db, case_id, NULL);
	_json_ json_t *reading = some_reading(r);
	_json_ json_t *evidence = any(r, 5) ? json_array() : some_evidence(r);
	const char *hash = json_str(state, "hash");
	bool approved = strcmp(json_str(state, "state"), "approved") == 0;
	enum order_kind kind = approved && any(r, 3) == 0 ? ORDER_RENEW : kinds[any(r, LENGTH(kinds))];
	struct order order = { .kind = kind,
		               .actor = some_actor(r, state, kind),
		               .authenticated = any(r, 8) > 0,
		               .text = any(r, 5) ? "for a reason" : NULL,
		               .subject = "A licence",
		               .reading = reading,
		               .evidence = evidence,
		               .verdict = verdicts[any(r, LENGTH(verdicts))],
		               .code = any(r, 12) ? "" : "123456",
		               .content = any(r, 8) == 0 ? "00"
		                          : any(r, 2)    ? hash
		                                         : NULL };

	if (approved && any(r, 5) == 0) {
		reopen_one(r, case_id, state);
		return;
	}
	if (strcmp(json_str(state, "state"), "pending") == 0 && any(r, 20) == 0) {
		struct order again = { .kind = ORDER_JUDGE, .actor = "system", .code = "" };

		carry_out(r, case_id, &again);
		return;
	}
	if (kind == ORDER_WITHDRAW && any(r, 3))
		return; // or nothing would be decided
	if (kind == ORDER_RENEW)
		case_next_number(r->desk.db, &order.number, NULL);
	carry_out(r, case_id, &order);
}

static void pass_time(struct run *r)
{
	r->desk.now += (int64_t)any(r, any(r, 20) ? 16 * CLOCK_HOUR : 15 * (uint64_t)CLOCK_DAY);
	for (;;) {
		_json_ json_t *due = timers_due(r->desk.db, r->desk.now, 1, NULL);
		const json_t *timer = json_array_get(due, 0);
		struct order order = { .kind = ORDER_TIMER,
			               .actor = "system",
			               .code = "",
			               .timer = json_str(timer, "kind"),
			               .timer_number = json_int(timer, "number") };

		if (!timer)
			return;
		r->step = order.timer;
		carry_out(r, json_str(timer, "case"), &order);
	}
}

static void change_people(struct run *r)
{
	struct err e = { 0 };

	write_file(r, "people.yaml", people_yaml[any(r, LENGTH(people_yaml))], 0600);
	CHECK(r, desk_reload(&r->desk, &e) == 0 && desk_publish(&r->desk, &e) == 0, "%s", e.text);
}

static enum decided publish_as(struct run *r, const char *who, const char *text, struct publishing *out)
{
	struct refusal refusal = { 0 };
	struct err e = { 0 };
	enum decided decided =
	        policy_publish(&r->desk, people_find(r->desk.people, who), text, strlen(text), out, &refusal, &e);

	CHECK(r, decided == DECIDED, "%s: %s%s", who, refusal.reason, e.text);
	return decided;
}

// Two administrators publish another catalogue; open and granted cases are judged by it, in portions.
static void change_catalogue(struct run *r)
{
	_free_ char *text = text_copy(policy_yaml);
	size_t which = any(r, LENGTH(policy_changes) + 1);
	char *version = strstr(text, "version: ") + strlen("version: ");
	struct publishing proposed = { 0 }, published = { 0 };
	struct err e = { 0 };
	int portions = 0;

	version[snprintf(version, 9, "%lld", (long long)catalogue_version(r->desk.catalogue) + 1)] = ' ';
	if (which < LENGTH(policy_changes))
		memcpy(strstr(text, policy_changes[which].old), policy_changes[which].fresh,
		       strlen(policy_changes[which].old));
	publish_as(r, "ira", text, &proposed);
	publish_as(r, "jo", text, &published);
	free(proposed.others);
	CHECK(r, !proposed.published && published.published, "published by one");
	CHECK(r, strcmp(catalogue_text(r->desk.catalogue), text) == 0, "not in force");
	while (policy_applying(&r->desk, &e) > 0 && portions++ < 1000) {
		CHECK(r, policy_apply(&r->desk, &e) == 0, "%s", e.text);
		check_letters(r);
	}
	CHECK(r, portions < 1000 && !*e.text, "%s", e.text);
	r->published++;
}

static void some_order(struct run *r)
{
	int64_t next;

	case_next_number(r->desk.db, &next, NULL);
	r->step = "order";
	if (any(r, 40) == 0) {
		change_people(r);
	} else if (any(r, 40) == 0) {
		r->step = "publication";
		change_catalogue(r);
	} else if (next == 1 || any(r, 8) == 0) {
		open_one(r);
	} else {
		int64_t oldest = next > CASES ? next - CASES : 1;
		_free_ char *id =
		        text_format("CS-%lld", (long long)(oldest + (int64_t)any(r, (uint64_t)(next - oldest))));

		order_one(r, id);
	}
}

static void check_every_case(struct run *r)
{
	_json_ json_t *all = all_cases(r);
	json_t *state;
	size_t i;

	json_array_foreach(all, i, state) {
		check_resting(r, state);
		check_grants(r, state);
		r->superseded +=
		        strcmp(json_str(json_array_get(json_arr(state, "grants"), 0), "state"), "superseded") == 0;
	}
}

// One transaction, as the main loop makes them: some time has passed, and a few orders wait.
static void step(struct run *r)
{
	struct err e = { 0 };

	CHECK(r, db_begin(r->desk.db, "replay", &e) == 0, "%s", e.text);
	r->step = "time";
	pass_time(r);
	for (uint64_t i = 0, count = 1 + any(r, 14); i < count; i++)
		some_order(r);
	check_every_case(r);
	CHECK(r, db_commit(r->desk.db, &e) == 0, "%s", e.text);
}

// --- a run ---------------------------------------------------------------------------------------------------------

static void begin(struct run *r)
{
	_free_ char *config = text_format("%s/countersign.yaml", r->dir), *state = text_format("%s/state", r->dir);
	_free_ char *key = text_format("1 %064d\n", 7);
	struct err e = { 0 };

	write_file(r, "countersign.yaml", config_yaml, 0600);
	write_file(r, "people.yaml", people_yaml[0], 0600);
	write_file(r, "policy.yaml", policy_yaml, 0600);
	write_file(r, "token.key", key, 0600);
	CHECK(r, mkdir(state, 0700) == 0 || errno == EEXIST, "mkdir");
	CHECK(r, desk_open(&r->desk, config, DB_WRITE, &e) == 0, "%s", e.text);
	r->desk.now = STORY_START;
	CHECK(r,
	      db_begin(r->desk.db, "replay", &e) == 0 && desk_publish(&r->desk, &e) == 0 &&
	              db_commit(r->desk.db, &e) == 0,
	      "%s", e.text);
}

// The log alone gives the same tables, and another desk sees the same cases.
static void check_replay(struct run *r)
{
	_free_ char *config = text_format("%s/countersign.yaml", r->dir), *state = text_format("%s/state", r->dir);
	_json_ json_t *before = all_cases(r);
	_json_ json_t *after = NULL;
	struct digest root = log_root(r->desk.db);
	struct verify_result result;
	struct err e = { 0 };

	desk_close(&r->desk);
	CHECK(r, log_verify(state, &result, &e) == 0, "%s", e.text);
	CHECK(r, memcmp(&root, &result.root, sizeof root) == 0, "another root");
	CHECK(r, desk_open(&r->desk, config, DB_WRITE, &e) == 0, "%s", e.text);
	after = all_cases(r);
	CHECK(r, json_equal(before, after), "cases differ");
	CHECK(r, json_array_size(after) > 5, "too few cases");
}

// Every case that may be is erased, once nothing of it waits to be sent; the log alone still gives the same tables.
static void check_erasing(struct run *r)
{
	_free_ char *state = text_format("%s/state", r->dir);
	_json_ json_t *all = all_cases(r);
	struct verify_result result;
	struct err e = { 0 };
	size_t i, count = 0;
	json_t *item;

	CHECK(r, db_begin(r->desk.db, "erasing", &e) == 0, "%s", e.text);
	for (int64_t letter = 1; letter <= r->letters; letter++)
		CHECK(r, outbox_failed(r->desk.db, letter, "nobody is there", &e) == 0, "%s", e.text);
	json_array_foreach(all, i, item) {
		_json_ json_t *one = json_pack("[s]", json_str(item, "case"));
		bool erased;

		CHECK(r, erasing_by_catalogue(&r->desk, one, "over", &erased, &e) == 0, "%s", e.text);
		count += erased;
		if (erased) {
			_json_ json_t *gone = case_load(r->desk.db, json_str(item, "case"), &e);

			CHECK(r, !gone, "it can still be read");
		}
	}
	CHECK(r, db_commit(r->desk.db, &e) == 0 && erase_finish(r->desk.db, &e) == 0, "%s", e.text);
	CHECK(r, log_verify(state, &result, &e) == 0, "%s", e.text);
	CHECK(r, (result.erased > 0) == (count > 0), "%zu cases, %llu entries", count,
	      (unsigned long long)result.erased);
	r->erased += (int)count;
}

static void play(struct run *r)
{
	r->dir = state_make();
	r->random = story_begin(r->seed);
	r->step = "begin";
	begin(r);
	for (int i = 0; i < STEPS; i++)
		step(r);
	r->step = "end";
	check_replay(r);
	check_erasing(r);
	desk_close(&r->desk);
	state_remove(&r->dir);
}

// Random runs must reach what they are to test: every kind of order was decided, every state reached.
static void holds_whatever_happens(void **state)
{
	const char *wanted = getenv("SEED");
	int decided[ORDER_TIMER + 1] = { 0 }, ended[8] = { 0 }, covered = 0, superseded = 0, published = 0, erased = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= (wanted ? 1 : 3); seed++) {
		struct run r = { .seed = wanted ? strtoull(wanted, NULL, 10) : seed };

		play(&r);
		for (size_t i = 0; i < LENGTH(decided); i++)
			decided[i] += r.decided[i];
		for (size_t i = 0; i < LENGTH(ended); i++)
			ended[i] += r.ended[i];
		covered += r.covered;
		superseded += r.superseded;
		published += r.published;
		erased += r.erased;
	}
	if (!wanted && (!covered || !superseded || !published || !erased))
		fail_msg("%d requests were covered by a grant, %d times one was renewed, %d catalogues published, %d "
		         "cases erased",
		         covered, superseded, published, erased);
	for (size_t i = 0; i < LENGTH(decided); i++)
		if (!wanted && !decided[i])
			fail_msg("no order of kind %zu was decided", i);
	for (size_t i = 0; i < LENGTH(ended); i++)
		if (!wanted && !ended[i])
			fail_msg("no case was %s", states[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_whatever_happens),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}

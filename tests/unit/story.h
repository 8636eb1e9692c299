// SPDX-License-Identifier: Apache-2.0
// For tests and benchmarks of the store: a folder for a state, and a story - a seeded, endless sequence of entries such
// as a busy desk makes, of every type that touches a table.  A story is the only writer of its log.
#ifndef TESTS_UNIT_STORY_H
#define TESTS_UNIT_STORY_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/blob.h"
#include "store/erase.h"
#include "store/inbox.h"
#include "store/log.h"
#include "store/outbox.h"

#define STORY_START INT64_C(1767225600000) // 2026-01-01
#define STORY_CASES 64                     // that are remembered; older ones are left as they are

struct story_case {
	int64_t number;
	int version;
	enum { STORY_NONE, STORY_INCOMPLETE, STORY_PENDING, STORY_REVIEW, STORY_CLOSED } state;
	int votes;         // by how many people in the current version
	int64_t last_vote; // its entry, or -1
	int reminders;
	bool archived;
	struct digest hash; // of the current version
};

struct story {
	uint64_t random;
	int64_t now;
	int64_t cases; // opened so far
	int64_t letters;
	bool erases, archives; // cases that are over: each costs as much as the whole index of words
	struct story_case open[STORY_CASES];
};

static inline struct story story_begin(uint64_t seed)
{
	return (struct story){ .random = seed * 2654435761u + 88172645463325252u, .now = STORY_START };
}

// xorshift64: the same everywhere.
static inline uint64_t story_random(struct story *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random % below;
}

static inline char *state_make(void)
{
	char *path = text_format("%s/state-XXXXXX", getenv("TMP") ? getenv("TMP") : "/tmp");

	if (!mkdtemp(path))
		panic("cannot make %s", path);
	return path;
}

static inline int state_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static inline void state_remove(char **path)
{
	if (*path)
		nftw(*path, state_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*path);
	*path = NULL;
}

static inline int story_append(struct story *s, struct db *db, const char *type, const char *actor, const char *case_id,
                               int64_t version, json_t *body, struct err *e)
{
	_json_ json_t *event = event_new(type, actor, "mail", case_id, version, body);

	return log_append(db, event, s->now, NULL, e);
}

static inline json_t *story_facts(struct story *s, struct story_case *c, const char *text)
{
	static const char *const licences[] = { "GPL-2.0-only", "GPL-3.0-or-later", "MIT", "MIT AND Zlib",
		                                "AGPL-3.0-only" };
	static const char *const products[] = { "Widget", "Atlas", "Orion Gateway", "Lumen Mobile" };
	static const char *const regions[] = { "EU", "US", "APAC" };
	json_t *body = json_object(), *facts = json_object(), *origin = json_object(), *words = json_object();
	json_t *money = json_object(), *policies = json_array();
	char hex[2 * DIGEST_SIZE + 1];
	c->hash = sha256_of(&s->random, sizeof s->random);
	json_put_str(facts, "license", licences[story_random(s, 5)]);
	json_put_str(facts, "product", products[story_random(s, 4)]);
	json_put_str(facts, "region", regions[story_random(s, 3)]);
	json_put_int(facts, "quantity", (int64_t)story_random(s, 1000));
	json_put_str(money, "amount", story_random(s, 2) ? "12500.50" : "90");
	json_put_str(money, "currency", "EUR");
	json_put(facts, "spend", money);
	json_add_str(policies, "Open Source Policy 7.2");
	json_add_str(policies, "Export 3");
	json_put(facts, "policy", policies);
	json_put_str(origin, "license", "line");
	json_put_str(words, "license", "License: as below");
	json_put(body, "facts", facts);
	json_put(body, "origin", origin);
	json_put(body, "words", words);
	json_put_str(body, "text", text);
	json_put_str(body, "hash", hex_encode(c->hash.bytes, DIGEST_SIZE, hex));
	json_put(body, "components", json_array());
	json_put(body, "missing", json_array());
	return body;
}

static inline void story_put_time(const struct story *s, json_t *body, const char *key, int64_t days)
{
	char when[CLOCK_TEXT];

	json_put_str(body, key, clock_format(s->now + days * CLOCK_DAY, when));
}

static inline const char *story_id(const struct story_case *c, char out[32])
{
	snprintf(out, 32, "CS-%lld", (long long)c->number);
	return out;
}

// The mail that a request came by; its entry is named in the body.
static inline int story_asked(struct story *s, struct db *db, json_t *body, struct err *e)
{
	_free_ char *bytes = text_format("From: ann@example.com\r\n\r\nplease %llu", (unsigned long long)log_size(db));
	_free_ char *id = text_format("ann@mail/INBOX/2/%llu", (unsigned long long)log_size(db));
	struct arrival a = { .channel_id = id, .via = "mail", .data = bytes, .len = strlen(bytes), .at = s->now };
	struct inbox_row row;
	enum arrived arrived;

	if (inbox_take(db, &a, s->now, &arrived, &row, e) < 0)
		return -1;
	json_put_int(body, "message", row.seq);
	return inbox_done(db, row.id, "<m@example.com>", e);
}

static inline int story_open(struct story *s, struct db *db, struct err *e)
{
	struct story_case *c = &s->open[s->cases % STORY_CASES];
	_free_ char *text = NULL, *who = NULL;
	json_t *body;
	char id[32];

	*c = (struct story_case){ .number = ++s->cases, .version = 1, .last_vote = -1 };
	c->state = story_random(s, 4) ? STORY_PENDING : STORY_INCOMPLETE;
	text = text_format("We ship libfoo %lld in the gateway and need word%lld by spring.", (long long)c->number,
	                   (long long)story_random(s, 5000));
	who = text_format("person:p%lld", (long long)story_random(s, 200));
	body = story_facts(s, c, text);
	json_put_int(body, "number", c->number);
	json_put_str(body, "title", "libfoo in Widget");
	json_put_str(body, "requester", who);
	json_put_str(body, "requester_name", "Ann Okafor");
	json_put_str(body, "requester_address", "ann@example.com");
	json_put_bool(body, "verified", true);
	json_put_str(body, "filed_by", story_random(s, 10) ? who : "person:max");
	json_put_int(body, "catalogue", 1);
	json_put_str(body, "thread", "<a@example.com>");
	if (c->number % 7 == 0)
		json_put_str(body, "renews", "CS-1");
	if (story_random(s, 2))
		json_put_str(body, "expires", "2027-03-31");
	if (c->state == STORY_INCOMPLETE)
		json_add_str(json_arr(body, "missing"), "rationale");
	if (c->number % 7 == 3)
		json_put(body, "imported",
		         json_pack("{s:s,s:s,s:i,s:s}", "register", "old", "source", "register.csv", "row",
		                   (int)c->number, "id", text));
	story_put_time(s, body, "lapse", 20);
	if (s->erases && story_asked(s, db, body, e) < 0) {
		json_decref(body);
		return -1;
	}
	return story_append(s, db, "case.opened", who, story_id(c, id), 1, body, e);
}

static inline int story_assess(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	json_t *body = json_object(), *finding = json_object(), *stage = json_object(), *board = json_object();
	char id[32];

	json_put_str(body, "type", "oss");
	json_put_str(body, "title", "libfoo in Widget, assessed");
	json_put_int(body, "risk", (int64_t)story_random(s, 11));
	json_put_int(body, "catalogue", 2);
	json_put_str(finding, "check", "OSS-7.2");
	json_put_int(finding, "risk", 5);
	json_put(body, "findings", json_pack("[o]", finding));
	json_put_str(stage, "name", "legal");
	json_put_int(stage, "need", 2);
	json_put(stage, "from", json_pack("[s]", "legal"));
	json_put_str(board, "name", "board");
	json_put_int(board, "need", 1);
	json_put(board, "from", json_pack("[ss]", "cto", "compliance"));
	json_put_str(board, "factor", "totp");
	json_put(body, "stages", json_pack("[oo]", stage, board));
	json_put(body, "families", json_pack("[s]", "strong-copyleft"));
	if (c->number > 1)
		json_put(body, "precedents", json_pack("[{s:s,s:[ss]}]", "case", "CS-1", "alike", "channel", "family"));
	return story_append(s, db, "case.assessed", "system", story_id(c, id), c->version, body, e);
}

static inline int story_review(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	json_t *body = json_object(), *remind = json_array();
	char id[32], when[CLOCK_TEXT];

	if (story_assess(s, db, c, e) < 0)
		return -1;
	json_put_int(body, "stage", 0);
	json_put(body, "asked",
	         json_pack("[{ssss}{ssss}]", "person", "person:bo", "seat", "person:bo", "person", "person:cy", "seat",
	                   "person:dee"));
	json_add_str(remind, clock_format(s->now + CLOCK_DAY, when));
	json_add_str(remind, clock_format(s->now + 2 * CLOCK_DAY, when));
	json_put(body, "remind", remind);
	story_put_time(s, body, "alternate", 3);
	story_put_time(s, body, "manager", 5);
	story_put_time(s, body, "lapse", 20);
	c->state = STORY_REVIEW;
	return story_append(s, db, "review.requested", "system", story_id(c, id), c->version, body, e);
}

static inline int story_amend(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	json_t *body = story_facts(s, c, "Amended: now it ships as a library, \xc3\xa9t\xc3\xa9.");
	char id[32];

	c->version++;
	c->votes = 0;
	c->last_vote = -1;
	c->reminders = 0;
	c->state = STORY_PENDING;
	json_put_str(body, "title", "libfoo, amended");
	story_put_time(s, body, "lapse", 30);
	return story_append(s, db, "case.amended", "person:ann", story_id(c, id), c->version, body, e);
}

static inline int story_vote(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	static const char *const verdicts[] = { "approve", "reject", "abstain", "recuse" };
	static const char *const people[] = { "person:bo", "person:cy" };
	json_t *body = json_object();
	char id[32];

	if (c->votes >= 2 || (c->last_vote >= 0 && story_random(s, 5) == 0)) {
		json_put_int(body, "vote", c->last_vote);
		c->last_vote = -1;
		c->votes = 9; // no more in this version
		return story_append(s, db, "vote.voided", "system", story_id(c, id), c->version, body, e);
	}
	c->last_vote = (int64_t)log_size(db);
	json_put_str(body, "person", people[c->votes]);
	json_put_str(body, "seat", people[c->votes]);
	json_put_str(body, "verdict", verdicts[story_random(s, 4)]);
	json_put_int(body, "stage", 0);
	json_put_str(body, "why", "the vendor offers a commercial licence");
	return story_append(s, db, "vote.cast", people[c->votes++], story_id(c, id), c->version, body, e);
}

// Approved on its own, or with the grant of the case before it.
static inline void story_grant(struct story *s, const struct story_case *c, json_t *body)
{
	char when[CLOCK_TEXT], before[32];

	json_put_str(body, "until", "2026-12-31");
	story_put_time(s, body, "expire", 200);
	json_put(body, "warn",
	         json_pack("[{siss}]", "days", 30, "at", clock_format(s->now + 170 * (int64_t)CLOCK_DAY, when)));
	snprintf(before, sizeof before, "CS-%lld", (long long)c->number - 1);
	if (c->number % 5 == 0)
		json_put(body, "grants", json_pack("[s]", before));
	else
		json_put(body, "grant",
		         json_pack("{ss ss ss ss si s[{ssss}{ss}]}", "license", "MIT", "product", "Widget", "until",
		                   "2026-12-31", "since", "2026-01-01", "risk", 3, "components", "component", "libFoo",
		                   "versions", "2.1.x", "component", "zlib"));
}

// A case that is over is erased, whatever letters of it still wait here.
static inline int story_erase(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	char id[32];
	_json_ json_t *found = erase_find(db, &(struct erase_subject){ .case_id = story_id(c, id) }, e);
	const char *obstacle = json_str(json_obj(found, "obstacle"), "kind");
	json_t *body = json_obj(found, "body");

	if (!found)
		return -1;
	if (story_append(s, db, "erasure.asked", "person:root1", id, 0, json_pack("{ss}", "why", "they asked for it"),
	                 e) < 0)
		return -1;
	if (*obstacle && strcmp(obstacle, "letter") != 0)
		return story_append(s, db, story_random(s, 3) ? "hold.set" : "hold.ended", "person:gus", id, 0,
		                    json_pack("{ss}", "why", "a law suit"), e);
	json_put_int(body, "request", (int64_t)log_size(db) - 1);
	json_put_str(body, "case", id);
	json_put_str(body, "asked", "person:root1");
	json_put_str(body, "confirmed", "person:root2");
	json_put_str(body, "why", "they asked for it");
	c->state = STORY_NONE;
	return story_append(s, db, "body.erased", "person:root2", id, 0, json_incref(body), e);
}

// And the state came from a backup, before that.
static inline int story_archive(struct story *s, struct db *db, const struct story_case *c, struct err *e)
{
	_free_ char *bytes = text_format("bundle %llu", (unsigned long long)story_random(s, UINT64_MAX)), *path = NULL;
	struct digest sha256 = sha256_of(bytes, strlen(bytes));
	char id[32], hex[2 * DIGEST_SIZE + 1];

	path = archive_path(db, story_id(c, id));
	if (story_append(s, db, "restore.done", "system", NULL, 0, json_pack("{si}", "lost", 0), e) < 0 ||
	    archive_make_dir(db, e) < 0 || file_replace(path, bytes, strlen(bytes), 0600, e) < 0)
		return -1;
	return story_append(s, db, "evidence.archived", "system", id, 0,
	                    json_pack("{ss s[]}", "bundle", hex_encode(sha256.bytes, DIGEST_SIZE, hex), "evidence"), e);
}

// What comes of what was granted.
static inline int story_after(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	static const char *const types[] = { "case.revoked",  "case.expired", "case.renewed",
		                             "case.reopened", "case.revoked", "case.expired" };
	const char *type = types[story_random(s, 6)];
	json_t *body = NULL;
	char id[32];

	if (s->archives && !c->archived && story_random(s, 4) == 0) {
		c->archived = true;
		return story_archive(s, db, c, e);
	}
	if (s->erases && story_random(s, 6) == 0)
		return story_erase(s, db, c, e);
	if (strcmp(type, "case.reopened") == 0) {
		body = story_facts(s, c, "As before.");
		c->version++;
	}
	return story_append(s, db, type, "system", story_id(c, id), c->version, body, e);
}

static inline int story_close(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	static const char *const types[] = { "case.approved", "case.rejected", "case.withdrawn", "case.lapsed",
		                             "case.approved" };
	const char *type = types[story_random(s, 5)];
	json_t *body = json_object();
	char id[32];

	c->state = STORY_CLOSED;
	story_id(c, id);
	if (strcmp(type, "case.approved") == 0) {
		if (story_append(s, db, "stage.passed", "system", id, c->version, json_pack("{si}", "stage", 0), e) < 0)
			return -1;
		story_grant(s, c, body);
	} else if (strcmp(type, "case.rejected") == 0) {
		json_put_int(body, "stage", 0);
	}
	return story_append(s, db, type, "system", id, c->version, body, e);
}

static inline int story_attach(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	_free_ char *bytes = text_format("attachment %llu", (unsigned long long)story_random(s, UINT64_MAX));
	char id[32], hex[2 * DIGEST_SIZE + 1];
	json_t *body = json_object();
	struct blob blob;

	if (blob_put(db, bytes, strlen(bytes), &blob, e) < 0) {
		json_decref(body);
		return -1;
	}
	json_put_str(body, "name", "sbom.json");
	json_put_str(body, "type", "application/json");
	json_put_int(body, "size", (int64_t)strlen(bytes));
	json_put_str(body, "sha256", hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex));
	json_put_str(body, "commitment", hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex));
	return story_append(s, db, "evidence.attached", "person:ann", story_id(c, id), c->version, body, e);
}

static inline int story_mail(struct story *s, struct db *db, struct err *e)
{
	static const char *const outcomes[] = { "message.refused", "message.parked",  "message.ignored",
		                                "access.refused",  "message.bounced", "audit.queried" };
	_free_ char *bytes =
	        text_format("From: ann@example.com\r\n\r\n%llu", (unsigned long long)story_random(s, 1 << 20));
	_free_ char *id = text_format("ann@mail/INBOX/1/%llu", (unsigned long long)log_size(db));
	struct arrival a = { .channel_id = id, .via = "mail", .data = bytes, .len = strlen(bytes), .at = s->now };
	int64_t seq = (int64_t)log_size(db);
	struct inbox_row row;
	enum arrived arrived;

	if (inbox_take(db, &a, s->now, &arrived, &row, e) < 0)
		return -1;
	if (arrived != ARRIVED_NEW || story_random(s, 3) == 0)
		return 0;
	if (inbox_done(db, row.id, "<m@example.com>", e) < 0)
		return -1;
	return story_append(s, db, outcomes[story_random(s, 6)], "system", NULL, 0,
	                    json_pack("{sIss}", "message", (json_int_t)seq, "reason", "no-command"), e);
}

static inline int story_letter(struct story *s, struct db *db, const struct story_case *c, struct err *e)
{
	_free_ char *message_id = text_format("<l%lld@example.com>", (long long)++s->letters);
	_json_ json_t *model = json_pack("{ss}", "case", "CS"), *references = json_array();
	struct letter letter = {
		.carrier = "mail", .kind = "review", .message_id = message_id, .references = references, .model = model
	};
	char id[32];

	letter.token = (struct token_row){ .purpose = 1,
		                           .case_id = story_id(c, id),
		                           .version = c->version,
		                           .content = c->hash,
		                           .principal = "person:bo",
		                           .address = "bo@example.com",
		                           .expires = s->now / 1000 + 14 * 86400 };
	memcpy(letter.token.id, &s->letters, sizeof s->letters);
	return outbox_add(db, &letter, s->now, NULL, e);
}

static inline int story_people(struct story *s, struct db *db, struct err *e)
{
	json_t *groups = json_object();
	_free_ char *person = text_format("person:p%llu", (unsigned long long)story_random(s, 9));
	const char *type = story_random(s, 2) ? "people.published" : "catalogue.published";
	char hex[2 * DIGEST_SIZE + 1];
	struct digest hash = sha256_of(&s->random, sizeof s->random);

	json_put(groups, "person:bo", json_pack("[ss]", "legal", "cto"));
	json_put(groups, person, json_pack("[s]", "auditor"));
	return story_append(s, db, type, "person:root1", NULL, 0,
	                    json_pack("{ssso}", "sha256", hex_encode(hash.bytes, DIGEST_SIZE, hex), "groups", groups),
	                    e);
}

static inline int story_alarm(struct story *s, struct db *db, struct err *e)
{
	return story_append(s, db, "alarm.raised", "system", NULL, 0,
	                    json_pack("{ssssss}", "code", "mail-loop", "text", "Letters come back.", "next", "Look."),
	                    e);
}

static inline int story_comment(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	char id[32];

	return story_append(s, db, "case.commented", "person:bo", story_id(c, id), c->version,
	                    json_pack("{ssssss}", "kind", "question", "name", "Bo", "text", "Which release is it?"), e);
}

// One step of a case that is being reviewed.
static inline int story_chase(struct story *s, struct db *db, struct story_case *c, struct err *e)
{
	char id[32];

	switch (story_random(s, 4)) {
	case 0:
		if (c->reminders < 2)
			return story_append(s, db, "reminder.sent", "system", story_id(c, id), c->version,
			                    json_pack("{si}", "number", ++c->reminders), e);
		return story_append(s, db, "case.escalated", "system", story_id(c, id), c->version,
		                    json_pack("{sssis[{ssss}]}", "level", "alternate", "stage", 0, "asked", "person",
		                              "person:alt", "seat", "person:bo"),
		                    e);
	case 1:
		return story_close(s, db, c, e);
	case 2:
		return story_letter(s, db, c, e);
	default:
		return c->votes > 2 ? story_close(s, db, c, e) : story_vote(s, db, c, e);
	}
}

// Something happens: one to three entries, inside the open transaction.
static inline int story_step(struct story *s, struct db *db, struct err *e)
{
	struct story_case *c =
	        &s->open[story_random(s, s->cases && s->cases < STORY_CASES ? (uint64_t)s->cases : STORY_CASES)];

	s->now += (int64_t)story_random(s, CLOCK_HOUR);
	if (s->cases == 0 || c->state == STORY_NONE)
		return story_open(s, db, e);
	switch (story_random(s, 12)) {
	case 0:
	case 1:
		return story_open(s, db, e);
	case 2:
	case 3:
		return story_mail(s, db, e);
	case 4:
		return story_comment(s, db, c, e);
	case 5:
		return story_attach(s, db, c, e);
	case 6:
		if (story_random(s, 4) == 0)
			return story_random(s, 4) ? story_people(s, db, e) : story_alarm(s, db, e);
		if (c->state == STORY_CLOSED)
			return story_after(s, db, c, e);
		return story_amend(s, db, c, e);
	default:
		if (c->state == STORY_REVIEW)
			return story_chase(s, db, c, e);
		if (c->state == STORY_CLOSED)
			return story_random(s, 2) ? story_after(s, db, c, e) : story_amend(s, db, c, e);
		return story_review(s, db, c, e);
	}
}

#endif

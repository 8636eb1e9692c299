// SPDX-License-Identifier: Apache-2.0
// Deciding about a case: a pure function from what is (the case, the rules, the time) and what somebody wants (an
// order) to what happens (events).  No clock, no storage, no network.  Where each kind of order is decided:
// case_open.c, case_judge.c, case_vote.c, case_talk.c, case_renew.c, case_timer.c; who is asked: case_review.c.
#ifndef BOT_CASE_H
#define BOT_CASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bot/catalogue.h"
#include "bot/people.h"

// What is in force.
struct rules {
	const char *prefix; // of case ids
	const struct people *people;
	const struct catalogue *catalogue;
	const struct licences *licences;
	const json_t *memberships; // {"ann":{"legal": ms since when}}
};

enum order_kind {
	ORDER_OPEN,  // a request
	ORDER_AMEND, // more or other facts, text or evidence
	ORDER_VOTE,
	ORDER_COMMENT,
	ORDER_QUESTION,
	ORDER_WITHDRAW,
	ORDER_REVOKE,
	ORDER_RENEW,  // the same for longer, as a case of its own
	ORDER_JUDGE,  // a newer catalogue is in force than the one that judged what is under review
	ORDER_REOPEN, // a newer catalogue judges differently what the case grants (not what it is answered with)
	ORDER_TIMER,  // something is due
};

// What somebody wants.  Everything here was looked up by us: who it is, what their token was bound to.
struct order {
	enum order_kind kind;
	const char *actor;           // principal: "person:ann", "mail:kim@example.com", "system"
	const char *name;            // for people
	const char *address;         // where they are answered; "" when by no mail
	const struct person *person; // NULL when they are not listed
	const char *via;             // "mail", "cli", "system"
	bool authenticated;          // the channel proved that it is them
	int64_t message;             // the entry of the message it came by, or -1
	bool reused;                 // its Message-ID had been used before
	const char *text;            // prose, reason, comment; or NULL
	// ORDER_OPEN, ORDER_AMEND, ORDER_RENEW
	const char *subject;
	const char *thread;       // Message-ID of the request
	const json_t *reading;    // facts_read()
	const json_t *precedents; // precedents_near(), or NULL
	const json_t *evidence;   // [{"name","type","size","sha256","commitment"}]
	int64_t number;           // ORDER_OPEN, ORDER_RENEW: the new case's
	const json_t *grants;     // active ones for its components: rows of grants_for(), or NULL
	const json_t *renews;     // ORDER_OPEN: the case that it renews, as case_load() gives it, or NULL
	// ORDER_VOTE
	const char *verdict; // approve, reject, abstain, recuse
	const char *code;    // second factor, or ""
	const char *token;   // hex id of the reply token that it uses up, or NULL
	const char *content; // hex content hash of the version they were shown; NULL = the current one
	// ORDER_REVOKE, and ORDER_VOTE on what is in force: links_resting_on() the case, or NULL
	const json_t *resting;
	// ORDER_JUDGE, ORDER_REOPEN
	const json_t *before; // catalogue_assess() by the one before, or NULL
	const json_t *judged; // ORDER_REOPEN: by the one in force; its outcome is not "allow"
	// ORDER_TIMER
	const char *timer; // remind, alternate, manager, lapse, expiry, expire
	int64_t timer_number;
};

// Why not, for the log (code) and for the person.
struct refusal {
	const char *code;
	char reason[512];
	const char *next; // what to do next; a string that lives on
};

enum decided {
	DECIDED,
	DECIDED_NOT,   // `refusal` says why
	DECIDED_ERROR, // a rule could not be evaluated; `e` says why
};

// Fills in why not, and is DECIDED_NOT.
enum decided decided_not(struct refusal *refusal, const char *code, const char *next, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

// `state` is case_load()'s, NULL for ORDER_OPEN.  Events (see store/log.h) are appended to `events`.
enum decided case_decide(const struct rules *rules, const json_t *state, const struct order *order, int64_t now,
                         json_t *events, struct refusal *refusal, struct err *e);

// The content hash of a version (DESIGN 4): SHA-256 over "countersign/case/v1\n" and the canonical JSON of
// {"case","catalogue","evidence","facts","requester","version"} and, where there are any, "components" and "text".
struct digest;
int case_content_hash(const json_t *version, struct digest *hash, struct err *e);

// --- for the files that decide -----------------------------------------------------------------------------------

struct decision {
	const struct rules *rules;
	const json_t *state;
	const struct order *order;
	int64_t now;
	json_t *events;
	struct refusal *refusal;
	struct err *e;
};

enum decided refuse(struct decision *d, const char *code, const char *next, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

// Appends an event about the case; `body` is taken.  Actor and channel are the order's; by_system says so instead.
void happen(struct decision *d, const char *type, const char *case_id, int64_t version, json_t *body);
void happen_by_system(struct decision *d, const char *type, const char *case_id, int64_t version, json_t *body);

// "2026-11-24T09:12:33.120Z" under a key; nothing when ms is 0.
void put_time(json_t *body, const char *key, int64_t ms);

enum decided case_open(struct decision *d);
enum decided case_amend(struct decision *d);
enum decided case_vote(struct decision *d);
enum decided case_comment(struct decision *d);
enum decided case_withdraw(struct decision *d);
enum decided case_revoke(struct decision *d);
enum decided case_renew(struct decision *d);
enum decided case_judge(struct decision *d);
enum decided case_reopen(struct decision *d);
enum decided case_timer(struct decision *d);

#endif

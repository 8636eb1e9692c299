// SPDX-License-Identifier: Apache-2.0
// What happened to a case, applied to its tables.  Each function takes the bodies that bot/case_*.c writes; what they
// hold is written beside each one.
#include "store/apply_case.h"

#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "store/grants.h"
#include "store/imports.h"
#include "store/sql.h"
#include "store/tags.h"
#include "store/words.h"

#define SQL_OPEN \
	"INSERT INTO cases (id, number, state, type, title, requester, requester_name, requester_address, verified," \
	" filed_by, opened, updated, due, expires, version, catalogue, risk, thread)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0, ?)"
#define SQL_VERSION \
	"INSERT INTO version (case_id, version, hash, editor, at, text, components, missing)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
#define SQL_FACT "INSERT INTO fact (case_id, version, name, value, origin, words) VALUES (?, ?, ?, ?, ?, ?)"
#define SQL_AMEND \
	"UPDATE cases SET state = ?2, version = ?3, title = ?4, expires = ?5, updated = ?6, due = ?7, catalogue = ?8," \
	" closed = NULL, stage = NULL WHERE id = ?1"
#define SQL_NO_STAGES "DELETE FROM stage WHERE case_id = ?"
#define SQL_STAGE_IS "UPDATE stage SET state = ? WHERE case_id = ? AND number = ?"
#define SQL_REVIEW "INSERT INTO review (case_id, stage, person, seat, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
#define SQL_NO_REVIEWS "DELETE FROM review WHERE case_id = ?"
#define SQL_PENDING \
	"UPDATE cases SET state = CASE state WHEN 'approved' THEN state ELSE 'pending' END, stage = ?, due = ?," \
	" updated = ? WHERE id = ?"
#define SQL_RENEWED "UPDATE cases SET stage = NULL, updated = ? WHERE id = ?"
#define SQL_REOPEN "UPDATE cases SET version = ?, stage = NULL, updated = ? WHERE id = ?"
#define SQL_TIMER "INSERT INTO timer (case_id, kind, number, at) VALUES (?, ?, ?, ?)"
#define SQL_NO_TIMERS "DELETE FROM timer WHERE case_id = ?"
#define SQL_NO_REVIEW_TIMERS "DELETE FROM timer WHERE case_id = ? AND kind NOT IN ('expiry', 'expire')"
#define SQL_NO_WARNINGS "DELETE FROM timer WHERE case_id = ? AND kind <> 'expire'"
#define SQL_TIMER_DONE "DELETE FROM timer WHERE case_id = ? AND kind = ? AND number = ?"
#define SQL_VOTE \
	"INSERT INTO vote (seq, case_id, version, stage, person, seat, verdict, at, via, why)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define SQL_VOID "UPDATE vote SET voided = ? WHERE seq = ?"
#define SQL_CLOSE \
	"UPDATE cases SET state = ?2, closed = ?3, updated = ?5, due = NULL, stage = NULL," \
	" expires = coalesce(?4, expires) WHERE id = ?1"
#define SQL_TOUCH "UPDATE cases SET updated = ? WHERE id = ?"
#define SQL_COMMENT "INSERT INTO comment (seq, case_id, kind, person, name, at, text) VALUES (?, ?, ?, ?, ?, ?, ?)"
#define SQL_EVIDENCE \
	"INSERT INTO evidence (case_id, seq, name, type, size, sha256, commitment) VALUES (?, ?, ?, ?, ?, ?, ?)"

static int64_t body_time(const json_t *body, const char *key)
{
	int64_t ms;

	return clock_parse(json_str(body, key), &ms) == 0 ? ms : 0;
}

// When it happened: what is imported has the register's day.
static int64_t when(const struct entry *entry, const json_t *body)
{
	int64_t at = body_time(body, "at");

	return at ? at : entry->time;
}

static struct value time_value(int64_t ms)
{
	return ms ? INT(ms) : NOTHING;
}

char *column_text(const json_t *value)
{
	char *text = json_canonical(value, NULL, NULL);

	if (!text)
		panic("a body that was appended has no canonical form");
	return text;
}

char *array_text(const json_t *body, const char *key)
{
	json_t *list = json_arr(body, key);

	return list ? column_text(list) : text_copy("[]");
}

// {"text","facts":{},"origin":{},"words":{},"components":[],"missing":[],"hash"}: one version of a case.
static int add_version(struct db *db, const struct entry *entry, int64_t version, const json_t *body, struct err *e)
{
	_free_ char *components = array_text(body, "components"), *missing = array_text(body, "missing");
	uint8_t hash[DIGEST_SIZE] = { 0 };
	const char *name;
	json_t *value;

	hex_decode(json_str(body, "hash"), hash, sizeof hash);
	if (sql_run(db, e, SQL_VERSION, TEXT(entry->case_id), INT(version), BLOB(hash, sizeof hash), TEXT(entry->actor),
	            INT(entry->time), TEXT(json_str(body, "text")), TEXT(components), TEXT(missing)) < 0)
		return -1;
	json_object_foreach(json_obj(body, "facts"), name, value) {
		_free_ char *text = column_text(value);

		if (sql_run(db, e, SQL_FACT, TEXT(entry->case_id), INT(version), TEXT(name), TEXT(text),
		            TEXT(json_str(json_obj(body, "origin"), name)),
		            TEXT(json_str(json_obj(body, "words"), name))) < 0)
			return -1;
	}
	return tags_replace(db, entry->case_id, json_obj(body, "facts"), json_arr(body, "components"), e);
}

// Plus {"number","title","requester","requester_name","requester_address","verified","filed_by","expires"?,"lapse"?,
// "catalogue","thread","renews"?: case,"at"?: time,"imported"?: see store/imports.h}.
int apply_case_opened(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	const char *id = entry->case_id, *state = json_array_size(json_arr(body, "missing")) ? "incomplete" : "pending";
	const char *renews = json_str_or_null(body, "renews");
	int64_t lapse = body_time(body, "lapse");

	if (sql_run(db, e, SQL_OPEN, TEXT(id), INT(json_int(body, "number")), TEXT(state), TEXT(json_str(body, "type")),
	            TEXT(json_str(body, "title")), TEXT(json_str(body, "requester")),
	            TEXT(json_str(body, "requester_name")), TEXT(json_str(body, "requester_address")),
	            INT(json_bool(body, "verified")), TEXT(json_str(body, "filed_by")), INT(when(entry, body)),
	            INT(entry->time), time_value(lapse), TEXT(json_str_or_null(body, "expires")),
	            INT(json_int(body, "catalogue")), TEXT(json_str(body, "thread"))) < 0)
		return -1;
	if (add_version(db, entry, 1, body, e) < 0 || (renews && link_add(db, id, "renews", renews, e) < 0) ||
	    (json_obj(body, "imported") && import_add(db, id, json_obj(body, "imported"), e) < 0))
		return -1;
	if (lapse && sql_run(db, e, SQL_TIMER, TEXT(id), TEXT("lapse"), INT(0), INT(lapse)) < 0)
		return -1;
	return words_index(db, id, e);
}

// {"title","expires"?,"lapse"?,"catalogue"} plus a version.  Reviews, stages and timers begin anew.
int apply_case_amended(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	const char *id = entry->case_id, *state = json_array_size(json_arr(body, "missing")) ? "incomplete" : "pending";
	int64_t lapse = body_time(body, "lapse");

	if (add_version(db, entry, entry->version, body, e) < 0 ||
	    sql_run(db, e, SQL_AMEND, TEXT(id), TEXT(state), INT(entry->version), TEXT(json_str(body, "title")),
	            TEXT(json_str_or_null(body, "expires")), INT(entry->time), time_value(lapse),
	            INT(json_int(body, "catalogue"))) < 0 ||
	    sql_run(db, e, SQL_NO_TIMERS, TEXT(id)) < 0 || sql_run(db, e, SQL_NO_STAGES, TEXT(id)) < 0 ||
	    sql_run(db, e, SQL_NO_REVIEWS, TEXT(id)) < 0)
		return -1;
	if (lapse && sql_run(db, e, SQL_TIMER, TEXT(id), TEXT("lapse"), INT(0), INT(lapse)) < 0)
		return -1;
	return words_index(db, id, e);
}

// {"catalogue"} plus a version: approved, and judged anew while it stays in force.
int apply_case_reopened(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	const char *id = entry->case_id;

	if (add_version(db, entry, entry->version, body, e) < 0 ||
	    sql_run(db, e, SQL_REOPEN, INT(entry->version), INT(entry->time), TEXT(id)) < 0 ||
	    sql_run(db, e, SQL_NO_REVIEW_TIMERS, TEXT(id)) < 0 || sql_run(db, e, SQL_NO_STAGES, TEXT(id)) < 0)
		return -1;
	return sql_run(db, e, SQL_NO_REVIEWS, TEXT(id));
}

static int add_reviews(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	json_t *asked;
	size_t i;

	json_array_foreach(json_arr(body, "asked"), i, asked) {
		if (sql_run(db, e, SQL_REVIEW, TEXT(entry->case_id), INT(json_int(body, "stage")),
		            TEXT(json_str(asked, "person")), TEXT(json_str(asked, "seat")), INT(entry->time)) < 0)
			return -1;
	}
	return 0;
}

// {"stage","asked":[{"person","seat"}],"remind":[time],"alternate"?,"manager"?,"lapse"?}
int apply_review_requested(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	static const char *const kinds[] = { "alternate", "manager", "lapse" };
	const char *id = entry->case_id;
	json_t *remind = json_arr(body, "remind");

	if (sql_run(db, e, SQL_PENDING, INT(json_int(body, "stage")), time_value(body_time(body, "lapse")),
	            INT(entry->time), TEXT(id)) < 0 ||
	    sql_run(db, e, SQL_STAGE_IS, TEXT("open"), TEXT(id), INT(json_int(body, "stage"))) < 0 ||
	    sql_run(db, e, SQL_NO_REVIEW_TIMERS, TEXT(id)) < 0 || add_reviews(db, entry, body, e) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(remind); i++) {
		json_t *when = json_array_get(remind, i);
		int64_t at;

		if (clock_parse(json_is_string(when) ? json_string_value(when) : "", &at) < 0)
			return err_set(e, EX_DATAERR, "a reminder's time is no time");
		if (sql_run(db, e, SQL_TIMER, TEXT(id), TEXT("remind"), INT(i + 1), INT(at)) < 0)
			return -1;
	}
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		int64_t at = body_time(body, kinds[i]);

		if (at && sql_run(db, e, SQL_TIMER, TEXT(id), TEXT(kinds[i]), INT(0), INT(at)) < 0)
			return -1;
	}
	return 0;
}

// {"person","seat","verdict","stage","why"}
int apply_vote_cast(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_VOTE, INT(entry->seq), TEXT(entry->case_id), INT(entry->version),
	               INT(json_int(body, "stage")), TEXT(json_str(body, "person")), TEXT(json_str(body, "seat")),
	               TEXT(json_str(body, "verdict")), INT(entry->time), TEXT(entry->via),
	               TEXT(json_str(body, "why")));
}

// {"vote": seq}
int apply_vote_voided(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_VOID, INT(entry->seq), INT(json_int(body, "vote")));
}

// {"stage"}
int apply_stage_passed(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_STAGE_IS, TEXT("passed"), TEXT(entry->case_id), INT(json_int(body, "stage")));
}

static int close_case(struct db *db, const struct entry *entry, const json_t *body, const char *state,
                      const char *until, struct err *e)
{
	if (sql_run(db, e, SQL_NO_TIMERS, TEXT(entry->case_id)) < 0)
		return -1;
	return sql_run(db, e, SQL_CLOSE, TEXT(entry->case_id), TEXT(state), INT(when(entry, body)), TEXT(until),
	               INT(entry->time));
}

static int add_warnings(struct db *db, const struct entry *entry, const json_t *warn, struct err *e)
{
	json_t *item;
	size_t i;

	json_array_foreach(warn, i, item) {
		if (sql_run(db, e, SQL_TIMER, TEXT(entry->case_id), TEXT("expiry"), INT(json_int(item, "days")),
		            INT(body_time(item, "at"))) < 0)
			return -1;
	}
	return 0;
}

// {"until"?: date,"expire"?: time,"at"?: time,"warn"?:[{"days","at"}]} and either "grant", see store/grants.h, or
// "grants":[case]: those that it is answered with.
int apply_case_approved(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	int64_t expire = body_time(body, "expire");
	const json_t *grant = json_obj(body, "grant");
	json_t *other;
	size_t i;

	if (close_case(db, entry, body, "approved", json_str_or_null(body, "until"), e) < 0 ||
	    (grant && grants_add(db, entry->case_id, grant, e) < 0) ||
	    add_warnings(db, entry, json_arr(body, "warn"), e) < 0)
		return -1;
	json_array_foreach(json_arr(body, "grants"), i, other) {
		if (link_add(db, entry->case_id, "grant", json_string_value(other), e) < 0)
			return -1;
	}
	if (!expire)
		return 0;
	return sql_run(db, e, SQL_TIMER, TEXT(entry->case_id), TEXT("expire"), INT(0), INT(expire));
}

// {"by": case}: it ends as it would have, but nobody needs to be reminded of anything.
int apply_case_renewed(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	(void)body;
	if (sql_run(db, e, SQL_NO_WARNINGS, TEXT(entry->case_id)) < 0 ||
	    sql_run(db, e, SQL_RENEWED, INT(entry->time), TEXT(entry->case_id)) < 0)
		return -1;
	return grants_become(db, entry->case_id, "superseded", e);
}

// {"stage"?,"at"?: time}
int apply_case_rejected(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	json_t *stage = json_object_get(body, "stage");

	if (stage &&
	    sql_run(db, e, SQL_STAGE_IS, TEXT("failed"), TEXT(entry->case_id), INT(json_integer_value(stage))) < 0)
		return -1;
	return close_case(db, entry, body, "rejected", NULL, e);
}

#define DEFINE_CLOSING(name, state) \
	int name(struct db *db, const struct entry *entry, const json_t *body, struct err *e) \
	{ \
		return close_case(db, entry, body, state, NULL, e); \
	}

DEFINE_CLOSING(apply_case_withdrawn, "withdrawn")
DEFINE_CLOSING(apply_case_lapsed, "lapsed")

#define DEFINE_ENDING(name, state) \
	int name(struct db *db, const struct entry *entry, const json_t *body, struct err *e) \
	{ \
		if (close_case(db, entry, body, state, NULL, e) < 0) \
			return -1; \
		return grants_become(db, entry->case_id, state, e); \
	}

DEFINE_ENDING(apply_case_revoked, "revoked")
DEFINE_ENDING(apply_case_expired, "expired")

// {"level": alternate or manager, "stage", "asked":[{"person","seat"}]}
int apply_case_escalated(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	if (sql_run(db, e, SQL_TIMER_DONE, TEXT(entry->case_id), TEXT(json_str(body, "level")), INT(0)) < 0)
		return -1;
	return add_reviews(db, entry, body, e);
}

// {"number"}, or {"kind":"expiry","days"}
int apply_reminder_sent(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	if (strcmp(json_str(body, "kind"), "expiry") == 0)
		return sql_run(db, e, SQL_TIMER_DONE, TEXT(entry->case_id), TEXT("expiry"),
		               INT(json_int(body, "days")));
	return sql_run(db, e, SQL_TIMER_DONE, TEXT(entry->case_id), TEXT("remind"), INT(json_int(body, "number")));
}

// {"kind","name","text"}
int apply_case_commented(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	if (sql_run(db, e, SQL_COMMENT, INT(entry->seq), TEXT(entry->case_id), TEXT(json_str(body, "kind")),
	            TEXT(entry->actor), TEXT(json_str(body, "name")), INT(entry->time),
	            TEXT(json_str(body, "text"))) < 0 ||
	    sql_run(db, e, SQL_TOUCH, INT(entry->time), TEXT(entry->case_id)) < 0)
		return -1;
	return words_index(db, entry->case_id, e);
}

// {"name","type","size","sha256","commitment"}
int apply_evidence_attached(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	uint8_t sha256[DIGEST_SIZE] = { 0 }, commitment[DIGEST_SIZE] = { 0 };

	hex_decode(json_str(body, "sha256"), sha256, sizeof sha256);
	hex_decode(json_str(body, "commitment"), commitment, sizeof commitment);
	return sql_run(db, e, SQL_EVIDENCE, TEXT(entry->case_id), INT(entry->seq), TEXT(json_str(body, "name")),
	               TEXT(json_str(body, "type")), INT(json_int(body, "size")), BLOB(sha256, sizeof sha256),
	               BLOB(commitment, sizeof commitment));
}

// SPDX-License-Identifier: Apache-2.0
// The table of entry types and what each does.  The functions on cases are in apply_case.c.
#include "store/apply.h"

#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "store/apply_case.h"
#include "store/archive.h"
#include "store/erase.h"
#include "store/sql.h"

#define SQL_HISTORY "INSERT INTO history (case_id, seq) VALUES (?, ?)"
#define SQL_MESSAGE "INSERT INTO message (seq, state, reason) VALUES (?, 'received', '')"
#define SQL_MESSAGE_IS "UPDATE message SET state = ?, reason = ?, outcome = ? WHERE seq = ? AND state = 'received'"
#define SQL_PUBLISHED "INSERT INTO publication (seq, kind, sha256) VALUES (?, ?, ?)"
#define SQL_APPLY_NONE "DELETE FROM applying"
#define SQL_APPLY "INSERT INTO applying SELECT ?, 0, max(number) FROM cases HAVING count(*) > 0"
#define SQL_APPLIED "UPDATE applying SET through = ?"
#define SQL_APPLIED_ALL "DELETE FROM applying WHERE through >= last"
#define SQL_JOINED "INSERT INTO membership (person, grp, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
#define SQL_ALARM "INSERT INTO alarm (seq, code, at, text) VALUES (?, ?, ?, ?)"
#define SQL_RESTORED "INSERT INTO restored (seq, at, lost, origin) VALUES (?, ?, ?, ?)"
#define SQL_LEFT \
	"DELETE FROM membership WHERE NOT EXISTS (SELECT 1 FROM json_each(?1, '$.' || json_quote(person)) g" \
	" WHERE g.value = grp)"

static int message_received(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	(void)body;
	return sql_run(db, e, SQL_MESSAGE, INT(entry->seq));
}

static int message_outcome(struct db *db, const struct entry *entry, const json_t *body, const char *state,
                           struct err *e)
{
	if (!json_is_integer(json_object_get(body, "message")))
		return 0;
	return sql_run(db, e, SQL_MESSAGE_IS, TEXT(state), TEXT(json_str(body, "reason")), INT(entry->seq),
	               INT(json_int(body, "message")));
}

static int message_refused(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return message_outcome(db, entry, body, "refused", e);
}

static int message_parked(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return message_outcome(db, entry, body, "parked", e);
}

static int message_ignored(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return message_outcome(db, entry, body, "ignored", e);
}

static int published(struct db *db, const struct entry *entry, const json_t *body, const char *kind, struct err *e)
{
	uint8_t sha256[DIGEST_SIZE] = { 0 };

	hex_decode(json_str(body, "sha256"), sha256, sizeof sha256);
	return sql_run(db, e, SQL_PUBLISHED, INT(entry->seq), TEXT(kind), BLOB(sha256, sizeof sha256));
}

static int catalogue_published(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	if (published(db, entry, body, "catalogue", e) < 0 || sql_run(db, e, SQL_APPLY_NONE) < 0)
		return -1;
	return sql_run(db, e, SQL_APPLY, INT(json_int(body, "version")));
}

static int catalogue_proposed(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return published(db, entry, body, "proposed", e);
}

// {"through": number}
static int catalogue_applied(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	(void)entry;
	if (sql_run(db, e, SQL_APPLIED, INT(json_int(body, "through"))) < 0)
		return -1;
	return sql_run(db, e, SQL_APPLIED_ALL);
}

static int people_published(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	json_t *groups = json_obj(body, "groups"), *list, *group;
	_free_ char *text = json_text(groups ? groups : body);
	const char *person;
	size_t i;

	if (published(db, entry, body, "people", e) < 0 || sql_run(db, e, SQL_LEFT, TEXT(text)) < 0)
		return -1;
	json_object_foreach(groups, person, list) {
		json_array_foreach(list, i, group) {
			if (sql_run(db, e, SQL_JOINED, TEXT(person), TEXT(json_string_value(group)), INT(entry->time)) <
			    0)
				return -1;
		}
	}
	return 0;
}

static int alarm_raised(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_ALARM, INT(entry->seq), TEXT(json_str(body, "code")), INT(entry->time),
	               TEXT(json_str(body, "text")));
}

// {"lost": entries or null, "new": is the origin another one, "origin", ...}: store/restore_done.c
static int restore_done(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	const json_t *lost = json_object_get(body, "lost");

	return sql_run(db, e, SQL_RESTORED, INT(entry->seq), INT(entry->time),
	               json_is_integer(lost) ? INT(json_integer_value(lost)) : NOTHING,
	               TEXT(json_bool(body, "new") ? json_str(body, "origin") : NULL));
}

#define SQL_ASKED "INSERT INTO erasure (seq, subject, person, at, why) VALUES (?, ?, ?, ?, ?)"
#define SQL_HOLD "INSERT INTO hold (subject, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq"
#define SQL_NO_HOLD "DELETE FROM hold WHERE subject = ?"

// What is about a case names it in the leaf; what is about a person in the body, {"person","why"}.
static const char *subject_of(const struct entry *entry, const json_t *body)
{
	return entry->case_id ? entry->case_id : json_str(body, "person");
}

static int erasure_asked(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_ASKED, INT(entry->seq), TEXT(subject_of(entry, body)), TEXT(entry->actor),
	               INT(entry->time), TEXT(json_str(body, "why")));
}

static int hold_set(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_HOLD, TEXT(subject_of(entry, body)), INT(entry->seq));
}

static int hold_ended(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	return sql_run(db, e, SQL_NO_HOLD, TEXT(subject_of(entry, body)));
}

static int nothing(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	(void)db, (void)entry, (void)body, (void)e;
	return 0;
}

static const struct {
	const char *type;
	int (*apply)(struct db *db, const struct entry *entry, const json_t *body, struct err *e);
} appliers[] = {
	{ "message.received", message_received },
	{ "message.refused", message_refused },
	{ "message.parked", message_parked },
	{ "message.ignored", message_ignored },
	{ "message.sent", nothing },
	{ "message.failed", nothing },
	{ "message.bounced", message_ignored },
	{ "case.opened", apply_case_opened },
	{ "case.amended", apply_case_amended },
	{ "case.assessed", apply_case_assessed },
	{ "case.commented", apply_case_commented },
	{ "case.approved", apply_case_approved },
	{ "case.rejected", apply_case_rejected },
	{ "case.withdrawn", apply_case_withdrawn },
	{ "case.revoked", apply_case_revoked },
	{ "case.expired", apply_case_expired },
	{ "case.lapsed", apply_case_lapsed },
	{ "case.renewed", apply_case_renewed },
	{ "case.reopened", apply_case_reopened },
	{ "case.escalated", apply_case_escalated },
	{ "evidence.attached", apply_evidence_attached },
	{ "review.requested", apply_review_requested },
	{ "vote.cast", apply_vote_cast },
	{ "vote.voided", apply_vote_voided },
	{ "stage.passed", apply_stage_passed },
	{ "reminder.sent", apply_reminder_sent },
	{ "catalogue.proposed", catalogue_proposed },
	{ "catalogue.published", catalogue_published },
	{ "catalogue.applied", catalogue_applied },
	{ "people.published", people_published },
	{ "access.refused", message_refused },
	{ "audit.queried", nothing },
	{ "backup.made", nothing },
	{ "restore.done", restore_done },
	{ "erasure.asked", erasure_asked },
	{ "body.erased", apply_body_erased },
	{ "evidence.archived", apply_evidence_archived },
	{ "hold.set", hold_set },
	{ "hold.ended", hold_ended },
	{ "daemon.started", nothing },
	{ "daemon.stopped", nothing },
	{ "alarm.raised", alarm_raised },
};

#define SQL_IS_HOLLOW "SELECT count(*) FROM cases WHERE id = ? AND requester = ''"

// Of a case that was erased only the votes are left: other entries would change what is not there.
static int may_apply(struct db *db, const struct entry *entry, struct err *e)
{
	static const char *const changing[] = { "case.", "review.", "stage." };
	int64_t hollow = 0;

	for (size_t i = 0; db->hollow && entry->case_id && i < LENGTH(changing); i++)
		if (text_starts(entry->type, changing[i]))
			return sql_number(db, e, &hollow, 0, SQL_IS_HOLLOW, TEXT(entry->case_id)) < 0 ? -1 : !hollow;
	return 1;
}

int apply_entry(struct db *db, const struct entry *given, const json_t *body, struct err *e)
{
	struct entry entry = *given;
	size_t i = 0;
	int may;

	if (strcmp(entry.actor, ACTOR_BY_MAIL) == 0 && json_str_or_null(body, "actor"))
		entry.actor = json_str(body, "actor");
	while (i < LENGTH(appliers) && strcmp(appliers[i].type, entry.type) != 0)
		i++;
	if (i == LENGTH(appliers))
		return err_set(e, EX_DATAERR, "entry %llu is of an unknown type, %.64s", (unsigned long long)entry.seq,
		               entry.type);
	may = body ? may_apply(db, &entry, e) : 0;
	if (may < 0 || (may ? appliers[i].apply(db, &entry, body, e) : body ? 0 : apply_erased(db, &entry, e)) < 0)
		return err_prefix(e, "%s", entry.type);
	if (entry.case_id && sql_run(db, e, SQL_HISTORY, TEXT(entry.case_id), INT(entry.seq)) < 0)
		return -1;
	// Whatever came of a message and was not said above: it was used.
	return body ? message_outcome(db, &entry, body, "used", e) : 0;
}

// SPDX-License-Identifier: Apache-2.0
// What an erasure would take: gathered in temporary tables, table by table, then written down.
#include <string.h>

#include "base/json.h"
#include "store/erase.h"
#include "store/sql.h"

#define SQL_BEGIN \
	"CREATE TEMP TABLE IF NOT EXISTS gone_case (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;" \
	"CREATE TEMP TABLE IF NOT EXISTS gone_entry (seq INTEGER PRIMARY KEY) STRICT;" \
	"CREATE TEMP TABLE IF NOT EXISTS gone_message (seq INTEGER PRIMARY KEY) STRICT;" \
	"CREATE TEMP TABLE IF NOT EXISTS gone_letter (id INTEGER PRIMARY KEY) STRICT;" \
	"CREATE TEMP TABLE IF NOT EXISTS gone_blob (sha256 BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;" \
	"DELETE FROM gone_case; DELETE FROM gone_entry; DELETE FROM gone_message; DELETE FROM gone_letter;" \
	"DELETE FROM gone_blob"

#define TYPE "CAST(e.leaf AS TEXT) ->> '$.type'"
#define BODY "CAST(e.body AS TEXT)"
#define NAMED(text) "EXISTS (SELECT 1 FROM json_each(?2) a WHERE instr(lower(" text "), a.value))"

// What stays whatever happens is not in these lists: votes and what voided them, who was asked, catalogues, people,
// alarms, what administrators did.  First the words about a case, then decisions: those stay unless they name whoever
// asked, as an import's or a requester's own revocation does.
#define OF_CASES \
	"'case.opened', 'case.amended', 'case.reopened', 'case.assessed', 'case.commented', 'case.withdrawn'," \
	" 'evidence.attached', 'reminder.sent', 'message.sent', 'message.failed', 'message.bounced'," \
	" 'message.refused', 'message.parked', 'message.ignored', 'access.refused', 'audit.queried'"
#define DECISIONS "'case.approved', 'case.rejected', 'case.revoked', 'case.expired', 'case.lapsed', 'case.renewed'"
#define OF_A_PERSON \
	"'case.commented', 'message.sent', 'message.failed', 'message.bounced', 'message.refused', 'message.parked'," \
	" 'message.ignored', 'access.refused', 'audit.queried', 'erasure.asked', 'hold.set', 'hold.ended'"

#define SQL_CASES \
	"INSERT INTO gone_case SELECT id FROM cases WHERE id IN (SELECT value FROM json_each(?)) AND requester <> ''"
#define SQL_THEIR_CASES \
	"INSERT INTO gone_case SELECT id FROM cases WHERE requester IN (SELECT value FROM json_each(?1))" \
	" OR filed_by IN (SELECT value FROM json_each(?1))"
#define SQL_NO_WORDS \
	"INSERT OR IGNORE INTO gone_entry SELECT h.seq FROM history h JOIN gone_case g ON g.id = h.case_id" \
	" JOIN cases c ON c.id = g.id JOIN entry e ON e.seq = h.seq WHERE e.body IS NOT NULL AND (" TYPE \
	" IN (" OF_CASES ") OR (" TYPE " IN (" DECISIONS ") AND ((c.requester_address <> '' AND" \
	" instr(lower(" BODY "), lower(c.requester_address))) OR (c.requester_name <> '' AND" \
	" instr(" BODY ", c.requester_name)) OR instr(" BODY ", c.requester))))"
#define SQL_THEIR_WORDS \
	"INSERT OR IGNORE INTO gone_entry SELECT e.seq FROM entry e WHERE e.body IS NOT NULL AND ?1 IS NOT NULL " \
	"AND " NAMED(BODY) " AND " TYPE " IN (" OF_A_PERSON ")"
// The mail that an entry came by; not when it was used for another case, which stays.
#define SQL_MESSAGES \
	"INSERT OR IGNORE INTO gone_message SELECT m.seq FROM (SELECT seq FROM gone_entry UNION SELECT h.seq FROM" \
	" history h JOIN gone_case g ON g.id = h.case_id) u JOIN entry e ON e.seq = u.seq" \
	" JOIN message m ON m.seq = " BODY " ->> '$.message'" \
	" WHERE e.body IS NOT NULL AND m.state <> 'erased' AND NOT EXISTS (SELECT 1 FROM history h WHERE h.seq = " \
	"m.outcome" \
	" AND h.case_id NOT IN (SELECT id FROM gone_case) AND h.seq NOT IN (SELECT seq FROM gone_entry))"
// Mail that came to nothing, so that no entry says whose it was.
#define SQL_THEIR_MESSAGES \
	"INSERT OR IGNORE INTO gone_message SELECT m.seq FROM message m JOIN inbox i ON i.seq = m.seq JOIN blob b ON" \
	" b.sha256 = i.sha256 WHERE m.state IN ('refused', 'parked', 'ignored') AND ?1 IS NOT NULL AND " NAMED( \
	        "CAST(b.data AS TEXT)")
#define SQL_DUPLICATES \
	"INSERT OR IGNORE INTO gone_message SELECT d.seq FROM gone_message g JOIN inbox i ON i.seq = g.seq" \
	" JOIN inbox d ON d.sha256 = i.sha256"
#define SQL_RECEIVED "INSERT OR IGNORE INTO gone_entry SELECT seq FROM gone_message"
#define SQL_LETTERS \
	"INSERT OR IGNORE INTO gone_letter SELECT o.id FROM outbox o WHERE o.token IS NOT NULL AND" \
	" (o.case_id IN (SELECT id FROM gone_case) OR (coalesce(o.case_id, '') = '' AND" \
	" EXISTS (SELECT 1 FROM gone_case g WHERE instr(o.model, '\"' || g.id || '\"')))" \
	" OR o.principal IN (SELECT value FROM json_each(?1) WHERE value LIKE 'mail:%') OR " NAMED("o.model") ")"
#define SQL_BLOBS \
	"INSERT OR IGNORE INTO gone_blob SELECT b.sha256 FROM (SELECT i.sha256 FROM inbox i JOIN gone_message g ON" \
	" g.seq = i.seq UNION SELECT v.sha256 FROM evidence v JOIN gone_case g ON g.id = v.case_id) u" \
	" JOIN blob b ON b.sha256 = u.sha256"
#define SQL_SHARED \
	"DELETE FROM gone_blob WHERE sha256 IN (SELECT v.sha256 FROM evidence v WHERE v.case_id NOT IN" \
	" (SELECT id FROM gone_case)) OR sha256 IN (SELECT i.sha256 FROM gone_blob b JOIN inbox i ON i.sha256 = " \
	"b.sha256" \
	" WHERE i.seq NOT IN (SELECT seq FROM gone_message))"
#define SQL_COUNT_BLOBS "SELECT count(*) FROM gone_blob"

static int choose_cases(struct db *db, const struct erase_subject *s, const char *who, struct err *e)
{
	_json_ json_t *one = s->case_id ? json_pack("[s]", s->case_id) : NULL;
	_free_ char *ids = s->cases || one ? json_text(s->cases ? s->cases : one) : NULL;

	return ids ? sql_run(db, e, SQL_CASES, TEXT(ids)) : sql_run(db, e, SQL_THEIR_CASES, TEXT(who));
}

// ?1 principals, ?2 addresses as JSON lists.
static int gather(struct db *db, const struct erase_subject *s, const char *who, const char *addresses, struct err *e)
{
	static const char *const steps[] = { SQL_MESSAGES, SQL_DUPLICATES, SQL_RECEIVED };

	if (sql_exec(db, SQL_BEGIN, e) < 0 || choose_cases(db, s, who, e) < 0 || sql_run(db, e, SQL_NO_WORDS) < 0)
		return -1;
	if (json_array_size(s->addresses) && (sql_run(db, e, SQL_THEIR_WORDS, TEXT(who), TEXT(addresses)) < 0 ||
	                                      sql_run(db, e, SQL_THEIR_MESSAGES, TEXT(who), TEXT(addresses)) < 0))
		return -1;
	for (size_t i = 0; i < LENGTH(steps); i++)
		if (sql_run(db, e, steps[i]) < 0)
			return -1;
	if (sql_run(db, e, SQL_LETTERS, TEXT(who), TEXT(addresses)) < 0 || sql_run(db, e, SQL_BLOBS) < 0)
		return -1;
	return 0;
}

// --- writing it down -------------------------------------------------------------------------------------------------

static const struct {
	const char *key;
	const char *sql;
} lists[] = {
	{ "entries", "SELECT json_group_array(seq) FROM gone_entry" },
	{ "letters", "SELECT json_group_array(id) FROM gone_letter" },
	{ "tokens", "SELECT json_group_array(lower(hex(o.token))) FROM gone_letter g JOIN outbox o ON o.id = g.id" },
	{ "messages",
	  "SELECT json_group_array(json_array(i.id, i.seq)) FROM gone_message g JOIN inbox i ON i.seq = g.seq" },
	{ "evidence", "SELECT json_group_array(lower(hex(sha256))) FROM gone_blob" },
	{ "cases",
	  "SELECT json_group_array(json_object('case', c.id, 'state', c.state, 'opened', c.opened, 'closed', c.closed,"
	  " 'version', c.version, 'catalogue', c.catalogue, 'risk', c.risk)) FROM gone_case g JOIN cases c ON c.id = "
	  "g.id" },
};

static int put_lists(struct db *db, json_t *body, struct err *e)
{
	for (size_t i = 0; i < LENGTH(lists); i++) {
		_rows_ sqlite3_stmt *rows = sql_query(db, e, lists[i].sql);

		if (!rows || sql_row(db, rows, e) < 0)
			return -1;
		json_put(body, lists[i].key, sql_json(rows, 0));
	}
	return 0;
}

// ?1 principals.  Each finds what stands in the way, and of which case.
static const struct {
	const char *kind;
	const char *sql;
} obstacles[] = {
	{ "open", "SELECT c.id FROM gone_case g JOIN cases c ON c.id = g.id WHERE c.state IN ('incomplete', 'pending')"
	          " AND ?1 IS NOT NULL ORDER BY c.number LIMIT 1" },
	{ "in-force",
	  "SELECT c.id FROM gone_case g JOIN cases c ON c.id = g.id WHERE c.state = 'approved' AND ?1 IS NOT NULL"
	  " ORDER BY c.number LIMIT 1" },
	{ "rests", "SELECT c.id FROM gone_case g JOIN link l ON l.other = g.id JOIN cases c ON c.id = l.case_id"
	           " WHERE c.id NOT IN (SELECT id FROM gone_case) AND c.state IN ('incomplete', 'pending', 'approved')"
	           " AND ?1 IS NOT NULL ORDER BY c.number LIMIT 1" },
	{ "touched",
	  "SELECT c.id FROM gone_entry g JOIN history h ON h.seq = g.seq JOIN cases c ON c.id = h.case_id"
	  " WHERE c.id NOT IN (SELECT id FROM gone_case) AND c.state IN ('incomplete', 'pending') AND ?1 IS NOT NULL"
	  " LIMIT 1" },
	{ "archived",
	  "SELECT h.case_id FROM gone_entry g JOIN history h ON h.seq = g.seq JOIN history a ON a.case_id = h.case_id"
	  " JOIN archived r ON r.seq = a.seq WHERE h.case_id NOT IN (SELECT id FROM gone_case) AND ?1 IS NOT NULL "
	  "LIMIT 1" },
	{ "letter",
	  "SELECT coalesce(o.case_id, '') FROM gone_letter g JOIN outbox o ON o.id = g.id WHERE o.state = 'queued'"
	  " AND ?1 IS NOT NULL LIMIT 1" },
	{ "hold", "SELECT coalesce((SELECT id FROM gone_case WHERE id = h.subject), '') FROM hold h WHERE h.subject IN"
	          " (SELECT id FROM gone_case) OR h.subject IN (SELECT value FROM json_each(?1)) OR h.subject IN"
	          " (SELECT c.requester FROM gone_case g JOIN cases c ON c.id = g.id) LIMIT 1" },
};

static int put_obstacle(struct db *db, const char *who, json_t *found, struct err *e)
{
	for (size_t i = 0; i < LENGTH(obstacles); i++) {
		_rows_ sqlite3_stmt *rows = sql_query(db, e, obstacles[i].sql, TEXT(who));
		int row = rows ? sql_row(db, rows, e) : -1;

		if (row < 0)
			return -1;
		if (row > 0) {
			json_put(found, "obstacle",
			         json_pack("{ss ss}", "kind", obstacles[i].kind, "case", sql_text(rows, 0)));
			return 0;
		}
	}
	return 0;
}

#define SQL_KEPT \
	"SELECT count(*) FROM history h JOIN gone_case g ON g.id = h.case_id JOIN entry e ON e.seq = h.seq" \
	" WHERE e.body IS NOT NULL AND h.seq NOT IN (SELECT seq FROM gone_entry)"
#define SQL_LEAVES "SELECT count(*) FROM entry e WHERE ?1 IS NOT NULL AND " NAMED("CAST(e.leaf AS TEXT)")

static int put_rest(struct db *db, const char *who, const char *addresses, int64_t shared, json_t *found, struct err *e)
{
	int64_t kept, leaves;

	if (sql_number(db, e, &kept, 0, SQL_KEPT) < 0 ||
	    sql_number(db, e, &leaves, 0, SQL_LEAVES, TEXT(who), TEXT(addresses)) < 0)
		return -1;
	json_put_int(found, "kept", kept);
	json_put_int(found, "shared", shared);
	json_put_int(found, "leaves", leaves);
	return 0;
}

json_t *erase_find(struct db *db, const struct erase_subject *subject, struct err *e)
{
	_json_ json_t *none = json_array(), *found = json_object();
	_free_ char *who = json_text(subject->principals ? subject->principals : none);
	_free_ char *addresses = json_text(subject->addresses ? subject->addresses : none);
	json_t *body = json_object();
	int64_t before, after;

	json_put(found, "body", body);
	if (gather(db, subject, who, addresses, e) < 0 || sql_number(db, e, &before, 0, SQL_COUNT_BLOBS) < 0 ||
	    sql_run(db, e, SQL_SHARED) < 0 || sql_number(db, e, &after, 0, SQL_COUNT_BLOBS) < 0 ||
	    put_lists(db, body, e) < 0 || put_obstacle(db, who, found, e) < 0 ||
	    put_rest(db, who, addresses, before - after, found, e) < 0)
		return NULL;
	return steal_ptr(found);
}

// --- what was asked and done -----------------------------------------------------------------------------------------

#define SQL_ERASED \
	"SELECT max(r.erasing) FROM cases c JOIN history h ON h.case_id = c.id JOIN erased r ON r.seq = h.seq" \
	" WHERE c.id = ? AND c.requester = ''"
#define SQL_ASKED "SELECT seq, person, at, why FROM erasure WHERE subject = ? AND at >= ? ORDER BY seq"

json_t *erased_view(struct db *db, const char *case_id, struct err *e)
{
	static const char *const copied[] = { "asked", "confirmed", "why" };
	_json_ json_t *entry = NULL;
	const json_t *body;
	json_t *view;
	int64_t seq;

	if (sql_number(db, e, &seq, -1, SQL_ERASED, TEXT(case_id)) < 0)
		return NULL;
	if (seq < 0)
		return json_null();
	entry = log_entry(db, (uint64_t)seq, e);
	if (!entry)
		return NULL;
	body = json_obj(entry, "body");
	view = json_object();
	json_put_str(view, "case", case_id);
	json_put_str(view, "at", json_str(entry, "time"));
	for (size_t i = 0; i < LENGTH(copied); i++)
		json_put_str(view, copied[i], json_str(body, copied[i]));
	if (json_object_get(body, "catalogue"))
		json_put_int(view, "catalogue", json_int(body, "catalogue"));
	json_put_int(view, "entry", seq);
	return view;
}

json_t *erasures_asked(struct db *db, const char *subject, int64_t since, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ASKED, TEXT(subject), INT(since));
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0) {
		json_t *asked = json_object();

		json_put_int(asked, "entry", sql_int(rows, 0));
		json_put_str(asked, "person", sql_text(rows, 1));
		json_put_int(asked, "at", sql_int(rows, 2));
		json_put_str(asked, "why", sql_text(rows, 3));
		json_add(list, asked);
	}
	return row < 0 ? NULL : steal_ptr(list);
}

#define SQL_BACKUPS \
	"SELECT CAST(body AS TEXT) ->> '$.backup', CAST(leaf AS TEXT) ->> '$.time' FROM entry" \
	" WHERE instr(leaf, CAST('\"type\":\"backup.made\"' AS BLOB)) AND body IS NOT NULL ORDER BY seq"

json_t *backups_made(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_BACKUPS);
	_json_ json_t *list = json_array();
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
		json_add(list, json_pack("{ss ss}", "backup", sql_text(rows, 0), "at", sql_text(rows, 1)));
	return row < 0 ? NULL : steal_ptr(list);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/verify_work.h"

#include "base/auto.h"
#include "store/cosignatures.h"
#include "store/sql.h"
#include "store/timestamps.h"

#define SQL_COUNT "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM token)"
#define SQL_INTEGRITY "PRAGMA integrity_check(1)"

// Which entry says that a letter was sent; a quotation mark within a text is escaped, so this is the leaf's own key.
#define SQL_TOLD \
	"CREATE TEMP TABLE told (letter INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;" \
	"INSERT OR REPLACE INTO told SELECT CAST(body AS TEXT) ->> '$.letter', seq FROM entry" \
	" WHERE instr(leaf, CAST('\"type\":\"message.sent\"' AS BLOB)) AND body IS NOT NULL"
#define TOLD(what) \
	"SELECT 'id=' || o.id FROM told JOIN outbox o ON o.id = told.letter JOIN entry e ON e.seq = told.seq " \
	"WHERE o.id NOT IN (SELECT letter FROM gone) AND (" what ") LIMIT 1"
#define SAYS(name) "CAST(e.body AS TEXT) ->> '$." name "'"
#define RECEIVED(what) \
	"SELECT 'id=' || i.id FROM inbox i JOIN entry e ON e.seq = i.seq WHERE e.body IS NOT NULL AND " what " LIMIT " \
	"1"
#define POSTED(what) \
	"SELECT 'letter=' || told.letter FROM told JOIN entry e ON e.seq = told.seq" \
	" LEFT JOIN posting p ON p.letter = told.letter" \
	" WHERE told.letter NOT IN (SELECT letter FROM gone) AND " what " LIMIT 1"
// The letters that an entry says were erased.
#define SQL_GONE \
	"CREATE TEMP TABLE gone (letter INTEGER PRIMARY KEY) STRICT;" \
	"INSERT OR IGNORE INTO gone SELECT j.value FROM entry e, json_each(CAST(e.body AS TEXT), '$.letters') j" \
	" WHERE e.seq IN (SELECT erasing FROM erased)"
#define TOKEN "SELECT 'id=' || lower(hex(t.id)) FROM token t "

// Each finds rows that are wrong: what names the row, from which table.
static const struct {
	const char *table;
	const char *wrong;
	const char *sql;
} checks[] = {
	{ "inbox", "names no message.received of the log",
	  "SELECT 'id=' || i.id FROM inbox i WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.seq = i.seq) LIMIT 1" },
	{ "inbox", "has other bytes than its message.received says",
	  RECEIVED("lower(hex(i.sha256)) IS NOT " SAYS("sha256")) },
	{ "inbox", "has another channel's id than its message.received says",
	  RECEIVED("i.channel IS NOT " SAYS("id")) },
	{ "inbox", "came another way than its message.received says",
	  RECEIVED("i.via IS NOT CAST(e.leaf AS TEXT) ->> '$.via'") },
	{ "inbox", "came at another time than its message.received says",
	  RECEIVED("strftime('%Y-%m-%dT%H:%M:%fZ', i.at / 1000.0, 'unixepoch') IS NOT " SAYS("at")) },
	{ "inbox", "names bytes that are not kept",
	  "SELECT 'id=' || i.id FROM inbox i JOIN message m ON m.seq = i.seq WHERE m.state <> 'erased'"
	  " AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = i.sha256) LIMIT 1" },
	{ "inbox", "was erased, as the log says, and is not empty",
	  "SELECT 'id=' || i.id FROM inbox i JOIN message m ON m.seq = i.seq JOIN entry e ON e.seq = i.seq"
	  " WHERE m.state = 'erased' AND (i.sha256 IS NOT NULL OR i.message_id IS NOT NULL OR i.reply IS NOT NULL"
	  " OR i.at <> 0 OR i.tries <> 0 OR i.channel <> 'erased/' || i.seq"
	  " OR i.via IS NOT CAST(e.leaf AS TEXT) ->> '$.via') LIMIT 1" },
	{ "inbox", "does not stand in the order of the log",
	  "SELECT 'id=' || id FROM (SELECT id, seq, lag(seq) OVER (ORDER BY id) AS before FROM inbox)"
	  " WHERE seq <= before LIMIT 1" },
	{ "inbox", "is not in the state that the log gives",
	  "SELECT 'id=' || i.id FROM inbox i JOIN message m ON m.seq = i.seq"
	  " WHERE (i.state = 'new') <> (m.state = 'received') LIMIT 1" },
	{ "inbox", "is missing: the log received a message",
	  "SELECT 'seq=' || m.seq FROM message m WHERE m.seq NOT IN (SELECT seq FROM inbox) LIMIT 1" },
	{ "token", "belongs to no letter",
	  TOKEN "WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.token = t.id) LIMIT 1" },
	{ "outbox", "has no token",
	  "SELECT 'id=' || o.id FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.id = o.token)"
	  " AND o.id NOT IN (SELECT letter FROM gone) LIMIT 1" },
	{ "outbox", "was erased, as the log says, and is not empty",
	  "SELECT 'id=' || o.id FROM outbox o JOIN gone g ON g.letter = o.id WHERE (o.carrier, o.kind, o.case_id,"
	  " o.principal, o.address, o.place, o.token, o.message_id, o.in_reply_to, o.refs, o.model, o.created, o.next,"
	  " o.head, o.tries, o.state, o.problem) IS NOT ('mail', 'erased', NULL, '', '', NULL, NULL, '', NULL, '[]',"
	  " '{}', 0, 0, 0, 0, 'sent', NULL) LIMIT 1" },
	{ "outbox", "is not about the case or the address of its token",
	  "SELECT 'id=' || o.id FROM outbox o JOIN token t ON t.id = o.token"
	  " WHERE coalesce(o.case_id, '') <> t.case_id OR o.address <> t.address OR o.principal <> t.principal LIMIT "
	  "1" },
	{ "outbox", "is missing: the log says that it was sent",
	  "SELECT 'id=' || letter FROM told WHERE letter NOT IN (SELECT id FROM outbox) LIMIT 1" },
	{ "outbox", "is missing: letters are numbered without gaps",
	  "SELECT 'id=' || (a.id + 1) FROM (SELECT 0 AS id UNION ALL SELECT id FROM outbox) a"
	  " WHERE a.id < (SELECT max(id) FROM outbox) AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.id = a.id + 1)"
	  " LIMIT 1" },
	{ "outbox", "was sent, as it says, and the log does not say so",
	  "SELECT 'id=' || id FROM outbox WHERE state = 'sent' AND id NOT IN (SELECT letter FROM told)"
	  " AND id NOT IN (SELECT letter FROM gone) LIMIT 1" },
	{ "outbox", "waits, and the log says that it was sent", TOLD("o.state = 'queued'") },
	{ "outbox", "is not the letter that the log says was sent",
	  TOLD("o.kind IS NOT " SAYS("kind") " OR o.principal IS NOT " SAYS("to") " OR o.message_id IS NOT " SAYS(
	          "message_id") " OR nullif(o.case_id, '') IS NOT CAST(e.leaf AS TEXT) ->> '$.case'"
	                        " OR o.carrier IS NOT CAST(e.leaf AS TEXT) ->> '$.via'") },
	{ "outbox", "tells of entries that the log does not have",
	  "SELECT 'id=' || id FROM outbox WHERE head > (SELECT count(*) FROM entry) LIMIT 1" },
	{ "outbox", "shares its token with another letter",
	  "SELECT 'id=' || max(id) FROM outbox WHERE token IS NOT NULL GROUP BY token HAVING count(*) > sum(carrier = "
	  "'slack') AND count(*) > 1"
	  " LIMIT 1" },
	{ "posting", "is of no letter that went to Slack",
	  "SELECT 'letter=' || p.letter FROM posting p WHERE NOT EXISTS"
	  " (SELECT 1 FROM outbox o WHERE o.id = p.letter AND o.carrier = 'slack' AND o.state <> 'queued') LIMIT 1" },
	{ "posting", "is another message than the log says that the letter became",
	  POSTED("p.letter IS NOT NULL AND (p.channel, p.ts) IS NOT (" SAYS("posted.channel") ", " SAYS(
	          "posted.ts") ")") },
	{ "posting", "is missing: the log says what message the letter became",
	  POSTED("p.letter IS NULL AND " SAYS("posted.ts") " IS NOT NULL") },
	{ "token", "is not used, and the log says that an entry used it",
	  "SELECT 'id=' || lower(hex(t.id)) FROM vote v JOIN entry e ON e.seq = v.seq JOIN token t ON lower(hex(t.id)) "
	  "= " SAYS("token") " WHERE e.body IS NOT NULL AND t.used IS NOT e.seq LIMIT 1" },
	{ "sealed", "belongs to no letter",
	  "SELECT 'letter=' || letter FROM sealed WHERE letter NOT IN (SELECT id FROM outbox) LIMIT 1" },
	{ "token", "names no version of a case",
	  TOKEN "WHERE t.case_id <> '' AND NOT EXISTS"
	        " (SELECT 1 FROM version v WHERE v.case_id = t.case_id AND v.version = t.version) LIMIT 1" },
	{ "token", "has another content hash than the version that it names",
	  TOKEN "JOIN version v ON v.case_id = t.case_id AND v.version = t.version WHERE v.hash <> t.content LIMIT 1" },
	{ "token", "was used for an entry that is not in the log",
	  TOKEN "WHERE t.used IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.seq = t.used) LIMIT 1" },
	{ "token", "was used for an entry that is somebody else's or another case's",
	  TOKEN "JOIN entry e ON e.seq = t.used WHERE coalesce(CAST(e.body AS TEXT) ->> '$.actor', CAST(e.leaf AS "
	        "TEXT) ->> '$.actor')"
	        " <> t.principal"
	        " OR CAST(e.leaf AS TEXT) ->> '$.case' IS NOT t.case_id LIMIT 1" },
	{ "blob", "belongs to no message and no case",
	  "SELECT 'sha256=' || lower(hex(b.sha256)) FROM blob b WHERE b.sha256 NOT IN (SELECT sha256 FROM inbox)"
	  " AND b.sha256 NOT IN (SELECT sha256 FROM evidence) LIMIT 1" },
};

static int check_file(struct db *db, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_INTEGRITY);
	int row = rows ? sql_row(db, rows, e) : -1;

	if (row < 0)
		return -1;
	if (sqlite3_stricmp(sql_text(rows, 0), "ok") != 0)
		return err_set(e, EX_DATAERR, "the database file is damaged: %.300s", sql_text(rows, 0));
	return 0;
}

int verify_work(struct db *db, uint64_t *rows, struct err *e)
{
	int64_t count;

	if (sql_exec(db, SQL_TOLD, e) < 0 || sql_exec(db, SQL_GONE, e) < 0)
		return -1;
	for (size_t i = 0; i < LENGTH(checks); i++) {
		_rows_ sqlite3_stmt *bad = sql_query(db, e, checks[i].sql);
		int row = bad ? sql_row(db, bad, e) : -1;

		if (row < 0)
			return -1;
		if (row > 0)
			return err_set(e, EX_DATAERR, "%s: row %s %s", checks[i].table, sql_text(bad, 0),
			               checks[i].wrong);
	}
	if (sql_number(db, e, &count, 0, SQL_COUNT) < 0)
		return -1;
	*rows += (uint64_t)count;
	if (cosignatures_check(db, rows, e) < 0 || timestamps_check(db, NULL, rows, e) < 0)
		return -1;
	return check_file(db, e);
}

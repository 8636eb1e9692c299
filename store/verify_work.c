// SPDX-License-Identifier: Apache-2.0
#include "store/verify_work.h"

#include "base/auto.h"
#include "store/sql.h"

#define SQL_COUNT "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM token)"
#define SQL_INTEGRITY "PRAGMA integrity_check(1)"

// Each finds rows that are wrong: what names the row, from which table.
static const struct {
	const char *table;
	const char *wrong;
	const char *sql;
} checks[] = {
	{ "inbox", "names no message.received of the log",
	  "SELECT 'id=' || i.id FROM inbox i WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.seq = i.seq) LIMIT 1" },
	{ "inbox", "has other bytes than its message.received says",
	  "SELECT 'id=' || i.id FROM inbox i JOIN entry e ON e.seq = i.seq"
	  " WHERE lower(hex(i.sha256)) IS NOT CAST(e.body AS TEXT) ->> '$.sha256' LIMIT 1" },
	{ "inbox", "names bytes that are not kept",
	  "SELECT 'id=' || i.id FROM inbox i WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = i.sha256) LIMIT "
	  "1" },
	{ "message", "has no row in inbox",
	  "SELECT 'seq=' || m.seq FROM message m WHERE m.seq NOT IN (SELECT seq FROM inbox) LIMIT 1" },
	{ "outbox", "has no token",
	  "SELECT 'id=' || o.id FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.id = o.token) LIMIT 1" },
	{ "outbox", "is not about the case or the address of its token",
	  "SELECT 'id=' || o.id FROM outbox o JOIN token t ON t.id = o.token"
	  " WHERE coalesce(o.case_id, '') <> t.case_id OR o.address <> t.address OR o.principal <> t.principal LIMIT "
	  "1" },
	{ "token", "names no version of a case",
	  "SELECT 'id=' || lower(hex(t.id)) FROM token t WHERE t.case_id <> '' AND NOT EXISTS"
	  " (SELECT 1 FROM version v WHERE v.case_id = t.case_id AND v.version = t.version) LIMIT 1" },
	{ "token", "has another content hash than the version that it names",
	  "SELECT 'id=' || lower(hex(t.id)) FROM token t JOIN version v ON v.case_id = t.case_id AND v.version = "
	  "t.version"
	  " WHERE v.hash <> t.content LIMIT 1" },
	{ "token", "was used for an entry that is not in the log",
	  "SELECT 'id=' || lower(hex(t.id)) FROM token t WHERE t.used IS NOT NULL AND NOT EXISTS"
	  " (SELECT 1 FROM entry e WHERE e.seq = t.used) LIMIT 1" },
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
	return check_file(db, e);
}

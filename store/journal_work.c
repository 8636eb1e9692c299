// SPDX-License-Identifier: Apache-2.0
// Debian's SQLite has the session extension; its header shows it to those who ask.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "store/journal_work.h"

#include <limits.h>
#include <string.h>

#include "store/projection.h"
#include "store/sql.h"

// All tables but the log and what follows from it: one that comes later is in it without anybody thinking of it.
static int is_work(void *data, const char *table)
{
	(void)data;
	if (strcmp(table, "entry") == 0 || strcmp(table, "node") == 0 || strncmp(table, "search", 6) == 0)
		return 0;
	for (const struct projection *p = projections; p->name; p++)
		if (strcmp(table, p->name) == 0)
			return 0;
	return 1;
}

struct sqlite3_session *work_watch(struct db *db, struct err *e)
{
	sqlite3_session *session;

	if (sqlite3session_create(db->handle, "main", &session) != SQLITE_OK) {
		err_set(e, EX_OSERR, "the journal cannot watch the database");
		return NULL;
	}
	sqlite3session_table_filter(session, is_work, NULL);
	if (sqlite3session_attach(session, NULL) != SQLITE_OK) {
		sqlite3session_delete(session);
		err_set(e, EX_OSERR, "the journal cannot watch the tables");
		return NULL;
	}
	return session;
}

void work_unwatch(struct sqlite3_session **session)
{
	if (*session)
		sqlite3session_delete(*session);
	*session = NULL;
}

int work_changes(struct db *db, struct sqlite3_session *session, struct buf *out, struct err *e)
{
	void *changes = NULL;
	int len = 0, bad;

	if (sqlite3session_changeset(session, &len, &changes) != SQLITE_OK)
		return sql_error(db, e, "the journal cannot read what was changed");
	bad = len > 0 ? buf_add(out, changes, (size_t)len) : 0;
	sqlite3_free(changes);
	return bad ? err_set(e, EX_OSERR, "a transaction is too large for the journal") : 0;
}

// What is there already, or has moved on since, is on its way to the same end.
static int settle(void *data, int kind, sqlite3_changeset_iter *change)
{
	(void)data, (void)change;
	switch (kind) {
	case SQLITE_CHANGESET_DATA:
	case SQLITE_CHANGESET_CONFLICT:
		return SQLITE_CHANGESET_REPLACE;
	case SQLITE_CHANGESET_NOTFOUND:
		return SQLITE_CHANGESET_OMIT;
	default:
		return SQLITE_CHANGESET_ABORT;
	}
}

int work_apply(struct db *db, const void *changes, size_t len, struct err *e)
{
	if (len == 0)
		return 0;
	if (len > INT_MAX)
		return err_set(e, EX_DATAERR, "the journal holds changes that are too large");
	if (sqlite3changeset_apply(db->handle, (int)len, (void *)changes, NULL, settle, NULL) != SQLITE_OK)
		return sql_error(db, e, "what the journal holds cannot be carried out");
	return 0;
}

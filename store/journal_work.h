// SPDX-License-Identifier: Apache-2.0
// What a transaction changed in the tables that do not follow from the log, as a changeset of SQLite's session
// extension.
#ifndef STORE_JOURNAL_WORK_H
#define STORE_JOURNAL_WORK_H

#include <stddef.h>

#include "base/buf.h"
#include "store/db.h"

struct sqlite3_session;

// Begins to watch the connection; NULL on error.
struct sqlite3_session *work_watch(struct db *db, struct err *e);
void work_unwatch(struct sqlite3_session **session);

// Adds the changes since then, whose transaction is still open, to `out`.
int work_changes(struct db *db, struct sqlite3_session *session, struct buf *out, struct err *e);

// Carries changes out, inside the open transaction, whether or not they were carried out before.
int work_apply(struct db *db, const void *changes, size_t len, struct err *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// The one database: opening, transactions, and what an error of SQLite means.  What is in it: store/schema.sql.
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>

#include "base/err.h"

struct db;

enum db_mode {
	DB_WRITE, // the core's connection: creates what is missing, holds the lock
	DB_READ,  // anybody else's
};

// Opens STATE/countersign.db.  DB_WRITE takes the lock STATE/lock for as long as it is open (EX_TEMPFAIL "locked by pid
// N" when another holds it), creates or migrates the schema.  A newer schema, or a file that is no database of ours
// (an empty one too), is EX_DATAERR.  NULL on error.
struct db *db_open(const char *state, enum db_mode mode, struct err *e);

// An empty database of the same schema for replaying the log into: in memory up to 24 MiB, then in a nameless temporary
// file.  References to other tables are not enforced.
struct db *db_open_scratch(struct err *e);
void db_close(struct db **db);

// Takes the lock of a state without opening its database: a descriptor that holds it until it is closed, or -1 as
// above.
int db_lock(const char *state, struct err *e);

// Where a restore builds a state, below STATE.  As long as it is there and no database is, none is created.
#define DB_RESTORING "restore.new"

// Is there, below STATE, as long as an erasing is not finished (store/erase.h).
#define DB_ERASING "erasing"

static inline void auto_db(struct db **db)
{
	db_close(db);
}
#define _db_ __attribute__((cleanup(auto_db)))

// A write happens only between these.  `who` (a literal) names the opener: beginning twice is a panic that names both.
// A commit that returns an error means "unknown" (DESIGN 3): the caller must exit, start again, and look - unless
// db_is_undone() says that it is not: there was no room for it in the journal, and it is to be rolled back.
int db_begin(struct db *db, const char *who, struct err *e);
int db_commit(struct db *db, struct err *e);
bool db_is_undone(const struct db *db);
void db_rollback(struct db *db);
// A part of the open transaction that may be undone alone, so that one bad item does not take its whole group with it.
// They do not nest: mark, then release or undo.
int db_mark(struct db *db, struct err *e);
int db_release(struct db *db, struct err *e);
int db_undo(struct db *db, struct err *e);
bool db_in_transaction(const struct db *db);

// The folder that files of evidence are in.
const char *db_state_dir(const struct db *db);

// Moves what the write-ahead log holds into the database; for a moment when nobody waits, once there is much of it.
// An error loses nothing: the log holds it until the next time.
bool db_wants_checkpoint(const struct db *db);
int db_checkpoint(struct db *db, struct err *e);

#endif

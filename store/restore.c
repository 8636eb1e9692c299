// SPDX-License-Identifier: Apache-2.0
#include "store/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/checkpoints.h"
#include "store/erase.h"
#include "store/log.h"
#include "store/restore_parts.h"
#include "store/restored.h"
#include "store/sql.h"
#include "store/verify.h"

// --- the backup ------------------------------------------------------------------------------------------------------

static int copy_file(struct restore *r, const char *name, const struct file_sum *want, struct err *e)
{
	_free_ char *from = path_join(r->order.backup, name), *to = path_join(r->build, name);
	_free_ char *folder = path_dir(to);
	unsigned mode = strcmp(name, BACKUP_DATABASE) == 0 ? 0600 : 0400;
	struct file_sum is;

	if (folder_make(folder, e) < 0)
		return -1;
	if (file_copy(from, to, mode, &is, e) < 0)
		return e->code == EX_NOINPUT ? err_prefix(e, "the backup is not whole") : -1;
	if (is.size != want->size)
		return err_set(e, EX_DATAERR,
		               "the backup was altered: %s has %" PRIu64 " bytes, the manifest says %" PRIu64, from,
		               is.size, want->size);
	if (memcmp(is.sha256.bytes, want->sha256.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR,
		               "the backup was altered: %s does not have the hash that the manifest says", from);
	return 0;
}

static int copy_backup(struct restore *r, struct err *e)
{
	struct file_sum want;
	const char *name;

	for (size_t i = 0; (name = manifest_file(&r->manifest, i, &want)); i++)
		if (copy_file(r, name, &want, e) < 0)
			return -1;
	return 0;
}

// Opened for writing, it is brought to today's schema; and it must hold the log that the manifest tells of.
static struct db *open_copy(struct restore *r, struct err *e)
{
	_db_ struct db *db = db_open(r->build, DB_WRITE, e);
	struct digest root;

	if (!db)
		return NULL;
	root = log_root(db);
	if (log_size(db) != r->manifest.size || memcmp(root.bytes, r->manifest.root.bytes, DIGEST_SIZE) != 0) {
		err_set(e, EX_DATAERR, "the database in the backup is not the log that its manifest tells of");
		return NULL;
	}
	return steal_ptr(db);
}

static int verify(struct restore *r, const char *what, struct err *e)
{
	struct verify_result n;

	return log_verify(r->build, &n, e) < 0 ? err_prefix(e, "%s", what) : 0;
}

// --- rolling forward -------------------------------------------------------------------------------------------------

// A journal that is broken or has a gap gives what comes before that.
static int roll_forward(struct restore *r, struct db *db, struct err *e)
{
	const char *dir = r->order.replay;

	if (!dir) {
		err_set(&r->why, EX_CONFIG, "there is no journal to roll forward from");
	} else if (journal_replay(db, dir, log_size(db), UINT64_MAX, &r->journal, &r->why) < 0) {
		if (r->why.code != EX_DATAERR) {
			*e = r->why;
			return -1;
		}
		r->broken = true;
	} else if (r->journal.none) {
		err_set(&r->why, EX_NOINPUT, "the journal %s is empty or not there", dir);
	} else if (r->journal.commits == 0) {
		// It is silent about what came after.
		err_set(&r->why, EX_DATAERR, "the journal %s ends before the backup was made", dir);
	}
	if (erase_waits(db) && erase_finish(db, e) < 0)
		return -1;
	return restore_evidence(r, db, e);
}

// --- judging ---------------------------------------------------------------------------------------------------------

// Is that head one of this log?  1, 0 or -1; `hashes`: of the proof.
static int continues(struct restore *r, struct db *db, uint64_t size, const struct digest *head, struct err *e)
{
	struct digest root;
	struct proof proof;

	if (log_root_at(db, size, &root, e) < 0)
		return -1;
	if (memcmp(root.bytes, head->bytes, DIGEST_SIZE) != 0)
		return 0;
	if (log_prove_consistency(db, size, r->size, &proof, e) < 0)
		return -1;
	r->hashes = proof.count;
	return proof_is_consistent(&proof, size, head, r->size, &r->root);
}

// The larger of the marks counts for how long the log was; each must be of this log.
static int take_mark(struct restore *r, struct db *db, const char *path, struct err *e)
{
	struct digest root;
	uint64_t size;
	int found = restore_mark_read(path, &size, &root, e), held = 1;

	if (found <= 0)
		return found;
	if (size <= r->size)
		held = continues(r, db, size, &root, e);
	if (held < 0)
		return -1;
	r->mark.signer = r->mark.signer || found == 1;
	r->mark.forked = r->mark.forked || !held;
	if (r->mark.known && held && size <= r->mark.size)
		return 1;
	r->mark.known = true;
	r->mark.size = size;
	r->mark.root = root;
	free(r->mark.path);
	r->mark.path = text_copy(path);
	return 1;
}

static int take_marks(struct restore *r, struct db *db, struct err *e)
{
	_free_ char *name = restored_mark(db, e), *path = NULL;
	int found;

	if (!name)
		return -1;
	path = path_join(r->order.state, name);
	found = r->order.mark ? take_mark(r, db, r->order.mark, e) : 1;
	if (found == 0)
		return err_set(e, EX_NOINPUT, "there is no %s", r->order.mark);
	if (found < 0 || (!r->mark.forked && take_mark(r, db, path, e) < 0))
		return -1;
	if (!r->mark.path)
		r->mark.path = steal_ptr(path);
	return 0;
}

static int judge(struct restore *r, struct db *db, struct err *e)
{
	r->size = log_size(db);
	r->root = log_root(db);
	if (take_marks(r, db, e) < 0)
		return -1;
	if (r->mark.forked) {
		r->verdict = RESTORE_FORKED;
	} else if (r->mark.known && r->mark.size > r->size) {
		r->verdict = RESTORE_LOST;
		r->lost = r->mark.size - r->size;
	} else {
		r->verdict = r->mark.signer || !*r->why.text ? RESTORE_WHOLE : RESTORE_UNKNOWN;
	}
	return 0;
}

// --- building --------------------------------------------------------------------------------------------------------

static int begin(struct restore *r, struct err *e)
{
	if (folder_make(r->order.state, e) < 0)
		return -1;
	r->lock = db_lock(r->order.state, e);
	if (r->lock < 0)
		return -1;
	r->build = path_join(r->order.state, DB_RESTORING);
	// Emptied, not removed: as long as it is there no core begins a new log.
	if (folder_make(r->build, e) < 0 || folder_empty(r->build, e) < 0)
		return -1;
	return restore_swap_forget(r->order.state, e);
}

static int fill(struct restore *r, struct err *e)
{
	_db_ struct db *db = NULL;

	if (copy_backup(r, e) < 0)
		return -1;
	db = open_copy(r, e);
	if (!db || verify(r, "the backup does not verify", e) < 0 || roll_forward(r, db, e) < 0 || judge(r, db, e) < 0)
		return -1;
	db_close(&db);
	return r->size == r->manifest.size ? 0 : verify(r, "what the journal gave does not verify", e);
}

int restore_build(const struct restore_order *order, struct restore *out, struct err *e)
{
	*out = (struct restore){ .order = *order, .lock = -1 };
	if (manifest_read(order->backup, &out->manifest, e) < 0)
		return -1;
	return begin(out, e) < 0 ? -1 : fill(out, e);
}

// --- finishing -------------------------------------------------------------------------------------------------------

static json_t *head_of(uint64_t size, const struct digest *root)
{
	char hex[2 * DIGEST_SIZE + 1];
	json_t *head = json_object();

	json_put_int(head, "size", (int64_t)size);
	json_put_str(head, "root", hex_encode(root->bytes, DIGEST_SIZE, hex));
	return head;
}

static json_t *lost_entries(const struct restore *r)
{
	switch (r->verdict) {
	case RESTORE_WHOLE:
		return json_integer(0);
	case RESTORE_LOST:
		return json_integer((json_int_t)r->lost);
	case RESTORE_FORKED:
	case RESTORE_UNKNOWN:
		return json_null();
	}
	panic("a verdict of no kind");
}

static json_t *done_event(const struct restore *r, const char *origin, bool anew)
{
	json_t *body = head_of(r->manifest.size, &r->manifest.root);

	json_put_str(body, "backup", r->manifest.name);
	json_put_int(body, "rolled", (int64_t)(r->size - r->manifest.size));
	json_put(body, "mark", r->mark.known ? head_of(r->mark.size, &r->mark.root) : json_null());
	json_put(body, "lost", lost_entries(r));
	json_put_str(body, "origin", origin);
	json_put_bool(body, "new", anew);
	if (anew)
		json_put_str(body, "before", r->manifest.origin);
	return event_new("restore.done", "system", "system", NULL, 0, body);
}

static int append_done(struct restore *r, const char *origin, bool anew, struct err *e)
{
	_db_ struct db *db = db_open(r->build, DB_WRITE, e);
	_json_ json_t *event = NULL;

	// The core's journal goes on with it, so that an older backup can still be rolled forward.
	if (!db || (r->order.journal && !anew && !r->broken && journal_open(db, r->order.journal, e) < 0))
		return -1;
	event = done_event(r, origin, anew);
	if (db_begin(db, "the restore", e) < 0 || log_append(db, event, r->order.now, &r->done, e) < 0 ||
	    db_commit(db, e) < 0)
		return -1;
	r->head_size = log_size(db);
	r->head_root = log_root(db);
	// Closing would do the same, and say nothing when it fails: but only this one file takes the old one's place.
	if (sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		return sql_error(db, e, "what was built cannot be put into one file");
	return 0;
}

// The signer goes on from here: without a mark it would take whatever it is given.
static int write_mark(struct restore *r, bool anew, struct err *e)
{
	_db_ struct db *db = db_open(r->order.state, DB_READ, e);
	_free_ char *name = db ? restored_mark(db, e) : NULL;
	_free_ char *path = name ? path_join(r->order.state, name) : NULL;

	if (!path)
		return -1;
	if (!anew && access(path, F_OK) == 0)
		return 0;
	return restore_mark_write(path, r->head_size, &r->head_root, log_time(db), e);
}

// A journal that ends otherwise than the log would be in the core's way.
static int set_journal_aside(struct restore *r, bool anew, struct err *e)
{
	const char *dir = r->order.journal;

	if (!dir || !(anew || (r->broken && r->order.replay && strcmp(r->order.replay, dir) == 0)))
		return 0;
	return restore_journal_aside(r, e);
}

int restore_finish(struct restore *r, const char *origin, bool anew, struct err *e)
{
	if (append_done(r, origin, anew, e) < 0 || restore_swap(r, e) < 0)
		return -1;
	if ((anew || r->manifest.checkpoint) && write_mark(r, anew, e) < 0)
		return -1;
	return set_journal_aside(r, anew, e);
}

void restore_end(struct restore *r)
{
	_free_ char *database = path_join(r->order.state, BACKUP_DATABASE);
	struct err ignored;

	if (r->build && (r->finished || access(database, F_OK) == 0))
		folder_remove(r->build, &ignored);
	else if (r->build) // no core may begin a new log here
		folder_empty(r->build, &ignored);
	if (r->lock >= 0)
		close(r->lock);
	manifest_free(&r->manifest);
	free(r->build);
	free(r->aside);
	free(r->mark.path);
	*r = (struct restore){ .lock = -1 };
}

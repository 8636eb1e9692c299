// SPDX-License-Identifier: Apache-2.0
#include "store/journal_erase.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/journal.h"
#include "store/journal_frame.h"
#include "store/sql.h"

// --- what is to go, for looking up -----------------------------------------------------------------------------------

#define SQL_BEGIN \
	"CREATE TEMP TABLE IF NOT EXISTS out_entry (seq INTEGER PRIMARY KEY) STRICT;" \
	"CREATE TEMP TABLE IF NOT EXISTS out_number (name TEXT, id INTEGER, PRIMARY KEY (name, id)) STRICT, WITHOUT " \
	"ROWID;" \
	"CREATE TEMP TABLE IF NOT EXISTS out_key (name TEXT, id TEXT, PRIMARY KEY (name, id)) STRICT, WITHOUT ROWID;" \
	"DELETE FROM out_entry; DELETE FROM out_number; DELETE FROM out_key"
#define EACH "FROM json_each(?1) e, json_each(e.value, "
static const char *const fill[] = {
	"INSERT OR IGNORE INTO out_entry SELECT j.value " EACH "'$.entries') j",
	"INSERT OR IGNORE INTO out_number SELECT 'outbox', j.value " EACH "'$.letters') j",
	"INSERT OR IGNORE INTO out_number SELECT 'posting', j.value " EACH "'$.letters') j",
	"INSERT OR IGNORE INTO out_number SELECT 'inbox', j.value ->> '$[0]' " EACH "'$.messages') j",
	"INSERT OR IGNORE INTO out_key SELECT 'token', j.value " EACH "'$.tokens') j",
	// What came again since is somebody else's evidence now.
	"INSERT OR IGNORE INTO out_key SELECT 'blob', j.value " EACH "'$.evidence') j",
	"DELETE FROM out_key WHERE ?1 IS NOT NULL AND name = 'blob' AND id IN (SELECT lower(hex(sha256)) FROM blob)",
};
#define SQL_FIRST "SELECT min(seq) FROM out_entry"
#define SQL_ENTRY "SELECT count(*) FROM out_entry WHERE seq = ?"
#define SQL_NUMBER "SELECT count(*) FROM out_number WHERE name = ? AND id = ?"
#define SQL_KEY "SELECT count(*) FROM out_key WHERE name = ? AND id = lower(hex(?))"

static int begin(struct db *db, const json_t *erasures, struct err *e)
{
	_free_ char *text = json_text(erasures);

	if (sql_exec(db, SQL_BEGIN, e) < 0 || db_begin(db, "the journal's erasing", e) < 0)
		return -1;
	for (size_t i = 0; i < LENGTH(fill); i++) {
		if (sql_run(db, e, fill[i], TEXT(text)) < 0) {
			db_rollback(db);
			return -1;
		}
	}
	return db_commit(db, e);
}

// --- changes of working tables ---------------------------------------------------------------------------------------

// SQLite's session format (sqlite3session.c): for each table 'T' or 'P', the number of columns, a flag of each column,
// its name; for each change its kind, a flag, and one record, or two of an update.  A record has each column's type and
// value; of a patchset ('P') only the old keys.
struct changes {
	const uint8_t *at, *end;
	bool patch;
	uint64_t columns;
	const uint8_t *keys; // a flag of each column
	const char *table;
};

#define CHANGE_INSERT 18
#define CHANGE_UPDATE 23
#define CHANGE_DELETE 9

static bool varint(struct changes *c, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 9 && c->at < c->end; i++) {
		uint8_t byte = *c->at++;

		*out = i == 8 ? *out << 8 | byte : *out << 7 | (byte & 0x7f);
		if (i == 8 || !(byte & 0x80))
			return true;
	}
	return false;
}

struct field {
	uint8_t type; // 0 nothing, 1 number, 2 float, 3 text, 4 blob, 5 NULL
	const uint8_t *data;
	uint64_t len;
};

static bool take_field(struct changes *c, struct field *out)
{
	if (c->at == c->end)
		return false;
	*out = (struct field){ .type = *c->at++ };
	if (out->type == 1 || out->type == 2)
		out->len = 8;
	else if ((out->type == 3 || out->type == 4) && !varint(c, &out->len))
		return false;
	if (out->type > 5 || out->len > (uint64_t)(c->end - c->at))
		return false;
	out->data = c->at;
	c->at += out->len;
	return true;
}

// The first column of each of these tables is the key; `first` is it.
static bool take_record(struct changes *c, bool only_keys, struct field *first)
{
	for (uint64_t i = 0; i < c->columns; i++) {
		struct field field;

		if (only_keys && !c->keys[i])
			continue;
		if (!take_field(c, &field))
			return false;
		if (i == 0)
			*first = field;
	}
	return true;
}

static bool take_change(struct changes *c, struct field *first)
{
	struct field ignored;
	uint8_t kind = c->at < c->end ? *c->at++ : 0;

	if (c->at++ >= c->end)
		return false;
	switch (kind) {
	case CHANGE_INSERT:
		return take_record(c, false, first);
	case CHANGE_DELETE:
		return take_record(c, c->patch, first);
	case CHANGE_UPDATE:
		return take_record(c, false, first) && (c->patch || take_record(c, false, &ignored));
	default:
		return false;
	}
}

static bool take_table(struct changes *c)
{
	const uint8_t *name;

	c->patch = *c->at++ == 'P';
	if (!varint(c, &c->columns) || c->columns > (uint64_t)(c->end - c->at))
		return false;
	c->keys = c->at;
	c->at += c->columns;
	name = memchr(c->at, '\0', (size_t)(c->end - c->at));
	c->table = (const char *)c->at;
	c->at = name ? name + 1 : c->end;
	return name != NULL;
}

// 1: the row is one that was erased.
static int is_out(struct db *db, const struct changes *c, const struct field *key, struct err *e)
{
	int64_t out = 0;
	uint64_t number = 0;

	if (key->type == 1) {
		for (int i = 0; i < 8; i++)
			number = number << 8 | key->data[i];
		return sql_number(db, e, &out, 0, SQL_NUMBER, TEXT(c->table), INT(number)) < 0 ? -1 : out > 0;
	}
	if (key->type == 4)
		return sql_number(db, e, &out, 0, SQL_KEY, TEXT(c->table), BLOB(key->data, key->len)) < 0 ? -1
		                                                                                          : out > 0;
	return 0;
}

static int filter_changes(struct db *db, const struct journal_frame *rest, struct buf *out, bool *changed,
                          struct err *e)
{
	struct changes c = { .at = (const uint8_t *)rest->data, .end = (const uint8_t *)rest->data + rest->len };
	const uint8_t *head = NULL, *begin;

	while (c.at < c.end) {
		struct field key = { 0 };
		int gone;

		begin = c.at;
		if (*c.at == 'T' || *c.at == 'P') {
			if (!take_table(&c))
				break;
			head = begin;
			buf_add(out, head, (size_t)(c.at - head));
			continue;
		}
		if (!head || !take_change(&c, &key))
			break;
		gone = is_out(db, &c, &key, e);
		if (gone < 0)
			return -1;
		*changed = *changed || gone;
		if (!gone)
			buf_add(out, begin, (size_t)(c.at - begin));
	}
	return c.at == c.end ? 0 : err_set(e, EX_DATAERR, "the journal holds changes that cannot be read");
}

// --- frames and segments ---------------------------------------------------------------------------------------------

// The frame without what is to go, behind what `out` holds.
static int filter_frame(struct db *db, struct journal_frame frame, struct buf *out, bool *changed, struct err *e)
{
	static const char nothing_yet[JOURNAL_HEAD];
	_buf_ struct buf fresh = BUF((size_t)JOURNAL_FRAME_MAX);
	uint64_t after = frame.after, before = frame.before;

	buf_add(&fresh, nothing_yet, sizeof nothing_yet);
	for (uint64_t seq = before; seq < after; seq++) {
		struct journal_entry entry;
		int64_t gone;

		if (journal_take(&frame, &entry, e) < 0 || sql_number(db, e, &gone, 0, SQL_ENTRY, INT(seq)) < 0)
			return -1;
		if (gone && entry.body.len) {
			entry.body.len = 0;
			entry.salt = NULL;
			*changed = true;
		}
		journal_put(&fresh, &entry);
	}
	if (filter_changes(db, &frame, &fresh, changed, e) < 0)
		return -1;
	if (fresh.full)
		return err_set(e, EX_OSERR, "a frame of the journal is too large");
	journal_seal(&fresh, before, after, &frame.root);
	return buf_add(out, fresh.data, fresh.len) < 0 ? err_set(e, EX_OSERR, "a segment is too large") : 0;
}

static int put_segment(struct db *db, const char *dir, uint64_t first, const struct buf *bytes, struct err *e)
{
	_free_ char *path = journal_segment_path(dir, first);

	if (file_replace(path, bytes->data, bytes->len, 0600, e) < 0)
		return -1;
	return journal_reopen(db, first, e);
}

static int filter_all(struct db *db, struct journal_reader *r, struct err *e)
{
	_buf_ struct buf bytes = BUF((size_t)JOURNAL_SEGMENT + JOURNAL_FRAME_MAX + JOURNAL_HEAD);
	struct journal_frame frame;
	size_t segment = r->at;
	bool changed = false;
	int next;

	while ((next = journal_next(r, &frame, e)) > 0) {
		if (r->at != segment) {
			if (changed && put_segment(db, r->dir, r->firsts[segment], &bytes, e) < 0)
				return -1;
			buf_free(&bytes);
			changed = false;
			segment = r->at;
		}
		if (filter_frame(db, frame, &bytes, &changed, e) < 0)
			return -1;
	}
	if (next < 0)
		return -1;
	return changed ? put_segment(db, r->dir, r->firsts[segment], &bytes, e) : 0;
}

int journal_erase(struct db *db, const json_t *erasures, struct err *e)
{
	_cleanup_(journal_read_end) struct journal_reader r = { 0 };
	const char *dir = journal_dir(db);
	int64_t first;

	if (!dir || json_array_size(erasures) == 0)
		return 0;
	if (begin(db, erasures, e) < 0 || sql_number(db, e, &first, 0, SQL_FIRST) < 0 ||
	    journal_read(&r, dir, (uint64_t)first, e) < 0)
		return -1;
	return r.count ? filter_all(db, &r, e) : 0;
}

int journal_erase_evidence(struct db *db, const char *hex, struct err *e)
{
	const char *journal = journal_dir(db);
	_free_ char *dir = journal ? path_join(journal, "evidence") : NULL;
	_free_ char *path = dir ? path_join(dir, hex) : NULL;

	if (!path)
		return 0;
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "cannot remove %s", path);
	return dir_sync(dir, e);
}
